"""What is read about customers: one, the list, contacts and addresses, the bin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Select, Text, Uuid, and_, bindparam, func, or_, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, keyset, make_page, page_parameters, sort_by, split_sort
from tracktok.customers.models import AccountManager, ClientType, Customer, CustomerAddress, CustomerContact
from tracktok.customers.rules.identity import clean_identity
from tracktok.customers.schemas.customers import CustomerFilters, CustomerQuery

COLUMNS = (
    Customer.id, Customer.name, Customer.code, Customer.kind, Customer.client_type_id,
    ClientType.name.label("client_type"), Customer.account_manager_id, AccountManager.name.label("account_manager"),
    Customer.price_list_id, Customer.email, Customer.phone, Customer.website, Customer.gst_category, Customer.gstin,
    Customer.pan, Customer.tax_id, Customer.state_code, Customer.address_line1, Customer.address_line2, Customer.city,
    Customer.postal_code, Customer.country, Customer.currency, Customer.language, Customer.payment_terms_days,
    Customer.credit_limit, Customer.notes, Customer.custom_fields, Customer.reminders_stopped, Customer.import_id,
    Customer.is_archived, Customer.deleted_at, Customer.version, Customer.created_at, Customer.updated_at,
)  # fmt: skip
SORTS = {
    "name": sort_by(Customer.name),
    "code": sort_by(Customer.code),
    "created_at": sort_by(Customer.created_at),
}
SEARCHED = (Customer.name, Customer.code, Customer.email, Customer.phone, Customer.gstin, Customer.city)
NONE = "none"
_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_ONE = select(Customer).where(Customer.id == bindparam("customer_id"))


def with_names(statement: Select[Any], of: Any = Customer) -> Select[Any]:
    """A statement over customers with their client types and account managers beside them."""
    return statement.outerjoin(
        ClientType, and_(ClientType.tenant_id == of.tenant_id, ClientType.id == of.client_type_id)
    ).outerjoin(
        AccountManager, and_(AccountManager.tenant_id == of.tenant_id, AccountManager.id == of.account_manager_id)
    )


_ROW = with_names(select(*COLUMNS)).where(Customer.id == bindparam("customer_id"))


def get_customer(customer_id: UUID, *, for_update: bool = False, deleted: bool = False) -> Customer:
    """A customer; with `deleted` one from the bin. Raises NotFound."""
    statement = _ONE.with_for_update() if for_update else _ONE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    found = db.session.execute(statement, {"customer_id": customer_id}, execution_options=options).scalar_one_or_none()
    if found is None or (found.deleted_at is not None) != deleted:
        raise NotFound("There is no such customer.")
    return found


def get_customer_row(customer_id: UUID, *, deleted: bool = False) -> Any:
    """A customer as a row of COLUMNS; with `deleted` also one from the bin. Raises NotFound."""
    found = db.session.execute(_ROW, {"customer_id": customer_id}).one_or_none()
    if found is None or (found.deleted_at is not None and not deleted):
        raise NotFound("There is no such customer.")
    return found


# The list -----------------------------------------------------------------------------------------------------------

_FILTERS: dict[str, Any] = {
    "client_type_id": Customer.client_type_id == bindparam("client_type_id", type_=Uuid()),
    "without_client_type": Customer.client_type_id.is_(None),
    "account_manager_id": Customer.account_manager_id == bindparam("account_manager_id", type_=Uuid()),
    "without_account_manager": Customer.account_manager_id.is_(None),
    "price_list_id": Customer.price_list_id == bindparam("price_list_id", type_=Uuid()),
    "gst_category": Customer.gst_category == bindparam("gst_category", type_=Text),
    "state_code": Customer.state_code == bindparam("state_code", type_=Text),
    "country": Customer.country == bindparam("country", type_=Text),
    "currency": Customer.currency == bindparam("currency", type_=Text),
    "gstin": and_(Customer.gstin != "", Customer.gstin == bindparam("gstin", type_=Text)),
    "email": func.lower(Customer.email) == bindparam("email", type_=Text),
    "archived": Customer.is_archived == bindparam("archived", type_=Boolean),
    "import_id": and_(Customer.import_id.is_not(None), Customer.import_id == bindparam("import_id", type_=Uuid())),
    "q": or_(*(column.ilike(bindparam("pattern", type_=Text), escape="\\") for column in SEARCHED)),
}


def filters_of(query: CustomerFilters) -> tuple[frozenset[str], dict[str, Any]]:
    """(which filters are in use, their parameters)."""
    shape: set[str] = set()
    given: dict[str, Any] = {}
    for name in ("client_type_id", "account_manager_id"):
        value = getattr(query, name)
        if value == NONE:
            shape.add(f"without_{name.removesuffix('_id')}")
        elif value is not None:
            shape.add(name)
            given[name] = value
    for name in ("price_list_id", "gst_category", "state_code", "archived", "import_id"):
        if (value := getattr(query, name)) is not None:
            shape.add(name)
            given[name] = getattr(value, "value", value)
    for name, write in (
        ("country", str.upper),
        ("currency", str.upper),
        ("gstin", clean_identity),
        ("email", str.lower),
    ):
        if value := getattr(query, name):
            shape.add(name)
            given[name] = write(value)
    if query.q:
        plain = query.q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        shape.add("q")
        given["pattern"] = f"%{plain}%"
    return frozenset(shape), given


def where(statement: Select[Any], shape: frozenset[str]) -> Select[Any]:
    """A statement over live customers, with the filters in use."""
    return statement.where(Customer.deleted_at.is_(None), *(_FILTERS[name] for name in sorted(shape)))


@cache
def _list(sort: str, after: bool, shape: frozenset[str]) -> Select[Any]:  # noqa: FBT001 - a shape
    statement = where(with_names(select(*COLUMNS)), shape)
    return keyset(statement, sorts=SORTS, id_column=Customer.id, sort=sort, after=after)


@cache
def _count(shape: frozenset[str]) -> Select[Any]:
    return where(select(func.count()).select_from(Customer), shape)


def list_customers(query: CustomerQuery) -> Page:
    """One page of customers."""
    parameters = page_parameters(sorts=SORTS, sort=query.sort, cursor=query.cursor, limit=query.limit)
    shape, given = filters_of(query)
    rows = db.session.execute(_list(query.sort, bool(query.cursor), shape), {**parameters, **given}).all()
    name, _ = split_sort(query.sort, SORTS)
    return make_page(rows, sort=query.sort, limit=query.limit, sort_key=name)


def count_matching(query: CustomerFilters) -> int:
    """How many live customers fit."""
    shape, given = filters_of(query)
    return int(db.session.execute(_count(shape), given).scalar_one())


_ALL = select(func.count()).select_from(Customer).where(Customer.id.is_not(None), Customer.deleted_at.is_(None))


def count_customers() -> int:
    """How many live customers there are, for the limit of the plan."""
    return db.session.execute(_ALL).scalar_one()


_CHOICES = (
    select(Customer.id, Customer.name, Customer.code, Customer.city, Customer.currency)
    .where(
        Customer.deleted_at.is_(None),
        Customer.is_archived.is_(False),
        or_(
            *(
                column.ilike(bindparam("pattern", type_=Text), escape="\\")
                for column in (Customer.name, Customer.code, Customer.gstin)
            )
        ),
    )
    .order_by(Customer.name, Customer.id)
    .limit(bindparam("most"))
)
_NAMES = select(Customer.id, Customer.name).where(Customer.id == _IDS.any_())
_SOME = select(Customer).where(Customer.id == _IDS.any_(), Customer.deleted_at.is_(None))


def find_customers(text: str, limit: int = 20) -> Sequence[Any]:
    """(id, name, code, city, currency) of customers by part of name, code or GSTIN, for fields that search."""
    plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return db.session.execute(_CHOICES, {"pattern": f"%{plain}%", "most": limit}).all()


def names_of(ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of customers, deleted or not."""
    return {row.id: row.name for row in db.session.execute(_NAMES, {"ids": list(ids)})}


