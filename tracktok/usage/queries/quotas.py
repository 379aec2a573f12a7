"""Quotas as they are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, bindparam, or_, select

from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.ids import NIL
from tracktok.core.pagination import Page, keyset, make_page, page_parameters, sort_by
from tracktok.core.prepared import Prepared
from tracktok.core.schedule import instant_of
from tracktok.core.tenancy import current_tenant_id
from tracktok.customers.models import Customer
from tracktok.usage.models import Meter, UsageAlert, UsageQuota
from tracktok.usage.rules import quotas as rules
from tracktok.usage.schemas.quotas import QuotaQuery

from .quantities import Stretch

SORTS = {"created_at": sort_by(UsageQuota.created_at)}
SORT = "-created_at"
_COLUMNS = (
    UsageQuota.id, UsageQuota.meter_id, UsageQuota.customer_id, UsageQuota.period, UsageQuota.limit_quantity,
    UsageQuota.percents, UsageQuota.quantities, UsageQuota.block, UsageQuota.version, UsageQuota.created_at,
    UsageQuota.updated_at, Meter.code, Meter.name.label("meter"), Meter.unit, Meter.aggregation,
)  # fmt: skip
_ROWS = select(*_COLUMNS).join(Meter, (Meter.tenant_id == UsageQuota.tenant_id) & (Meter.id == UsageQuota.meter_id))
_OVER = Prepared(
    _ROWS.where(
        UsageQuota.meter_id == bindparam("meters", type_=ARRAY(Uuid())).any_(),
        or_(
            UsageQuota.customer_id.is_(None),
            UsageQuota.customer_id == bindparam("customers", type_=ARRAY(Uuid())).any_(),
        ),
    )
)
_ONE = select(UsageQuota).where(UsageQuota.id == bindparam("quota_id"))
_ROW = _ROWS.where(UsageQuota.id == bindparam("quota_id"))
_SAME = select(UsageQuota.id).where(
    UsageQuota.meter_id == bindparam("meter_id"),
    UsageQuota.customer_id.is_not_distinct_from(bindparam("customer_id", type_=Uuid())),
    UsageQuota.period == bindparam("period"),
)
_ALL = _ROWS.order_by(UsageQuota.id)
_ALERTS = (
    select(
        UsageAlert.threshold, UsageAlert.used, UsageAlert.limit_quantity, UsageAlert.raised_at,
        UsageAlert.period_start, Customer.name.label("customer"), UsageAlert.customer_id,
    )
    .join(Customer, (Customer.tenant_id == UsageAlert.tenant_id) & (Customer.id == UsageAlert.customer_id))
    .where(UsageAlert.quota_id == bindparam("quota_id"))
    .order_by(UsageAlert.raised_at.desc(), UsageAlert.id.desc())
    .limit(50)
)  # fmt: skip
_USERS = f"""
SELECT DISTINCT customer_id FROM usage_rollups
 WHERE tenant_id = %(tenant)s AND meter_id = %(meter)s AND bucket >= %(start)s AND bucket < %(end)s
   AND customer_id <> '{NIL}'"""  # noqa: S608 - made of constants


def get_quota(quota_id: UUID, *, for_update: bool = False) -> UsageQuota:
    """A quota. Raises NotFound."""
    statement = _ONE.with_for_update() if for_update else _ONE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    found = db.session.execute(statement, {"quota_id": quota_id}, execution_options=options).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such quota.")
    return found


def quota_row(quota_id: UUID) -> Any:
    """A quota with its meter. Raises NotFound."""
    row = db.session.execute(_ROW, {"quota_id": quota_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such quota.")
    return row


def same_quota(meter_id: UUID, customer_id: UUID | None, period: str) -> UUID | None:
    """The id of a quota for the same meter, customer and period."""
    given = {"meter_id": meter_id, "customer_id": customer_id, "period": period}
    return db.session.execute(_SAME, given).scalar_one_or_none()


def every_quota() -> Sequence[Any]:
    """All quotas of the company."""
    return db.session.execute(_ALL).all()


def quotas_over(meters: Iterable[UUID], customers: Iterable[UUID]) -> list[Any]:
    """Quotas that may govern usage of these meters by these customers."""
    return _OVER.fetch({"meters": list(meters), "customers": list(customers)})


class Governing:
    """Of quotas that were found, those over a customer and meter: the customer's own before the one for each."""

    def __init__(self, found: Iterable[Any]) -> None:
        self._found: dict[tuple[UUID, UUID | None], list[Any]] = {}
        for one in found:
            self._found.setdefault((one.meter_id, one.customer_id), []).append(one)

    def over(self, meter_id: UUID, customer_id: UUID) -> list[Any]:
        """The quotas over a customer's use of a meter."""
        own = self._found.get((meter_id, customer_id), [])
        periods = {one.period for one in own}
        return [*own, *(one for one in self._found.get((meter_id, None), ()) if one.period not in periods)]


def stretch_of(period: str, day: date) -> tuple[date, Stretch]:
    """The first day of a quota's period, and the period as a whole, in the company's time zone."""
    return _stretch(period, day, preferences().timezone)


@lru_cache(maxsize=1024)
def _stretch(period: str, day: date, zone: str) -> tuple[date, Stretch]:
    span = rules.period_of(period, day)
    start, end = instant_of(span.start, time(0), zone), instant_of(span.end, time(0), zone)
    return span.start, Stretch(start, end, end)


def customers_using(meter_id: UUID, start: datetime, end: datetime) -> list[UUID]:
    """Who used a meter in a span."""
    given = {"tenant": current_tenant_id(), "meter": meter_id, "start": start, "end": end}
    return [row.customer_id for row in db.session.connection().exec_driver_sql(_USERS, given)]


def alerts_of(quota_id: UUID) -> Sequence[Any]:
    """The latest alerts of a quota."""
    return db.session.execute(_ALERTS, {"quota_id": quota_id}).all()


@cache
def _list(shape: frozenset[str], after: bool) -> Select[Any]:  # noqa: FBT001 - a shape
    statement = _ROWS
    if "customer_id" in shape:
        one = bindparam("customer_id", type_=Uuid())
        statement = statement.where(or_(UsageQuota.customer_id.is_(None), UsageQuota.customer_id == one))
    if "meter_id" in shape:
        statement = statement.where(UsageQuota.meter_id == bindparam("meter_id", type_=Uuid()))
    return keyset(statement, sorts=SORTS, id_column=UsageQuota.id, sort=SORT, after=after)


def list_quotas(query: QuotaQuery) -> Page:
    """One page of quotas, the newest first."""
    given = {name: getattr(query, name) for name in ("customer_id", "meter_id") if getattr(query, name) is not None}
    parameters = page_parameters(sorts=SORTS, sort=SORT, cursor=query.cursor, limit=query.limit)
    rows = db.session.execute(_list(frozenset(given), bool(query.cursor)), {**given, **parameters}).all()
    return make_page(rows, sort=SORT, limit=query.limit, sort_key="created_at")
