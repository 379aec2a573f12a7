"""The routes /api/v1/vendor-bills and /api/v1/trip-disputes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Response

from tracktok.core.money import format_amount
from tracktok.core.permissions import permits
from tracktok.trips.queries import bills as queries
from tracktok.trips.queries.rating import find_vendor
from tracktok.trips.rules.cards import plain
from tracktok.trips.rules.trips import shown_id
from tracktok.trips.schemas import bills as schemas
from tracktok.trips.services import bills as services
from tracktok.web.api import Api, check_if_match, json_response, list_of, list_response, path_of

bills_api = Api("vendor_bills", __name__, prefix="/vendor-bills", tag="Vendor bills")
disputes_api = Api("trip_disputes", __name__, prefix="/trip-disputes", tag="Vendor bills")
BillPath = path_of("bill_id")
DisputePath = path_of("dispute_id")


class LinePath(BillPath, path_of("line_id")):  # type: ignore[misc, valid-type]
    """A line of a bill."""


def _bill(row: Any, vendor: str, verdicts: dict[str, int]) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in ("id", "vendor_id", "name", "month", "currency", "with_tax", "lines")},
        "vendor": vendor,
        "total": format_amount(row.total, row.currency),
        "verdicts": verdicts,
    }


def _detail(bill: Any) -> dict[str, Any]:
    return {
        **_bill(bill, find_vendor(bill.vendor_id).name, queries.verdicts_of([bill.id])[bill.id]),
        "not_billed": [
            {
                "trip_id": row.id,
                "external_id": shown_id(row.external_id),
                "trip_date": row.trip_date,
                "vehicle": row.vehicle,
                "total": format_amount(row.total, row.currency),
            }
            for row in queries.not_billed(bill)
        ],
    }


def _line(row: Any, currency: str) -> dict[str, Any]:
    def number(value: Decimal | None) -> str | None:
        return None if value is None else plain(value)

    return {
        **{
            name: getattr(row, name)
            for name in (
                "id", "number", "external_id", "trip_date", "vehicle", "verdict", "trip_id", "dispute_id",
                "dispute_status",
            )
        },
        "distance_km": number(row.distance_km),
        "expected_km": number(row.expected_km),
        "amount": format_amount(row.amount, currency),
        "expected": None if row.expected is None else format_amount(row.expected, currency),
    }  # fmt: skip


def present_dispute(row: Any, vendor: str) -> dict[str, Any]:
    """A dispute as the API answers it."""
    return {
        **{
            name: getattr(row, name)
            for name in (
                "id", "vendor_id", "line_id", "trip_id", "about", "reason", "currency", "status", "resolution",
                "version",
            )
        },
        "vendor": vendor,
        "claimed": format_amount(row.claimed, row.currency),
        "expected": format_amount(row.expected, row.currency),
        "agreed": None if row.agreed is None else format_amount(row.agreed, row.currency),
    }  # fmt: skip


@bills_api.get("/", responses={200: list_of(schemas.BillOut)})
@permits("trips.read")
def list_bills(query: schemas.BillQuery) -> Response:
    """List bills of vendors. They come by an import of the kind `vendor_bills`."""
    page = queries.list_bills(query)
    verdicts = queries.verdicts_of([row.id for row in page.rows])
    return list_response(page, [_bill(row, row.vendor, verdicts[row.id]) for row in page.rows])


@bills_api.get("/<uuid:bill_id>", responses={200: schemas.BillDetailOut})
@permits("trips.read")
def show(path: BillPath) -> Response:  # type: ignore[valid-type]
    """Get a bill: how its lines agree with our trips, and which trips it does not bill."""
    return json_response(_detail(queries.get_bill(path.bill_id)))  # type: ignore[attr-defined]


@bills_api.get("/<uuid:bill_id>/lines", responses={200: list_of(schemas.BillLineOut)})
@permits("trips.read")
def list_lines(path: BillPath, query: schemas.LineQuery) -> Response:  # type: ignore[valid-type]
    """List the lines of a bill against our trips."""
    bill = queries.get_bill(path.bill_id)  # type: ignore[attr-defined]
    page = queries.list_lines(bill.id, query)
    return list_response(page, [_line(row, bill.currency) for row in page.rows])


@bills_api.post("/<uuid:bill_id>/match", responses={200: schemas.BillDetailOut})
@permits("trips.write")
def match(path: BillPath) -> Response:  # type: ignore[valid-type]
    """Match the lines anew with our trips as they are now."""
    bill = queries.get_bill(path.bill_id)  # type: ignore[attr-defined]
    services.match_bill(bill)
    return json_response(_detail(queries.get_bill(bill.id)))


@bills_api.post("/<uuid:bill_id>/lines/<uuid:line_id>/dispute", responses={201: schemas.DisputeOut})
@permits("trips.write")
def dispute(path: LinePath, body: schemas.TripDisputeIn) -> Response:
    """Dispute a line."""
    bill = queries.get_bill(path.bill_id)
    made = services.open_dispute(bill, queries.get_line(bill.id, path.line_id), body)
    location = f"/api/v1/trip-disputes/{made.id}"
    return json_response(_dispute(made), 201, etag=made.version, location=location)


def _dispute(row: Any) -> dict[str, Any]:
    return present_dispute(row, find_vendor(row.vendor_id).name)


@disputes_api.get("/", responses={200: list_of(schemas.DisputeOut)})
@permits("trips.read")
def list_disputes(query: schemas.DisputeQuery) -> Response:
    """List disputes, the latest first."""
    page = queries.list_disputes(query)
    return list_response(page, [present_dispute(row, row.vendor) for row in page.rows])


@disputes_api.get("/<uuid:dispute_id>", responses={200: schemas.DisputeOut})
@permits("trips.read")
def show_dispute(path: DisputePath) -> Response:  # type: ignore[valid-type]
    """Get a dispute."""
    row = queries.get_dispute(path.dispute_id)  # type: ignore[attr-defined]
    return json_response(_dispute(row), etag=row.version)


@disputes_api.post("/<uuid:dispute_id>/agree", responses={200: schemas.DisputeOut})
@permits("trips.write")
def agree(path: DisputePath, body: schemas.AgreeIn) -> Response:  # type: ignore[valid-type]
    """Say what both agreed on."""
    return _moved(path, lambda row: services.agree(row, body))


@disputes_api.post("/<uuid:dispute_id>/reject", responses={200: schemas.DisputeOut})
@permits("trips.write")
def reject(path: DisputePath, body: schemas.RejectIn) -> Response:  # type: ignore[valid-type]
    """Reject what is billed: it stays as the rate card says."""
    return _moved(path, lambda row: services.reject(row, body))


@disputes_api.post("/<uuid:dispute_id>/reopen", responses={200: schemas.DisputeOut})
@permits("trips.write")
def reopen(path: DisputePath) -> Response:  # type: ignore[valid-type]
    """Open a dispute again."""
    return _moved(path, services.reopen)


@disputes_api.post("/<uuid:dispute_id>/credit", responses={200: schemas.DisputeOut})
@permits("trips.write")
def credit(path: DisputePath) -> Response:  # type: ignore[valid-type]
    """Bring what was agreed onto the next open statement."""
    return _moved(path, services.credit)


def _moved(path: Any, move: Any) -> Response:
    row = queries.get_dispute(path.dispute_id, for_update=True)
    check_if_match(row.version)
    move(row)
    return json_response(_dispute(row), etag=row.version)