def get_customers(ids: Iterable[UUID]) -> dict[UUID, Customer]:
    """The live customers among these, by id."""
    return {one.id: one for one in db.session.execute(_SOME, {"ids": list(set(ids))}).scalars()}


# What resembles a customer -----------------------------------------------------------------------------------------

_SAME = (
    select(Customer.id, Customer.name, Customer.code, Customer.gstin, (func.lower(Customer.name)).label("lowered"))
    .where(
        Customer.deleted_at.is_(None),
        Customer.id != bindparam("itself", type_=Uuid()),
        or_(
            and_(Customer.gstin != "", Customer.gstin == bindparam("gstin", type_=Text)),
            func.lower(Customer.name) == bindparam("name", type_=Text),
        ),
    )
    .order_by(Customer.created_at, Customer.id)
    .limit(20)
)
_BY_CODE = select(Customer.id, Customer.name).where(
    Customer.code != "",
    func.lower(Customer.code) == bindparam("code", type_=Text),
    Customer.deleted_at.is_(None),
    Customer.id != bindparam("itself", type_=Uuid()),
)


def find_twins(*, itself: UUID, name: str, gstin: str) -> tuple[list[Any], list[Any]]:
    """Other live customers with the same GSTIN, and with the same name."""
    rows = db.session.execute(_SAME, {"itself": itself, "name": name.lower(), "gstin": gstin or "-"}).all()
    return [row for row in rows if gstin and row.gstin == gstin], [row for row in rows if row.lowered == name.lower()]


