"""The routes /api/v1/expenses."""

from __future__ import annotations

from flask import Response

from tracktok.core.context import preferences
from tracktok.core.permissions import permits, require
from tracktok.expenses.queries import expense_list, exports
from tracktok.expenses.queries import expenses as queries
from tracktok.expenses.queries.summary import summarize
from tracktok.expenses.schemas import expenses as schemas
from tracktok.expenses.services import bulk as bulk_services
from tracktok.expenses.services import expenses as services
from tracktok.web.api import Api, check_if_match, json_response, list_of, list_response, only_fields, path_of

from . import present

api = Api("expenses", __name__, prefix="/expenses", tag="Expenses")
ExpensePath = path_of("expense_id")


def _written(done: services.Written, status: int = 200) -> Response:
    row = queries.get_row(done.expense.id)
    body = {**present.expense(row), "warnings": present.warnings(done.warnings)}
    return json_response(body, status, etag=row.version)


@api.get("/", responses={200: list_of(schemas.ExpenseOut, partial=True)})
@permits("expenses.read")
def list_expenses(query: schemas.ExpenseQuery) -> Response:
    """List expenses.

    Members see their own. Filters may be combined; totals of the same set are at `/expenses/summary`.
    """
    if query.format != "json":
        require("expenses.export")
        return exports.export_expenses(query, query.format)
    page = expense_list.list_expenses(query)
    base = preferences().currency
    data = [present.expense(row, base) for row in page.rows]
    return list_response(page, only_fields(query.fields, data, schemas.ExpenseOut))


@api.post("/", responses={201: schemas.ExpenseWritten})
@permits("expenses.write")
def create(body: schemas.ExpenseIn) -> Response:
    """Record an expense. `warnings` says what should be known about it: budgets, duplicates, limits of the plan."""
    done = services.record_expense(body)
    location = f"/api/v1/expenses/{done.expense.id}"
    return json_response(present.recorded(done), 201, etag=done.expense.version, location=location)


@api.get("/summary", responses={200: schemas.SummaryOut})
@permits("expenses.read")
def summary(query: schemas.ExpenseFilters) -> Response:
    """Count and total of the expenses that fit, in the company's currency and by original currency."""
    return json_response(present.summary(summarize(query)))


@api.post("/bulk", responses={200: schemas.BulkOut})
@permits("expenses.write")
def bulk(body: schemas.BulkIn) -> Response:
    """Carry out one action on many expenses, named by ids or by a filter: all or nothing, 5,000 at most."""
    changed, warnings = bulk_services.change_many(body)
    return json_response({"changed": changed, "warnings": present.warnings(warnings)})


@api.get("/bin", responses={200: list_of(schemas.ExpenseOut)})
@permits("expenses.read")
def list_bin(query: schemas.BinQuery) -> Response:
    """List the expenses that were deleted in the last 30 days, the latest first."""
    page = expense_list.list_bin(query)
    return list_response(page, [present.expense(row) for row in page.rows])


@api.get("/<uuid:expense_id>", responses={200: schemas.ExpenseOut})
@permits("expenses.read")
def show(path: ExpensePath) -> Response:  # type: ignore[valid-type]
    """Get an expense, also from the bin."""
    row = queries.get_row(path.expense_id, deleted=True)  # type: ignore[attr-defined]
    return json_response(present.expense(row), etag=row.version)


@api.put("/<uuid:expense_id>", responses={200: schemas.ExpenseWritten})
@permits("expenses.write")
def replace(path: ExpensePath, body: schemas.ExpenseIn) -> Response:  # type: ignore[valid-type]
    """Change an expense as a whole."""
    expense = queries.get_expense(path.expense_id)  # type: ignore[attr-defined]
    check_if_match(expense.version)
    return _written(services.change_expense(expense, body))


@api.patch("/<uuid:expense_id>", responses={200: schemas.ExpenseWritten})
@permits("expenses.write")
def patch(path: ExpensePath, body: schemas.ExpensePatch) -> Response:  # type: ignore[valid-type]
    """Change what is named of an expense."""
    expense = queries.get_expense(path.expense_id)  # type: ignore[attr-defined]
    check_if_match(expense.version)
    return _written(services.patch_expense(expense, body))


@api.delete("/<uuid:expense_id>", responses={204: None})
@permits("expenses.write")
def delete(path: ExpensePath) -> Response:  # type: ignore[valid-type]
    """Put an expense into the bin. It can be brought back for 30 days."""
    expense = queries.get_expense(path.expense_id)  # type: ignore[attr-defined]
    check_if_match(expense.version)
    services.delete_expense(expense)
    return Response(status=204)


@api.post("/<uuid:expense_id>/restore", responses={200: schemas.ExpenseWritten})
@permits("expenses.write")
def restore(path: ExpensePath) -> Response:  # type: ignore[valid-type]
    """Bring an expense back from the bin."""
    expense = queries.get_expense(path.expense_id, deleted=True)  # type: ignore[attr-defined]
    return _written(services.restore_expense(expense))


@api.post("/<uuid:expense_id>/status", responses={200: schemas.ExpenseWritten})
@permits("expenses.write")
def move(path: ExpensePath, body: schemas.TransitionIn) -> Response:  # type: ignore[valid-type]
    """Approve, pay, withdraw or unpay an expense."""
    expense = queries.get_expense(path.expense_id)  # type: ignore[attr-defined]
    check_if_match(expense.version)
    return _written(services.move_expense(expense, body.action))
