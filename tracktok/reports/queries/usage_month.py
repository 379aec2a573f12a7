"""A month of metered usage of a user or a customer, for its report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.schedule import instant_of
from tracktok.core.tenancy import current_tenant_id
from tracktok.customers.queries import names_of
from tracktok.reports.rules.ranges import shift_months
from tracktok.usage.queries import meters as meter_queries
from tracktok.usage.queries.quantities import Stretch, usage_until
from tracktok.usage.rules.metering import Aggregation

ZERO = Decimal(0)
_EVENTS_OF_USER = """
  FROM usage_events
 WHERE tenant_id = %(tenant)s AND user_id = %(user)s AND user_id <> ''
   AND occurred_at >= %(start)s AND occurred_at < %(end)s"""
_OF_USER = f"""
SELECT meter_id, count(*) AS events, sum(quantity) AS quantity, max(quantity) AS maximum,
       count(DISTINCT unique_value) AS different
{_EVENTS_OF_USER} GROUP BY meter_id"""
_LATEST_OF_USER = f"""
SELECT quantity {_EVENTS_OF_USER} AND meter_id = %(meter)s
 ORDER BY occurred_at DESC, source COLLATE "C" DESC, event_id COLLATE "C" DESC LIMIT 1"""
_DAYS_OF_USER = f"""
SELECT meter_id, (occurred_at AT TIME ZONE %(zone)s)::date AS day, count(*) AS events, sum(quantity) AS quantity
{_EVENTS_OF_USER} GROUP BY 1, 2 ORDER BY 1, 2"""
_DAYS_OF_CUSTOMER = """
SELECT meter_id, (bucket AT TIME ZONE %(zone)s)::date AS day, sum(events)::bigint AS events, sum(quantity) AS quantity
  FROM usage_rollups
 WHERE tenant_id = %(tenant)s AND customer_id = %(customer)s AND bucket >= %(start)s AND bucket < %(end)s
 GROUP BY 1, 2 ORDER BY 1, 2"""
_BILLS = """
SELECT b.period_start, b.period_end, b.currency, b.amount, b.status, s.name
  FROM usage_bills b JOIN usage_subscriptions s ON s.tenant_id = b.tenant_id AND s.id = b.subscription_id
 WHERE b.tenant_id = %(tenant)s AND b.customer_id = %(customer)s
   AND b.period_start < %(last)s AND b.period_end > %(first)s
 ORDER BY b.period_start, s.name"""
_KNOWN = (
    "SELECT EXISTS (SELECT FROM usage_events WHERE tenant_id = %(tenant)s AND user_id = %(user)s AND user_id <> '')"
)


@dataclass(frozen=True, slots=True)
class Metered:
    """A meter in the month: its quantity, its events, and what was told on each day."""

    meter: Any
    quantity: Decimal
    events: int
    days: dict[date, tuple[Decimal, int]]


@dataclass(frozen=True, slots=True)
class UsageMonth:
    """What a report of usage tells."""

    name: str
    is_customer: bool
    month: date
    meters: Sequence[Metered]
    bills: Sequence[Any]


def customer_of(subject: str) -> UUID | None:
    """The customer whose id a subject is, if it is one."""
    try:
        wanted = UUID(subject)
    except ValueError:
        return None
    return wanted if names_of([wanted]) else None


def is_known(subject: str) -> bool:
    """Whether anything is known of a user or customer."""
    if customer_of(subject) is not None:
        return True
    given = {"tenant": current_tenant_id(), "user": subject}
    return bool(db.session.connection().exec_driver_sql(_KNOWN, given).scalar_one())


def names_of_subjects(subjects: Iterable[str]) -> dict[str, str]:
    """What customers among the subjects of reports are called."""
    ids = []
    for one in subjects:
        try:
            ids.append(UUID(one))
        except ValueError:
            continue
    return {str(key): name for key, name in names_of(ids).items()} if ids else {}


def load_usage(subject: str, month: date) -> UsageMonth:
    """A month of a user's or a customer's usage, by the company's calendar."""
    zone, following = preferences().timezone, shift_months(month, 1)
    start, end = (instant_of(day, time(0), zone) for day in (month, following))
    customer_id = customer_of(subject)
    given: dict[str, Any] = {
        "tenant": current_tenant_id(), "user": subject, "customer": customer_id, "zone": zone, "start": start,
        "end": end, "first": month, "last": following,
    }  # fmt: skip
    if customer_id is None:
        return UsageMonth(subject, False, month, _of_user(given), [])
    name = names_of([customer_id])[customer_id]
    return UsageMonth(name, True, month, _of_customer(customer_id, given, start, end), _rows(_BILLS, given))


def _rows(statement: str, given: dict[str, Any]) -> list[Any]:
    return list(db.session.connection().exec_driver_sql(statement, given))


def _days(rows: Sequence[Any]) -> dict[UUID, dict[date, tuple[Decimal, int]]]:
    found: dict[UUID, dict[date, tuple[Decimal, int]]] = {}
    for row in rows:
        found.setdefault(row.meter_id, {})[row.day] = (row.quantity, row.events)
    return found


def _of_user(given: dict[str, Any]) -> list[Metered]:
    days = _days(_rows(_DAYS_OF_USER, given))
    rows = _rows(_OF_USER, given)
    known = meter_queries.by_ids([row.meter_id for row in rows])
    found = [
        Metered(meter := known[row.meter_id], _quantity(meter, row, given), row.events, days.get(row.meter_id, {}))
        for row in rows
    ]
    return sorted(found, key=lambda one: str(one.meter.name))


def _quantity(meter: Any, row: Any, given: dict[str, Any]) -> Decimal:
    match Aggregation(meter.aggregation):
        case Aggregation.max:
            return Decimal(row.maximum)
        case Aggregation.unique:
            return Decimal(row.different)
        case Aggregation.latest:
            return Decimal(_rows(_LATEST_OF_USER, {**given, "meter": meter.id})[0].quantity)
        case _:  # a level of one user among several has no mean of its own: what was told is added up
            return Decimal(row.quantity)


def _of_customer(customer_id: UUID, given: dict[str, Any], start: datetime, end: datetime) -> list[Metered]:
    days = _days(_rows(_DAYS_OF_CUSTOMER, given))
    known = meter_queries.by_ids(days)
    found = [
        Metered(
            meter,
            usage_until(customer_id, meter, Stretch(start, end, end)).units,
            sum(events for _, events in days[meter.id].values()),
            days[meter.id],
        )
        for meter in known.values()
    ]
    return sorted(found, key=lambda one: str(one.meter.name))
