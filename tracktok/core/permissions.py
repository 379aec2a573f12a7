"""Permissions at the door of every route.

Every view names its permission with `@permits("expenses.write")`, or says with `@public("why")` that anybody may
come in, or with `@signed_in` that any person of the tenant may. `@permits("*.import")` lets in who holds any
permission of that ending; the view then asks with `require` for the one that the thing itself needs. A route that
says nothing is refused, and fails the test suite. Who holds which permission is one table in `auth/rules.py`; `auth`
fills in who is asking.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from . import context
from .context import Actor
from .errors import Forbidden, Unauthorized

F = TypeVar("F", bound=Callable[..., Any])
ANY_PERSON = "*"


@dataclass(frozen=True, slots=True)
class Access:
    """What a route asks for: a permission, any person, or nothing (`public`, with the reason)."""

    permission: str = ""
    public_because: str = ""
    needs_tenant: bool = True


def permits(permission: str) -> Callable[[F], F]:
    """The route may be used by those who hold the permission."""

    def mark(function: F) -> F:
        function.__access__ = Access(permission=permission)  # type: ignore[attr-defined]
        return function

    return mark


def signed_in(function: F) -> F:
    """The route may be used by any person who is signed in to the tenant."""
    function.__access__ = Access(permission=ANY_PERSON)  # type: ignore[attr-defined]
    return function


def public(because: str, *, needs_tenant: bool = False) -> Callable[[F], F]:
    """The route may be used by anybody, for the reason given."""

    def mark(function: F) -> F:
        function.__access__ = Access(public_because=because, needs_tenant=needs_tenant)  # type: ignore[attr-defined]
        return function

    return mark


def takes_files_up_to(setting: str) -> Callable[[F], F]:
    """The route takes files as large as a setting of its own says, once it is known that the caller may use it."""

    def mark(function: F) -> F:
        function.__largest_files__ = setting  # type: ignore[attr-defined]
        return function

    return mark


def largest_files_of(function: Callable[..., Any] | None) -> str | None:
    """The setting that says how large the files of a route may be, where it is not that of all requests."""
    return getattr(function, "__largest_files__", None)


def access_of(function: Callable[..., Any] | None) -> Access | None:
    """What a view function asks for; None when it says nothing."""
    return getattr(function, "__access__", None)


def require(permission: str) -> Actor:
    """The actor, who holds the permission; raises Unauthorized without an actor, Forbidden without the permission."""
    who = context.actor()
    if who is None:
        raise Unauthorized
    if permission != ANY_PERSON and not who.may(permission):
        raise Forbidden(f"Your role does not allow this ({permission}). Ask an owner or admin of your company.")
    return who


def may(permission: str) -> bool:
    """Whether the current actor holds a permission: for templates and for narrowing what is listed."""
    who = context.actor()
    return who is not None and who.may(permission)


def current_actor() -> Actor:
    """The actor; raises Unauthorized when nobody is signed in."""
    who = context.actor()
    if who is None:
        raise Unauthorized
    return who
