"""The routes of outsiders: a vendor's own trips, statements and disputes; an employee's own month."""

from __future__ import annotations

from typing import IO, Any

from flask import Response, request

from tracktok.core.clock import today as today_in
from tracktok.core.context import preferences
from tracktok.core.errors import Invalid
from tracktok.core.money import format_amount
from tracktok.core.permissions import permits
from tracktok.trips.queries import bills as bill_queries
from tracktok.trips.queries import portals as queries
from tracktok.trips.queries import statements as statement_queries
from tracktok.trips.queries.trips import charges_of, list_trips, rows_of
from tracktok.trips.rules.cards import plain
from tracktok.trips.rules.priced import part_json
from tracktok.trips.schemas import portals as schemas
from tracktok.trips.schemas.bills import DisputeQuery
from tracktok.trips.schemas.statements import FormatQuery, StatementListItem, StatementQuery, VendorStatementOut
from tracktok.trips.schemas.trips import TripQuery
from tracktok.trips.services import portals as services
from tracktok.trips.services import statements as statement_services
from tracktok.web.api import Api, instant, json_response, list_of, list_response, path_of

from . import present_trips
from .statements import respond, respond_list

vendor_api = Api("vendor_portal", __name__, prefix="/vendor-portal", tag="Vendor portal")
employee_api = Api("employee_portal", __name__, prefix="/employee-portal", tag="Employee portal")
TripPath = path_of("own_trip_id")
StatementPath = path_of("own_statement_id")
DisputePath = path_of("own_dispute_id")
_HIDDEN = frozenset(
    {
        "vendor_id", "vendor", "employees", "site", "customer_id", "project_id", "waiting_minutes", "late_minutes",
        "passengers", "escort", "notes", "version", "odometer_start", "odometer_end", "dead_km", "tolls", "parking",
        "billed_amount", "created_at", "updated_at",
    }
)  # fmt: skip
UPLOAD: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {"schema": {"type": "object"}},
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {
                    "claimed": {"type": "string"},
                    "reason": {"type": "string"},
                    "said": {"type": "string"},
                    "file": {"type": "string", "format": "binary"},
                },
            }
        },
    },
}


def sent_file() -> tuple[IO[bytes], str] | None:
    """The file of a request, if it has one."""
    found = request.files.get("file")
    return (found.stream, found.filename) if found is not None and found.filename else None


def read_body(schema: Any) -> Any:
    """What was sent, as JSON or as a form with a file."""
    given = request.form.to_dict() if request.form or request.files else request.get_json(silent=True)
    if not isinstance(given, dict):
        raise Invalid("Send an object.")
    return schema.model_validate(given)


def _trip(row: Any) -> dict[str, Any]:
    return {name: value for name, value in present_trips.trip(row).items() if name not in _HIDDEN}


def present_messages(dispute_id: Any) -> list[dict[str, Any]]:
    """What was said about a dispute."""
    return [
        {
            **{name: getattr(row, name) for name in ("id", "said", "file_id", "filename")},
            "by": "vendor" if row.by_vendor else "company",
            "created_at": instant(row.created_at),
        }
        for row in queries.messages_of(dispute_id)
    ]


def _dispute(row: Any) -> dict[str, Any]:
    return {
        **{
            name: getattr(row, name)
            for name in ("id", "trip_id", "about", "reason", "currency", "status", "resolution")
        },
        "claimed": format_amount(row.claimed, row.currency),
        "expected": format_amount(row.expected, row.currency),
        "agreed": None if row.agreed is None else format_amount(row.agreed, row.currency),
        "created_at": instant(row.created_at),
    }


def _dispute_detail(row: Any, status: int = 200) -> Response:
    return json_response({**_dispute(row), "messages": present_messages(row.id)}, status)


@vendor_api.get("/trips", responses={200: list_of(schemas.PortalTripOut)})
@permits("vendor_portal.use")
def list_own_trips(query: schemas.PortalTripQuery) -> Response:
    """List the trips of one's own firm, with what each comes to."""
    page = list_trips(TripQuery(vendor_id=queries.own_record(), **dict(query)))
    return list_response(page, [_trip(row) for row in page.rows])


@vendor_api.get("/trips/<uuid:own_trip_id>", responses={200: schemas.PortalTripDetailOut})
@permits("vendor_portal.use")
def show_own_trip(path: TripPath) -> Response:  # type: ignore[valid-type]
    """Get a trip with its price, line by line."""
    trip = queries.own_trip(path.own_trip_id)  # type: ignore[attr-defined]
    charges = charges_of(trip.id)
    charge = charges[0] if charges and charges[0].superseded_at is None else None
    told = present_trips.charge(charge) if charge else None
    return json_response({**_trip(rows_of([trip.id])[trip.id]), "charge": told})


