"""Which book account plays which part."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from tracktok.core import context
from tracktok.core.db import db
from tracktok.core.tenancy import current_tenant_id
from tracktok.ledger.models import BookAccount

_ROLES = select(BookAccount.role, BookAccount.id).where(BookAccount.role.is_not(None))
_FACT = "ledger.roles"
_UNSETTLED = "ledger.roles_changed"
_MOST_TENANTS = 5000
# A part, once given, stays with its account for ever: so what was read is kept in the process, by tenant. Where parts
# were given in this very scope they may still be rolled back, and are kept no longer than the scope.
_known: dict[UUID, dict[str, UUID]] = {}


def book_account_for(role: str) -> UUID:
    """The id of the book account that plays a part, such as `payables`. Raises LookupError when there is none."""
    return _roles()[role]


def forget_roles() -> None:
    """Called where parts are given: read them anew in this scope."""
    current = context.scope()
    if current is not None:
        current.facts.pop(_FACT, None)
        current.facts[_UNSETTLED] = True


def _roles() -> dict[str, UUID]:
    tenant_id, current = current_tenant_id(), context.scope()
    if current is None:  # current_tenant_id has raised by now
        raise LookupError
    unsettled = current.facts.get(_UNSETTLED)
    known = current.facts.get(_FACT) if unsettled else _known.get(tenant_id)
    if isinstance(known, dict):
        return known
    found: dict[str, UUID] = {row.role: row.id for row in db.session.execute(_ROLES)}
    if unsettled:
        current.facts[_FACT] = found
    elif found:
        if len(_known) >= _MOST_TENANTS:
            _known.clear()
        _known[tenant_id] = found
    return found
