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
from tracktok.usage.services.meters import create_meter
from tracktok.usage.services.recording import Outcome, record_usage

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


__all__ = ["MARCH", "make_customer", "make_meter", "meter_named", "use"]
