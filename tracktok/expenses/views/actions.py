"""What buttons do with expenses: delete, bring back, approve, pay; also with many at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from pydantic import ValidationError

from tracktok.core.errors import BadRequest
from tracktok.core.permissions import permits
from tracktok.expenses.queries import expenses as queries
from tracktok.expenses.schemas.expenses import BulkIn, ExpenseFilters
from tracktok.expenses.services import bulk as bulk_services
from tracktok.expenses.services import expenses as services
from tracktok.web.problems import from_validation
from tracktok.web.render import redirect_to, toast

from .blueprint import blueprint
from .expenses import read_query
from .forms import tell

_NONE = "none"


@blueprint.post("/expenses/<uuid:expense_id>/delete")
@permits("expenses.write")
def delete(expense_id: UUID) -> Response:
    """Put an expense into the bin; the toast offers to bring it back."""
    expense = queries.get_expense(expense_id)
    tell(services.delete_expense(expense))
    toast(f"“{expense.title}” deleted", undo=url_for(".restore", expense_id=expense_id))
    return redirect_to(url_for(".index"))


@blueprint.post("/expenses/<uuid:expense_id>/restore")
@permits("expenses.write")
def restore(expense_id: UUID) -> Response:
    """Bring an expense back from the bin."""
    done = services.restore_expense(queries.get_expense(expense_id, deleted=True))
    tell(done.warnings)
    toast(f"“{done.expense.title}” is back")
    return redirect_to(url_for(".show", expense_id=expense_id))


@blueprint.post("/expenses/<uuid:expense_id>/status/<action>")
@permits("expenses.write")
def move(expense_id: UUID, action: str) -> Response:
    """Approve, pay, withdraw or unpay."""
    done = services.move_expense(queries.get_expense(expense_id), action)
    tell(done.warnings)
    toast(f"“{done.expense.title}” is now {done.expense.status}")
    return redirect_to(url_for(".show", expense_id=expense_id))


@blueprint.post("/expenses/bulk")
@permits("expenses.write")
def bulk() -> Response:
    """One action for the selected rows, or for all that match."""
    try:
        body = BulkIn.model_validate(_bulk_input())
    except ValidationError as error:
        raise from_validation(error) from error
    changed, warnings = bulk_services.change_many(body)
    tell(warnings)
    words = "1 expense" if changed == 1 else f"{changed:,} expenses"
    if body.action == "delete":
        undo = url_for(".bulk", ids=body.ids, action="restore") if body.ids and changed <= 100 else ""
        toast(
            f"{words} deleted",
            undo=undo,
            href="" if undo else url_for(".bin_index"),
            action="" if undo else "Open the bin",
        )
    elif body.action == "restore":
        toast(f"{words} brought back")
    else:
        toast(f"{words} changed")
    back: dict[str, Any] = {name: values for name, values in request.args.lists() if name not in {"ids", "action"}}
    return redirect_to(url_for(".index", **back))


def _bulk_input() -> dict[str, Any]:
    form = request.form
    action = form.get("action") or request.args.get("action", "")
    values: dict[str, Any] = {"action": action}
    if form.get("all"):
        _, query = read_query(request.args)
        values["filter"] = ExpenseFilters.model_validate(query.active())
    else:
        values["ids"] = form.getlist("ids") or request.args.getlist("ids")
        if not values["ids"]:
            raise BadRequest("Select one expense at least.")
    name, separator, value = action.partition(":")
    if separator:
        # One button of a menu says both: "set_category:<id>".
        values["action"] = name
        field = "status" if name == "set_status" else f"{name.removeprefix('set_')}_id"
        values[field] = None if value == _NONE else value
    for field in ("category_id", "project_id", "account_id", "status"):
        if form.get(field) and action == f"set_{field.removesuffix('_id')}":
            values[field] = None if form[field] == _NONE else form[field]
    if action.endswith("_tags"):
        values["tags"] = [word.strip() for word in form.get("tags", "").split(",") if word.strip()]
    return values
