"""Quotas: what was counted before takes no room again, and what one quota refuses takes none of another."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event as listening

from tests.factories.tenants import Company
from tests.factories.usage import make_customer, make_meter
from tracktok.core.db import db
from tracktok.usage.schemas.events import UsageIn
from tracktok.usage.schemas.quotas import QuotaIn
from tracktok.usage.services.quotas import check_all, create_quota
from tracktok.usage.services.recording import Fate, record_usage

NOON = datetime.now(UTC).replace(month=1, day=15, hour=12, minute=0, second=0, microsecond=0)


def quota(meter: Any, limit: int, **over: Any) -> Any:
    return create_quota(QuotaIn.model_validate({"meter_id": meter.id, "limit": limit, "block": True, **over}))


def tell(meter: Any, customer_id: UUID, *told: tuple[str, int]) -> list[Fate]:
    """What became of a batch of (event id, quantity)."""
    items = [
        UsageIn(event=meter.code, quantity=amount, customer_id=customer_id, event_id=event_id, timestamp=NOON)
        for event_id, amount in told
    ]
    return [one.fate for one in record_usage(items) if one is not None]


def test_an_event_that_was_counted_before_takes_no_room_again(company: Company):
    with company.owner.acting():
        customer, meter = make_customer(), make_meter()
        quota(meter, 10)
        assert tell(meter, customer.id, ("a", 6)) == ["recorded"]
        assert tell(meter, customer.id, ("a", 6), ("b", 4)) == ["duplicate", "recorded"]
        assert tell(meter, customer.id, ("a", 6), ("c", 1), ("c", 1)) == ["duplicate", "refused", "refused"]
        assert tell(meter, customer.id, ("d", -3), ("e", 3)) == ["recorded", "recorded"]


@pytest.mark.parametrize("turned", [False, True])
def test_an_event_that_one_quota_refuses_takes_no_room_of_another(company: Company, turned):
    """Eight pass the month's but not the day's; the two that follow find room in both, whichever was set first."""
    with company.owner.acting():
        customer, meter = make_customer(), make_meter()
        for limit, period in sorted([(5, "day"), (10, "month")], reverse=turned):
            quota(meter, limit, period=period)
        assert tell(meter, customer.id, ("a", 8), ("b", 3), ("c", 2), ("d", 1)) == [
            "refused", "recorded", "recorded", "refused",
        ]  # fmt: skip


@pytest.mark.parametrize(("aggregation", "fates"), [
    ("max", ["recorded", "refused", "recorded"]),
    ("latest", ["recorded", "refused", "recorded"]),
])  # fmt: skip
def test_a_quota_of_levels_looks_at_each_event(company: Company, aggregation, fates):
    with company.owner.acting():
        customer, meter = make_customer(), make_meter(aggregation=aggregation)
        quota(meter, 10)
        assert tell(meter, customer.id, ("a", 8), ("b", 11), ("c", 9)) == fates


def test_a_batch_costs_the_same_statements_however_many_customers_it_is_of(company: Company):
    statements: list[str] = []
    with company.owner.acting():
        meter = make_meter()
        quota(meter, 100, percents=[1000])
        customers = [make_customer() for _ in range(12)]
        counts = []
        for some in (customers[:1], customers):
            items = [
                UsageIn(event=meter.code, customer_id=one.id, event_id=f"{len(some)}{at}{one.id}", timestamp=NOON)
                for one in some
                for at in range(3)
            ]
            record_usage([])  # nothing of the session is left to write
            connection = db.session.connection()
            statements.clear()
            hear = lambda *told: statements.append(told[2])  # noqa: E731
            listening.listen(connection, "before_cursor_execute", hear)
            assert {one.fate for one in record_usage(items) if one is not None} == {"recorded"}
            listening.remove(connection, "before_cursor_execute", hear)
            counts.append(len(statements))
    assert counts[0] == counts[1]


def test_the_daily_look_raises_what_nobody_was_told_of(company: Company):
    with company.owner.acting():
        meter, (own, other) = make_meter(), (make_customer(), make_customer())
        for one in (own, other):
            record_usage([UsageIn(event=meter.code, customer_id=one.id, quantity=9, timestamp=datetime.now(UTC))])
        quota(meter, 10, block=False, percents=[50])
        quota(meter, 100, block=False, percents=[50], customer_id=own.id)
        assert check_all() == 1  # of the other: the one with a quota of their own is far from it
        assert check_all() == 0
