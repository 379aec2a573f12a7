"""What a document names: who bills, who is billed, what is sold, at which price and tax on the day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, select

from tracktok.core.db import db
from tracktok.customers.models import Company, Customer, CustomerAddress, ServiceType
from tracktok.customers.queries import PriceOf, TaxOn, prices_of, taxes_on
from tracktok.ledger.models import BookAccount

_IDS = bindparam("ids", type_=ARRAY(Uuid())).any_()
_COMPANY = select(Company).where(Company.id == bindparam("id", type_=Uuid()))
_CUSTOMER = select(Customer).where(Customer.id == bindparam("id", type_=Uuid()))
_CUSTOMERS = select(Customer).where(Customer.id == _IDS)
_ADDRESS = select(CustomerAddress).where(
    CustomerAddress.id == bindparam("id", type_=Uuid()),
    CustomerAddress.customer_id == bindparam("customer", type_=Uuid()),
)
_SERVICES = select(
    ServiceType.id, ServiceType.name, ServiceType.hsn_sac, ServiceType.supply_kind, ServiceType.unit,
    ServiceType.unit_price, ServiceType.currency, ServiceType.tax_rate_id, ServiceType.book_account_id,
    ServiceType.is_archived, ServiceType.deleted_at,
).where(ServiceType.id == _IDS)  # fmt: skip
_INCOME_ACCOUNTS = select(BookAccount.id).where(
    BookAccount.id == _IDS, BookAccount.type == "income", BookAccount.is_archived.is_(False)
)


@dataclass(frozen=True, slots=True)
class Goods:
    """What lines name, by id: service types, tax rates that hold on the day, prices."""

    services: Mapping[UUID, Any]
    rates: Mapping[UUID, TaxOn]
    prices: Mapping[UUID, PriceOf]
    income_accounts: frozenset[UUID]


def find_company(company_id: UUID) -> Company | None:
    """A company that bills, archived or not."""
    return db.session.execute(_COMPANY, {"id": company_id}).scalar_one_or_none()


def find_customer(customer_id: UUID) -> Customer | None:
    """A customer, deleted or not."""
    return db.session.execute(_CUSTOMER, {"id": customer_id}).scalar_one_or_none()


def find_customers(ids: Iterable[UUID]) -> Mapping[UUID, Customer]:
    """Customers, deleted or not, by their ids."""
    return {one.id: one for one in db.session.execute(_CUSTOMERS, {"ids": list(ids)}).scalars()}


def find_address(address_id: UUID, customer_id: UUID) -> CustomerAddress | None:
    """An address of a customer."""
    return db.session.execute(_ADDRESS, {"id": address_id, "customer": customer_id}).scalar_one_or_none()


def load_goods(
    *, services: Collection[UUID], rates: Collection[UUID], accounts: Collection[UUID], customer: Customer, day: date
) -> Goods:
    """What lines name, on a day. The tax rates of the service types are among the rates."""
    found = {row.id: row for row in db.session.execute(_SERVICES, {"ids": list(services)})} if services else {}
    on_day = taxes_on({*rates, *(row.tax_rate_id for row in found.values() if row.tax_rate_id)}, day)
    named = {*accounts, *(row.book_account_id for row in found.values() if row.book_account_id)}
    income = db.session.execute(_INCOME_ACCOUNTS, {"ids": list(named)}).scalars() if named else ()
    return Goods(found, on_day, prices_of(customer, found, day), frozenset(income))
