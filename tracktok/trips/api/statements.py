"""The routes /api/v1/statements, and costs and employees of a month."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core.money import format_amount
from tracktok.core.pagination import Page
from tracktok.core.permissions import permits
from tracktok.tenants.queries import get_current
from tracktok.trips.queries import statements as queries
from tracktok.trips.queries.adjustments import adjustments_of
from tracktok.trips.queries.costs import costs_of
from tracktok.trips.rules.cards import plain
from tracktok.trips.rules.priced import part_json
from tracktok.trips.rules.rating import parts_of
from tracktok.trips.rules.statements import Figures
from tracktok.trips.rules.trips import month_of, shown_id
from tracktok.trips.schemas import statements as schemas
from tracktok.trips.services import statements as services
from tracktok.trips.services.employees import Employee, employees_of
from tracktok.trips.services.statements.files import trip_rows
from tracktok.trips.services.statements.reckoning import cached
from tracktok.trips.services.statements.sheets import costs_sheet, employees_sheet
from tracktok.web.api import (
    JSON,
    Api,
    check_if_match,
    instant,
    json_response,
    list_of,
    list_response,
    path_of,
    to_json,
)
from tracktok.web.exporting import export_name
from tracktok.web.sheets import file_answer, sheet_response

api = Api("statements", __name__, prefix="/statements", tag="Statements")
StatementPath = path_of("statement_id")


def _sums(figures: Figures) -> dict[str, Any]:
    main = figures.main
    told = main.currency if main else None
    return {
        "trips": figures.trips,
        "currency": told,
        **{
            name: format_amount(getattr(main, name), told) if main and told else None
            for name in ("amount", "tax", "total")
        },
    }


def _row(row: Any, vendor: str, figures: Figures) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in ("id", "vendor_id", "month", "status", "paid_on", "version")},
        "vendor": vendor,
        **_sums(figures),
        "approved_at": instant(row.approved_at),
    }


def respond_list(page: Page) -> Response:
    """A page of statements."""
    figures = services.figures_of_all(page.rows)
    return list_response(page, [_row(row, row.vendor, figures[row.id]) for row in page.rows])


_NAMES = (
    "trip_amount", "trip_tax", "month_amount", "month_tax", "adjusted_amount", "adjusted_tax", "amount", "tax", "total",
)  # fmt: skip


def present(found: services.Statement) -> dict[str, Any]:
    """A statement with its figures, without its lines."""
    row, figures = found.row, found.figures
    return {
        **_row(row, found.vendor.name, figures),
        "late_trips": figures.late_trips,
        "unpriced": figures.unpriced,
        "distance_km": plain(figures.distance_km),
        "vendor_reference": row.vendor_reference,
        "payment_reference": row.payment_reference,
        "sums": [
            {
                "currency": one.currency,
                "trips": one.trips,
                **{name: format_amount(getattr(one, name), one.currency) for name in _NAMES},
            }
            for one in figures.sums
        ],
        "parts": [
            {
                "card": found.cards.get(one.version_id, ("",))[0],
                "from_day": one.from_day,
                "to_day": one.to_day,
                "currency": one.currency,
                **{name: format_amount(getattr(one, name), one.currency) for name in ("amount", "tax", "total")},
                "parts": [part_json(part, one.currency) for part in parts_of(one.trace)],
            }
            for one in figures.parts
        ],
        "adjustments": [
            {
                "id": one.id,
                "trip_id": one.trip_id,
                "about": one.about,
                "kind": one.kind,
                "reason": one.reason,
                "currency": one.currency,
                **{name: format_amount(getattr(one, name), one.currency) for name in ("amount", "tax", "total")},
            }
            for one in adjustments_of(row.vendor_id, row.month)
        ],
    }


def _line(row: Any) -> dict[str, Any]:
    return {
        "date": row.trip_date,
        "external_id": shown_id(row.external_id),
        **{name: getattr(row, name) for name in ("start", "end", "type", "status", "vehicle", "driver", "origin",
                                                 "destination", "currency")},
        "distance_km": plain(row.distance_km),
        **{name: format_amount(getattr(row, name), row.currency) for name in ("amount", "tax", "total")},
    }  # fmt: skip


def _etag(row: Any) -> str:
    """What changes with whatever a statement shows: its own row, and the trips, prices and cards under it."""
    return f"{row.version}.{row.revision}"


def respond(found: services.Statement, file_format: str) -> Response:
    """A statement in one of its forms."""
    if file_format != "json":
        content = services.file_of(found, file_format)
        return file_answer(content, file_format, services.name_of(found), version=_etag(found.row))
    row = found.row
    body = cached(row, "json", lambda: to_json({**present(found), "lines": [_line(one) for one in trip_rows(found)]}))
    response = Response(body, content_type=JSON)
    response.headers["ETag"] = f'"{_etag(row)}"'
    return response


@api.get("/", responses={200: list_of(schemas.StatementListItem)})
@permits("trips.read")
def list_statements(query: schemas.StatementQuery) -> Response:
    """List statements, the latest month first."""
    return respond_list(queries.list_statements(query))


@api.post("/", responses={201: schemas.VendorStatementOut})
@permits("trips.write")
def create(body: schemas.StatementIn) -> Response:
    """Get the statement of a vendor and month, made when there is none yet."""
    made = services.make_statement(body)
    found = services.load_statement(made.id)
    answer = {**present(found), "lines": [_line(one) for one in trip_rows(found)]}
    return json_response(answer, 201, etag=_etag(made), location=f"/api/v1/statements/{made.id}")


@api.get("/<uuid:statement_id>", responses={200: schemas.VendorStatementOut})
@permits("trips.read")
def show(path: StatementPath, query: schemas.FormatQuery) -> Response:  # type: ignore[valid-type]
    """Get a statement with its trips, what the month costs beside them, and adjustments; also as CSV, XLSX or PDF."""
    return respond(services.load_statement(path.statement_id), query.format)  # type: ignore[attr-defined]


@api.post("/<uuid:statement_id>/approve", responses={200: schemas.VendorStatementOut})
@permits("statements.approve")
def approve(path: StatementPath, body: schemas.ApproveIn) -> Response:  # type: ignore[valid-type]
    """Approve a statement: its month closes, and what is owed is posted to the books."""
    row = services.lock_to_approve(path.statement_id)  # type: ignore[attr-defined]
    return _moved(row, lambda found: services.approve_statement(found, body))


@api.post("/<uuid:statement_id>/pay", responses={200: schemas.VendorStatementOut})
@permits("statements.approve")
def pay(path: StatementPath, body: schemas.PayIn) -> Response:  # type: ignore[valid-type]
    """Record that an approved statement was paid."""
    row = queries.get_statement(path.statement_id, for_update=True)  # type: ignore[attr-defined]
    return _moved(row, lambda found: services.pay_statement(found, body))


@api.post("/<uuid:statement_id>/unpay", responses={200: schemas.VendorStatementOut})
@permits("statements.approve")
def unpay(path: StatementPath) -> Response:  # type: ignore[valid-type]
    """Take a payment back that was recorded by mistake."""
    row = queries.get_statement(path.statement_id, for_update=True)  # type: ignore[attr-defined]
    return _moved(row, services.unpay_statement)


def _moved(row: Any, move: Any) -> Response:
    check_if_match(row.version, _etag(row))
    move(row)
    return respond(services.load_statement(row.id), "json")


@api.get("/costs", responses={200: schemas.CostOut})
@permits("trips.read")
def costs(query: schemas.MonthQuery) -> Response:
    """What the trips of a month cost by customer, project and site."""
    month = month_of(query.month)
    rows = costs_of(month)
    if query.format != "json":
        return sheet_response(costs_sheet(month, rows), query.format, export_name("trip-costs", get_current().name))
    return json_response(
        {
            "month": month,
            "rows": [
                {
                    **{name: getattr(row, name) for name in ("customer_id", "customer", "project_id", "project", "site",
                                                             "currency", "trips")},
                    "distance_km": plain(row.distance_km),
                    **{name: format_amount(getattr(row, name), row.currency) for name in ("amount", "tax", "total")},
                }
                for row in rows
            ],
        }
    )  # fmt: skip


@api.get("/employees", responses={200: schemas.EmployeesOut})
@permits("trips.read")
def employees(query: schemas.MonthQuery) -> Response:
    """What employees were driven in a month, and the incentives that come of it."""
    month = month_of(query.month)
    found = employees_of(month)
    if query.format != "json":
        sheet = employees_sheet(month, found)
        return sheet_response(sheet, query.format, export_name("employees", get_current().name))
    return json_response({"month": month, "rows": [present_employee(one) for one in found]})


def present_employee(one: Employee) -> dict[str, Any]:
    """An employee of a month as the API answers it."""
    return {
        "employee": one.name,
        "trips": one.trips,
        "distance_km": plain(one.distance_km),
        "hours": str(one.hours),
        "incentives": [
            {
                "rule": got.rule,
                "from_day": got.first,
                "to_day": got.last,
                "currency": got.incentive.currency,
                "amount": format_amount(got.incentive.amount, got.incentive.currency),
                "parts": [part_json(part, got.incentive.currency) for part in got.incentive.parts],
            }
            for got in one.earned
        ],
        "totals": [
            {"currency": currency, "amount": format_amount(amount, currency)} for currency, amount in one.totals.items()
        ],
    }
