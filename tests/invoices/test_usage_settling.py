"""What comes late for closed periods, or for subscriptions that ended, or stood on a gone invoice, is billed once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from tests.factories.customers import make_service_type
from tests.factories.tenants import Company
from tests.factories.usage import MARCH, make_customer, make_meter, make_price, make_subscription, use
from tests.invoices.test_usage_billing import APRIL_ENDS, CLOSED, IN_GRACE, MARCH_ENDS, bill, invoices, lines
from tracktok.core.db import db
from tracktok.core.tables import Job
from tracktok.invoices.tasks import BILL_USAGE, start_usage_billing
from tracktok.usage.models import UsageBill
from tracktok.usage.services import billing

LATER = datetime(2026, 6, 3, tzinfo=UTC)


@pytest.fixture
def customer_id(company: Company) -> UUID:
    with company.owner.acting():
        customer = make_customer()
        make_price(config={"per_unit": "2"})
        return customer.id


def subtotals(company: Company) -> list[str]:
    return [one["subtotal"] for one in invoices(company)]


def problem(company: Company, subscription: Any) -> str:
    return company.owner.api().get(f"/usage-subscriptions/{subscription.id}").json["problem"]


def some_time_passes(company: Company) -> None:
    """Bills are as old as if they had been made three hours ago, and looked at a second time since."""
    with company.owner.acting():
        db.session.execute(
            text("UPDATE usage_bills SET created_at = now() - interval '3 hours', rated_at = now() - interval '1 hour'")
        )


def test_late_usage_of_a_subscription_that_has_ended_is_billed_by_itself(company: Company, customer_id):
    with company.owner.acting():
        make_subscription(customer_id, end_date="2026-04-01", grace_hours=1)
        use(customer_id, 5)
    bill(company, customer_id, CLOSED)
    with company.owner.acting():
        use(customer_id, 3)
    bill(company, customer_id, LATER)
    assert subtotals(company) == ["10.00", "6.00"]
    assert lines(invoices(company)[1])[0][0].startswith("Adjustment: API calls, 01/03/2026 to 31/03/2026: 3 calls")
    with company.owner.acting():
        use(customer_id, 1)  # while that one is still open
    bill(company, customer_id, LATER)
    assert subtotals(company) == ["10.00", "8.00"]
    bill(company, customer_id, LATER + timedelta(days=1))
    with company.owner.acting():
        use(customer_id, 1)
    for _ in range(2):
        bill(company, customer_id, LATER + timedelta(days=2))
    assert subtotals(company) == ["10.00", "8.00", "2.00"]


def test_what_an_ended_subscription_is_owed_back_is_told(company: Company, customer_id):
    with company.owner.acting():
        made = make_subscription(customer_id, end_date="2026-04-01")
        use(customer_id, 5)
    bill(company, customer_id, CLOSED)
    with company.owner.acting():
        use(customer_id, -4)
    assert "INR 8.00" in bill(company, customer_id, LATER).problems[0]
    assert "credit note" in problem(company, made)
    with company.owner.acting():
        use(customer_id, 7)
    assert bill(company, customer_id, LATER).problems == []
    assert (subtotals(company), problem(company, made)) == (["10.00", "6.00"], "")


@pytest.mark.parametrize("way", ["deleted as a draft", "made void"])
def test_the_usage_of_an_invoice_that_is_gone_is_billed_again(company: Company, customer_id, way):
    api = company.owner.api()
    with company.owner.acting():
        made = make_subscription(customer_id, finalize=way == "made void")
        use(customer_id, 5)
    bill(company, customer_id, CLOSED)
    [gone] = invoices(company)
    if way == "made void":
        assert api.post(f"/invoices/{gone['id']}/void", json={"reason": "A mistake"}).status_code == 200
    else:
        assert api.delete(f"/invoices/{gone['id']}").status_code == 204
    assert "deleted or made void" in bill(company, customer_id, CLOSED).problems[0]
    assert "Bill now" in problem(company, made)
    with company.owner.acting():
        use(customer_id, 1, timestamp=MARCH_ENDS + timedelta(days=3))
    bill(company, customer_id, APRIL_ENDS)
    april = invoices(company)[-1]
    assert (april["subtotal"], [one[1:] for one in lines(april)]) == (
        "12.00",
        [("1", "call", "2.00"), ("1", "", "10.00")],
    )
    assert problem(company, made) == ""


def test_the_usage_of_a_deleted_draft_is_billed_at_once_where_a_person_wants_that(company: Company, customer_id):
    api, browser = company.owner.api(), company.owner.browser()
    with company.owner.acting():
        made = make_subscription(customer_id, end_date="2026-04-01")
        use(customer_id, 5)
    bill(company, customer_id, CLOSED)
    assert api.delete(f"/invoices/{invoices(company)[0]['id']}").status_code == 204
    bill(company, customer_id, CLOSED)
    page = browser.get(f"/usage/subscriptions/{made.id}").text
    assert "Bill now" in page
    assert "To be billed again" in page
    form = {"customer_id": str(customer_id), "subscription_id": str(made.id)}
    assert browser.post("/invoices/bill-usage", data=form).status_code == 303
    assert (subtotals(company), problem(company, made)) == (["10.00"], "")
    assert "late usage" in browser.get(f"/usage/subscriptions/{made.id}").text
    with company.owner.acting():
        assert billing_sum() == 10


def test_the_usage_of_a_deleted_draft_goes_on_the_draft_that_is_open(company: Company, customer_id):
    with company.owner.acting():
        made = make_subscription(customer_id, start_date="2026-02-01")
        use(customer_id, 3, timestamp=datetime(2026, 2, 10, tzinfo=UTC))
        use(customer_id, 5)
    bill(company, customer_id, IN_GRACE)
    february, march = invoices(company)
    assert (february["subtotal"], march["subtotal"]) == ("6.00", "10.00")
    assert company.owner.api().delete(f"/invoices/{february['id']}").status_code == 204
    assert bill(company, customer_id, IN_GRACE).problems == []
    assert (subtotals(company), problem(company, made)) == (["16.00"], "")
    assert "On a later bill" in company.owner.browser().get(f"/usage/subscriptions/{made.id}").text


def billing_sum() -> Decimal:
    return sum(db.session.execute(select(UsageBill.amount)).scalars(), Decimal(0))


def test_a_subscription_that_ended_within_a_period_is_edited_and_extended(company: Company, customer_id):
    """It ends on the 16th and is billed; extended later, the rest of March is billed from there on."""
    api = company.owner.api()
    with company.owner.acting():
        make_price("vm_uptime", "flat_overage", {"flat_amount": "31", "per_unit": "1"})
        made = make_subscription(customer_id, "api_calls", "vm_uptime", end_date="2026-03-16")
        use(customer_id, 5)
        use(customer_id, 7, timestamp=MARCH + timedelta(days=10))
        use(customer_id, 1, timestamp=MARCH_ENDS + timedelta(days=1))
    bill(company, customer_id, CLOSED)
    assert subtotals(company) == ["25.00"]  # 10 for calls, 15 for as many days
    shown = api.get(f"/usage-subscriptions/{made.id}").json
    assert shown["next_period"] == "2026-03-16"
    names = ("customer_id", "name", "meters", "period", "anchor_day", "timezone", "start_date", "grace_hours")
    body = {name: shown[name] for name in names}
    renamed = api.put(f"/usage-subscriptions/{made.id}", json={**body, "name": "Calls", "end_date": "2026-03-16"})
    assert renamed.status_code == 200, renamed.json
    refused = api.put(f"/usage-subscriptions/{made.id}", json={**body, "end_date": "2026-03-10"})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (409, "/end_date")
    assert api.put(f"/usage-subscriptions/{made.id}", json={**body, "end_date": "2026-05-01"}).status_code == 200
    bill(company, customer_id, LATER)
    assert subtotals(company) == ["25.00", "30.00", "33.00"]  # 14 and 16 days; 2 and 31
    assert lines(invoices(company)[1])[0][0] == "API calls, 16/03/2026 to 31/03/2026: 7 calls"


def test_only_bills_that_late_usage_may_have_changed_are_reckoned_anew(company: Company, customer_id, monkeypatch):
    with company.owner.acting():
        make_subscription(customer_id, start_date="2026-01-01", grace_hours=24 * 7)
        for month in (1, 2, 3):
            use(customer_id, 5, timestamp=datetime(2026, month, 10, tzinfo=UTC))
    bill(company, customer_id, CLOSED)
    rated: list[str] = []
    reckon = billing.rate_period

    def noting(terms: Any, span: Any) -> Any:
        rated.append(span.start.isoformat())
        return reckon(terms, span)

    monkeypatch.setattr(billing, "rate_period", noting)
    bill(company, customer_id, CLOSED)
    assert rated == ["2026-03-01", "2026-01-01", "2026-02-01"]  # so soon after they were made, all of them
    some_time_passes(company)
    rated.clear()
    bill(company, customer_id, CLOSED)
    assert rated == []
    with company.owner.acting():
        use(customer_id, 1, timestamp=datetime(2026, 2, 10, tzinfo=UTC))
        use(customer_id, 1, timestamp=datetime(2026, 4, 1, 12, tzinfo=UTC))  # not billed yet
    assert bill(company, customer_id, CLOSED).changed == 1
    assert rated == ["2026-02-01"]
    assert subtotals(company) == ["10.00", "10.00", "12.00"]
    rated.clear()
    with company.owner.acting():
        use(customer_id, 1, timestamp=MARCH)
    bill(company, customer_id, CLOSED)
    assert rated == ["2026-03-01"]
    assert subtotals(company) == ["10.00", "10.00", "14.00"]  # the adjustment of February stays


def test_a_level_that_was_told_late_changes_the_periods_behind_it_too(company: Company, customer_id):
    with company.owner.acting():
        make_price("data_storage", config={"per_unit": "1"})
        make_subscription(customer_id, "data_storage", start_date="2026-01-01")
    bill(company, customer_id, CLOSED)
    assert subtotals(company) == []
    some_time_passes(company)
    with company.owner.acting():
        use(customer_id, 10, "data_storage", timestamp=datetime(2026, 1, 1, tzinfo=UTC))
    bill(company, customer_id, APRIL_ENDS)
    assert [one[-1] for one in lines(invoices(company)[-1])] == ["10.00"] * 4


def test_a_run_is_started_for_who_has_something_to_bill_and_for_nobody_else(company: Company, customer_id):
    def started() -> int:
        with company.owner.acting():
            db.session.execute(text("DELETE FROM jobs"))
            return start_usage_billing()

    with company.owner.acting():
        make_subscription(customer_id, start_date="2026-03-01", end_date="2026-04-01", grace_hours=24 * 31)
        use(customer_id, 5)
    assert started() == 1
    bill(company, customer_id, IN_GRACE)
    with company.owner.acting():
        db.session.execute(text("UPDATE usage_bills SET close_at = now() + interval '1 day'"))
    assert started() == 0  # just made
    with company.owner.acting():
        db.session.execute(text("UPDATE usage_bills SET created_at = created_at - interval '40 minutes',"
                                " rated_at = rated_at - interval '40 minutes'"))  # fmt: skip
    assert started() == 1  # for the second look
    some_time_passes(company)
    assert started() == 0
    with company.owner.acting():
        use(customer_id, 1)
    assert started() == 1
    bill(company, customer_id, IN_GRACE)
    assert started() == 0
    with company.owner.acting():
        db.session.execute(text("UPDATE usage_bills SET close_at = now()"))
        assert db.session.execute(select(Job.id).where(Job.kind == BILL_USAGE)).all() == []
    assert started() == 1  # to close it


def test_a_price_of_a_billed_period_without_use_stays(company: Company, customer_id):
    api = company.owner.api()
    with company.owner.acting():
        make_subscription(customer_id)
    bill(company, customer_id, CLOSED)
    [price] = api.get("/prices/").json["data"]
    body = {"meter_id": price["meter_id"], "valid_from": "2026-03-15", "model": "per_unit", "config": {"per_unit": "9"}}
    assert api.post("/prices/", json=body).json["code"] == "price_billed"
    assert api.delete(f"/prices/{price['id']}").status_code == 409
    own = api.post("/prices/", json={**body, "customer_id": str(customer_id)})
    assert (own.status_code, own.json["code"]) == (409, "price_billed")
    assert api.post("/prices/", json={**body, "valid_from": "2026-04-01"}).status_code == 201


def test_a_meter_is_billed_by_one_subscription_at_a_time(company: Company, customer_id):
    api = company.owner.api()
    with company.owner.acting():
        first = make_subscription(customer_id, "api_calls", "vm_uptime", end_date="2026-06-01")
        other = make_subscription(customer_id, "cpu_time")
    body = api.get(f"/usage-subscriptions/{other.id}").json
    names = ("customer_id", "name", "meters", "period", "anchor_day", "timezone", "start_date")
    body = {name: body[name] for name in names}
    meters = [*body["meters"], api.get(f"/usage-subscriptions/{first.id}").json["meters"][1]]
    for call, path in ((api.post, "/usage-subscriptions/"), (api.put, f"/usage-subscriptions/{other.id}")):
        wanted = meters if call == api.put else meters[1:]
        refused = call(path, json={**body, "meters": wanted})
        assert (refused.status_code, refused.json["code"]) == (409, "billed_twice")
        assert refused.json["errors"][0]["pointer"] == "/meters"
        assert "VM uptime" in refused.json["errors"][0]["detail"]
    later = api.post("/usage-subscriptions/", json={**body, "meters": meters[1:], "start_date": "2026-06-01"})
    assert later.status_code == 201


def test_an_invoice_of_two_subscriptions_is_issued_when_both_want_it(company: Company, customer_id):
    with company.owner.acting():
        make_price("vm_uptime", config={"per_unit": "1"})
        make_subscription(customer_id, finalize=True)
        second = make_subscription(customer_id, "vm_uptime", name="Machines", grace_hours=48)
        use(customer_id, 5)
        use(customer_id, 5, "vm_uptime")
    bill(company, customer_id, IN_GRACE)
    bill(company, customer_id, MARCH_ENDS + timedelta(hours=49))
    assert [one["status"] for one in invoices(company)] == ["draft"]
    with company.owner.acting():
        db.session.execute(text("UPDATE usage_subscriptions SET finalize = true"))
        use(customer_id, 5, timestamp=MARCH_ENDS + timedelta(days=1))
        use(customer_id, 5, "vm_uptime", timestamp=MARCH_ENDS + timedelta(days=1))
    bill(company, customer_id, APRIL_ENDS)
    bill(company, customer_id, APRIL_ENDS + timedelta(hours=25))
    assert invoices(company)[1]["status"] == "draft"  # the other one's is open for longer
    bill(company, customer_id, APRIL_ENDS + timedelta(hours=49))
    assert invoices(company)[1]["status"] != "draft"
    assert second.finalize is not None


def test_a_commitment_is_taxed_as_what_the_subscription_meters(company: Company, customer_id):
    with company.owner.acting():
        service = make_service_type(hsn_sac="998313")
        plain = make_meter(name="Plain")
        taxed = make_meter(name="Taxed", service_type_id=service.id)
        for one in (plain, taxed):
            make_price(one.code)
        make_subscription(customer_id, plain.code, taxed.code, commitment="50")
    bill(company, customer_id, CLOSED)
    [line] = invoices(company)[0]["lines"]
    assert (line["description"].split(",")[0], line["service_type_id"]) == ("Up to the commitment", str(service.id))