@vendor_api.post(
    "/trips/<uuid:own_trip_id>/dispute", request_body=UPLOAD, responses={201: schemas.PortalDisputeDetailOut}
)
@permits("vendor_portal.use")
def dispute_own_trip(path: TripPath) -> Response:  # type: ignore[valid-type]
    """Say what a trip should come to and why: JSON, or multipart with a `file`."""
    trip = queries.own_trip(path.own_trip_id)  # type: ignore[attr-defined]
    made = services.open_vendor_dispute(trip, read_body(schemas.VendorDisputeIn), sent_file())
    return _dispute_detail(made, 201)


@vendor_api.get("/statements", responses={200: list_of(StatementListItem)})
@permits("vendor_portal.use")
def list_own_statements(query: schemas.PortalStatementQuery) -> Response:
    """List the statements of one's own firm, the latest month first. Drafts may still change."""
    page = statement_queries.list_statements(StatementQuery(vendor_id=queries.own_record(), **dict(query)))
    return respond_list(page)


@vendor_api.get("/statements/<uuid:own_statement_id>", responses={200: VendorStatementOut})
@permits("vendor_portal.use")
def show_own_statement(path: StatementPath, query: FormatQuery) -> Response:  # type: ignore[valid-type]
    """Get a statement with its trips; also as CSV, XLSX or PDF."""
    row = queries.own_statement(path.own_statement_id)  # type: ignore[attr-defined]
    return respond(statement_services.load_statement(row.id), query.format)


@vendor_api.get("/disputes", responses={200: list_of(schemas.PortalDisputeOut)})
@permits("vendor_portal.use")
def list_own_disputes(query: schemas.PortalDisputeQuery) -> Response:
    """List the disputes of one's own firm, the latest first."""
    page = bill_queries.list_disputes(DisputeQuery(vendor_id=queries.own_record(), **dict(query)))
    return list_response(page, [_dispute(row) for row in page.rows])


@vendor_api.get("/disputes/<uuid:own_dispute_id>", responses={200: schemas.PortalDisputeDetailOut})
@permits("vendor_portal.use")
def show_own_dispute(path: DisputePath) -> Response:  # type: ignore[valid-type]
    """Get a dispute with what was said."""
    return _dispute_detail(queries.own_dispute(path.own_dispute_id))  # type: ignore[attr-defined]


@vendor_api.post(
    "/disputes/<uuid:own_dispute_id>/messages", request_body=UPLOAD, responses={201: schemas.PortalDisputeDetailOut}
)
@permits("vendor_portal.use")
def answer_own_dispute(path: DisputePath) -> Response:  # type: ignore[valid-type]
    """Answer: JSON with `said`, or multipart with a `file`."""
    row = queries.own_dispute(path.own_dispute_id, for_update=True)  # type: ignore[attr-defined]
    services.answer_dispute(row, read_body(schemas.MessageIn), sent_file(), by_vendor=True)
    return _dispute_detail(row, 201)


def own_trip(row: Any) -> dict[str, Any]:
    """A trip as the one who was driven sees it."""
    names = ("id", "trip_date", "timezone", "type", "status", "vehicle", "driver", "route", "origin", "destination")
    return {
        **{name: getattr(row, name) for name in names},
        "started_at": instant(row.started_at),
        "ended_at": instant(row.ended_at),
        "distance_km": plain(row.distance_km),
    }


@employee_api.get("/month", responses={200: schemas.OwnMonthOut})
@permits("employee_portal.use")
def show_own_month(query: schemas.MonthOnlyQuery) -> Response:
    """One's own trips and incentives of a month."""
    found = services.own_month(query.month or today_in(preferences().timezone))
    return json_response(
        {
            "month": found.month,
            "trips": found.trips,
            "hours": str(found.hours),
            "distance_km": plain(found.distance_km),
            "incentives": [
                {
                    "rule": got.rule,
                    "from_day": got.first,
                    "to_day": got.last,
                    "currency": got.incentive.currency,
                    "amount": format_amount(got.incentive.amount, got.incentive.currency),
                    "parts": [part_json(part, got.incentive.currency) for part in got.incentive.parts],
                }
                for got in found.earned
            ],
            "totals": [
                {"currency": currency, "amount": format_amount(amount, currency)}
                for currency, amount in found.totals.items()
            ],
            "rows": [own_trip(row) for row in found.rows],
        }
    )
