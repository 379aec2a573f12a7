"""What is asked of large tables has an index that serves it: said by the database's own plan."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import NullPool

from tests.factories.tenants import Company
from tests.factories.usage import make_customer, make_subscription, meter_named
from tracktok.core.db import db
from tracktok.core.ids import new_id
from tracktok.usage.queries import events, quotas, subscriptions
from tracktok.usage.schemas.events import UsageQuery

START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


FILLED = [
    """INSERT INTO usage_events (tenant_id, id, meter_id, customer_id, occurred_at, quantity, source, event_id,
                                 fingerprint)
       SELECT :tenant, gen_random_uuid(), :meter, CASE WHEN n % 50 = 0 THEN CAST(:customer AS uuid) END,
              timestamptz '2026-01-01Z' + n * interval '1 hour', 1, 'filled', CAST(n AS text), ''
         FROM generate_series(1, 3000) n""",
    """INSERT INTO usage_rollups (tenant_id, customer_id, meter_id, bucket, shard, events, quantity, maximum)
       SELECT :tenant, gen_random_uuid(), :meter, timestamptz '2026-01-01Z' + n * interval '1 hour', 0, 1, 1, 1
         FROM generate_series(1, 3000) n""",
    """INSERT INTO usage_late (tenant_id, id, customer_id, meter_id, first, last)
       SELECT :tenant, gen_random_uuid(), gen_random_uuid(), :meter, now(), now() FROM generate_series(1, 3000)""",
    """INSERT INTO usage_bills (tenant_id, id, subscription_id, customer_id, period_start, period_end, currency, amount,
                                close_at, terms, document_id)
       SELECT :tenant, gen_random_uuid(), :subscription, :customer, date '2026-01-01' + n, date '2026-01-02' + n, 'INR',
              0, now(), '{}', gen_random_uuid()
         FROM generate_series(1, 3000) n""",
]


def statement_of(call: Any) -> tuple[str, Any]:
    """The last statement that a query sends, with its parameters."""
    sent: list[tuple[str, Any]] = []
    connection = db.session.connection()
    hear = lambda _connection, _cursor, statement, given, *_: sent.append((statement, given))  # noqa: E731
    event.listen(connection, "before_cursor_execute", hear)
    call()
    event.remove(connection, "before_cursor_execute", hear)
    return sent[-1]


def plan_of(owner_url: str, filled_with: dict[str, Any], asked: tuple[str, Any]) -> str:
    """The plan of a statement as if its tables were large, and their statistics of today; nothing of it stays."""
    engine = create_engine(owner_url, poolclass=NullPool)
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("SELECT set_config('app.tenant_id', :tenant, true)"), {"tenant": filled_with["tenant"]})
        for statement in FILLED:
            connection.execute(text(statement), filled_with)
        connection.execute(text("ANALYZE usage_events, usage_rollups, usage_late, usage_bills"))
        for name in ("seqscan", "sort", "bitmapscan"):
            connection.execute(text(f"SET LOCAL enable_{name} = off"))
        statement, given = asked
        plan = "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", given))
        transaction.rollback()
    engine.dispose()
    return plan


@pytest.mark.parametrize(
    ("call", "index"),
    [
        (lambda customer_id, _: events.list_usage(UsageQuery(customer_id=customer_id)), "ix_usage_events_of_customer"),
        (lambda _, meter_id: quotas.customers_using(meter_id, START, END), "ix_usage_rollups_by_meter"),
        (lambda customer_id, _: subscriptions.take_late(customer_id), "ix_usage_late_by_customer"),
        (lambda _, __: subscriptions.bills_to_adjust(new_id()), "ix_usage_bills_by_subscription"),
        (lambda _, __: subscriptions.may_be_issued(new_id()), "ix_usage_bills_on_document"),
    ],
)
def test_an_index_serves(company: Company, database_urls: tuple[str, str], call, index):
    with company.owner.acting():
        customer, meter = make_customer(), meter_named("api_calls")
        subscription = make_subscription(customer.id)
        ids = {"tenant": company.id, "meter": meter.id, "customer": customer.id, "subscription": subscription.id}
    with company.owner.acting():
        asked = statement_of(lambda: call(customer.id, meter.id))
    plan = plan_of(database_urls[1], {name: str(one) for name, one in ids.items()}, asked)
    assert index in plan, plan
    assert "Seq Scan" not in plan
