"""How a file will be read: what was decided by evidence, what a person chose, and what is still to be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from .columns import FieldType, Kind, Meanings
from .dates import DateOrder, NotADate, from_serial, parse_date
from .numbers import NotANumber, parse_amount

SERIAL: Final = "serial"
DATE_FORMS: Final = (*(one.value for one in DateOrder), SERIAL)
_DOUBTFUL: Final = {DateOrder.day_first.value, DateOrder.month_first.value}
DECIMALS: Final = {".": "1,234.50", ",": "1.234,50"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question; `example` shows what comes of it."""

    value: str
    label: str
    example: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that the file does not say by itself. `option` is the name under which the answer is given."""

    option: str
    text: str
    choices: tuple[Choice, ...] = ()
    suggestion: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The question as JSON."""
        return asdict(self)


@dataclass(slots=True)
class Plan:
    """How the cells become values."""

    mapping: dict[str, str]
    options: dict[str, Any]
    columns: Sequence[Mapping[str, Any]]
    questions: list[Question] = field(default_factory=list)
    notes: list[dict[str, str]] = field(default_factory=list)
    meant: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """By option and meaning, the values that mean it, each with how many rows: `Debit (1,204)`."""

    def note(self, about: str, text: str) -> None:
        """Tell something that was decided, and why."""
        self.notes.append({"about": about, "text": text})

    def column(self, field_name: str) -> Mapping[str, Any] | None:
        """The summary of the column that is mapped to a field."""
        wanted = self.mapping.get(field_name)
        return next((one for one in self.columns if one["name"] == wanted), None) if wanted else None

    def index(self, field_name: str) -> int | None:
        """The place of the column that is mapped to a field."""
        wanted = self.mapping.get(field_name)
        return next((i for i, one in enumerate(self.columns) if one["name"] == wanted), None) if wanted else None


def make_plan(
    kind: Kind,
    columns: Sequence[Mapping[str, Any]],
    mapping: Mapping[str, str],
    given: Mapping[str, Any],
    meanings: Sequence[Meanings] = (),
) -> Plan:
    """Decide the forms of dates and numbers by evidence, where nobody has chosen; ask what stays open."""
    plan = Plan(dict(mapping), dict(given), columns)
    for group in kind.missing(mapping):
        labels = " or ".join(kind.field(name).label for name in group)
        choices = tuple(Choice(one["name"], one["name"], ", ".join(one["samples"][:2])) for one in columns)
        plan.questions.append(Question(f"mapping.{group[0]}", f"Which column holds: {labels}?", choices))
    _decide_dates(kind, plan)
    _decide_decimals(kind, plan)
    for one in meanings:
        plan.meant[one.option] = _ask_meanings(plan, one)
    return plan


def _ask_meanings(plan: Plan, meanings: Meanings) -> dict[str, list[str]]:
    """Ask what the values of a column mean that nobody knows; the others as "value (rows)", by what they mean."""
    column = plan.column(meanings.field)
    if column is None:
        return {}
    values = column.get("values")
    if values is None:
        plan.note(meanings.field, f"“{column['name']}” has many different values; only known words are understood.")
        return {}
    told: dict[str, list[str]] = {}
    for value, count in values.items():
        meaning = meanings.of(plan.options, value)
        if meaning:
            told.setdefault(meaning, []).append(f"{value} ({count:,})")
            continue
        rows = "1 row" if count == 1 else f"{count:,} rows"
        text = f"“{value}” stands in {rows} of “{column['name']}”. {meanings.question}"
        choices = tuple(Choice(*choice) for choice in meanings.choices)
        plan.questions.append(Question(f"{meanings.option}.{value}", text, choices, meanings.suggestion))
    return told


