"""Metered usage, held against stated floors, in one run.

    .venv/bin/python scripts/bench/usage.py                       # 10,000,000 events; a few minutes and 5 GB
    .venv/bin/python scripts/bench/usage.py --events 200000 --batches 20 --seconds 2

Batches and single events go through the API of a real server; the events whose present usage is asked for are made by
SQL, with their rollups as the product keeps them, and proved equal at the end. It never fails for a figure.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent)]

from ground import Ground  # noqa: E402
from load import Request, measure  # noqa: E402
from spend import Company, Table  # noqa: E402

SIZE = 1_000
# A month's events of one customer, evenly through it, and what their quarters of an hour come to, in a few shards.
EVENTS = """
INSERT INTO usage_events (tenant_id, id, meter_id, customer_id, occurred_at, quantity, source, event_id, fingerprint)
SELECT %(tenant)s, gen_random_uuid(), %(meter)s, %(customer)s,
       %(start)s::timestamptz + (n * %(step)s::numeric) * interval '1 microsecond', 1 + n %% 7, 'bench', 'b' || n, ''
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) n"""
ROLLUPS = """
INSERT INTO usage_rollups (tenant_id, customer_id, meter_id, bucket, shard, events, quantity, maximum)
SELECT tenant_id, customer_id, meter_id, date_bin('15 minutes', occurred_at, '2000-01-01T00:00:00Z'),
       hashtext(event_id)::bigint & 3, count(*), sum(quantity), max(quantity)
  FROM usage_events WHERE tenant_id = %(tenant)s AND customer_id = %(customer)s GROUP BY 1, 2, 3, 4, 5"""


class Customer:
    """A customer of the benchmark with a graduated price and a monthly subscription."""

    def __init__(self, company: Company, name: str) -> None:
        from datetime import UTC, datetime

        self.company = company
        self.start = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        self.id = company.call("POST", "/api/v1/customers/", json={"name": name}).json["id"]
        [self.meter] = [
            one["id"] for one in company.call("GET", "/api/v1/meters/").json["data"] if one["code"] == "api_calls"
        ]
        body = {
            "customer_id": self.id, "meters": [self.meter], "start_date": str(self.start.date()), "timezone": "UTC",
        }  # fmt: skip
        self.subscription = company.call("POST", "/api/v1/usage-subscriptions/", json=body).json["id"]


def set_price(company: Company, meter: str) -> None:
    """A price in tiers, from long ago."""
    tiers = [{"to": "1000000", "per_unit": "0.001"}, {"per_unit": "0.0005"}]
    body = {"meter_id": meter, "valid_from": "2020-01-01", "model": "graduated", "config": {"tiers": tiers}}
    company.call("POST", "/api/v1/prices/", json=body)


def bench_batches(ground: Ground, customer: Customer, table: Table, batches: int) -> None:
    """Batches of 1,000 new events, then the same again: every one of them a duplicate."""
    requests = []
    for number in range(batches):
        events = [
            {"event": "api_calls", "quantity": "3", "customer_id": customer.id, "user_id": f"u{at % 50}",
             "source": "gateway", "event_id": f"{number}-{at}", "properties": {"region": "eu", "status": 200}}
            for at in range(SIZE)
        ]  # fmt: skip
        body = json.dumps({"events": events}).encode()
        requests.append(Request("/api/v1/usage/batch", "POST", customer.company.headers, body))
    with ground.serve("wsgi:app") as port:
        for label in ("new", "told again"):
            _tell(ground, port, requests, table, label)


def _tell(ground: Ground, port: int, requests: list[Request], table: Table, label: str) -> None:
    """Each batch once, over one connection: a batch that is sent twice would count as another thing."""
    from load import Connection

    connection, before, begun = Connection(port), ground.clocks(), time.perf_counter()
    counts = {"recorded": 0, "duplicates": 0, "rejected": 0}
    for request in requests:
        status, _, body = connection.ask(request.encode())
        if status != 200:
            raise SystemExit(f"a batch was answered {status}: {body[:500]!r}")
        told = json.loads(body)
        for name in counts:
            counts[name] += told[name]
    seconds, after = time.perf_counter() - begun, ground.clocks()
    total = SIZE * len(requests)
    wanted = {"new": "recorded", "told again": "duplicates"}[label]
    if counts[wanted] != total:
        raise SystemExit(f"{label}: {counts}")
    server, database = (1e6 * (now - then) / total for now, then in zip(after, before, strict=True))
    table.add(
        f"batches of 1,000, {label}: {total:,} events, one connection",
        f"{total / seconds:,.0f} events/s; CPU {server:.0f} µs + PostgreSQL {database:.0f} µs an event:"
        f" {1e6 / (server + database):,.0f} events/s of CPU",
        "asked: 10,000 events/s with deduplication",
    )


def bench_single(ground: Ground, customer: Customer, table: Table, seconds: float) -> None:
    """Single events to one worker process, by one connection and by four."""
    for connections in (1, 4):
        requests = [
            Request(
                "/api/v1/usage/", "POST", customer.company.headers,
                json.dumps({
                    "event": "api_calls", "quantity": "1", "customer_id": customer.id, "source": f"single{connections}",
                    "event_id": f"s{number}",
                }).encode(),
            )
            for number in range(int(2_000 * seconds))
        ]  # fmt: skip
        with ground.serve("wsgi:app", threads=connections) as port:
            outcome = measure(port, requests, seconds=seconds, connections=connections, clocks=ground.clocks)
        table.add(
            f"POST /usage/, one worker process, {connections} connection(s)",
            f"{outcome.per_second:.0f}/s ({outcome.server_ms:.1f} ms each; {outcome.cost})", "asked: 300/s",
        )  # fmt: skip


def make_events(ground: Ground, customer: Customer, events: int) -> None:
    """The events of a large customer, by SQL, with their rollups; then what autovacuum would do."""
    import psycopg

    url = ground.admin_url.removesuffix("postgres") + "tracktok"
    given = {
        "tenant": str(customer.company.company.id), "meter": customer.meter, "customer": customer.id,
        "start": customer.start, "step": str(29 * 86_400 * 1_000_000 // events),
    }  # fmt: skip
    with psycopg.connect(url, autocommit=True) as raw:
        raw.execute("SET session_replication_role = replica")  # foreign keys hold by construction
        for first in range(0, events, 1_000_000):
            last = min(first + 1_000_000, events) - 1
            raw.execute(EVENTS, {**given, "first": first, "last": last})
        raw.execute(ROLLUPS, given)
        raw.execute("VACUUM ANALYZE usage_events")
        raw.execute("VACUUM ANALYZE usage_rollups")


def bench_current(ground: Ground, small: Customer, large: Customer, table: Table, events: int) -> None:
    """The present usage, its price and its forecast, of the customer with many events and of one with none."""
    with ground.serve("wsgi:app") as port:
        for label, customer in ((f"{events:,} events", large), ("no events", small)):
            path = f"/api/v1/usage-subscriptions/{customer.subscription}/current"
            request = Request(path, headers=customer.company.headers)
            outcome = measure(port, [request], seconds=2, connections=1, clocks=ground.clocks)
            table.add(
                f"current usage of a customer with {label}", f"{outcome.server_ms:.1f} ms; {outcome.cost}",
                "asked: 20 ms",
            )  # fmt: skip


def prove(ground: Ground, company: Company, table: Table) -> None:
    """That the rollups are what the events are."""
    from tracktok.core.tenancy import tenant_scope
    from tracktok.ledger.queries import prove_summaries

    begun = time.perf_counter()
    with ground.app.app_context(), tenant_scope(company.company.id):
        found = list(prove_summaries())
    if found:
        raise SystemExit(f"the rollups differ: {found[:3]}")
    table.add("flask rollups rebuild --check", f"equal, {time.perf_counter() - begun:.1f} s")


def main() -> None:
    """Run what is asked for, and show the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--batches", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--only", default="batches,single,current,prove")
    given = parser.parse_args()
    wanted: list[Any] = given.only.split(",")
    table = Table()
    with Ground() as ground:
        os.environ["RATE_LIMITS_ENABLED"] = "true"
        os.environ["RATE_LIMIT_DEFAULT"] = os.environ["RATE_LIMIT_TENANT"] = "100000000 per minute"
        company = Company(ground, "Metered")
        small, large = Customer(company, "Small"), Customer(company, "Large")
        set_price(company, small.meter)
        if "batches" in wanted:
            bench_batches(ground, Customer(company, "Batches"), table, given.batches)
        if "single" in wanted:
            bench_single(ground, Customer(company, "Single"), table, given.seconds)
        if "current" in wanted:
            make_events(ground, large, given.events)
            bench_current(ground, small, large, table, given.events)
        if "prove" in wanted:
            prove(ground, company, table)
    table.show()


if __name__ == "__main__":
    main()
