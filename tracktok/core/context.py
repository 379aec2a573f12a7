"""Who acts, for which tenant, in which request: ambient, set once at the edge, read anywhere below."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a tenant writes amounts, dates and times, and where its months begin."""

    currency: str = "INR"
    timezone: str = "Asia/Kolkata"
    date_format: str = "DD/MM/YYYY"
    locale: str = "en_IN"
    fiscal_year_start_month: int = 4


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `kind` is person, system (a task or command) or platform (staff)."""

    kind: str
    person_id: UUID | None = None
    membership_id: UUID | None = None
    session_id: UUID | None = None
    role: str = ""
    record_id: UUID | None = None
    """What somebody from outside is bound to: they see only what belongs to it."""
    name: str = ""
    email: str = ""
    permissions: frozenset[str] = frozenset()
    email_verified: bool = True

    def may(self, permission: str) -> bool:
        """Whether this actor holds a permission such as `expenses.write`, or (`*.import`) any that ends so."""
        if self.kind == "system" or permission in self.permissions:
            return True
        return permission.startswith("*.") and any(held.endswith(permission[1:]) for held in self.permissions)


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """Where a change came from; written beside it in the audit trail."""

    request_id: str = ""
    address: str = ""
    user_agent: str = ""
    route: str = ""


SYSTEM = Actor(kind="system", name="TrackTok")


@dataclass(slots=True)
class Scope:
    """A tenant that has been entered. Each entry is a new object, and each has its own database session."""

    tenant_id: UUID | None
    door: str = ""
    preferences: Preferences | None = None
    facts: dict[str, object] = field(default_factory=dict)


NOWHERE = RequestInfo()
_scope: ContextVar[Scope | None] = ContextVar("tracktok_scope", default=None)
_actor: ContextVar[Actor | None] = ContextVar("tracktok_actor", default=None)
_request: ContextVar[RequestInfo] = ContextVar("tracktok_request", default=NOWHERE)
_load_preferences: Callable[[UUID], Preferences] | None = None


def scope() -> Scope | None:
    """The scope that is open now, or None."""
    return _scope.get()


@contextmanager
def entered(new: Scope | None) -> Iterator[None]:
    """Make a scope the current one. Use `tenancy.tenant_scope` instead: it also cares for the session."""
    token = _scope.set(new)
    try:
        yield
    finally:
        _scope.reset(token)


def actor() -> Actor | None:
    """Who acts now; None before anyone is known."""
    return _actor.get()


@contextmanager
def acting(as_actor: Actor | None) -> Iterator[None]:
    """Run as an actor."""
    token = _actor.set(as_actor)
    try:
        yield
    finally:
        _actor.reset(token)


def set_actor(as_actor: Actor | None) -> None:
    """Set the actor for the rest of this context (the edge of a request does)."""
    _actor.set(as_actor)


def request_info() -> RequestInfo:
    """Where the current request came from; empty in tasks and commands."""
    return _request.get()


def set_request_info(info: RequestInfo) -> None:
    """Set by the edge at the beginning of a request or task."""
    _request.set(info)


def preferences() -> Preferences:
    """The current tenant's preferences; the defaults where no tenant is entered."""
    current = _scope.get()
    if current is None or current.tenant_id is None:
        return Preferences()
    if current.preferences is None:
        if _load_preferences is None:
            return Preferences()
        current.preferences = _load_preferences(current.tenant_id)
    return current.preferences


def provide_preferences(loader: Callable[[UUID], Preferences]) -> None:
    """The tenants area says here how preferences are read."""
    global _load_preferences  # noqa: PLW0603 - set once, by the factory
    _load_preferences = loader
