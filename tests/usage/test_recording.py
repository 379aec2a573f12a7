"""Usage is counted once, in whatever order and how often it is told, and its sums are those of its events."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.factories.tenants import Company
from tests.factories.usage import MARCH, make_customer, make_meter, meter_named, use
from tracktok.core.db import db
from tracktok.ledger.queries import prove_summaries
from tracktok.ledger.services import rebuild_summaries
from tracktok.usage.queries.quantities import Stretch, usage_until
from tracktok.usage.rules.metering import Aggregation
from tracktok.usage.rules.pricing import Events, Usage, price
from tracktok.usage.schemas.events import UsageIn
from tracktok.usage.schemas.pricing import stored_price
from tracktok.usage.services.recording import Fate, record_usage

START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
MONTH = Stretch(START, END, END)


def test_every_company_has_the_usual_meters(company: Company):
    found = company.owner.api().get("/meters/?sort=code").json["data"]
    assert [(one["code"], one["aggregation"]) for one in found] == [
        ("api_calls", "sum"), ("cpu_time", "sum"), ("data_storage", "weighted_average"), ("vm_uptime", "sum"),
    ]  # fmt: skip


def test_the_same_event_is_counted_once_and_another_of_its_id_is_refused(company: Company):
    api = company.owner.api()
    body = {"quantity": 3, "event": "api_calls", "user_id": "u-1", "source": "gateway", "event_id": "e-1",
            "properties": {"region": "eu", "path": "/v1"}}  # fmt: skip
    first = api.post("/usage/", json=body)
    assert (first.status_code, first.json["quantity"], first.json["duplicate"]) == (201, "3", False)
    again = api.post("/usage/", json={**body, "quantity": "3.0", "properties": {"path": "/v1", "region": "eu"}})
    assert (again.status_code, again.json["id"], again.json["duplicate"]) == (200, first.json["id"], True)
    other = api.post("/usage/", json={**body, "quantity": 4})
    assert (other.status_code, other.json["code"]) == (409, "event_id_reused")
    elsewhere = api.post("/usage/", json={**body, "source": "another gateway"})
    assert elsewhere.status_code == 201
    shown = api.get(f"/usage/{first.json['id']}").json
    assert (shown["event"], shown["user_id"], shown["properties"]) == ("api_calls", "u-1", body["properties"])
    assert shown == {name: value for name, value in first.json.items() if name != "duplicate"}
    assert len(api.get("/usage/?user_id=u-1").json["data"]) == 2


def test_a_batch_says_what_became_of_each(company: Company):
    with company.owner.acting():
        customer = make_customer()
    api = company.owner.api()
    one = {"quantity": "2", "event": "api_calls", "event_id": "a", "customer_id": str(customer.id)}
    batch = [
        one,
        one,
        {**one, "quantity": "5"},
        {**one, "event_id": "b", "event": "nothing"},
        {"event": "cpu_time", "quantity": "x"},
        {"event": "cpu_time", "quantity": "7", "customer_id": "00000000-0000-0000-0000-000000000001"},
        {"event": "cpu_time", "quantity": "7"},
    ]
    answer = api.post("/usage/batch", json={"events": batch})
    assert answer.status_code == 200
    told = answer.json
    assert (told["recorded"], told["duplicates"], told["rejected"]) == (2, 1, 4)
    assert [(item["index"], item["status"]) for item in told["data"]] == [
        (1, "duplicate"), (2, "conflict"), (3, "invalid"), (4, "invalid"), (5, "invalid"),
    ]  # fmt: skip
    assert told["data"][3]["errors"][0]["pointer"] == "/events/4/quantity"
    again = api.post("/usage/batch", json={"events": batch[:3]}).json
    assert (again["recorded"], again["duplicates"], again["rejected"]) == (0, 2, 1)
    assert api.post("/usage/batch", json={"events": []}).status_code == 422


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"event": "unheard_of"}, "/event"),
        ({"quantity": "1e30"}, "/quantity"),
        ({"timestamp": "2026-03-01T10:00:00"}, "/timestamp"),
        ({"timestamp": "1980-01-01T00:00:00Z"}, "/timestamp"),
        ({"timestamp": (datetime.now(UTC) + timedelta(hours=3)).isoformat()}, "/timestamp"),
        ({"customer_id": "00000000-0000-0000-0000-000000000001"}, "/customer_id"),
        ({"event_id": ""}, "/event_id"),
        ({"properties": {"x": "y" * 9000}}, "/properties"),
        ({"properties": {"x": "a\x00b"}}, "/properties"),
        ({"properties": {"x": 2**64}}, "/properties"),
        ({"properties": {"x": "\ud800"}}, "/properties"),
        ({"properties": {"\ud800": "x"}}, "/properties"),
        ({"properties": {"x": json.loads("[" * 300 + "]" * 300)}}, "/properties"),
        ({"event_id": "a\x00b"}, "/event_id"),
        ({"event_id": "\ud800"}, "/event_id"),
    ],
)
def test_an_event_that_is_wrong_is_refused_at_its_field(company: Company, over, field):
    api = company.owner.api()
    answer = api.post("/usage/", json={"quantity": 1, "event": "api_calls", **over})
    assert answer.status_code == 422
    assert any(error["pointer"].startswith(field) for error in answer.json["errors"])
    event = {"quantity": 1, "event": "api_calls"}
    batch = api.post("/usage/batch", json={"events": [{**event, **over}, event]})
    assert (batch.status_code, batch.json["recorded"], batch.json["rejected"]) == (200, 1, 1)
    assert batch.json["data"][0]["errors"][0]["pointer"].startswith(f"/events/0{field}")


@pytest.mark.rbac
@pytest.mark.parametrize(("role", "read", "write"), [("analyst", 200, 403), ("member", 403, 403), ("admin", 200, 201)])
def test_who_may_see_and_record_usage(company: Company, role, read, write):
    api = company.member(role).api()
    assert api.get("/usage/").status_code == read
    assert api.post("/usage/", json={"event": "api_calls"}).status_code == write


def quantity(customer: Any, meter: Any, stretch: Stretch = MONTH) -> Decimal:
    return usage_until(customer.id, meter, stretch).units


def test_what_a_meter_comes_to(company: Company):
    with company.owner.acting():
        customer = make_customer()
        kinds = {kind: make_meter(aggregation=kind) for kind in Aggregation if kind != Aggregation.unique}
        people = make_meter(aggregation="unique", unique_property="user_id")
        for kind, meter in kinds.items():
            for day, amount in ((20, 4), (2, 10), (11, 1)):  # not in the order of their time
                use(customer.id, amount, meter.code, timestamp=START + timedelta(days=day), event_id=f"{kind}{day}")
        for user in ("ann", "bob", "ann"):
            use(customer.id, 1, people.code, user_id=user)
        use(customer.id, 99, kinds[Aggregation.sum].code, timestamp=END)  # of the next month
        assert quantity(customer, kinds[Aggregation.sum]) == 15
        assert quantity(customer, kinds[Aggregation.max]) == 10
        assert quantity(customer, kinds[Aggregation.latest]) == 4
        assert quantity(customer, people) == 2
        # 10 for nine days, 1 for nine, 4 for eleven, of 31.
        average = quantity(customer, kinds[Aggregation.weighted_average])
        assert average == (Decimal(10 * 9 + 1 * 9 + 4 * 11) / 31).quantize(Decimal("1e-12"))
        april = Stretch(END, END + timedelta(days=30), END + timedelta(days=30))
        assert quantity(customer, kinds[Aggregation.weighted_average], april) == 4  # it goes on
        half = Stretch(START, START + timedelta(days=2, minutes=1), END)
        assert quantity(customer, kinds[Aggregation.sum], half) == 10


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 12),  # the event's id
        st.sampled_from([-3, 0, 1, 2, 7]),
        st.integers(0, 90).map(lambda n: MARCH + timedelta(minutes=n)),
        st.sampled_from(["ann", "bob", "cy"]),
    ),
    unique_by=lambda event: event[0],
    max_size=10,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EVENTS, st.randoms(), st.integers(0, 90), st.integers(0, 90))
def test_any_order_and_repetition_gives_the_same_quantity(company: Company, events, chance, one, other):
    """Told in order, and told twice in any order, in batches of any size: the same sums between any two instants."""
    told = [*events, *events]
    chance.shuffle(told)
    first, last = sorted((one, other))
    stretch = Stretch(MARCH + timedelta(minutes=first), MARCH + timedelta(minutes=last), MARCH + timedelta(hours=2))
    with company.owner.acting():
        plain, mixed = make_customer(), make_customer()
        kinds = [make_meter(aggregation=kind) for kind in Aggregation]
        for meter in kinds:
            for customer, sequence in ((plain, events), (mixed, told)):
                items = [
                    UsageIn(
                        quantity=Decimal(amount), event=meter.code, timestamp=at, user_id=user, event_id=f"e{number}",
                        customer_id=customer.id, source=f"{customer.id}/{meter.code}",
                    )
                    for number, amount, at, user in sequence
                ]  # fmt: skip
                while items:
                    size = chance.randint(1, 6)
                    record_usage(items[:size])
                    items = items[size:]
            assert quantity(plain, meter, stretch) == quantity(mixed, meter, stretch), meter.aggregation
        summed = sum(amount for _, amount, at, _ in events if stretch.start <= at < stretch.until)
        assert quantity(mixed, kinds[0], stretch) == summed
        assert prove_summaries() == []


PERCENTAGES = st.fixed_dictionaries(
    {"rate_percent": st.sampled_from(["0", "1.5", "3"])},
    optional={
        "fixed_amount": st.sampled_from(["0.25", "1"]), "free_events": st.integers(0, 6),
        "free_total": st.sampled_from(["0", "100", "333.33"]), "event_minimum": st.sampled_from(["0", "2"]),
        "event_maximum": st.sampled_from(["2", "3.5"]),
    },
)  # fmt: skip
PAYMENTS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(["-50", "0", "20", "100", "133.3333", "400"])), max_size=12
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PERCENTAGES, PAYMENTS)
def test_events_that_are_told_together_cost_what_each_costs(company: Company, config, payments):
    """However the database adds them up, a percentage comes to what the events one by one come to."""
    given_price = stored_price("percentage", config)
    ordered = sorted(((minute, Decimal(amount)) for minute, amount in payments), key=lambda one: (one[0], -one[1]))
    alone = tuple(Events(amount) for _, amount in ordered)
    with company.owner.acting():
        customer, meter = make_customer(), make_meter()
        for minute, amount in payments:
            use(customer.id, amount, meter.code, timestamp=MARCH + timedelta(minutes=minute))
        found = usage_until(customer.id, meter, MONTH, given_price)
    assert found.units == sum(one.total for one in alone)
    assert price(given_price, found).amount == price(given_price, Usage(found.units, alone)).amount
    assert len(found.events or ()) <= 5


LEVELS = st.lists(
    st.tuples(st.integers(-60, 120), st.sampled_from([0, 3, 7, 10])), max_size=8, unique_by=lambda one: one[0]
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LEVELS, st.integers(1, 90))
def test_a_level_is_its_mean_over_the_time_of_the_period(company: Company, told, until):
    stretch = Stretch(MARCH, MARCH + timedelta(minutes=until), MARCH + timedelta(minutes=90))
    with company.owner.acting():
        customer, meter = make_customer(), make_meter(aggregation="weighted_average")
        for minute, level in told:
            use(customer.id, level, meter.code, timestamp=MARCH + timedelta(minutes=minute))
        found = quantity(customer, meter, stretch)
    area, level = 0, 0
    for minute in range(-60, until):
        level = dict(told).get(minute, level)
        area += level if minute >= 0 else 0
    assert found == (Decimal(area) / 90).quantize(Decimal("1e-12"), rounding=ROUND_HALF_EVEN)


def test_sums_that_went_wrong_are_found_and_made_anew(company: Company):
    with company.owner.acting():
        customer = make_customer()
        people = make_meter(aggregation="unique", unique_property="user_id")
        use(customer.id, 5)
        use(customer.id, 9, timestamp=MARCH + timedelta(hours=1))
        use(customer.id, 1, people.code, user_id="ann")
        db.session.execute(text("UPDATE usage_rollups SET quantity = quantity + 1, maximum = 77 WHERE quantity = 5"))
        db.session.execute(text("DELETE FROM usage_rollups WHERE quantity = 9"))
        db.session.execute(text("UPDATE usage_uniques SET value = 'bob'"))
        assert len(prove_summaries()) == 4
        assert rebuild_summaries() > 0
        assert prove_summaries() == []
        assert quantity(customer, meter_named("api_calls")) == 14
        assert quantity(customer, people) == 1
        assert rebuild_summaries() == 0


def test_a_quota_tells_once_and_refuses_what_would_pass_it(company: Company):
    api = company.owner.api()
    with company.owner.acting():
        customer, meter = make_customer(), meter_named("api_calls")
    body = {"meter_id": str(meter.id), "customer_id": str(customer.id), "limit": "100", "percents": [50, 100],
            "quantities": ["90"], "block": True, "period": "year"}  # fmt: skip
    made = api.post("/quotas/", json=body)
    assert made.status_code == 201, made.json
    assert api.post("/quotas/", json=body).status_code == 409
    event = {"event": "api_calls", "customer_id": str(customer.id)}
    assert api.post("/usage/", json={**event, "quantity": 60, "event_id": "one"}).status_code == 201
    assert api.post("/usage/", json={**event, "quantity": 35}).status_code == 201
    refused = api.post("/usage/", json={**event, "quantity": 6})
    assert (refused.status_code, refused.json["code"]) == (429, "quota_exceeded")
    assert int(refused.headers["Retry-After"]) > 0
    assert api.post("/usage/", json={**event, "quantity": 60, "event_id": "one"}).status_code == 200  # known already
    batch = api.post("/usage/batch", json={"events": [{**event, "quantity": 4}, {**event, "quantity": 4}]}).json
    assert (batch["recorded"], batch["data"][0]["status"]) == (1, "refused")
    told = [one["title"] for one in api.get("/notifications/").json["data"] if "API calls" in one["title"]]
    assert len(told) == 2  # at 50 %, then at 90
    with company.owner.acting():
        assert use(customer.id, 1, timestamp=datetime.now(UTC)).fate == Fate.recorded
    assert len([one for one in api.get("/notifications/").json["data"] if "100 %" in one["title"]]) == 1
