"""Meters, usage, prices and subscriptions, made through the services."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.factories.customers import make_customer
from tracktok.core.ids import new_id
from tracktok.usage.models import Meter
from tracktok.usage.queries import meters
from tracktok.usage.schemas.events import UsageIn
from tracktok.usage.schemas.meters import MeterIn
from tracktok.usage.schemas.prices import UsagePriceIn
from tracktok.usage.schemas.quotas import QuotaIn
from tracktok.usage.schemas.subscriptions import UsageSubscriptionIn
from tracktok.usage.services.billing import open_next
from tracktok.usage.services.meters import create_meter
from tracktok.usage.services.prices import create_price
from tracktok.usage.services.quotas import create_quota
from tracktok.usage.services.recording import Outcome, record_usage
from tracktok.usage.services.subscriptions import create_subscription

MARCH = datetime(2026, 3, 10, 12, tzinfo=UTC)


def make_meter(**over: Any) -> Meter:
    """A meter of its own code."""
    values = {"code": f"m{new_id().hex[-12:]}", "name": "Messages", "unit": "message", **over}
    return create_meter(MeterIn(**values))


def meter_named(code: str) -> Any:
    """A meter that is there from the start."""
    return meters.by_codes([code])[code]


def use(customer_id: UUID | None, quantity: Any = 1, event: str = "api_calls", **over: Any) -> Outcome:
    """Record one event of a customer; in March 2026 when no timestamp is given."""
    values = {"timestamp": MARCH, **over}
    item = UsageIn(quantity=Decimal(str(quantity)), event=event, customer_id=customer_id, **values)
    outcome = record_usage([item])[0]
    assert outcome is not None
    return outcome


def make_price(event: str = "api_calls", model: str = "per_unit", config: Any = None, **over: Any) -> Any:
    """A price of a meter from 2020 on, in the company's currency."""
    values = {
        "meter_id": meter_named(event).id, "valid_from": "2020-01-01", "model": model,
        "config": {"per_unit": "2"} if config is None else config, **over,
    }  # fmt: skip
    return create_price(UsagePriceIn.model_validate(values))


def make_subscription(customer_id: UUID, *events: str, **over: Any) -> Any:
    """A monthly subscription in UTC from 2026 on."""
    values = {
        "customer_id": customer_id, "meters": [meter_named(one).id for one in events or ("api_calls",)],
        "start_date": "2026-03-01", "timezone": "UTC", **over,
    }  # fmt: skip
    return create_subscription(UsageSubscriptionIn.model_validate(values))


def make_usage_ids(customer_id: UUID) -> dict[str, UUID]:
    """One of each thing of metered usage that an address can name, with a bill."""
    meter = make_meter()
    price = make_price(meter.code)
    subscription = make_subscription(customer_id, meter.code)
    usage = use(customer_id, 3, meter.code)
    quota = create_quota(QuotaIn(meter_id=meter.id, limit=Decimal(1000)))
    bill = open_next(subscription, datetime(2026, 4, 1, 1, tzinfo=UTC))
    assert usage.id is not None
    assert bill is not None
    return {
        "meter_id": meter.id, "price_id": price.id, "subscription_id": subscription.id, "usage_id": usage.id,
        "quota_id": quota.id, "bill_id": bill.id,
    }  # fmt: skip


__all__ = [
    "MARCH",
    "make_customer",
    "make_meter",
    "make_price",
    "make_subscription",
    "make_usage_ids",
    "meter_named",
    "use",
]
