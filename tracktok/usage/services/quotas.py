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

from sqlalchemy.dialects.postgresql import insert

from tracktok.auth.queries import managers
from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.db import db, lock_key
from tracktok.core.driver import run
from tracktok.core.errors import Conflict, FieldError, Invalid, NotFound
from tracktok.core.ids import new_id
from tracktok.core.money import plain
from tracktok.core.tenancy import current_tenant_id
from tracktok.customers.queries import get_customer, names_of
from tracktok.notifications.services import notify
from tracktok.usage.models import UsageAlert, UsageQuota
from tracktok.usage.queries import events, meters
from tracktok.usage.queries import quotas as queries
from tracktok.usage.queries.quantities import Stretch, usage_of_each
from tracktok.usage.rules import quotas as rules
from tracktok.usage.rules.metering import Aggregation
from tracktok.usage.schemas.quotas import QuotaIn
from tracktok.web.filters import format_day, format_number

if TYPE_CHECKING:
    from .recording import Candidate, Outcome

EVENT = "usage.quota"
ZERO = Decimal(0)
_LOCK = "SELECT pg_advisory_xact_lock(key) FROM unnest(%(keys)s::bigint[]) AS k (key)"
_AT_ONCE = 1000


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
        "quantities": [plain(one) for one in body.quantities],
        "block": body.block,
    }


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
    """Those of these events that the quotas found let pass; for the others it is said that they are refused.

    An event takes room of every quota over it, or of none; one that was counted before takes none again.
    """
    governing = queries.Governing(one for one in found if one.block)
    over_each: dict[tuple[UUID, UUID | None], list[Any]] = {
        (one.meter.id, one.item.customer_id): quotas
        for one in candidates
        if one.item.customer_id is not None and (quotas := governing.over(one.meter.id, one.item.customer_id))
    }
    held = [one for one in candidates if (one.meter.id, one.item.customer_id) in over_each]
    if not held:
        return list(candidates)
    _lock((quota.id, customer_id) for (_, customer_id), quotas in over_each.items() for quota in quotas)
    known = events.find_known([one.key for one in held])
    wants = [
        (one, [(quota, *queries.stretch_of(quota.period, _local_day(one.at))) for quota in quotas])
        for one in held
        if one.key not in known and (quotas := over_each[one.meter.id, one.item.customer_id])
    ]
    room = _used(wants)
    refused: set[UUID] = set()
    for one, quotas in wants:
        keys = [(quota.id, one.item.customer_id, day) for quota, day, _ in quotas]
        for key, (quota, _, stretch) in zip(keys, quotas, strict=True):
            if rules.would_pass(quota.aggregation, room.get(key, ZERO), one.item.quantity, quota.limit_quantity):
                refused.add(one.id)
                outcomes[one.index] = _refusal(quota, stretch)
                break
        else:
            for key in keys:
                room[key] = room.get(key, ZERO) + one.item.quantity
    return [one for one in candidates if one.id not in refused]


def _lock(wanted: Iterable[tuple[UUID, UUID | None]]) -> None:
    """Lock quotas of customers, in an order that all keep."""
    keys = sorted({lock_key("usage-quota", *one) for one in wanted})
    run(_LOCK, {"keys": keys})


def _used(wants: Iterable[tuple[Candidate, list[tuple[Any, date, Stretch]]]]) -> dict[Any, Decimal]:
    """What is used of each sum that events want to add to, by quota, customer and first day: read at once."""
    asked = {
        (quota.id, one.item.customer_id, day): (one.item.customer_id, one.meter, stretch)
        for one, quotas in wants
        for quota, day, stretch in quotas
        if quota.aggregation == Aggregation.sum and one.item.customer_id is not None  # else an event alone decides
    }
    return dict(zip(asked, usage_of_each(list(asked.values())), strict=True))


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
    governing = queries.Governing(found)
    pairs = {(one.meter.id, one.item.customer_id) for one in added}
    look([
        (quota, customer_id)
        for meter_id, customer_id in pairs
        if customer_id is not None
        for quota in governing.over(meter_id, customer_id)
    ])  # fmt: skip


def look(held: Sequence[tuple[Any, UUID]]) -> int:
    """Raise what customers' use of quotas' present periods has passed and nobody was told of; how many were raised."""
    today = clock.today(preferences().timezone)
    periods = {quota.period: queries.stretch_of(quota.period, today) for quota, _ in held}
    asked = [
        (customer_id, _Metered(quota.meter_id, quota.aggregation), periods[quota.period][1])
        for quota, customer_id in held
    ]
    passed = [
        (quota, customer_id, used, reached)
        for (quota, customer_id), used in zip(held, usage_of_each(asked), strict=True)
        if (reached := rules.passed(used, thresholds_of(quota)))
    ]
    rows = [
        {
            "tenant_id": current_tenant_id(), "id": new_id(), "quota_id": quota.id, "customer_id": customer_id,
            "period_start": periods[quota.period][0], "threshold": one.name, "used": used,
            "limit_quantity": quota.limit_quantity,
        }
        for quota, customer_id, used, reached in sorted(passed, key=lambda one: (one[0].id, one[1]))
        for one in reached
    ]  # fmt: skip
    raised: set[tuple[UUID, UUID, str]] = set()
    for begin in range(0, len(rows), _AT_ONCE):
        adding = insert(UsageAlert).values(rows[begin : begin + _AT_ONCE]).on_conflict_do_nothing()
        statement = adding.returning(UsageAlert.quota_id, UsageAlert.customer_id, UsageAlert.threshold)
        raised.update((row.quota_id, row.customer_id, row.threshold) for row in db.session.execute(statement))
    for quota, customer_id, used, reached in passed:
        told = [one.name for one in reached if (quota.id, customer_id, one.name) in raised]
        if told:
            _tell(quota, customer_id, periods[quota.period][0], used, told[-1])
    return len(raised)


def thresholds_of(quota: Any) -> list[rules.Threshold]:
    """The thresholds of a quota, the lowest first."""
    return rules.thresholds_of(quota.limit_quantity, quota.percents, quota.quantities)


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
    governing = queries.Governing(found)
    for quota in found:
        users = [quota.customer_id] if quota.customer_id is not None else _using(quota, governing, today)
        raised += look([(quota, customer_id) for customer_id in users])
    return raised


def _using(quota: Any, governing: queries.Governing, today: date) -> list[UUID]:
    """The customers whom a quota of each alike governs and who use its meter in the present period."""
    _, stretch = queries.stretch_of(quota.period, today)
    users = queries.customers_using(quota.meter_id, stretch.start.astimezone(UTC), stretch.end.astimezone(UTC))
    return [one for one in users if quota in governing.over(quota.meter_id, one)]
