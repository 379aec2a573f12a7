"""Files of the list of trips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response
from sqlalchemy import Select, case, cast, func, select
from sqlalchemy.dialects.postgresql import TIMESTAMP

from tracktok.core.tenancy import TENANT
from tracktok.customers.models import Customer
from tracktok.expenses.models import Project
from tracktok.tenants.queries import get_current
from tracktok.trips.models import Trip, TripCharge, Vendor
from tracktok.trips.schemas.trips import TripQuery
from tracktok.web.exporting import ExportColumn, export_name, export_response

from .trips import selection, standing_charge, where


def local(at: Any) -> Any:
    """An instant on the wall clock of its trip, as text."""
    return func.to_char(cast(func.timezone(Trip.timezone, at), TIMESTAMP), "YYYY-MM-DD HH24:MI")


SHOWN_ID = case((func.left(Trip.external_id, 1) == "#", ""), else_=Trip.external_id)
_COLUMNS = (
    ExportColumn("Date", Trip.trip_date, "date"),
    ExportColumn("Vendor", Vendor.name),
    ExportColumn("Trip ID", SHOWN_ID),
    ExportColumn("Start", local(Trip.started_at), "word"),
    ExportColumn("End", local(Trip.ended_at), "word"),
    ExportColumn("Time zone", Trip.timezone, "word"),
    ExportColumn("Type", Trip.type, "word"),
    ExportColumn("Status", Trip.status, "word"),
    ExportColumn("Vehicle", Trip.vehicle),
    ExportColumn("Vehicle class", Trip.vehicle_class),
    ExportColumn("Driver", Trip.driver),
    ExportColumn("Employees", Trip.employees, "list"),
    ExportColumn("Route", Trip.route),
    ExportColumn("From", Trip.origin),
    ExportColumn("To", Trip.destination),
    ExportColumn("Site", Trip.site),
    ExportColumn("Customer", Customer.name),
    ExportColumn("Project", Project.name),
    ExportColumn("Distance (km)", Trip.distance_km, "rate"),
    ExportColumn("Dead km", Trip.dead_km, "rate"),
    ExportColumn("Waiting (min)", Trip.waiting_minutes, "number"),
    ExportColumn("Late (min)", Trip.late_minutes, "number"),
    ExportColumn("Tolls", Trip.tolls, "rate"),
    ExportColumn("Parking", Trip.parking, "rate"),
    ExportColumn("Currency", TripCharge.currency, "word"),
    ExportColumn("Amount", TripCharge.amount, "amount", TripCharge.currency),
    ExportColumn("Tax", TripCharge.tax, "amount", TripCharge.currency),
    ExportColumn("Total", TripCharge.total, "amount", TripCharge.currency),
    ExportColumn("Id", Trip.id, "word"),
)


def export_trips(query: TripQuery, file_format: str) -> Response:
    """The live trips that fit, all of them, as a CSV or XLSX file."""
    shape, parameters = selection(query)
    descending = query.sort.startswith("-")
    order = [one.desc() if descending else one.asc() for one in (Trip.trip_date, Trip.id)]

    def statement_of(columns: Sequence[Any]) -> Select[Any]:
        statement = (
            select(*columns)
            .select_from(Trip)
            .outerjoin(TripCharge, standing_charge())
            .join(Vendor, (Vendor.tenant_id == Trip.tenant_id) & (Vendor.id == Trip.vendor_id))
            .outerjoin(Customer, (Customer.tenant_id == Trip.tenant_id) & (Customer.id == Trip.customer_id))
            .outerjoin(Project, (Project.tenant_id == Trip.tenant_id) & (Project.id == Trip.project_id))
            .where(Trip.tenant_id == TENANT)
        )
        return where(statement, shape).order_by(*order)

    return export_response(_COLUMNS, statement_of, parameters, file_format, export_name("trips", get_current().name))
