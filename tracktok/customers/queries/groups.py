"""What is read about client types and account managers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, func, select

from tracktok.auth.models import Membership, Person
from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, fetch_page, sort_by
from tracktok.customers.models import AccountManager, ClientType, Customer
from tracktok.customers.schemas.groups import GroupQuery, ManagerQuery

TYPE_COLUMNS = (
    ClientType.id, ClientType.name, ClientType.description, ClientType.version, ClientType.created_at,
    ClientType.updated_at,
)  # fmt: skip
MANAGER_COLUMNS = (
    AccountManager.id, AccountManager.name, AccountManager.email, AccountManager.phone, AccountManager.person_id,
    AccountManager.is_archived, AccountManager.version, AccountManager.created_at, AccountManager.updated_at,
)  # fmt: skip
_TYPE_SORTS = {"name": sort_by(ClientType.name), "created_at": sort_by(ClientType.created_at)}
_MANAGER_SORTS = {"name": sort_by(AccountManager.name), "created_at": sort_by(AccountManager.created_at)}
_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_ONE_TYPE = select(ClientType).where(ClientType.id == bindparam("client_type_id"))
_ONE_MANAGER = select(AccountManager).where(AccountManager.id == bindparam("account_manager_id"))
_OF_TYPES = (
    select(Customer.client_type_id, func.count())
    .where(Customer.client_type_id == _IDS.any_(), Customer.deleted_at.is_(None))
    .group_by(Customer.client_type_id)
)
_OF_MANAGERS = (
    select(Customer.account_manager_id, func.count())
    .where(Customer.account_manager_id == _IDS.any_(), Customer.deleted_at.is_(None))
    .group_by(Customer.account_manager_id)
)
_TYPES = select(ClientType.id, ClientType.name).order_by(func.lower(ClientType.name))
_MANAGERS = (
    select(AccountManager.id, AccountManager.name)
    .where(AccountManager.is_archived.is_(False))
    .order_by(func.lower(AccountManager.name))
)
_PEOPLE = (
    select(Person)
    .join(Membership, Membership.person_id == Person.id)
    .where(Membership.status == "active")
    .order_by(Person.first_name, Person.last_name, Person.email)
    .limit(500)
)
_ANY_TYPE = select(ClientType.id).limit(1)


def get_client_type(client_type_id: UUID, *, for_update: bool = False) -> ClientType:
    """A client type. Raises NotFound."""
    statement = _ONE_TYPE.with_for_update() if for_update else _ONE_TYPE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    given = {"client_type_id": client_type_id}
    found = db.session.execute(statement, given, execution_options=options).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such client type.")
    return found


def get_account_manager(account_manager_id: UUID, *, for_update: bool = False) -> AccountManager:
    """An account manager. Raises NotFound."""
    statement = _ONE_MANAGER.with_for_update() if for_update else _ONE_MANAGER
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    given = {"account_manager_id": account_manager_id}
    found = db.session.execute(statement, given, execution_options=options).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such account manager.")
    return found


def list_client_types(query: GroupQuery) -> Page:
    """One page of client types."""
    statement = select(*TYPE_COLUMNS)
    if query.q:
        statement = statement.where(ClientType.name.icontains(query.q, autoescape=True))
    return fetch_page(
        statement, sorts=_TYPE_SORTS, id_column=ClientType.id, sort=query.sort, cursor=query.cursor, limit=query.limit
    )


def list_account_managers(query: ManagerQuery) -> Page:
    """One page of account managers."""
    statement = select(*MANAGER_COLUMNS)
    if query.archived is not None:
        statement = statement.where(AccountManager.is_archived == query.archived)
    if query.q:
        statement = statement.where(AccountManager.name.icontains(query.q, autoescape=True))
    return fetch_page(
        statement, sorts=_MANAGER_SORTS, id_column=AccountManager.id, sort=query.sort, cursor=query.cursor,
        limit=query.limit,
    )  # fmt: skip


def customers_of_types(ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many live customers are of each client type."""
    return dict(db.session.execute(_OF_TYPES, {"ids": list(ids)}).all())  # type: ignore[arg-type]


def customers_of_managers(ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many live customers each account manager looks after."""
    return dict(db.session.execute(_OF_MANAGERS, {"ids": list(ids)}).all())  # type: ignore[arg-type]


def client_type_choices() -> Sequence[Any]:
    """(id, name) of the client types."""
    return db.session.execute(_TYPES).all()


def manager_choices() -> Sequence[Any]:
    """(id, name) of the account managers who are not archived."""
    return db.session.execute(_MANAGERS).all()


def person_choices() -> list[tuple[UUID, str]]:
    """(id, name) of the people of the tenant."""
    return [(person.id, person.name) for person in db.session.execute(_PEOPLE).scalars()]


def has_client_types() -> bool:
    """Whether any client type is there."""
    return db.session.execute(_ANY_TYPE).first() is not None
