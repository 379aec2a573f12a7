"""Metered usage on invoices: one draft for each customer and end of period, each period once, late usage never lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.factories.tenants import Company, make_company
from tests.factories.usage import MARCH, make_customer, make_meter, make_price, make_subscription, use
from tracktok.core import jobs
from tracktok.core.db import db
from tracktok.core.tables import Job
from tracktok.invoices.services.usage_billing import BillingRun, bill_customer
from tracktok.invoices.tasks import BILL_USAGE, start_usage_billing, usage_tick
from tracktok.usage.services import billing

MARCH_ENDS = datetime(2026, 4, 1, tzinfo=UTC)
IN_GRACE = MARCH_ENDS + timedelta(hours=1)
CLOSED = MARCH_ENDS + timedelta(hours=25)
APRIL_ENDS = datetime(2026, 5, 1, tzinfo=UTC)


def bill(company: Company, customer_id: UUID, now: datetime) -> BillingRun:
    with company.owner.acting():
        return bill_customer(customer_id, now)


def invoices(company: Company) -> list[dict[str, Any]]:
    api = company.owner.api()
    found = api.get("/invoices/?sort=created_at&limit=100").json["data"]
    return [api.get(f"/invoices/{one['id']}").json for one in found]


def lines(invoice: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    return [(one["description"], one["quantity"], one["unit"], one["taxable_amount"]) for one in invoice["lines"]]


@pytest.fixture
def customer_id(company: Company) -> UUID:
    with company.owner.acting():
        customer = make_customer()
        make_price(config={"per_unit": "2"})
        return customer.id


def test_a_month_becomes_one_draft(company: Company, customer_id):
    steps = {"tiers": [{"to": "10", "per_unit": "1"}, {"per_unit": "0.5"}]}
    with company.owner.acting():
        make_price("cpu_time", "graduated", steps)
        make_subscription(customer_id, "api_calls", "cpu_time")
        make_subscription(customer_id, "vm_uptime", name="Machines", commitment="50")
        make_price("vm_uptime", config={"per_unit": "3"})
        use(customer_id, 7)
        use(customer_id, 30, "cpu_time")
    assert bill(company, customer_id, MARCH_ENDS - timedelta(seconds=1)).opened == []
    run = bill(company, customer_id, IN_GRACE)
    assert (len(run.opened), run.problems) == (2, [])
    [invoice] = invoices(company)
    assert (invoice["status"], invoice["subtotal"]) == ("draft", "84.00")
    assert lines(invoice) == [
        ("API calls, 01/03/2026 to 31/03/2026: 7 calls", "7", "call", "14.00"),
        ("CPU time, 01/03/2026 to 31/03/2026: 30 CPU seconds\nUp to 10: 10 × 1 = 10.00\nAbove 10: 20 × 0.5 = 10.00",
         "1", "", "20.00"),
        ("Up to the commitment, 01/03/2026 to 31/03/2026", "1", "", "50.00"),
    ]  # fmt: skip
    again = bill(company, customer_id, IN_GRACE)
    assert (again.opened, again.changed, len(invoices(company))) == ([], 0, 1)


def test_late_usage_changes_the_draft_then_adjusts_the_next_bill(company: Company, customer_id):
    with company.owner.acting():
        make_subscription(customer_id)
        use(customer_id, 5)
    bill(company, customer_id, IN_GRACE)
    with company.owner.acting():
        use(customer_id, 1)
    assert bill(company, customer_id, IN_GRACE).changed == 1
    [march] = invoices(company)
    assert (march["status"], march["subtotal"]) == ("draft", "12.00")
    assert bill(company, customer_id, CLOSED).closed == 1
    with company.owner.acting():
        use(customer_id, 10)  # in March, told in April
        use(customer_id, 3, timestamp=MARCH_ENDS + timedelta(days=3))
    bill(company, customer_id, APRIL_ENDS)
    march_again, april = invoices(company)
    assert march_again["subtotal"] == "12.00"
    assert [one[1:] for one in lines(april)] == [("3", "call", "6.00"), ("1", "", "20.00")]
    assert lines(april)[1][0].startswith("Adjustment: API calls, 01/03/2026 to 31/03/2026: 10 calls")
    bill(company, customer_id, APRIL_ENDS + timedelta(days=2))
    bill(company, customer_id, datetime(2026, 6, 3, tzinfo=UTC))
    assert sum(Decimal(one["subtotal"]) for one in invoices(company)) == 2 * (5 + 1 + 10 + 3)


def test_what_is_owed_back_waits_with_all_of_its_period_for_a_bill_that_can_bear_it(company: Company, customer_id):
    """March was billed 100 calls and no machines; there were none of the calls, and 25 machines: 150 less."""
    with company.owner.acting():
        make_price("vm_uptime", config={"per_unit": "2"})
        make_subscription(customer_id, "api_calls", "vm_uptime")
        use(customer_id, 100)
    bill(company, customer_id, CLOSED)
    with company.owner.acting():
        use(customer_id, -100)
        use(customer_id, 25, "vm_uptime")
        use(customer_id, 10, timestamp=MARCH_ENDS + timedelta(days=3))
        use(customer_id, 500, timestamp=APRIL_ENDS + timedelta(days=3))
    bill(company, customer_id, APRIL_ENDS)
    assert [one["subtotal"] for one in invoices(company)] == ["200.00", "20.00"]  # not 70: March waits as a whole
    version = invoices(company)[1]["version"]
    assert bill(company, customer_id, APRIL_ENDS + timedelta(hours=1)).changed == 0
    assert invoices(company)[1]["version"] == version
    bill(company, customer_id, datetime(2026, 6, 3, tzinfo=UTC))
    assert [one["subtotal"] for one in invoices(company)] == ["200.00", "20.00", "850.00"]


def test_an_invoice_is_issued_when_its_grace_window_ends(company: Company, customer_id):
    with company.owner.acting():
        make_subscription(customer_id, finalize=True)
        use(customer_id, 5)
    bill(company, customer_id, IN_GRACE)
    run = bill(company, customer_id, CLOSED)
    assert (run.issued, run.problems) == (1, [])
    [invoice] = invoices(company)
    assert invoice["number"]
    assert invoice["status"] != "draft"


def test_what_a_person_did_to_a_draft_stays(company: Company, customer_id):
    api = company.owner.api()
    with company.owner.acting():
        make_subscription(customer_id)
        use(customer_id, 5)
    bill(company, customer_id, IN_GRACE)
    [draft] = invoices(company)
    extra = {"description": "Set-up", "unit_price": "100"}
    kept = [{name: one[name] for name in ("description", "quantity", "unit_price")} for one in draft["lines"]]
    assert api.patch(f"/invoices/{draft['id']}", json={"lines": [*kept, extra]}).status_code == 200
    assert api.post(f"/invoices/{draft['id']}/finalize").status_code == 200
    with company.owner.acting():
        use(customer_id, 1)
    run = bill(company, customer_id, IN_GRACE)
    assert (run.changed, run.closed) == (0, 1)
    assert invoices(company)[0]["subtotal"] == "110.00"
    bill(company, customer_id, APRIL_ENDS)
    assert invoices(company)[1]["subtotal"] == "2.00"  # the late one, adjusted


def test_a_meter_without_a_price_is_told_and_billed_when_it_has_one(company: Company, customer_id):
    with company.owner.acting():
        made = make_subscription(customer_id, "api_calls", "vm_uptime")
        use(customer_id, 5)
    run = bill(company, customer_id, IN_GRACE)
    assert run.opened == []
    assert "VM uptime" in run.problems[0]
    api = company.owner.api()
    assert "VM uptime" in api.get(f"/usage-subscriptions/{made.id}").json["problem"]
    assert invoices(company) == []
    with company.owner.acting():
        make_price("vm_uptime", config={"per_unit": "1"})
    assert len(bill(company, customer_id, IN_GRACE).opened) == 1
    assert api.get(f"/usage-subscriptions/{made.id}").json["problem"] == ""


def test_the_trouble_of_one_subscription_does_not_stop_the_others(company: Company, customer_id, monkeypatch):
    """Whatever it is: it is told at its subscription, what it had begun is undone, and it is tried again."""
    with company.owner.acting():
        make_price("vm_uptime", config={"per_unit": "1"})
        bad = make_subscription(customer_id, "vm_uptime", name="Machines")
        make_subscription(customer_id)
        use(customer_id, 5)
        use(customer_id, 5, "vm_uptime")
    opens = billing.open_next

    def stumble(subscription: Any, *rest: Any) -> Any:
        opened = opens(subscription, *rest)
        if subscription.name == "Machines":
            raise ValueError("nobody thought of this")
        return opened

    with monkeypatch.context() as patched:
        patched.setattr(billing, "open_next", stumble)
        run = bill(company, customer_id, IN_GRACE)
    assert ([one.currency for one in run.opened], len(run.problems)) == (["INR"], 1)
    api = company.owner.api()
    assert "went wrong" in api.get(f"/usage-subscriptions/{bad.id}").json["problem"]
    assert [one["subtotal"] for one in invoices(company)] == ["10.00"]
    assert len(bill(company, customer_id, IN_GRACE).opened) == 1
    assert api.get(f"/usage-subscriptions/{bad.id}").json["problem"] == ""
    assert [one["subtotal"] for one in invoices(company)] == ["15.00"]


def test_a_price_that_looks_at_each_event_is_for_sums(company: Company, customer_id):
    api = company.owner.api()
    with company.owner.acting():
        level, plain = make_meter(aggregation="max"), make_meter()
    taken = {"rate_percent": "1", "fixed_amount": "1"}
    body = {"meter_id": str(level.id), "valid_from": "2026-01-01", "model": "percentage", "config": taken}
    refused = api.post("/prices/", json=body)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/model")
    made = api.post("/prices/", json={**body, "config": {"rate_percent": "1"}})
    assert made.status_code == 201
    changed = api.put(f"/prices/{made.json['id']}", json=body)
    assert (changed.status_code, changed.json["errors"][0]["pointer"]) == (422, "/model")
    assert api.post("/prices/", json={**body, "meter_id": str(plain.id)}).status_code == 201
    whole = {"code": plain.code, "name": plain.name, "aggregation": "max"}
    turned = api.put(f"/meters/{plain.id}", json=whole)
    assert (turned.status_code, turned.json["errors"][0]["pointer"]) == (422, "/aggregation")


def test_nothing_used_is_no_invoice_and_is_not_billed_again(company: Company, customer_id):
    with company.owner.acting():
        make_subscription(customer_id)
    assert len(bill(company, customer_id, IN_GRACE).opened) == 1
    assert bill(company, customer_id, IN_GRACE).opened == []
    assert invoices(company) == []


def test_a_price_that_was_billed_by_stays(company: Company, customer_id):
    api = company.owner.api()
    with company.owner.acting():
        make_subscription(customer_id)
        use(customer_id, 5)
    bill(company, customer_id, CLOSED)
    [price] = api.get("/prices/").json["data"]
    body = {"meter_id": price["meter_id"], "valid_from": "2026-03-15", "model": "per_unit", "config": {"per_unit": "9"}}
    refused = api.post("/prices/", json=body)
    assert (refused.status_code, refused.json["code"]) == (409, "price_billed")
    assert api.delete(f"/prices/{price['id']}").status_code == 409
    assert api.post("/prices/", json={**body, "valid_from": "2026-04-01"}).status_code == 201


def test_a_customers_own_price_and_a_change_within_the_period(company: Company, customer_id):
    with company.owner.acting():
        make_price(config={"per_unit": "1"}, customer_id=customer_id, valid_from="2026-03-16")
        make_subscription(customer_id)
        use(customer_id, 10)  # on the 10th, at 2
        use(customer_id, 10, timestamp=MARCH + timedelta(days=10))  # at 1
    bill(company, customer_id, CLOSED)
    [invoice] = invoices(company)
    assert invoice["subtotal"] == "30.00"


def test_a_customers_own_price_ends_and_the_one_for_all_holds_again(company: Company, customer_id):
    api = company.owner.api()
    with company.owner.acting():
        own = make_price(config={"per_unit": "1"}, customer_id=customer_id)
        make_subscription(customer_id)
        use(customer_id, 10)  # on the 10th, at 1
        use(customer_id, 10, timestamp=MARCH + timedelta(days=10))  # at 2
    body = {"meter_id": str(own.meter_id), "valid_from": "2026-03-16", "model": "standard", "config": {}}
    for_all = api.post("/prices/", json=body)
    assert (for_all.status_code, for_all.json["errors"][0]["pointer"]) == (422, "/model")
    body["customer_id"] = str(customer_id)
    said = api.post("/prices/", json={**body, "config": {"per_unit": "1"}})
    assert (said.status_code, said.json["errors"][0]["pointer"]) == (422, "/config")
    assert api.post("/prices/", json=body).json["model"] == "standard"
    bill(company, customer_id, CLOSED)
    assert [one["subtotal"] for one in invoices(company)] == ["30.00"]
    assert "As for all customers" in company.owner.browser().get("/usage/prices").text
    assert company.owner.browser().get("/usage/prices/fields?model=standard").status_code == 200


def test_a_percentage_that_begins_within_the_period(company: Company, customer_id):
    """Ten events of 100 before it, ten after; the five free ones are over by then: 1 % and 1 of each of ten."""
    with company.owner.acting():
        meter = make_meter(name="Payments", unit="rupee")
        make_price(meter.code, config={"per_unit": "0"})
        taken = {"rate_percent": "1", "fixed_amount": "1", "free_events": 5}
        make_price(meter.code, "percentage", taken, valid_from="2026-03-16")
        make_subscription(customer_id, meter.code)
        for day in (0, 10):
            for minute in range(10):
                use(customer_id, 100, meter.code, timestamp=MARCH + timedelta(days=day, minutes=minute))
    bill(company, customer_id, CLOSED)
    assert [one["subtotal"] for one in invoices(company)] == ["20.00"]


def test_the_present_period_and_its_forecast(company: Company, customer_id):
    api = company.owner.api()
    today = datetime.now(UTC)
    start = (today - timedelta(days=3)).date().isoformat()
    with company.owner.acting():
        made = make_subscription(customer_id, start_date=start, period="week", commitment="5")
        use(customer_id, 21, timestamp=today - timedelta(days=1))
    found = api.get(f"/usage-subscriptions/{made.id}/current").json
    assert (found["amount"], found["lines"][0]["quantity"], found["period_start"]) == ("42.00", "21", start)
    assert Decimal(42) < Decimal(found["forecast_amount"]) < Decimal(42) * Decimal("2.4")


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Pacific/Kiritimati", "America/St_Johns", "Asia/Kathmandu"])
def test_a_month_that_ends_on_the_31st_in_any_time_zone(company: Company, customer_id, zone):
    """Anchored on the 31st, March is billed to its last day, February to the 28th, and no event twice or never."""
    with company.owner.acting():
        make_subscription(customer_id, start_date="2026-01-31", timezone=zone)
        for day in range(95):
            use(customer_id, 1, timestamp=datetime(2026, 1, 31, 12, tzinfo=UTC) + timedelta(days=day))
    bill(company, customer_id, datetime(2026, 6, 1, tzinfo=UTC))
    found = [one["lines"][0]["description"].split(":")[0] for one in invoices(company)]
    assert found == [
        "API calls, 31/01/2026 to 27/02/2026", "API calls, 28/02/2026 to 30/03/2026",
        "API calls, 31/03/2026 to 29/04/2026", "API calls, 30/04/2026 to 30/05/2026",
    ]  # fmt: skip
    assert sum(Decimal(one["subtotal"]) for one in invoices(company)) == 2 * 95


PRICES = [
    ("per_unit", {"per_unit": "0.0015", "free_units": 100}),
    ("graduated", {"tiers": [{"to": "1000", "per_unit": "0.10", "flat": "5"}, {"per_unit": "0.02"}]}),
    ("volume", {"tiers": [{"to": "1000", "per_unit": "0.10"}, {"per_unit": "0.02"}]}),
    ("package", {"package_size": 250, "package_amount": "3"}),
    ("flat_overage", {"flat_amount": "20", "included_units": 500, "per_unit": "0.01", "minimum": "25"}),
    ("percentage", {"rate_percent": "2.9", "fixed_amount": "0.30", "free_events": 2}),
]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(PRICES),
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 30 * 24)), min_size=1, max_size=6),
    st.lists(st.integers(1, 30), max_size=3, unique=True),
    st.randoms(),
)
def test_any_order_repetition_and_split_gives_the_same_bill(company: Company, price, used, splits, chance):
    """One customer is told in order under one price; the other shuffled and twice, under the same price set anew."""
    with company.owner.acting():
        meter, plain, mixed = make_meter(), make_customer(), make_customer()
        make_price(meter.code, *price)
        for day in splits:
            make_price(meter.code, *price, customer_id=mixed.id, valid_from=f"2026-03-{day:02d}")
        for customer in (plain, mixed):
            make_subscription(customer.id, meter.code)
            events = [(number, *one) for number, one in enumerate(used)]
            if customer is mixed:
                events *= 2
                chance.shuffle(events)
            for number, amount, hours in events:
                at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=hours)
                use(customer.id, amount, meter.code, timestamp=at, event_id=str(number), source=str(customer.id))
        bills = [bill_customer(customer.id, CLOSED).opened[0].amount for customer in (plain, mixed)]
    assert bills[0] == bills[1]


def test_the_command_shows_and_bills(app: Any, customer_id, company: Company):
    with company.owner.acting():
        make_subscription(customer_id)
        use(customer_id, 5)
    runner = app.test_cli_runner()
    options = ["billing", "run", "--tenant", company.subdomain, "--period", "2026-03", "--json"]
    dry = json.loads(runner.invoke(args=[*options, "--dry-run"]).output)
    assert dry["tenants"][0]["customers"][0]["bills"] == [
        {"from": "2026-03-01", "to": "2026-04-01", "amount": "INR 10.00"}
    ]
    assert invoices(company) == []
    done = json.loads(runner.invoke(args=options).output)
    assert done["tenants"][0]["customers"][0]["opened"] == 1
    assert len(invoices(company)) == 1


def test_a_person_bills_by_the_page_and_by_the_api(company: Company, customer_id):
    with company.owner.acting():
        made = make_subscription(customer_id, start_date="2026-03-01", end_date="2026-04-01")
        use(customer_id, 5)
    api, browser = company.owner.api(), company.owner.browser()
    dry = api.post("/usage-billing/run", json={"customer_id": str(customer_id), "dry_run": True}).json
    assert [(one["amount"], one["document_id"]) for one in dry["bills"]] == [("10.00", None)]
    assert invoices(company) == []
    assert "Bill now" in browser.get(f"/usage/subscriptions/{made.id}").text
    form = {"customer_id": str(customer_id), "subscription_id": str(made.id)}
    assert browser.post("/invoices/bill-usage", data=form).status_code == 303
    assert [one["subtotal"] for one in invoices(company)] == ["10.00"]
    assert api.post("/usage-billing/run", json={"customer_id": str(customer_id)}).json["bills"] == []
    assert browser.post("/invoices/bill-usage", data={}).status_code == 422


def test_the_clock_bills_whoever_is_due_once(company: Company, customer_id):
    with company.owner.acting():
        make_subscription(customer_id, start_date="2026-03-01", end_date="2026-04-01")
        use(customer_id, 5)
    usage_tick()
    usage_tick()
    with company.owner.acting():
        [job_id] = db.session.execute(select(Job.id).where(Job.kind == BILL_USAGE)).scalars()
        jobs.execute(job_id)
    assert [one["subtotal"] for one in invoices(company)] == ["10.00"]
    with company.owner.acting():
        assert start_usage_billing() == 0  # nothing is due, nothing open


@pytest.mark.tenancy
def test_subscriptions_are_of_one_company(company: Company, customer_id):
    with company.owner.acting():
        made = make_subscription(customer_id)
    other = make_company()
    assert other.owner.api().get(f"/usage-subscriptions/{made.id}").status_code == 404
    db.session.remove()
