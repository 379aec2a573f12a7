"""The walls between tenants, as far as they stand in the application.

Wall 1 is here: models that are `TenantScoped` are filtered by the ambient tenant in every ORM
select, update and delete, and stamped and checked on flush; without a tenant they are refused.
Wall 2, row-level security, is told the tenant at the beginning of every transaction (`db.py`).
Wall 3, keys that carry `tenant_id`, is made by `TenantScoped` and the models.
Wall 4 is the habit of naming cache keys, files, tasks and log lines by `tenant_key()`.

`door(reason)` is the one way to look across tenants. It opens only the few tables whose policies
name it (tenants, people, memberships, sessions, outbox, jobs), it is logged, and it never opens business rows.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import Uuid, bindparam, event
from sqlalchemy.orm import (
    InstanceState,
    Mapped,
    ORMExecuteState,
    Session,
    UOWTransaction,
    declared_attr,
    mapped_column,
    with_loader_criteria,
)

from . import context
from .context import Scope
from .ids import new_id

log = structlog.get_logger(__name__)
P = ParamSpec("P")
R = TypeVar("R")


class NoTenant(RuntimeError):
    """A tenant's rows were asked for while no tenant is entered. A defect, never a user's error."""


class WrongTenant(RuntimeError):
    """A row of one tenant was about to be written in another's scope. A defect, never a user's error."""


def current_tenant_id() -> UUID:
    """The tenant that is entered. Raises NoTenant when there is none: refusal, never "all rows"."""
    current = context.scope()
    if current is None or current.tenant_id is None:
        raise NoTenant("no tenant is entered: wrap the work in tenant_scope(tenant_id)")
    return current.tenant_id


def current_tenant_or_none() -> UUID | None:
    """The tenant that is entered, or None."""
    current = context.scope()
    return current.tenant_id if current else None


TENANT = bindparam("current_tenant", callable_=current_tenant_id, type_=Uuid(), unique=False)


class TenantScoped:
    """A table that belongs to tenants: primary key `(tenant_id, id)`, filtered by the ambient tenant."""

    @declared_attr
    def tenant_id(cls) -> Mapped[UUID]:  # noqa: N805
        return mapped_column(Uuid(), primary_key=True, sort_order=-20)

    @declared_attr
    def id(cls) -> Mapped[UUID]:  # noqa: N805
        return mapped_column(Uuid(), primary_key=True, default=new_id, sort_order=-19)


CRITERIA = with_loader_criteria(
    TenantScoped,
    lambda cls: cls.tenant_id == TENANT,
    include_aliases=True,
    track_closure_variables=False,
)


def install(session_class: type[Session] | Any) -> None:
    """Put wall 1 on a session class or factory."""
    event.listen(session_class, "do_orm_execute", _filter_by_tenant)
    event.listen(session_class, "before_flush", _stamp_and_check)


def _filter_by_tenant(state: ORMExecuteState) -> None:
    if state.is_column_load or state.is_relationship_load:
        return  # carries the criteria of the statement that loaded the parent
    if not _touches_tenants(state):
        return
    if not door_is_open():
        current_tenant_id()  # refuse before SQL is made
        state.statement = state.statement.options(CRITERIA)
    elif any(
        issubclass(mapper.class_, TenantScoped) and not getattr(mapper.class_, "__door__", False)
        for mapper in state.all_mappers
    ):
        raise NoTenant("the door between tenants does not open this table")


def _touches_tenants(state: ORMExecuteState) -> bool:
    return state.is_orm_statement or bool(state.all_mappers)


def _stamp_and_check(session: Session, _flush: UOWTransaction, _instances: Any) -> None:
    tenant_id = current_tenant_or_none()
    for row in session.new:
        if isinstance(row, TenantScoped):
            if row.__dict__.get("tenant_id") is None:
                row.tenant_id = current_tenant_id()
            _check(row, tenant_id)
    for row in (*session.dirty, *session.deleted):
        if isinstance(row, TenantScoped):
            _check(row, tenant_id)


def _check(row: TenantScoped, tenant_id: UUID | None) -> None:
    if tenant_id is None and door_is_open() and getattr(type(row), "__door__", False):
        return
    if row.tenant_id != tenant_id:
        state: InstanceState[Any] = row._sa_instance_state  # type: ignore[attr-defined]  # noqa: SLF001
        raise WrongTenant(f"{type(row).__name__} {state.key} does not belong to the tenant that is entered")


@contextmanager
def tenant_scope(tenant_id: UUID) -> Iterator[Scope]:
    """Enter a tenant. What is read and written inside is that tenant's, in a database session of its own."""
    from .db import close_session  # noqa: PLC0415 - db imports this module

    new = Scope(tenant_id=tenant_id)
    with context.entered(new), structlog.contextvars.bound_contextvars(tenant_id=str(tenant_id)):
        try:
            yield new
        finally:
            close_session(new)


@contextmanager
def door(reason: str) -> Iterator[Scope]:
    """Look across tenants, for signing in, for sweeps and for platform staff; `reason` is logged.

    Only tables whose policy names the door are visible. Changes made through it must be audited by the caller.
    """
    from .db import close_session  # noqa: PLC0415

    new = Scope(tenant_id=None, door=reason)
    who = context.actor()
    log.info("door_opened", reason=reason, actor=str(who.person_id) if who else None)
    with context.entered(new):
        try:
            yield new
        finally:
            close_session(new)


@contextmanager
def door_ajar(reason: str) -> Iterator[None]:
    """Inside a tenant's transaction, for a block: wall 2 shows the tables of the door beside the tenant's own rows.

    For what must be done in one transaction with the tenant's rows: a person who joins, a link that is used up.
    Wall 1 goes on filtering every tenant-scoped model.
    """
    from sqlalchemy import text  # noqa: PLC0415

    from .db import db  # noqa: PLC0415

    current_tenant_id()
    log.info("door_ajar", reason=reason)
    db.session.execute(text("SELECT set_config('app.door', :reason, true)"), {"reason": reason})
    yield
    # When the block raises, the transaction (or savepoint) is rolled back, and the setting with it.
    db.session.flush()
    db.session.execute(text("SELECT set_config('app.door', '', true)"))


def door_is_open() -> bool:
    """Whether the current scope is the door between tenants."""
    current = context.scope()
    return current is not None and bool(current.door)


def in_tenant(function: Callable[P, R]) -> Callable[P, R]:
    """For functions whose first argument is a tenant id (task shells): run inside that tenant."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        tenant_id = UUID(str(args[0]))
        with tenant_scope(tenant_id):
            return function(*args, **kwargs)

    return wrapper


def tenant_key(*parts: object) -> str:
    """A key for caches, locks, files and limits that carries the tenant: `t:<id>:part:part`."""
    return ":".join(("t", str(current_tenant_id()), *map(str, parts)))
