"""What a document names: who bills, who is billed, what is sold, at which price and tax on the day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Uuid, and_, bindparam, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from tracktok.core.db import db
from tracktok.core.tenancy import TENANT
from tracktok.customers.models import (
    Company,
    Customer,
    CustomerAddress,
    PriceList,
    PriceListItem,
    ServiceType,
    TaxRate,
    TaxRatePeriod,
)
from tracktok.ledger.models import BookAccount

_IDS = bindparam("ids", type_=ARRAY(Uuid())).any_()
_DAY = bindparam("day", type_=Date())
_COMPANY = select(Company).where(Company.id == bindparam("id", type_=Uuid()))
_DEFAULT = select(Company).where(Company.is_default)
_CUSTOMER = select(Customer).where(Customer.id == bindparam("id", type_=Uuid()))
_ADDRESS = select(CustomerAddress).where(
    CustomerAddress.id == bindparam("id", type_=Uuid()),
    CustomerAddress.customer_id == bindparam("customer", type_=Uuid()),
)
_SERVICES = select(
    ServiceType.id, ServiceType.name, ServiceType.hsn_sac, ServiceType.supply_kind, ServiceType.unit,
    ServiceType.unit_price, ServiceType.currency, ServiceType.tax_rate_id, ServiceType.book_account_id,
    ServiceType.is_archived, ServiceType.deleted_at,
).where(ServiceType.id == _IDS)  # fmt: skip
_RATES = (
    select(
        TaxRate.id, TaxRate.name, TaxRate.regime, TaxRatePeriod.percent, TaxRatePeriod.cess_percent,
        TaxRatePeriod.cess_per_unit, TaxRatePeriod.components,
    )
    .ext(distinct_on(TaxRate.id))
    .outerjoin(
        TaxRatePeriod,
        and_(
            TaxRatePeriod.tenant_id == TaxRate.tenant_id,
            TaxRatePeriod.tax_rate_id == TaxRate.id,
            TaxRatePeriod.valid_from <= _DAY,
        ),
    )
    .where(TaxRate.id == _IDS)
    .order_by(TaxRate.id, TaxRatePeriod.valid_from.desc())
)  # fmt: skip
_PRICES = (
    select(PriceListItem.service_type_id, PriceListItem.unit_price, PriceList.currency)
    .ext(distinct_on(PriceListItem.service_type_id))
    .join(PriceList, and_(PriceList.tenant_id == PriceListItem.tenant_id, PriceList.id == PriceListItem.price_list_id))
    .where(
        PriceListItem.tenant_id == TENANT,
        PriceListItem.price_list_id == bindparam("list", type_=Uuid()),
        PriceListItem.service_type_id == _IDS,
        PriceListItem.valid_from <= _DAY,
        or_(PriceListItem.valid_to.is_(None), PriceListItem.valid_to >= _DAY),
        PriceList.is_archived.is_(False),
    )
    .order_by(PriceListItem.service_type_id, PriceListItem.valid_from.desc())
)
_INCOME_ACCOUNTS = select(BookAccount.id).where(
    BookAccount.id == _IDS, BookAccount.type == "income", BookAccount.is_archived.is_(False)
)


@dataclass(frozen=True, slots=True)
class Goods:
    """What lines name, by id: service types, tax rates on the day (`percent` is None before the first), prices."""

    services: dict[UUID, Any]
    rates: dict[UUID, Any]
    prices: dict[UUID, tuple[Decimal, str]]
    income_accounts: frozenset[UUID]


def find_company(company_id: UUID | None) -> Company | None:
    """A company, or without an id the one that bills by default."""
    if company_id is None:
        return db.session.execute(_DEFAULT).scalar_one_or_none()
    return db.session.execute(_COMPANY, {"id": company_id}).scalar_one_or_none()


def find_customer(customer_id: UUID) -> Customer | None:
    """A customer, deleted or not."""
    return db.session.execute(_CUSTOMER, {"id": customer_id}).scalar_one_or_none()


def find_address(address_id: UUID, customer_id: UUID) -> CustomerAddress | None:
    """An address of a customer."""
    return db.session.execute(_ADDRESS, {"id": address_id, "customer": customer_id}).scalar_one_or_none()


def load_goods(
    *,
    services: Collection[UUID],
    rates: Collection[UUID],
    accounts: Collection[UUID],
    price_list_id: UUID | None,
    day: date,
) -> Goods:
    """What lines name, on a day. The tax rates of the service types are among the rates."""
    found = {row.id: row for row in db.session.execute(_SERVICES, {"ids": list(services)})} if services else {}
    wanted = {*rates, *(row.tax_rate_id for row in found.values() if row.tax_rate_id)}
    on_day = {row.id: row for row in db.session.execute(_RATES, {"ids": list(wanted), "day": day})} if wanted else {}
    prices: dict[UUID, tuple[Decimal, str]] = {}
    if found and price_list_id is not None:
        named = {"list": price_list_id, "ids": list(found), "day": day}
        prices = {row.service_type_id: (row.unit_price, row.currency) for row in db.session.execute(_PRICES, named)}
    named_accounts = {*accounts, *(row.book_account_id for row in found.values() if row.book_account_id)}
    income = db.session.execute(_INCOME_ACCOUNTS, {"ids": list(named_accounts)}).scalars() if named_accounts else ()
    return Goods(found, on_day, prices, frozenset(income))