def find_by_code(code: str, itself: UUID) -> Any | None:
    """Another live customer with a code, whatever its case."""
    return db.session.execute(_BY_CODE, {"code": code.lower(), "itself": itself}).first()


# Contacts, addresses, the bin --------------------------------------------------------------------------------------

_CONTACTS = (
    select(CustomerContact).where(CustomerContact.customer_id == bindparam("customer_id")).order_by(CustomerContact.id)
)
_CONTACTS_OF_MANY = (
    select(CustomerContact)
    .where(CustomerContact.customer_id == bindparam("ids", type_=ARRAY(Uuid())).any_())
    .order_by(CustomerContact.id)
)
_ADDRESSES = (
    select(CustomerAddress).where(CustomerAddress.customer_id == bindparam("customer_id")).order_by(CustomerAddress.id)
)
_BIN = (
    select(Customer.id, Customer.name, Customer.code, Customer.city, Customer.deleted_at)
    .where(Customer.deleted_at >= bindparam("since"))
    .order_by(Customer.deleted_at.desc(), Customer.id)
    .limit(500)
)


def contacts_of(customer_id: UUID) -> Sequence[CustomerContact]:
    """The people at a customer, in the order they were added."""
    return db.session.execute(_CONTACTS, {"customer_id": customer_id}).scalars().all()


def contacts_of_many(ids: Iterable[UUID]) -> Mapping[UUID, list[CustomerContact]]:
    """The people at customers, by customer, in the order they were added."""
    found: dict[UUID, list[CustomerContact]] = {}
    for one in db.session.execute(_CONTACTS_OF_MANY, {"ids": list(ids)}).scalars():
        found.setdefault(one.customer_id, []).append(one)
    return found


def addresses_of(customer_id: UUID) -> Sequence[CustomerAddress]:
    """The further addresses of a customer."""
    return db.session.execute(_ADDRESSES, {"customer_id": customer_id}).scalars().all()


def get_contact(customer_id: UUID, contact_id: UUID) -> CustomerContact:
    """A contact of a customer. Raises NotFound."""
    statement = select(CustomerContact).where(
        CustomerContact.id == contact_id, CustomerContact.customer_id == customer_id
    )
    found = db.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such contact.")
    return found


def get_address(customer_id: UUID, address_id: UUID) -> CustomerAddress:
    """A further address of a customer. Raises NotFound."""
    statement = select(CustomerAddress).where(
        CustomerAddress.id == address_id, CustomerAddress.customer_id == customer_id
    )
    found = db.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such address.")
    return found


def deleted_customers(since: datetime) -> Sequence[Any]:
    """What was put into the bin since an instant, the latest first."""
    return db.session.execute(_BIN, {"since": since}).all()
