"""Usage told by many at once, billing runs against each other, and one that is killed: each thing exists once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from tests.conftest import ROOT
from tests.factories.tenants import Company
from tests.factories.usage import make_customer, make_price, make_subscription, meter_named, use
from tests.races.test_expenses import at_once
from tracktok.core import context
from tracktok.core.context import SYSTEM
from tracktok.core.db import db, transaction
from tracktok.core.tenancy import tenant_scope
from tracktok.invoices.models import SalesDocument
from tracktok.invoices.services.usage_billing import bill_customer
from tracktok.ledger.queries import prove_summaries
from tracktok.usage.models import UsageBill, UsageEvent
from tracktok.usage.queries.quantities import Stretch, usage_until

pytestmark = pytest.mark.races
IN_GRACE = datetime(2026, 4, 1, 1, tzinfo=UTC)


@pytest.fixture
def customer_id(company: Company) -> UUID:
    with company.owner.acting():
        customer = make_customer()
        make_price(config={"per_unit": "2"})
        make_subscription(customer.id)
        make_subscription(customer.id, "vm_uptime", name="Machines", commitment="10")
        make_price("vm_uptime", config={"per_unit": "1"})
        use(customer.id, 5)
        return customer.id


def bill(company: Company, customer_id: UUID) -> int:
    with tenant_scope(company.id), context.acting(SYSTEM), transaction():
        return len(bill_customer(customer_id, IN_GRACE).opened)


def billed(company: Company) -> tuple[int, list[Decimal]]:
    """How many bills there are, and what the invoices come to."""
    with company.owner.acting():
        bills = len(db.session.execute(select(UsageBill.id)).all())
        return bills, list(db.session.execute(select(SalesDocument.total)).scalars())


def test_of_runs_at_the_same_moment_one_bills(company: Company, customer_id, app_context):
    answers = at_once(app_context, *[lambda: bill(company, customer_id)] * 5)
    assert sorted(answers) == [0, 0, 0, 0, 2]
    assert billed(company) == (2, [Decimal(20)])


def test_of_subscriptions_made_at_once_for_the_same_meter_one_is_made(company: Company, customer_id, app_context):
    api = company.owner.api()
    with company.owner.acting():
        meter = meter_named("cpu_time")
    body = {"customer_id": str(customer_id), "meters": [str(meter.id)], "start_date": "2026-03-01"}
    answers = at_once(app_context, *[lambda: api.post("/usage-subscriptions/", json=body)] * 4)
    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]
    assert {one.json["code"] for one in answers if one.status_code == 409} == {"billed_twice"}


def test_late_usage_recorded_while_a_run_bills_is_billed_by_it_or_by_the_next(
    company: Company, customer_id, app_context
):
    """Ten late events, each beside a run: whichever a run does not see, the next one does, and none is billed twice."""
    bill(company, customer_id)
    with company.owner.acting():
        db.session.execute(text("UPDATE usage_bills SET created_at = now() - interval '3 hours', rated_at = now()"))
    api = company.owner.api()
    event = {"event": "api_calls", "customer_id": str(customer_id), "timestamp": "2026-03-10T12:00:00Z"}
    for _ in range(5):
        answers = at_once(
            app_context,
            lambda: api.post("/usage/", json=event).status_code,
            lambda: bill(company, customer_id),
            lambda: api.post("/usage/", json=event).status_code,
        )
        assert (answers[0], answers[2]) == (201, 201)
    bill(company, customer_id)
    assert billed(company) == (2, [Decimal(40)])  # fifteen calls at 2, and the commitment


KILLED = """
import sys, time
from datetime import UTC, datetime
from uuid import UUID
from tracktok.app import create_app
from tracktok.core import context
from tracktok.core.context import SYSTEM
from tracktok.core.tenancy import tenant_scope
from tracktok.invoices.services import usage_billing

app = create_app()
with app.app_context(), tenant_scope(UUID(sys.argv[1])), context.acting(SYSTEM):
    run = usage_billing.bill_customer(UUID(sys.argv[2]), datetime(2026, 4, 1, 1, tzinfo=UTC))
    print(len(run.opened), flush=True)
    time.sleep(60)
"""


@pytest.mark.integration
def test_a_billing_run_that_is_killed_leaves_nothing_and_the_next_bills_once(
    company: Company, customer_id, app_context
):
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(company.id), str(customer_id)],
        cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "2"  # all is drafted, nothing committed
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert billed(company) == (0, [])
    assert bill(company, customer_id) == 2
    assert bill(company, customer_id) == 0
    assert billed(company) == (2, [Decimal(20)])


def test_batches_that_tell_the_same_at_once_count_it_once(company: Company, customer_id, app_context):
    """Overlapping batches, each in an order of its own, of several customers and meters: no one waits in a ring."""
    api = company.owner.api()
    events = [
        {"event": event, "quantity": 1, "event_id": f"{event}{number}", "timestamp": "2026-03-10T12:00:00Z",
         **({"customer_id": str(customer_id)} if number % 2 else {})}
        for number in range(150)
        for event in ("api_calls", "vm_uptime")
    ]  # fmt: skip
    orders = [events, events[::-1], events[100:] + events[:100], events[::-1][77:]]
    answers = at_once(
        app_context, *[lambda order=order: api.post("/usage/batch", json={"events": order}) for order in orders]
    )
    assert [one.status_code for one in answers] == [200] * 4
    assert sum(one.json["recorded"] for one in answers) == 300
    assert sum(one.json["rejected"] for one in answers) == 0
    with company.owner.acting():
        assert len(db.session.execute(select(UsageEvent.id)).all()) == 301
        assert prove_summaries() == []


def test_a_quota_that_blocks_lets_no_more_pass_than_there_is_room(company: Company, customer_id, app_context):
    api = company.owner.api()
    with company.owner.acting():
        meter = meter_named("cpu_time")
    body = {"meter_id": str(meter.id), "limit": "10", "period": "year", "block": True}
    assert api.post("/quotas/", json=body).status_code == 201
    event: dict[str, Any] = {"event": "cpu_time", "quantity": 4, "customer_id": str(customer_id)}
    answers = at_once(app_context, *[lambda: api.post("/usage/", json=event)] * 6)
    assert sorted(one.status_code for one in answers) == [201, 201, 429, 429, 429, 429]
    with company.owner.acting():
        start, end = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
        assert usage_until(customer_id, meter, Stretch(start, end, end)).units == 8
        told = db.session.execute(text("SELECT count(*) FROM usage_alerts")).scalar_one()
        assert told == 1  # 80 %
