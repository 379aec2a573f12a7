"""Prices as they are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, Uuid, bindparam, or_, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, keyset, make_page, page_parameters, sort_by
from tracktok.core.tenancy import current_tenant_id
from tracktok.customers.models import Customer
from tracktok.usage.models import Meter, UsagePrice
from tracktok.usage.rules.pricing import STANDARD
from tracktok.usage.schemas.prices import PriceQuery
from tracktok.usage.schemas.pricing import stored_price

SORTS = {"valid_from": sort_by(UsagePrice.valid_from)}
_COLUMNS = (
    UsagePrice.id, UsagePrice.meter_id, UsagePrice.customer_id, UsagePrice.currency, UsagePrice.valid_from,
    UsagePrice.model, UsagePrice.config, UsagePrice.note, UsagePrice.version, UsagePrice.created_at,
    UsagePrice.updated_at, Meter.code, Meter.name.label("meter"), Meter.unit, Customer.name.label("customer"),
)  # fmt: skip
_ROWS = (
    select(*_COLUMNS)
    .join(Meter, (Meter.tenant_id == UsagePrice.tenant_id) & (Meter.id == UsagePrice.meter_id))
    .outerjoin(Customer, (Customer.tenant_id == UsagePrice.tenant_id) & (Customer.id == UsagePrice.customer_id))
)
_ONE = select(UsagePrice).where(UsagePrice.id == bindparam("price_id"))
_ROW = _ROWS.where(UsagePrice.id == bindparam("price_id"))
_FOR = (
    select(UsagePrice.meter_id, UsagePrice.customer_id, UsagePrice.valid_from, UsagePrice.model, UsagePrice.config)
    .where(
        UsagePrice.meter_id == bindparam("meters", type_=ARRAY(Uuid())).any_(),
        UsagePrice.currency == bindparam("currency", type_=Text()),
        or_(UsagePrice.customer_id.is_(None), UsagePrice.customer_id == bindparam("customer_id", type_=Uuid())),
    )
    .order_by(UsagePrice.valid_from)
)
_SAME = select(UsagePrice.id).where(
    UsagePrice.meter_id == bindparam("meter_id"),
    UsagePrice.customer_id.is_not_distinct_from(bindparam("customer_id", type_=Uuid())),
    UsagePrice.currency == bindparam("currency"),
    UsagePrice.valid_from == bindparam("valid_from"),
)
_OF_METER = select(UsagePrice.model, UsagePrice.config).where(
    UsagePrice.meter_id == bindparam("meter_id"), UsagePrice.model != STANDARD
)
# Also where nothing was used: late usage of that time is billed by the same price.
_BILLED = """
SELECT max(b.period_end) AS until FROM usage_bills b
 WHERE b.tenant_id = %(tenant)s AND b.currency = %(currency)s AND NOT b.is_late
   AND jsonb_exists(b.terms -> 'meters', %(meter)s::text)
   AND (%(customer)s::uuid IS NULL OR b.customer_id = %(customer)s)"""


def get_price(price_id: UUID, *, for_update: bool = False) -> UsagePrice:
    """A price. Raises NotFound."""
    statement = _ONE.with_for_update() if for_update else _ONE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    found = db.session.execute(statement, {"price_id": price_id}, execution_options=options).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such price.")
    return found


def price_row(price_id: UUID) -> Any:
    """A price with its meter and customer. Raises NotFound."""
    row = db.session.execute(_ROW, {"price_id": price_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such price.")
    return row


def prices_for(customer_id: UUID, meters: Iterable[UUID], currency: str) -> Sequence[Any]:
    """All prices in a currency that may hold for a customer's use of meters, the earliest first."""
    given = {"customer_id": customer_id, "meters": list(meters), "currency": currency}
    return db.session.execute(_FOR, given).all()


def same_price(meter_id: UUID, customer_id: UUID | None, currency: str, valid_from: date) -> UUID | None:
    """The id of a price that begins to hold for the same on the same day."""
    given = {"meter_id": meter_id, "customer_id": customer_id, "currency": currency, "valid_from": valid_from}
    return db.session.execute(_SAME, given).scalar_one_or_none()


def all_fit(meter_id: UUID, aggregation: str) -> bool:
    """Whether all prices of a meter can price what it would count by an aggregation."""
    rows = db.session.execute(_OF_METER, {"meter_id": meter_id})
    return all(stored_price(row.model, row.config).fits(aggregation) for row in rows)


def billed_until(meter_id: UUID, customer_id: UUID | None, currency: str) -> date | None:
    """The first day of which use of a meter was not billed yet, in a currency; None when it never was."""
    given = {"tenant": current_tenant_id(), "meter": str(meter_id), "customer": customer_id, "currency": currency}
    until: date | None = db.session.connection().exec_driver_sql(_BILLED, given).one().until
    return until


@cache
def _list(sort: str, after: bool, shape: frozenset[str]) -> Select[Any]:  # noqa: FBT001 - a shape
    statement = _ROWS
    if "meter_id" in shape:
        statement = statement.where(UsagePrice.meter_id == bindparam("meter_id", type_=Uuid()))
    if "customer_id" in shape:
        one = bindparam("customer_id", type_=Uuid())
        statement = statement.where(or_(UsagePrice.customer_id.is_(None), UsagePrice.customer_id == one))
    return keyset(statement, sorts=SORTS, id_column=UsagePrice.id, sort=sort, after=after)


def list_prices(query: PriceQuery) -> Page:
    """One page of prices."""
    given = {name: getattr(query, name) for name in ("meter_id", "customer_id") if getattr(query, name) is not None}
    parameters = page_parameters(sorts=SORTS, sort=query.sort, cursor=query.cursor, limit=query.limit)
    statement = _list(query.sort, bool(query.cursor), frozenset(given))
    rows = db.session.execute(statement, {**given, **parameters}).all()
    return make_page(rows, sort=query.sort, limit=query.limit, sort_key="valid_from")