def _decide_dates(kind: Kind, plan: Plan) -> None:
    """One form for all columns of dates: a day or a month that goes first in one column does so in the others."""
    mapped = [
        (one.name, column) for one in kind.fields if one.type is FieldType.date and (column := plan.column(one.name))
    ]
    found = [(name, column["date"]) for name, column in mapped if column.get("date") is not None]
    for name, column in mapped:
        if column.get("date") is None and column["filled"]:
            plan.note(name, f"Few cells of “{column['name']}” can be read as dates.")
    if plan.options.get("date_form") in DATE_FORMS:
        for name, one in found:
            plan.note(name, f"{_form_label(plan.options['date_form'])}, as chosen. {one['because']}")
        return
    forms = {str(one["form"]) for _, one in found if one["form"]}
    orders = forms & _DOUBTFUL
    still_open = [one for _, one in found if not one["form"]]
    mixed = [one for one in still_open if one["evidence"]["day_first"] and one["evidence"]["month_first"]]
    if mixed or (still_open and not orders):
        _ask_date_form(plan, (mixed or still_open)[0])
    elif len(orders) == 2:
        text = "Some columns have the day first and others the month."
        plan.questions.append(Question("date_form", text, _date_choices(""), DateOrder.day_first.value))
    elif mapped:
        usual = DateOrder.year_first.value if DateOrder.year_first.value in forms else next(iter(sorted(forms)), "")
        plan.options["date_form"] = next(iter(orders), usual) or DateOrder.day_first.value
        for name, one in found:
            if one["form"]:
                plan.note(name, one["because"])


def _ask_date_form(plan: Plan, found: Mapping[str, Any]) -> None:
    examples = found["evidence"]["examples"]
    shown = examples.get("ambiguous") or examples.get("day_first") or ""
    plan.questions.append(Question("date_form", found["because"], _date_choices(shown), str(found["suggestion"])))


def _date_choices(shown: str) -> tuple[Choice, ...]:
    orders = (DateOrder.day_first, DateOrder.month_first)
    return tuple(Choice(order.value, order.label, _reading(shown, order) if shown else "") for order in orders)


def _form_label(form: str) -> str:
    return "Spreadsheet day numbers" if form == SERIAL else DateOrder(form).label.capitalize()


def _reading(text: str, order: DateOrder) -> str:
    try:
        return f"{text} is {parse_date(text, order).strftime('%-d %B %Y')}"
    except NotADate:
        return f"{text} cannot be read"


def _decide_decimals(kind: Kind, plan: Plan) -> None:
    found = [
        column["number"]
        for one in kind.fields
        if one.type in {FieldType.amount, FieldType.rate} and (column := plan.column(one.name)) and "number" in column
    ]
    if plan.options.get("decimal") in DECIMALS:
        plan.note("amount", f"Amounts of the form {DECIMALS[plan.options['decimal']]}, as chosen.")
        return
    evidence = [one["evidence"] for one in found]
    point, comma = sum(one["point"] for one in evidence), sum(one["comma"] for one in evidence)
    doubtful = [one for one in found if one["form"] is None]
    if point and comma:
        text = (doubtful or found)[0]["because"] if doubtful else (
            f"{point:,} cells are written with a decimal point and {comma:,} with a decimal comma."
        )  # fmt: skip
    elif point or comma:
        plan.options["decimal"] = "." if point else ","
        spoken = max(found, key=lambda one: one["evidence"]["point"] + one["evidence"]["comma"])
        plan.note("amount", spoken["because"])
        return
    elif doubtful:
        text = doubtful[0]["because"]
    else:
        plan.options["decimal"] = "."
        if found:
            plan.note("amount", found[0]["because"])
        return
    sample = _doubtful_sample(kind, plan)
    choices = tuple(Choice(sign, f"As in {form}", _amount_reading(sample, sign)) for sign, form in DECIMALS.items())
    suggestion = doubtful[0]["suggestion"] if doubtful else "."
    plan.questions.append(Question("decimal", text, choices, suggestion))


def _doubtful_sample(kind: Kind, plan: Plan) -> str:
    """A cell that the two decimal signs read differently."""
    for one in kind.fields:
        if one.type is FieldType.amount and (column := plan.column(one.name)):
            for sample in column["samples"]:
                if "." in sample or "," in sample:
                    return str(sample)
    return ""


def _amount_reading(sample: str, decimal: str) -> str:
    if not sample:
        return ""
    try:
        value = parse_amount(sample, decimal).value
    except NotANumber:
        return f"{sample} cannot be read"
    return f"{sample} is {value:f}" if value != value.to_integral() else f"{sample} is {value.to_integral():f}"


def read_date(text: str, form: str) -> str:
    """The ISO form of a cell, read in the chosen form. Raises NotADate."""
    stripped = text.strip().lstrip("\ue000")
    if form == SERIAL:
        if stripped.isdigit():
            return from_serial(stripped).isoformat()
        return parse_date(stripped, DateOrder.year_first).isoformat()
    return parse_date(stripped, DateOrder(form)).isoformat()
