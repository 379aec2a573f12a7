"""Expenses as a kind of import: what is decided and asked about them, what can be chosen, and the handler."""

from __future__ import annotations

from typing import Any, Final

from flask import url_for

from tracktok.core import money
from tracktok.core.context import preferences
from tracktok.expenses.models import ExpenseStatus, PaymentMethod
from tracktok.expenses.queries import accounts, categories, projects
from tracktok.expenses.queries.imports import load_names
from tracktok.expenses.rules.amounts import COMMON_CURRENCIES
from tracktok.expenses.rules.imports.expenses import EXPENSE, EXPENSES, MEANINGS, SKIP
from tracktok.imports.models import Import
from tracktok.imports.rules.plan import Plan
from tracktok.imports.services.kinds import Handler, Link, Option, Reference, Told
from tracktok.web.filters import format_money, plural

from .expense_rows import STAGED, ExpenseBuilder
from .expense_writing import EXISTING, undo_expenses, write_expenses

POSITIVE, NEGATIVE = "positive", "negative"
_SIGNS: Final = ((POSITIVE, "Positive, refunds negative"), (NEGATIVE, "Negative, money in positive"))


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


def _decide_directions(plan: Plan) -> None:
    meant = plan.meant.get(MEANINGS.option)
    if not meant:
        return
    text = f"Imported as expenses: {', '.join(meant.get(EXPENSE, ())) or 'none'}."
    if meant.get(SKIP):
        text += f" Left out, because they are no expenses: {', '.join(meant[SKIP])}."
    plan.note(MEANINGS.field, text)


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


def _currencies() -> list[tuple[str, str]]:
    return [(code, code) for code in dict.fromkeys((preferences().currency, *COMMON_CURRENCIES))]


def _written(found: Import) -> Link:
    return Link("See the expenses", url_for("expenses.index", import_id=found.id))


def _commit_told(found: Import) -> Told:
    done: dict[str, Any] = found.result["commit"]
    text = f"{format_money(done['base_amount'], preferences().currency)} in all, posted to the books."
    meanwhile = done.get("duplicates_meanwhile", 0)
    if meanwhile:
        were = "was" if meanwhile == 1 else "were"
        text += f" {plural(meanwhile, 'row')} had been recorded meanwhile and {were} left out."
    return Told(f"{plural(done['written'], 'expense')} imported", text)


def _undo_told(found: Import) -> Told:
    done: dict[str, Any] = found.result["undo"]
    text = f"{plural(done['removed'], 'expense')} removed."
    edited = done.get("edited_to_bin", 0)
    if edited:
        are = "is" if edited == 1 else "are"
        text += f" {plural(edited, 'expense')} that had been edited or had a receipt {are} in the bin."
    if done.get("in_bin_before"):
        text += f" {plural(done['in_bin_before'], 'expense')} had been deleted before."
    if done.get("kept_names"):
        text += f" Still used elsewhere, so kept: {', '.join(done['kept_names'])}."
    return Told("The import was undone", text, Link("Open the bin", url_for("expenses.bin_index")) if edited else None)


def _undo_means(found: Import) -> str:
    return (
        f"Its {plural(found.committed_rows, 'expense')} will be taken back. Those that were edited since, or have a "
        "receipt, go to the bin, where they can be restored for 30 days."
    )


HANDLER: Final = Handler(
    kind=EXPENSES,
    permission="expenses.import",
    staged=STAGED,
    existing=EXISTING,
    order="expense_date",
    decide=decide,
    builder=ExpenseBuilder,
    write=write_expenses,
    undo=undo_expenses,
    written=_written,
    commit_told=_commit_told,
    undo_told=_undo_told,
    undo_means=_undo_means,
    options=(
        Option(
            "sign", "Expenses are", lambda: _SIGNS, place="writing", empty=lambda: "As the file shows",
            allowed=(POSITIVE, NEGATIVE),
        ),
        Option(
            "currency", "Currency", _currencies, place="defaults",
            empty=lambda: f"The company's ({preferences().currency})", allowed=money.MINOR_UNITS,
            refusal="Use a currency code in use, such as INR, USD or EUR.",
        ),
        Option(
            "account_id", "Account", lambda: [(row.id, row.name, row.currency) for row in accounts.choices()],
            place="defaults", empty=lambda: "None", searched=True, find=lambda one: one in load_names().accounts,
        ),
        Option(
            "category_id", "Category", categories.choices, place="defaults", empty=lambda: "None", searched=True,
            find=lambda one: one in load_names().categories,
        ),
        Option(
            "project_id", "Project", lambda: [(row.id, row.name) for row in projects.choices()], place="defaults",
            empty=lambda: "None", searched=True, find=lambda one: one in load_names().projects,
        ),
        Option("payment_method", "Payment method", allowed=tuple(PaymentMethod)),
        Option("status", "Status", allowed=tuple(ExpenseStatus)),
    ),
    meanings=(MEANINGS,),
    references=(
        Reference("category", "categories", lambda one: one in load_names().categories),
        Reference("account", "accounts", lambda one: one in load_names().accounts),
        Reference("project", "projects", lambda one: one in load_names().projects),
    ),
    repeat_help="The same row again, or an expense of the same day, amount, account and text.",
    shown=("expense_date", "title", "merchant", "amount", "debit", "credit", "direction", "category"),
    file_help="A statement of a bank or card, or any table with a date and an amount in each row",
    position=10,
)  # fmt: skip
