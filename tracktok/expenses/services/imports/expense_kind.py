"""Expenses as a kind of import: what is decided and asked about them, and the handler."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from tracktok.core import money
from tracktok.core.errors import Invalid
from tracktok.expenses.models import ExpenseStatus, PaymentMethod
from tracktok.expenses.queries.imports import load_names
from tracktok.expenses.rules.imports import DIRECTIONS, EXPENSE, EXPENSES, SKIP
from tracktok.imports.models import Import
from tracktok.imports.rules.columns import normal
from tracktok.imports.rules.plan import DATE_FORMS, DECIMALS, Choice, Plan, Question
from tracktok.imports.rules.tables import DELIMITERS
from tracktok.imports.services.checking import IMPORT
from tracktok.imports.services.checking import SKIP as SKIP_DUPLICATES
from tracktok.imports.services.kinds import Handler

from .expense_rows import STAGED, ExpenseBuilder
from .expense_writing import EXISTING, undo_expenses, write_expenses
from .references import UNKNOWN_CHOICES

POSITIVE, NEGATIVE = "positive", "negative"
_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "date_form": DATE_FORMS,
    "decimal": tuple(DECIMALS),
    "delimiter": tuple(DELIMITERS),
    "sign": (POSITIVE, NEGATIVE),
    "duplicates": (SKIP_DUPLICATES, IMPORT),
    "status": tuple(ExpenseStatus),
    "payment_method": tuple(PaymentMethod),
    "encoding": ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"),
}
_IDS: Final = {"category_id": "categories", "account_id": "accounts", "project_id": "projects"}
_OTHERS: Final = ("currency", "directions", "unknown", "names", "header_row", "sheet")
REFERENCES: Final = ("category", "account", "project")


def check_options(options: dict[str, Any]) -> None:
    """Raise Invalid at the first option that cannot be."""
    known = {*_CHOICES, *_IDS, *_OTHERS}
    for name, value in options.items():
        where = f"options/{name}"
        if name not in known:
            raise Invalid.at(where, f"There is no option {name}. Use: {', '.join(sorted(known))}.")
        if name in _CHOICES and value not in _CHOICES[name]:
            raise Invalid.at(where, f"Use one of: {', '.join(repr(one)[1:-1] for one in _CHOICES[name])}.")
        if name == "currency" and value not in money.MINOR_UNITS:
            raise Invalid.at(where, "Use a currency code in use, such as INR, USD or EUR.")
        if name == "header_row" and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            raise Invalid.at(where, "Enter the number of the header's row, 0 for none.")
        if name == "sheet" and not isinstance(value, str):
            raise Invalid.at(where, "Enter the name of a sheet.")
        if name in {"directions", "unknown", "names"}:
            _check_table(where, name, value)
    _check_ids(options)


def _check_table(where: str, name: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise Invalid.at(where, "Use an object.")
    allowed = {"directions": (EXPENSE, SKIP), "unknown": UNKNOWN_CHOICES}.get(name)
    for key, one in value.items():
        if name != "directions" and key not in REFERENCES:
            raise Invalid.at(f"{where}/{key}", f"Use: {', '.join(REFERENCES)}.")
        if allowed is not None and one not in allowed:
            raise Invalid.at(f"{where}/{key}", f"Use one of: {', '.join(allowed)}.")
        if name == "names" and not isinstance(one, dict):
            raise Invalid.at(f"{where}/{key}", "Use an object of names.")


def _check_ids(options: dict[str, Any]) -> None:
    wanted: list[tuple[str, str, str]] = [
        (f"options/{name}", table, options[name]) for name, table in _IDS.items() if name in options
    ]
    tables = {"category": "categories", "account": "accounts", "project": "projects"}
    for field, names in options.get("names", {}).items():
        wanted += [
            (f"options/names/{field}/{name}", tables[field], one)
            for name, one in names.items()
            if one not in UNKNOWN_CHOICES
        ]
    if not wanted:
        return
    known = load_names()
    for where, table, value in wanted:
        try:
            found = UUID(str(value)) in getattr(known, table)
        except ValueError:
            found = False
        if not found:
            raise Invalid.at(where, "There is no such thing; it may have been deleted.", "unknown")


def decide(plan: Plan) -> None:
    """Decide which sign and which words mean money out; ask about words that are not known."""
    _decide_directions(plan)
    _decide_sign(plan)
    options = plan.options
    if plan.column("currency") is None and "currency" not in options:
        plan.note(
            "currency",
            "No column tells the currency: amounts are in the company's, unless a sign beside them says other.",
        )
    if plan.column("title") is None:
        others = [n for n in ("merchant", "description", "subcategory", "category", "reference") if plan.column(n)]
        if others:
            plan.note("title", f"No column is the title: it is taken from {others[0].replace('_', ' ')}.")


def meaning_of(found: Import, value: str) -> str:
    """What a value of the direction column means: expense, skip, or empty while nobody knows."""
    return str(found.options.get("directions", {}).get(value) or DIRECTIONS.get(normal(value)) or "")


def _decide_directions(plan: Plan) -> None:
    column = plan.column("direction")
    if column is None:
        return
    values = column.get("values")
    if values is None:
        plan.note("direction", f"“{column['name']}” has many different values; only known words are understood.")
        return
    chosen = plan.options.get("directions", {})
    imported: list[str] = []
    skipped: list[str] = []
    for value, count in values.items():
        meaning = chosen.get(value) or DIRECTIONS.get(normal(value))
        told = f"{value} ({count:,})"
        if meaning is None:
            text = f"“{value}” stands in {count:,} rows of “{column['name']}”. Are these expenses?"
            choices = (Choice(EXPENSE, "Expenses, import them"), Choice(SKIP, "Something else, leave them out"))
            plan.questions.append(Question(f"directions.{value}", text, choices, SKIP))
        else:
            (imported if meaning == EXPENSE else skipped).append(told)
    text = f"Imported as expenses: {', '.join(imported) or 'none'}."
    if skipped:
        text += f" Left out, because they are no expenses: {', '.join(skipped)}."
    plan.note("direction", text)


def _decide_sign(plan: Plan) -> None:
    column = plan.column("amount")
    evidence = (column or {}).get("number", {}).get("evidence")
    if evidence is None or not evidence["negative"]:
        plan.options.setdefault("sign", POSITIVE)
        return
    negative, total = evidence["negative"], evidence["total"]
    seen = f"{negative:,} of {total:,} amounts are negative"
    if plan.options.get("sign") in {POSITIVE, NEGATIVE}:
        turned = plan.options["sign"] == NEGATIVE
        text = "negative amounts are expenses" if turned else "negative amounts are refunds"
        plan.note("sign", f"{seen}; as chosen, {text}.")
    elif negative * 2 > total:
        plan.options["sign"] = NEGATIVE
        rest = "" if plan.column("direction") else " Positive ones are money in, and left out."
        plan.note("sign", f"{seen}, as statements write money out: these are the expenses.{rest}")
    else:
        plan.options["sign"] = POSITIVE
        plan.note("sign", f"{seen}: they are imported as refunds, which lower what was spent.")


HANDLER: Final = Handler(
    kind=EXPENSES,
    staged=STAGED,
    existing=EXISTING,
    order="s.expense_date, s.n",
    decide=decide,
    builder=ExpenseBuilder,
    write=write_expenses,
    undo=undo_expenses,
    check_options=check_options,
)
