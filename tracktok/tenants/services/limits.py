"""Limits of the plan, checked inside the transaction that would pass them.

`check_limit` judges a count that the caller has made. `reserve` makes the count hold when many write at once: near the
limit it takes a lock of (tenant, limit) until the end of the transaction, and counts under it. Far from a large limit
(more than 10,000 off) nobody waits and the count is remembered for ten seconds, so a hard cap of 100,000 or more can be
passed by no more than was written in those seconds, and small limits by nothing at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import text

from tracktok.core import context
from tracktok.core.db import db, lock_key
from tracktok.core.errors import PlanLimit
from tracktok.core.tenancy import current_tenant_id
from tracktok.tenants import queries
from tracktok.tenants.rules import Feature, Limit, Tier, fits, is_far
from tracktok.web.links import tenant_link

_SECONDS_REMEMBERED = 10.0
_far: dict[tuple[UUID, str, int], float] = {}  # (tenant, limit's name, allowed): until when
_counters: dict[Limit, Callable[[], int]] = {}


class OverPlanLimit(PlanLimit):
    """A limit of the plan would be passed. Members: name, limit, used, plan, upgrade_url."""


class NotInPlan(PlanLimit):
    """A feature that the plan does not have. Members: feature, plan, upgrade_url."""

    code, title = "not_in_plan", "Your plan does not include this"


def count_usage(name: str, counter: Callable[[], int]) -> None:
    """The area that owns a thing says here how the current tenant's are counted (for the plan's page)."""
    _counters[Limit(name)] = counter


def usage() -> dict[Limit, int]:
    """How much of each limit the current tenant uses, as far as areas count."""
    return {name: _counters[name]() for name in Limit if name in _counters}


def check_limit(name: str, used: int, adding: int = 1) -> None:
    """Raise OverPlanLimit (402) when `adding` more than the `used` ones are over the current tenant's plan."""
    allowed = queries.limit_of(name)
    if not fits(allowed, used, adding):
        raise _over(Limit(name), allowed or 0, used)


def soft_warning(name: str, used: int) -> str | None:
    """What to tell somebody who is over a soft limit, or None."""
    allowed = queries.limit_of(name)
    if allowed is None or used <= allowed:
        return None
    return f"{Limit(name).label}: {used:,} of {allowed:,} on your plan. Nothing is stopped; a larger plan has room."


def reserve(name: str, count: Callable[[], int], adding: int = 1) -> None:
    """Check a limit so that it holds however many write at once. Call it before rows are locked or written.

    `count` counts what the current tenant has now (committed rows and this transaction's own); it is called only
    when needed. The lock, when taken, is held until the transaction ends. Raises OverPlanLimit (402).
    """
    allowed = queries.limit_of(name)
    if allowed is None or adding <= 0:
        return
    key = (current_tenant_id(), name, allowed)
    known = _far.get(key, 0.0) > time.monotonic()
    if known and is_far(allowed, 0, adding):
        return
    if not known and is_far(allowed, 0, adding) and is_far(allowed, count(), adding):
        if len(_far) > 10_000:
            _far.clear()
        _far[key] = time.monotonic() + _SECONDS_REMEMBERED
        return
    db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock_key("limit", name)})
    used = count()
    if not fits(allowed, used, adding):
        raise _over(Limit(name), allowed, used)


def require_feature(name: str) -> None:
    """Raise NotInPlan (402) when the current tenant's plan does not have a feature."""
    if queries.has_feature(name):
        return
    feature = Feature(name)
    plan = queries.current_plan().tier
    raise NotInPlan(
        f"{feature.label} is not part of the {plan.label} plan. {_way_up()}",
        feature=feature.value,
        plan=plan.value,
        upgrade_url=upgrade_url(),
    )


def upgrade_url() -> str:
    """Where the current tenant asks for a larger plan."""
    return tenant_link(queries.get_current().subdomain, "/settings/plan")


def _over(name: Limit, allowed: int, used: int) -> OverPlanLimit:
    plan = queries.current_plan().tier
    detail = f"The {plan.label} plan allows {allowed:,} ({name.label.lower()}); {used:,} in use. {_way_up()}"
    return OverPlanLimit(detail, name=name.value, limit=allowed, used=used, plan=plan.value, upgrade_url=upgrade_url())


def _way_up() -> str:
    who = context.actor()
    if queries.subscription().tier is Tier.enterprise:
        return "Ask us."
    if who is not None and who.may("subscription.write"):
        return "Ask for a larger plan under Settings > Plan."
    return "An owner can ask for a larger plan under Settings > Plan."


__all__ = [
    "NotInPlan",
    "OverPlanLimit",
    "check_limit",
    "count_usage",
    "require_feature",
    "reserve",
    "soft_warning",
    "upgrade_url",
    "usage",
]
