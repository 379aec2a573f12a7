"""What is read about prices: price lists, and what a service type costs a customer on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Date, Uuid, and_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, fetch_page, sort_by
from tracktok.core.tenancy import TENANT
from tracktok.customers.models import Customer, PriceList, PriceListItem, ServiceType
from tracktok.customers.schemas.catalog import PriceListQuery


class PriceOf(NamedTuple):
    """What a service type costs. `price_list_id` None: its own price."""

    service_type_id: UUID
    unit_price: Decimal
    currency: str
    price_list_id: UUID | None


COLUMNS = (
    PriceList.id, PriceList.name, PriceList.currency, PriceList.is_archived, PriceList.version, PriceList.created_at,
    PriceList.updated_at,
)  # fmt: skip
SORTS = {"name": sort_by(PriceList.name), "created_at": sort_by(PriceList.created_at)}
_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_DAY = bindparam("day", type_=Date)
_ONE = select(PriceList).where(PriceList.id == bindparam("price_list_id"))
_CHOICES = (
    select(PriceList.id, PriceList.name, PriceList.currency)
    .where(PriceList.is_archived.is_(False))
    .order_by(func.lower(PriceList.name))
)
_OWN = select(ServiceType.id, ServiceType.unit_price, ServiceType.currency).where(
    ServiceType.id == _IDS.any_(), ServiceType.deleted_at.is_(None)
)
# Of several prices that hold, the one that began last: an offer goes before the usual price.
_LISTED = (
    select(PriceListItem.service_type_id, PriceListItem.unit_price, PriceList.currency)
    .join(PriceList, and_(PriceList.tenant_id == PriceListItem.tenant_id, PriceList.id == PriceListItem.price_list_id))
    .where(
        PriceListItem.tenant_id == TENANT,
        PriceListItem.price_list_id == bindparam("price_list_id"),
        PriceListItem.service_type_id == _IDS.any_(),
        PriceListItem.valid_from <= _DAY,
        or_(PriceListItem.valid_to.is_(None), PriceListItem.valid_to >= _DAY),
        PriceList.is_archived.is_(False),
    )
    .ext(distinct_on(PriceListItem.service_type_id))
    .order_by(PriceListItem.service_type_id, PriceListItem.valid_from.desc())
)
_ITEMS = (
    select(
        PriceListItem.price_list_id, PriceListItem.service_type_id, ServiceType.name.label("service_type"),
        ServiceType.unit, PriceListItem.unit_price, PriceListItem.valid_from, PriceListItem.valid_to,
    )
    .join(
        ServiceType,
        and_(ServiceType.tenant_id == PriceListItem.tenant_id, ServiceType.id == PriceListItem.service_type_id),
    )
    .where(PriceListItem.tenant_id == TENANT, PriceListItem.price_list_id == _IDS.any_())
    .order_by(func.lower(ServiceType.name), ServiceType.id, PriceListItem.valid_from)
)  # fmt: skip
_CUSTOMERS = (
    select(Customer.price_list_id, func.count().label("count"))
    .where(Customer.price_list_id == _IDS.any_(), Customer.deleted_at.is_(None))
    .group_by(Customer.price_list_id)
)
_COUNTS = (
    select(PriceListItem.price_list_id, func.count(PriceListItem.service_type_id.distinct()).label("count"))
    .where(PriceListItem.tenant_id == TENANT, PriceListItem.price_list_id == _IDS.any_())
    .group_by(PriceListItem.price_list_id)
)


def get_price_list(price_list_id: UUID, *, for_update: bool = False) -> PriceList:
    """A price list. Raises NotFound."""
    statement = _ONE.with_for_update() if for_update else _ONE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    given = {"price_list_id": price_list_id}
    found = db.session.execute(statement, given, execution_options=options).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such price list.")
    return found


def list_price_lists(query: PriceListQuery) -> Page:
    """One page of price lists."""
    statement = select(*COLUMNS)
    if query.archived is not None:
        statement = statement.where(PriceList.is_archived == query.archived)
    if query.q:
        statement = statement.where(PriceList.name.icontains(query.q, autoescape=True))
    return fetch_page(
        statement, sorts=SORTS, id_column=PriceList.id, sort=query.sort, cursor=query.cursor, limit=query.limit
    )


def price_list_choices() -> Sequence[Any]:
    """(id, name, currency) of the price lists that customers may have."""
    return db.session.execute(_CHOICES).all()


def items_of(ids: Iterable[UUID]) -> dict[UUID, list[Any]]:
    """The prices on lists, by list."""
    found: dict[UUID, list[Any]] = {one: [] for one in ids}
    for row in db.session.execute(_ITEMS, {"ids": list(found)}):
        found[row.price_list_id].append(row)
    return found


def count_items(ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many service types have a price on each list."""
    return dict(db.session.execute(_COUNTS, {"ids": list(ids)}).all())


def count_customers_of(ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many live customers have each price list."""
    return dict(db.session.execute(_CUSTOMERS, {"ids": list(ids)}).all())  # type: ignore[arg-type]


def prices_of(customer: Any, service_type_ids: Iterable[UUID], day: date) -> dict[UUID, PriceOf]:
    """What service types cost a customer on a day, by id: the price list's before the service type's own.

    `customer` is anything with a `price_list_id`, or None for nobody in particular. Those that are not there are left
    out.
    """
    wanted = list(set(service_type_ids))
    if not wanted:
        return {}
    found = {
        row.id: PriceOf(row.id, row.unit_price, row.currency, None) for row in db.session.execute(_OWN, {"ids": wanted})
    }
    listed = customer.price_list_id if customer is not None else None
    if listed is not None and found:
        given = {"ids": list(found), "price_list_id": listed, "day": day}
        for row in db.session.execute(_LISTED, given):
            found[row.service_type_id] = PriceOf(row.service_type_id, row.unit_price, row.currency, listed)
    return found


def price_of(customer: Any, service_type_id: UUID, day: date) -> PriceOf | None:
    """What a service type costs a customer on a day (see `prices_of`); None for one that is not there."""
    return prices_of(customer, [service_type_id], day).get(service_type_id)
