"""What changes about subscriptions."""

from __future__ import annotations

from datetime import time
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, text

from tracktok.core.context import preferences
from tracktok.core.db import db, lock_key
from tracktok.core.errors import Conflict, FieldError, Invalid, NotFound
from tracktok.core.ids import new_id
from tracktok.core.money import MINOR_UNITS, places_problem
from tracktok.core.schedule import instant_of
from tracktok.core.tenancy import current_tenant_id
from tracktok.customers.queries import get_customer
from tracktok.usage.models import UsageSubscription, UsageSubscriptionMeter
from tracktok.usage.queries import meters
from tracktok.usage.queries import subscriptions as queries
from tracktok.usage.rules.periods import Period, Span
from tracktok.usage.schemas.subscriptions import UsageSubscriptionIn

_LOCK = text("SELECT pg_advisory_xact_lock(:key)")


class PeriodsBilled(Conflict):
    code, title = "periods_billed", "Periods of this subscription are billed"


class BilledTwice(Conflict):
    code, title = "billed_twice", "Another subscription bills this meter"


def create_subscription(body: UsageSubscriptionIn) -> UsageSubscription:
    """Begin to bill a customer's usage. Raises Invalid at the fields, BilledTwice (409)."""
    values = _values(body)
    subscription = UsageSubscription(id=new_id(), **values, next_period=body.start_date)
    _check_billed_once(subscription.id, body)
    _plan_next(subscription)
    db.session.add(subscription)
    db.session.flush()
    _write_meters(subscription.id, body.meters)
    return subscription


def change_subscription(subscription: UsageSubscription, body: UsageSubscriptionIn) -> UsageSubscription:
    """Change a subscription, locked by the caller, as a whole. What is billed stays as it is.

    Raises PeriodsBilled (409) for what would move periods that are billed, BilledTwice (409).
    """
    values = _values(body)
    if subscription.next_period > subscription.start_date:
        fixed = ("customer_id", "currency", "period", "anchor_day", "anchor_month", "timezone", "start_date")
        moved = [name for name in fixed if getattr(subscription, name) != values[name]]
        if moved:
            detail = "Periods of it are billed, so this stays. End the subscription and begin another."
            raise PeriodsBilled(detail, errors=[FieldError(f"/{moved[0]}", PeriodsBilled.code, detail)])
        if body.end_date is not None and body.end_date < subscription.next_period:
            detail = f"It is billed until {subscription.next_period.isoformat()}; it can end then or later."
            raise PeriodsBilled(detail, errors=[FieldError("/end_date", PeriodsBilled.code, detail)])
    else:
        values["next_period"] = body.start_date
    _check_billed_once(subscription.id, body)
    for name, value in values.items():
        setattr(subscription, name, value)
    _plan_next(subscription)
    subscription.problem = ""
    db.session.flush()
    scope = UsageSubscriptionMeter.tenant_id == current_tenant_id()
    db.session.execute(
        delete(UsageSubscriptionMeter).where(scope, UsageSubscriptionMeter.subscription_id == subscription.id)
    )
    _write_meters(subscription.id, body.meters)
    return subscription


def _check_billed_once(itself: UUID, body: UsageSubscriptionIn) -> None:
    """No two subscriptions of a customer bill a meter for the same days: one customer's are changed one at a time."""
    db.session.execute(_LOCK, {"key": lock_key("usage-subscriptions", body.customer_id)})
    found = queries.billed_twice(body.customer_id, body.meters, (body.start_date, body.end_date), itself)
    if found is not None:
        until = f" to {found.end_date.isoformat()}" if found.end_date else ""
        detail = f"{found.name} is billed by “{found.subscription}” from {found.start_date.isoformat()}{until} already."
        raise BilledTwice(detail, errors=[FieldError("/meters", BilledTwice.code, detail)])


def span_to_bill(subscription: UsageSubscription) -> Span | None:
    """The whole period that is billed next; None when the subscription has ended before it."""
    if subscription.end_date is not None and subscription.next_period >= subscription.end_date:
        return None
    return queries.span_at(subscription, subscription.next_period)


def move_on(subscription: UsageSubscription, span: Span) -> None:
    """A period is billed: the next one is next, from the day on which the subscription ended if it ended within it."""
    end = subscription.end_date
    subscription.next_period = span.end if end is None else min(span.end, end)
    _plan_next(subscription)


def _plan_next(subscription: UsageSubscription) -> None:
    span = span_to_bill(subscription)
    if span is None:
        subscription.next_bill_at = None
        return
    end = span.end if subscription.end_date is None else min(span.end, subscription.end_date)
    subscription.next_bill_at = instant_of(end, time(0), subscription.timezone)


def _write_meters(subscription_id: UUID, wanted: list[UUID]) -> None:
    tenant_id = current_tenant_id()
    rows = [
        {"tenant_id": tenant_id, "subscription_id": subscription_id, "meter_id": meter_id, "position": position}
        for position, meter_id in enumerate(wanted)
    ]
    db.session.execute(insert(UsageSubscriptionMeter).values(rows))


def _values(body: UsageSubscriptionIn) -> dict[str, Any]:
    try:
        customer = get_customer(body.customer_id)
    except NotFound as error:
        raise Invalid.at("customer_id", "There is no such customer.", "not_found") from error
    missing = set(body.meters) - meters.by_ids(body.meters).keys()
    if missing:
        raise Invalid.at("meters", "There is no such meter.", "not_found")
    currency = body.currency or customer.currency or preferences().currency
    if currency not in MINOR_UNITS:
        raise Invalid.at("currency", "Use a currency code in use, such as INR, USD or EUR.")
    for name, amount in (("commitment", body.commitment), ("cap", body.cap)):
        if amount is not None and (problem := places_problem(amount, currency)):
            raise Invalid.at(name, problem)
    if body.cap is not None and body.cap < body.commitment:
        raise Invalid.at("cap", "The cap is below the commitment.")
    weekly = body.period == Period.week
    day = body.anchor_day or (body.start_date.isoweekday() if weekly else body.start_date.day)
    plain = ("customer_id", "name", "start_date", "end_date", "commitment", "cap", "prorate", "grace_hours", "finalize")
    return {
        **{name: getattr(body, name) for name in plain},
        "currency": currency,
        "period": body.period.value,
        "anchor_day": day,
        "anchor_month": body.anchor_month or body.start_date.month,
        "timezone": body.timezone or preferences().timezone,
    }
