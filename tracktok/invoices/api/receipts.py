"""The routes /api/v1/receipts and /api/v1/refunds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request

from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.money import format_amount
from tracktok.core.permissions import permits
from tracktok.invoices import services
from tracktok.invoices.models import Receipt
from tracktok.invoices.queries import receipt_lists as lists
from tracktok.invoices.queries import receipt_views as present
from tracktok.invoices.queries.receipts import get_receipt
from tracktok.invoices.rules.receipting import ZERO
from tracktok.invoices.schemas import receipts as schemas
from tracktok.invoices.services import paying
from tracktok.invoices.services.paper import draw_voucher
from tracktok.web.api import Api, check_if_match, json_response, list_response, path_of

from .papers import PDF

api = Api("customer_receipts", __name__, prefix="/receipts", tag="Customer receipts")
refunds = Api("refunds", __name__, prefix="/refunds", tag="Customer receipts")
ReceiptPath = path_of("customer_receipt_id")
RefundPath = path_of("refund_id")


def _id(path: Any) -> UUID:
    found: UUID = path.customer_receipt_id
    return found


def changed(receipt: Receipt, status: int = 200, warnings: Any = ()) -> Response:
    """A receipt after a change."""
    body = {**present.view(receipt), "warnings": [one.as_dict() for one in warnings]}
    location = f"/api/v1/receipts/{receipt.id}" if status == 201 else None
    return json_response(body, status, etag=receipt.version, location=location)


def totals(filters: schemas.ReceiptFilters) -> dict[str, Any]:
    """What the receipts that fit come to."""
    rows, base = lists.totals(filters), preferences().currency
    names = ("amount", "allocated_amount", "refunded_amount", "unallocated_amount")
    return {
        "count": sum(row.items for row in rows),
        "base_currency": base,
        "base_amount": format_amount(sum((row.base_amount for row in rows), ZERO), base),
        "by_currency": [
            {
                "currency": row.currency,
                "count": row.items,
                **{name: format_amount(getattr(row, name), row.currency) for name in names},
            }
            for row in rows
        ],
    }


@api.get("/", responses={200: schemas.ReceiptListOut})
@permits("receipts.read")
def list_receipts(query: schemas.ReceiptQuery) -> Response:
    """List receipts. Filters may be combined; `totals=1` adds what all that fit come to."""
    if query.format != "json":
        return lists.export_receipts(query, query.format)
    page = lists.list_receipts(query)
    data = [present.row(row) for row in page.rows]
    if not query.totals:
        return list_response(page, data)
    return json_response(
        {
            "object": "list",
            "data": data,
            "has_more": page.has_more,
            "next_cursor": page.next_cursor,
            "totals": totals(query),
        }
    )


@api.post("/", responses={201: schemas.ReceiptWritten})
@permits("receipts.write")
def create(body: schemas.ReceiptIn) -> Response:
    """Record money that a customer paid, and what it pays. What is not allocated stays as the customer's credit."""
    done = services.record_receipt(body)
    return changed(done.receipt, 201, done.warnings)


@api.get("/summary", responses={200: schemas.ReceiptTotalsOut})
@permits("receipts.read")
def summary(query: schemas.ReceiptFilters) -> Response:
    """What the receipts that fit come to, by currency; those that are void count nothing."""
    return json_response(totals(query))


@api.get("/<uuid:customer_receipt_id>", responses={200: schemas.CustomerReceiptOut})
@permits("receipts.read")
def show(path: ReceiptPath) -> Response:  # type: ignore[valid-type]
    """Get a receipt with what it paid and what was given back of it."""
    receipt = get_receipt(_id(path))
    return json_response(present.view(receipt), etag=receipt.version)


@api.post("/<uuid:customer_receipt_id>/allocate", responses={200: schemas.ReceiptWritten})
@permits("receipts.write")
def allocate(path: ReceiptPath, body: schemas.AllocateIn) -> Response:  # type: ignore[valid-type]
    """Let what is left of a receipt pay invoices: those that are named, or with `oldest` the longest due first."""
    check_if_match(get_receipt(_id(path)).version)
    return changed(services.allocate_receipt(_id(path), body))


@api.post("/<uuid:customer_receipt_id>/unallocate", responses={200: schemas.ReceiptWritten})
@permits("receipts.write")
def unallocate(path: ReceiptPath, body: schemas.UnallocateIn) -> Response:  # type: ignore[valid-type]
    """Take back an allocation of a receipt, or all of them: the money is the customer's credit again."""
    check_if_match(get_receipt(_id(path)).version)
    return changed(services.unallocate(_id(path), body.allocation_id))


@api.post("/<uuid:customer_receipt_id>/void", responses={200: schemas.ReceiptWritten})
@permits("receipts.write")
def void(path: ReceiptPath, body: schemas.ReceiptVoidIn) -> Response:  # type: ignore[valid-type]
    """Make a receipt void: its entry is reversed, its number stays. Not while it pays something."""
    receipt = get_receipt(_id(path), for_update=True)
    check_if_match(receipt.version)
    return changed(services.void_receipt(receipt, body.reason))


@api.post("/<uuid:customer_receipt_id>/refund", responses={201: schemas.RefundOut})
@permits("receipts.write")
def refund(path: ReceiptPath, body: schemas.RefundIn) -> Response:  # type: ignore[valid-type]
    """Give back what is left of a receipt, or an amount of it."""
    check_if_match(get_receipt(_id(path)).version)
    return json_response(present.refund(services.refund_receipt(_id(path), body)), 201)


@api.post("/<uuid:customer_receipt_id>/refund-online", responses={201: schemas.RefundOut})
@permits("receipts.write")
def refund_online(path: ReceiptPath, body: schemas.OnlineRefundIn) -> Response:  # type: ignore[valid-type]
    """Give back what is left of a receipt, or an amount of it, by the payment provider that it came by.

    The provider is told at once: `status` is `done`, `failed` (`failure` says why, and nothing has changed), or
    `pending` while it does not answer; then it is tried again. With an `Idempotency-Key` the answer is `pending`, and
    the provider is told right after it: see `refunds` of the receipt.
    """
    version = get_receipt(_id(path)).version
    check_if_match(version)
    # The key is held, and its answer kept, by the transaction of the request: that must not end before the answer.
    if request.headers.get("Idempotency-Key") is not None:
        return json_response(present.refund(paying.refund_online(_id(path), body, version, told_later=True)), 201)
    refund = paying.refund_online(_id(path), body, version)
    db.session.commit()  # the provider is asked outside any transaction
    return json_response(present.refund(paying.carry_out_now(refund.id)), 201)


@api.get("/<uuid:customer_receipt_id>/voucher", responses=PDF)
@permits("receipts.read")
def voucher(path: ReceiptPath) -> Response:  # type: ignore[valid-type]
    """Get the receipt voucher of a deposit, as a PDF. 404 for a receipt that is no deposit."""
    found = draw_voucher(_id(path))
    response = Response(found.stream.read(), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{found.filename}"'
    return response


@refunds.post("/<uuid:refund_id>/take-back", responses={200: schemas.RefundOut})
@permits("receipts.write")
def take_back_refund(path: RefundPath) -> Response:  # type: ignore[valid-type]
    """Say that a refund did not happen: what it gave back is the customer's credit again."""
    return json_response(present.refund(services.take_back_refund(path.refund_id)))  # type: ignore[attr-defined]
