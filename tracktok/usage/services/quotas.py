"""Quotas: set, held against what is recorded, and told of once.

An alert is raised once for each quota, customer, period and threshold: its row's unique key is the judge. A quota that
blocks is measured under a lock of its own, so that two events at once cannot both find room; an event that was counted
before is never refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from tracktok.auth.queries import managers
from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.db import db, lock_key
from tracktok.core.errors import Conflict, FieldError, Invalid, NotFound
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.customers.queries import get_customer, names_of
from tracktok.notifications.services import notify
from tracktok.usage.models import UsageAlert, UsageQuota
from tracktok.usage.queries import events, meters
from tracktok.usage.queries import quotas as queries
from tracktok.usage.queries.quantities import Stretch, usage_until
from tracktok.usage.rules import quotas as rules
from tracktok.usage.schemas.quotas import QuotaIn
from tracktok.web.filters import format_day, format_number

if TYPE_CHECKING:
    from .recording import Candidate, Outcome

EVENT = "usage.quota"
ZERO = Decimal(0)
_LOCK = text("SELECT pg_advisory_xact_lock(:key)")


class QuotaExists(Conflict):
    code, title = "quota_exists", "There is such a quota already"


def create_quota(body: QuotaIn) -> UsageQuota:
    """Set a quota. Raises Invalid at the fields, QuotaExists (409)."""
    quota = UsageQuota(id=new_id(), **_values(body))
    db.session.add(quota)
    db.session.flush()
    return quota


def change_quota(quota: UsageQuota, body: QuotaIn) -> UsageQuota:
    """Change a quota as a whole."""
    for name, value in _values(body, quota.id).items():
        setattr(quota, name, value)
    db.session.flush()
    return quota


def delete_quota(quota: UsageQuota) -> None:
    """Take a quota away, with its alerts."""
    db.session.delete(quota)
    db.session.flush()


def _values(body: QuotaIn, itself: UUID | None = None) -> dict[str, Any]:
    try:
        meter = meters.get_meter(body.meter_id)
    except NotFound as error:
        raise Invalid.at("meter_id", "There is no such meter.", "not_found") from error
    if body.customer_id is not None:
        try:
            get_customer(body.customer_id)
        except NotFound as error:
            raise Invalid.at("customer_id", "There is no such customer.", "not_found") from error
    if body.block and meter.aggregation not in rules.BLOCKING:
        raise Invalid.at("block", f"A meter that counts by {meter.aggregation.replace('_', ' ')} cannot refuse events.")
    same = queries.same_quota(body.meter_id, body.customer_id, body.period)
    if same is not None and same != itself:
        detail = "There is a quota for this meter, customer and period; change that one."
        raise QuotaExists(detail, errors=[FieldError("/meter_id", QuotaExists.code, detail)])
    return {
        "meter_id": body.meter_id,
        "customer_id": body.customer_id,
        "period": body.period.value,
        "limit_quantity": body.limit,
        "percents": body.percents,
        "quantities": [_plain(one) for one in body.quantities],
        "block": body.block,
    }


def _plain(value: Decimal) -> str:
    said = format(value, "f")
    return said.rstrip("0").rstrip(".") if "." in said else said


# Held against what is recorded -------------------------------------------------------------------------------------


def _local_day(instant: datetime) -> date:
    return instant.astimezone(ZoneInfo(preferences().timezone)).date()


def over(candidates: Sequence[Candidate]) -> list[Any]:
    """The quotas that may govern these events: looked up once for each request."""
    pairs = {
        (one.meter.id, one.item.customer_id)
        for one in candidates
        if one.item.customer_id is not None and one.meter.has_quotas
    }
    if not pairs:
        return []
    return queries.quotas_over({meter for meter, _ in pairs}, {customer for _, customer in pairs if customer})


def admit(candidates: Sequence[Candidate], found: Sequence[Any], outcomes: list[Outcome | None]) -> list[Candidate]:
    """Those of these events that the quotas found let pass; for the others it is said that they are refused."""
    blocking = [one for one in found if one.block]
    if not blocking:
        return list(candidates)
    room: dict[tuple[UUID, UUID, date], Decimal] = {}
    refused: dict[UUID, tuple[Candidate, Any, Stretch]] = {}
    for quota, customer_id in _locked(candidates, blocking):
        mine = [one for one in candidates if one.meter.id == quota.meter_id and one.item.customer_id == customer_id]
        for one in mine:
            day, stretch = queries.stretch_of(quota.period, _local_day(one.at))
            key = (quota.id, customer_id, day)
            if key not in room:
                room[key] = usage_until(customer_id, one.meter, stretch).units
            if one.id in refused:
                continue
            if rules.would_pass(quota.aggregation, room[key], one.item.quantity, quota.limit_quantity):
                refused[one.id] = one, quota, stretch
            else:
                room[key] += one.item.quantity
    if not refused:
        return list(candidates)
    known = events.find_known([one.key for one, _, _ in refused.values()])
    for one, quota, stretch in refused.values():
        if one.key not in known:
            outcomes[one.index] = _refusal(quota, stretch)
    return [one for one in candidates if one.id not in refused or one.key in known]


def _locked(candidates: Sequence[Candidate], blocking: Sequence[Any]) -> list[tuple[Any, UUID]]:
    """The quotas that govern the customers of these events, locked, in an order that all keep."""
    pairs = {(one.meter.id, one.item.customer_id) for one in candidates if one.item.customer_id is not None}
    found = [
        (quota, customer_id)
        for meter_id, customer_id in pairs
        if customer_id is not None
        for quota in queries.governing(blocking, meter_id, customer_id)
    ]
    found.sort(key=lambda one: (one[0].id, one[1]))
    for quota, customer_id in found:
        db.session.execute(_LOCK, {"key": lock_key("usage-quota", quota.id, customer_id)})
    return found


def _refusal(quota: Any, stretch: Stretch) -> Outcome:
    from .recording import Fate, Outcome  # noqa: PLC0415 - recording asks quotas

    seconds = max(1, int((stretch.end - clock.now()).total_seconds()))
    limit = format_number(quota.limit_quantity)
    detail = f"The quota of {limit} {quota.unit or 'units'} a {quota.period} for {quota.meter} is used up."
    return Outcome(Fate.refused, None, [FieldError("/quantity", "quota_exceeded", detail)], retry_after=seconds)


def watch(added: Sequence[Candidate], found: Sequence[Any]) -> None:
    """Raise the alerts of the thresholds that events, now recorded, have passed in the present period."""
    if not found:
        return
    today = clock.today(preferences().timezone)
    seen: set[tuple[UUID, UUID]] = set()
    for one in added:
        customer_id = one.item.customer_id
        if customer_id is None:
            continue
        for quota in queries.governing(found, one.meter.id, customer_id):
            if (quota.id, customer_id) not in seen:
                seen.add((quota.id, customer_id))
                look(quota, customer_id, today)


def look(quota: Any, customer_id: UUID, day: date) -> list[str]:
    """Raise what a customer's use of a quota's period has passed and nobody was told of; the thresholds raised now."""
    start, stretch = queries.stretch_of(quota.period, day)
    meter = _Metered(quota.meter_id, quota.aggregation)
    used = usage_until(customer_id, meter, stretch).units
    reached = rules.passed(used, rules.thresholds_of(quota.limit_quantity, quota.percents, quota.quantities))
    if not reached:
        return []
    rows = [
        {
            "tenant_id": current_tenant_id(), "id": new_id(), "quota_id": quota.id, "customer_id": customer_id,
            "period_start": start, "threshold": one.name, "used": used, "limit_quantity": quota.limit_quantity,
        }
        for one in reached
    ]  # fmt: skip
    statement = insert(UsageAlert).values(rows).on_conflict_do_nothing().returning(UsageAlert.threshold)
    raised = set(db.session.execute(statement).scalars())
    told = [one for one in reached if one.name in raised]
    if told:
        _tell(quota, customer_id, start, used, told[-1].name)
    return [one.name for one in told]


class _Metered:
    """As much of a meter as reading its quantity needs."""

    def __init__(self, meter_id: UUID, aggregation: str) -> None:
        self.id, self.aggregation = meter_id, aggregation


def _tell(quota: Any, customer_id: UUID, start: date, used: Decimal, threshold: str) -> None:
    name = names_of([customer_id]).get(customer_id, "A customer")
    what = threshold if threshold.endswith("%") else f"{format_number(Decimal(threshold))} {quota.unit}".strip()
    title = f"{name} has reached {what} of {quota.meter}"
    if threshold.endswith("%"):
        title = f"{name} has used {threshold.removesuffix('%')} % of the quota for {quota.meter}"
    limit, unit = format_number(quota.limit_quantity), quota.unit or "units"
    body = f"{format_number(used)} of {limit} {unit} in the {quota.period} from {format_day(start)}."
    key = f"quota:{quota.id}:{customer_id}:{start.isoformat()}:{threshold}"
    for person in managers():
        notify(person.person_id, EVENT, title, body, f"/usage/quotas/{quota.id}", key)


def check_all() -> int:
    """The look at every quota of the company; returns how many alerts were raised."""
    today, raised = clock.today(preferences().timezone), 0
    found = queries.every_quota()
    for quota in found:
        _, stretch = queries.stretch_of(quota.period, today)
        for customer_id in _held_by(quota, found, stretch):
            raised += len(look(quota, customer_id, today))
    return raised


def _held_by(quota: Any, found: Iterable[Any], stretch: Stretch) -> list[UUID]:
    if quota.customer_id is not None:
        return [quota.customer_id]
    users = queries.customers_using(quota.meter_id, stretch.start.astimezone(UTC), stretch.end.astimezone(UTC))
    rows = list(found)
    return [one for one in users if quota in queries.governing(rows, quota.meter_id, one)]
