"""Recording and changing an expense."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.datastructures import FileStorage, MultiDict

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.permissions import current_actor, permits
from tracktok.expenses.models import Expense
from tracktok.expenses.queries import expenses as queries
from tracktok.expenses.queries import tags as tag_queries
from tracktok.expenses.schemas.expenses import ExpenseIn
from tracktok.expenses.services import expenses as services
from tracktok.expenses.services.receipts import add_receipts
from tracktok.expenses.signals import SpendWarning
from tracktok.web.forms import Form
from tracktok.web.render import render, toast
from tracktok.web.saving import go_on, save

from . import choices
from .blueprint import blueprint


@blueprint.get("/expenses/new")
@permits("expenses.write")
def new() -> Response:
    """An empty form with what is likely: today, and what the person's last expense named."""
    return _page(Form(_defaults()))


def _page(form: Form[Any], expense: Any = None) -> Response:
    return render(
        "expenses/form.html", block="form", status=form.status, form=form, expense=expense, **choices.for_form()
    )


def _defaults() -> dict[str, Any]:
    prefs = preferences()
    values: dict[str, Any] = {
        "expense_date": clock.today(prefs.timezone),
        "currency": prefs.currency,
        "status": "paid",
        "category_id": request.args.get("category_id"),
        "project_id": request.args.get("project_id"),
        "account_id": request.args.get("account_id"),
    }
    who = current_actor()
    last = queries.last_used(who.person_id) if who.person_id else None
    if last is not None:
        values["category_id"] = values["category_id"] or last.category_id
        values["account_id"] = values["account_id"] or last.account_id
        values["payment_method"] = last.payment_method
    copied = request.args.get("copy", type=UUID)
    if copied is not None:
        row = queries.get_row(copied)
        values |= {name: value for name, value in row._asdict().items() if name in _COPIED}
        values["billable"] = row.is_billable
    return values


_COPIED = {
    "title", "description", "merchant", "amount", "currency", "category_id", "project_id", "account_id",
    "payment_method", "tax_amount", "tags", "status",
}  # fmt: skip


def read_form(**given: Any) -> Form[ExpenseIn]:
    """The form as it was sent. Tags come as one text with commas."""
    values = MultiDict(request.form)
    sent = values.poplist("tags")
    words = [word.strip() for text in sent for word in text.split(",")]
    values.setlist("tags", [word for word in words if word])
    return Form.read(ExpenseIn, values, **given)


@blueprint.post("/expenses")
@permits("expenses.write")
def create() -> Response:
    """Record an expense, with its receipts."""
    return save(read_form(), _record, _recorded, _page)


def _record(data: ExpenseIn) -> tuple[Expense, list[SpendWarning]]:
    done = services.record_expense(data)
    return done.expense, done.warnings + _receipts(done.expense.id)


def _recorded(done: tuple[Expense, list[SpendWarning]]) -> Response:
    expense, warnings = done
    here = url_for(".show", expense_id=expense.id)
    answer = go_on("Expense recorded", url_for(".index"), another=url_for(".new"), href=here, action="Open")
    tell(warnings)
    return answer


@blueprint.get("/expenses/<uuid:expense_id>/edit")
@permits("expenses.write")
def edit(expense_id: UUID) -> Response:
    """The form of an expense."""
    expense = queries.get_expense(expense_id)
    services.check_may_change(expense, current_actor())
    values = services.values_of(expense)
    values["tags"] = list(tag_queries.tags_of([expense_id]).get(expense_id, {}).values())
    values["exchange_rate"] = expense.exchange_rate if expense.currency != preferences().currency else None
    return _page(Form(values), expense)


@blueprint.post("/expenses/<uuid:expense_id>/edit")
@permits("expenses.write")
def update(expense_id: UUID) -> Response:
    """Change an expense as a whole."""
    expense = queries.get_expense(expense_id)
    given = {} if current_actor().may("expenses.write_all") else {"person_id": expense.person_id}

    def change(data: ExpenseIn) -> list[SpendWarning]:
        return services.change_expense(expense, data).warnings + _receipts(expense_id)

    def changed(warnings: list[SpendWarning]) -> Response:
        answer = go_on("Expense saved", url_for(".show", expense_id=expense_id))
        tell(warnings)
        return answer

    return save(read_form(**given), change, changed, lambda form: _page(form, expense), version=expense.version)


def tell(warnings: Sequence[SpendWarning]) -> None:
    """Show warnings as toasts, three at most."""
    for warning in warnings[:3]:
        toast(warning.detail, "warning")
    if len(warnings) > 3:
        toast(f"There are {len(warnings) - 3} more warnings.", "warning")


def _receipts(expense_id: UUID) -> list[SpendWarning]:
    files: list[FileStorage] = [one for one in request.files.getlist("receipts") if one.filename]
    return add_receipts(expense_id, files)[1] if files else []
