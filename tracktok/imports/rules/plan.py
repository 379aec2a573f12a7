"""How a file will be read: what was decided by evidence, what a person chose, and what is still to be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from .columns import FieldType, Kind
from .dates import DateOrder, NotADate, from_serial, parse_date
from .numbers import NotANumber, parse_amount

SERIAL: Final = "serial"
DATE_FORMS: Final = (*(one.value for one in DateOrder), SERIAL)
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
    kind: Kind, columns: Sequence[Mapping[str, Any]], mapping: Mapping[str, str], given: Mapping[str, Any]
) -> Plan:
    """Decide the forms of dates and numbers by evidence, where nobody has chosen; ask what stays open."""
    plan = Plan(dict(mapping), dict(given), columns)
    for group in kind.missing(mapping):
        labels = " or ".join(kind.field(name).label for name in group)
        choices = tuple(Choice(one["name"], one["name"], ", ".join(one["samples"][:2])) for one in columns)
        plan.questions.append(Question(f"mapping.{group[0]}", f"Which column holds: {labels}?", choices))
    _decide_dates(kind, plan)
    _decide_decimals(kind, plan)
    return plan


def _decide_dates(kind: Kind, plan: Plan) -> None:
    for one in kind.fields:
        if one.type is not FieldType.date or (column := plan.column(one.name)) is None:
            continue
        found = column.get("date")
        if found is None:
            plan.note(one.name, f"Few cells of “{column['name']}” can be read as dates.")
            plan.options.setdefault("date_form", DateOrder.day_first.value)
            continue
        if plan.options.get("date_form") in DATE_FORMS:
            plan.note(one.name, f"{_form_label(plan.options['date_form'])}, as chosen. {found['because']}")
        elif found["form"]:
            plan.options["date_form"] = str(found["form"])
            plan.note(one.name, found["because"])
        else:
            examples = found["evidence"]["examples"]
            shown = examples.get("ambiguous") or examples.get("day_first") or ""
            choices = tuple(
                Choice(order.value, order.label, _reading(shown, order))
                for order in (DateOrder.day_first, DateOrder.month_first)
            )
            plan.questions.append(Question("date_form", found["because"], choices, str(found["suggestion"])))


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
