"""Trips: one, lists page by page, totals of what fits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Select, Text, Uuid, bindparam, func, or_, select, text
from sqlalchemy.exc import OperationalError

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, keyset, make_page, page_parameters, sort_by, split_sort
from tracktok.core.tenancy import TENANT
from tracktok.imports.queries import range_of_import
from tracktok.trips.models import Trip, TripCharge, Vendor
from tracktok.trips.schemas.trips import TripFilters, TripQuery

SORTS = {"trip_date": sort_by(Trip.trip_date)}
MOST_MILLISECONDS = 2500
COLUMNS = (
    Trip.id, Trip.vendor_id, Trip.external_id, Trip.trip_date, Trip.started_at, Trip.ended_at, Trip.timezone, Trip.type,
    Trip.status, Trip.vehicle, Trip.vehicle_class, Trip.driver, Trip.employees, Trip.route, Trip.origin,
    Trip.destination, Trip.site, Trip.customer_id, Trip.project_id, Trip.distance_km, Trip.odometer_start,
    Trip.odometer_end, Trip.dead_km, Trip.waiting_minutes, Trip.late_minutes, Trip.passengers, Trip.escort, Trip.tolls,
    Trip.parking, Trip.billed_amount, Trip.notes, Trip.import_id, Trip.version, Trip.created_at, Trip.updated_at,
)  # fmt: skip
PRICE = (TripCharge.currency, TripCharge.amount, TripCharge.tax, TripCharge.total, TripCharge.period)


class TripNotFound(NotFound):
    code, title = "trip_not_found", "There is no such trip"


def get_trip(trip_id: UUID, *, for_update: bool = False) -> Trip:
    """A live trip of the current tenant; raises TripNotFound."""
    statement = select(Trip).where(Trip.id == trip_id, Trip.deleted_at.is_(None))
    if for_update:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = db.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise TripNotFound
    return found


_LOCK = select(Trip.id).where(Trip.id == bindparam("trip", type_=Uuid())).with_for_update()


def lock_trip(trip_id: UUID) -> None:
    """Lock a trip, deleted or not, until the transaction ends: whoever agrees on its price does so one by one."""
    db.session.execute(_LOCK, {"trip": trip_id})


def standing_charge() -> Any:
    """The join from trips to the row that stands for each."""
    return (
        (TripCharge.tenant_id == Trip.tenant_id) & (TripCharge.trip_id == Trip.id) & TripCharge.superseded_at.is_(None)
    )


def charges_of(trip_id: UUID) -> list[TripCharge]:
    """All rows of a trip, the one that stands first, then the latest."""
    rows = db.session.execute(
        select(TripCharge)
        .where(TripCharge.trip_id == trip_id)
        .order_by(TripCharge.superseded_at.desc().nulls_first(), TripCharge.created_at.desc())
    )
    return list(rows.scalars())


_BY_IDS = (
    select(*COLUMNS, *PRICE, Vendor.name.label("vendor"))
    .outerjoin(TripCharge, standing_charge())
    .join(Vendor, (Vendor.tenant_id == Trip.tenant_id) & (Vendor.id == Trip.vendor_id))
    .where(Trip.id == bindparam("ids", type_=ARRAY(Uuid())).any_(), Trip.deleted_at.is_(None))
)


def rows_of(ids: Iterable[UUID]) -> dict[UUID, Any]:
    """Trips as rows with their price and vendor, by id."""
    return {row.id: row for row in db.session.execute(_BY_IDS, {"ids": list(ids)})}


_KNOWN = text(
    "SELECT t.vendor_id, t.external_id, t.id FROM unnest(:vendors, :external) AS w (vendor_id, external_id)"
    "  JOIN trips t ON t.tenant_id = :current_tenant AND t.vendor_id = w.vendor_id AND t.external_id = w.external_id"
    "   AND t.deleted_at IS NULL"
).bindparams(bindparam("vendors", type_=ARRAY(Uuid())), bindparam("external", type_=ARRAY(Text())), TENANT)


def known_ids(pairs: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], UUID]:
    """Which of these (vendor, external id) are there, and under which id."""
    wanted = list(set(pairs))
    if not wanted:
        return {}
    rows = db.session.execute(_KNOWN, {"vendors": [one for one, _ in wanted], "external": [one for _, one in wanted]})
    return {(row.vendor_id, row.external_id): row.id for row in rows}


_CONDITIONS: dict[str, Any] = {
    "date_from": Trip.trip_date >= bindparam("date_from", type_=Date()),
    "date_to": Trip.trip_date <= bindparam("date_to", type_=Date()),
    "vendor_id": Trip.vendor_id == bindparam("vendor_id", type_=Uuid()),
    "status": Trip.status == bindparam("status", type_=Text()),
    # Said twice, so that the partial index of what was not completed is seen to fit.
    "status_other": Trip.status != "completed",
    "type": Trip.type == bindparam("type", type_=Text()),
    "project_id": Trip.project_id == bindparam("project_id", type_=Uuid()),
    "customer_id": Trip.customer_id == bindparam("customer_id", type_=Uuid()),
    "employee": Trip.employees.contains(bindparam("employee", type_=ARRAY(Text()))) & (Trip.employees != []),
    "priced": TripCharge.id.is_not(None),
    "unpriced": TripCharge.id.is_(None),
    # The rows of an import are those of a range of ids.
    "import_id": Trip.id.between(bindparam("import_first", type_=Uuid()), bindparam("import_last", type_=Uuid())),
    "q": or_(
        Trip.external_id.startswith(bindparam("q", type_=Text()), autoescape=False),
        Trip.vehicle.startswith(bindparam("q", type_=Text()), autoescape=False),
    ),
}


def selection(filters: TripFilters) -> tuple[frozenset[str], dict[str, Any]]:
    """The filters as statements want them: the shape that decides the SQL, and the parameters that fill it."""
    values = {name: getattr(value, "value", value) for name, value in filters.active().items()}
    shape = set(values)
    if values.get("status", "completed") != "completed":
        shape.add("status_other")
    if "employee" in values:
        values["employee"] = [values["employee"]]
    if values.pop("priced", True) is False:
        shape.discard("priced")
        shape.add("unpriced")
    if "import_id" in values:
        values["import_first"], values["import_last"] = range_of_import(values.pop("import_id"))
    if "q" in values:
        values["q"] = values["q"].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return frozenset(shape), values


def where(statement: Select[Any], shape: frozenset[str]) -> Select[Any]:
    """Narrow a select from trips and the charges that stand to the live ones of a shape."""
    statement = statement.where(Trip.deleted_at.is_(None))
    for name in sorted(shape):
        statement = statement.where(_CONDITIONS[name])
    return statement


@cache
def _list_statement(shape: frozenset[str], sort: str, after: bool) -> Select[Any]:  # noqa: FBT001 - part of the key
    statement: Any = (
        select(*COLUMNS, *PRICE, Vendor.name.label("vendor"))
        .outerjoin(TripCharge, standing_charge())
        .join(Vendor, (Vendor.tenant_id == Trip.tenant_id) & (Vendor.id == Trip.vendor_id))
    )
    return keyset(where(statement, shape), sorts=SORTS, id_column=Trip.id, sort=sort, after=after)


def list_trips(query: TripQuery) -> Page:
    """One page of the live trips that fit, with what each comes to."""
    shape, parameters = selection(query)
    wanted = page_parameters(sorts=SORTS, sort=query.sort, cursor=query.cursor, limit=query.limit)
    rows = db.session.execute(_list_statement(shape, query.sort, bool(query.cursor)), {**parameters, **wanted}).all()
    return make_page(rows, sort=query.sort, limit=query.limit, sort_key="trip_date")


@cache
def _ids_statement(shape: frozenset[str], sort: str) -> Select[Any]:
    statement: Any = select(Trip.id).outerjoin(TripCharge, standing_charge())
    name, descending = split_sort(sort, SORTS)
    order = [one.desc() if descending else one.asc() for one in (SORTS[name].column, Trip.id)]
    return where(statement, shape).order_by(*order).limit(bindparam("most"))


def matching_ids(query: TripQuery, most: int) -> list[UUID]:
    """The ids of the live trips that fit, in the order of the list; at most so many, in one statement."""
    shape, parameters = selection(query)
    return list(db.session.execute(_ids_statement(shape, query.sort), {**parameters, "most": most}).scalars())


@dataclass(frozen=True, slots=True)
class CurrencySum:
    """What trips come to in a currency."""

    currency: str
    trips: int
    amount: Decimal
    tax: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Summary:
    """Totals of trips; None where there are too many to add up at once."""

    trips: int | None
    distance_km: Decimal | None
    priced: int | None
    totals: list[CurrencySum]


@cache
def _sums(shape: frozenset[str]) -> Select[Any]:
    statement: Any = select(
        TripCharge.currency,
        func.count().label("trips"),
        func.coalesce(func.sum(Trip.distance_km), 0).label("distance_km"),
        func.coalesce(func.sum(TripCharge.amount), 0).label("amount"),
        func.coalesce(func.sum(TripCharge.tax), 0).label("tax"),
        func.coalesce(func.sum(TripCharge.total), 0).label("total"),
    ).select_from(Trip)
    return where(statement.outerjoin(TripCharge, standing_charge()), shape).group_by(TripCharge.currency)


def summarize(filters: TripFilters) -> Summary:
    """Count and add up the live trips that fit; gives up after 2.5 seconds."""
    shape, parameters = selection(filters)
    before = db.session.execute(text("SHOW statement_timeout")).scalar_one()
    nested = db.session.begin_nested()
    try:
        _set_timeout(f"{MOST_MILLISECONDS}ms")
        rows = db.session.execute(_sums(shape), parameters).all()
        _set_timeout(before)
    except OperationalError as error:
        nested.rollback()
        if getattr(error.orig, "sqlstate", "") != "57014":  # query_canceled
            raise
        return Summary(None, None, None, [])
    nested.commit()
    totals = [
        CurrencySum(row.currency, row.trips, row.amount, row.tax, row.total) for row in rows if row.currency is not None
    ]
    return Summary(
        sum(row.trips for row in rows),
        sum((row.distance_km for row in rows), Decimal(0)),
        sum(one.trips for one in totals),
        sorted(totals, key=lambda one: (-one.total, one.currency)),
    )


def _set_timeout(value: str) -> None:
    db.session.execute(text("SELECT set_config('statement_timeout', :value, true)"), {"value": value})
