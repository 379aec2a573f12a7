"""Client types and account managers: made, changed, deleted."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from tracktok.auth.models import Membership
from tracktok.core.db import db
from tracktok.core.errors import Invalid
from tracktok.core.ids import new_id
from tracktok.customers.models import AccountManager, ClientType
from tracktok.customers.queries import groups as queries
from tracktok.customers.schemas.groups import AccountManagerIn, ClientTypeIn

from .refusals import InUse, NameTaken, deleting, judged_by

_TYPE = {"uq_client_types_name": lambda: NameTaken("client type")}
_MANAGER = {"uq_account_managers_name": lambda: NameTaken("account manager")}


def _others(model: type[ClientType | AccountManager], name: str, itself: UUID) -> bool:
    same = select(model.id).where(func.lower(model.name) == name.lower(), model.id != itself)
    return db.session.execute(same).first() is not None


def create_client_type(body: ClientTypeIn) -> ClientType:
    """Make a client type. Raises NameTaken (409)."""
    return _write_type(ClientType(id=new_id()), body)


def change_client_type(client_type: ClientType, body: ClientTypeIn) -> ClientType:
    """Change a client type that the caller has locked."""
    return _write_type(client_type, body)


def _write_type(client_type: ClientType, body: ClientTypeIn) -> ClientType:
    if _others(ClientType, body.name, client_type.id):
        raise NameTaken("client type")
    with judged_by(_TYPE):
        client_type.name, client_type.description = body.name, body.description
        db.session.add(client_type)
    db.session.refresh(client_type)
    return client_type


def delete_client_type(client_type: ClientType) -> None:
    """Delete a client type that no customer has. Raises InUse (409)."""
    count = queries.customers_of_types([client_type.id]).get(client_type.id, 0)
    with deleting(InUse(_told(count, "are of this type", "is of this type"))):
        db.session.delete(client_type)


def _told(count: int, many: str, one: str) -> str:
    if not count:
        return "A customer in the bin still refers to it. Deleted customers leave the bin after 30 days."
    who = f"{count:,} customers {many}" if count != 1 else f"A customer {one}"
    return f"{who}. Change {'them' if count != 1 else 'it'} first."


def create_account_manager(body: AccountManagerIn) -> AccountManager:
    """Make an account manager. Raises NameTaken (409), Invalid for a person who is not of the company."""
    return _write_manager(AccountManager(id=new_id()), body)


def change_account_manager(manager: AccountManager, body: AccountManagerIn) -> AccountManager:
    """Change an account manager whom the caller has locked."""
    return _write_manager(manager, body)


def _write_manager(manager: AccountManager, body: AccountManagerIn) -> AccountManager:
    if body.person_id is not None and body.person_id != manager.person_id:
        member = select(Membership.id).where(Membership.person_id == body.person_id)
        if db.session.execute(member).first() is None:
            raise Invalid.at("person_id", "There is no such person.", "not_found")
    if _others(AccountManager, body.name, manager.id):
        raise NameTaken("account manager")
    with judged_by(_MANAGER):
        for name, value in body:
            setattr(manager, name, value)
        db.session.add(manager)
    db.session.refresh(manager)
    return manager


def delete_account_manager(manager: AccountManager) -> None:
    """Delete an account manager who looks after nobody. Raises InUse (409)."""
    count = queries.customers_of_managers([manager.id]).get(manager.id, 0)
    with deleting(InUse(_told(count, "have this account manager", "has this account manager"))):
        db.session.delete(manager)
