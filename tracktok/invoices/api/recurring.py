"""The routes /api/v1/recurring-invoices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from tracktok.core.context import preferences
from tracktok.core.money import format_amount
from tracktok.core.permissions import permits
from tracktok.invoices.models import DocumentKind, RecurringInvoice
from tracktok.invoices.queries import recurring as queries
from tracktok.invoices.queries.documents import get_document
from tracktok.invoices.schemas import recurring as schemas
from tracktok.invoices.services import recurring as services
from tracktok.web.api import Api, Schema, check_if_match, json_response, path_of

api = Api("recurring_invoices", __name__, prefix="/recurring-invoices", tag="Recurring invoices")
repeating = Api("repeated_invoices", __name__, prefix="/invoices", tag="Recurring invoices")
RecurringPath = path_of("recurring_id")
InvoicePath = path_of("invoice_id")


class RunPath(Schema):
    """A period of a recurring invoice."""

    recurring_id: UUID
    run_id: UUID


def _found(path: Any) -> RecurringInvoice:
    return queries.get_recurring(path.recurring_id, for_update=True)


def _out(recurring: RecurringInvoice, status: int = 200) -> Response:
    location = f"/api/v1/recurring-invoices/{recurring.id}" if status == 201 else None
    return json_response(queries.view(recurring), status, etag=recurring.version, location=location)


@api.get("/", responses={200: schemas.RecurringList})
@permits("invoices.read")
def list_recurring(query: schemas.RecurringQuery) -> Response:
    """List recurring invoices, the latest first, with what the active ones come to in a month."""
    page, base = queries.list_recurring(query), preferences().currency
    return json_response(
        {
            "object": "list",
            "data": [queries.row(one) for one in page.rows],
            "has_more": page.has_more,
            "next_cursor": page.next_cursor,
            "monthly_revenue": format_amount(queries.monthly_revenue(), base),
            "base_currency": base,
        }
    )


@api.post("/", responses={201: schemas.RecurringOut})
@permits("invoices.write")
def create(body: schemas.RecurringIn) -> Response:
    """Make a recurring invoice. What falls on today is made at once; days before today are not made up."""
    services.may_make(body.action)
    return _out(services.create_recurring(body), 201)


@repeating.post("/<uuid:invoice_id>/repeat", responses={201: schemas.RecurringOut})
@permits("invoices.write")
def repeat(path: InvoicePath, body: schemas.RepeatIn) -> Response:  # type: ignore[valid-type]
    """Make a recurring invoice of an invoice: its lines, discount, currency, notes and terms."""
    services.may_make(body.action)
    invoice = get_document(path.invoice_id, DocumentKind.invoice)  # type: ignore[attr-defined]
    return _out(services.repeat_invoice(invoice, body), 201)


@api.get("/<uuid:recurring_id>", responses={200: schemas.RecurringOut})
@permits("invoices.read")
def show(path: RecurringPath) -> Response:  # type: ignore[valid-type]
    """Get a recurring invoice."""
    return _out(queries.get_recurring(path.recurring_id))  # type: ignore[attr-defined]


@api.put("/<uuid:recurring_id>", responses={200: schemas.RecurringOut})
@permits("invoices.write")
def replace(path: RecurringPath, body: schemas.RecurringIn) -> Response:  # type: ignore[valid-type]
    """Change a recurring invoice as a whole. What it made stays as it is."""
    services.may_make(body.action)
    recurring = _found(path)
    check_if_match(recurring.version)
    return _out(services.change_recurring(recurring, body))


@api.post("/<uuid:recurring_id>/pause", responses={200: schemas.RecurringOut})
@permits("invoices.write")
def pause(path: RecurringPath) -> Response:  # type: ignore[valid-type]
    """Make none until it is resumed."""
    return _out(services.pause_recurring(_found(path)))


@api.post("/<uuid:recurring_id>/resume", responses={200: schemas.RecurringOut})
@permits("invoices.write")
def resume(path: RecurringPath, body: schemas.ResumeIn) -> Response:  # type: ignore[valid-type]
    """Go on. The periods that were missed are skipped, or made up (`missed`)."""
    recurring = _found(path)
    services.may_make(recurring.action)
    return _out(services.resume_recurring(recurring, make_up=body.missed == "make_up"))


@api.post("/<uuid:recurring_id>/skip-next", responses={200: schemas.RecurringOut})
@permits("invoices.write")
def skip_next(path: RecurringPath) -> Response:  # type: ignore[valid-type]
    """Leave the next period out."""
    return _out(services.skip_next(_found(path)))


@api.post("/<uuid:recurring_id>/end", responses={200: schemas.RecurringOut})
@permits("invoices.write")
def end(path: RecurringPath) -> Response:  # type: ignore[valid-type]
    """Make none any more. What it made stays."""
    return _out(services.end_recurring(_found(path)))


@api.get("/<uuid:recurring_id>/upcoming", responses={200: schemas.UpcomingOut})
@permits("invoices.read")
def upcoming(path: RecurringPath) -> Response:  # type: ignore[valid-type]
    """Show the next twelve periods, with what they come to by the prices and rates that are known today."""
    found = services.upcoming(queries.get_recurring(path.recurring_id))  # type: ignore[attr-defined]
    data = [
        {**one, "total": format_amount(one["total"], one["currency"]) if one["total"] is not None else None}
        for one in found
    ]
    return json_response({"object": "list", "data": data, "has_more": False, "next_cursor": None})


@api.get("/<uuid:recurring_id>/runs", responses={200: schemas.RunList})
@permits("invoices.read")
def runs(path: RecurringPath) -> Response:  # type: ignore[valid-type]
    """List what came of its periods, the latest first; 200 at most."""
    recurring = queries.get_recurring(path.recurring_id)  # type: ignore[attr-defined]
    data = [queries.run(one) for one in queries.runs_of(recurring.id)]
    return json_response({"object": "list", "data": data, "has_more": False, "next_cursor": None})


@api.post("/<uuid:recurring_id>/runs/<uuid:run_id>/retry", responses={200: schemas.RunOut})
@permits("invoices.write")
def retry(path: RunPath, body: schemas.RetryIn) -> Response:
    """Try a period that failed again. The answer says whether it was made, or why not."""
    recurring = _found(path)
    services.may_make(recurring.action)
    run = queries.get_run(recurring.id, path.run_id, for_update=True)
    services.retry_run(run, recurring, force=body.force)
    return _run(recurring.id, run.id)


@api.post("/<uuid:recurring_id>/runs/<uuid:run_id>/skip", responses={200: schemas.RunOut})
@permits("invoices.write")
def skip(path: RunPath) -> Response:
    """Leave out a period that failed."""
    recurring = _found(path)
    run = queries.get_run(recurring.id, path.run_id, for_update=True)
    services.skip_run(run)
    return _run(recurring.id, run.id)


def _run(recurring_id: UUID, run_id: UUID) -> Response:
    return json_response(queries.run(queries.what_came_of(recurring_id, run_id)))
