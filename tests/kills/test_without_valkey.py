"""Valkey is gone: people go on working, pages say what waits, and it is done when Valkey is back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from flask import Flask
from looking import Page
from looking.routes import Routes

from tests.factories.documents import make_picture
from tests.kills.billing import make_billing
from tests.kills.browser import Browser, links_in
from tests.kills.fleet import make_fleet
from tests.kills.machine import PASSWORD, Company, Machine, wait_for
from tests.kills.standing import make_repeating, make_usage
from tracktok.core import clock

NOTICE = "Work in the background waits for a moment"
FILE = "Date,Title,Amount\n" + "".join(f"2026-11-{day:02},Row {day},{day}.50\n" for day in range(1, 21))
FURTHER = {"customers.show": ("?tab=people",), "vendors.show": ("?tab=cards", "?tab=files")}
NOT_LINKED = {
    "auth.enter": "a link that a sign-in at the main address gives",
    "auth.invited": "a link of an invitation's mail",
    "auth.switch": "there is no other company",
    "documents.by_link": "a signed link",
    "imports.progress": "an import that is at work asks for it",
    "notifications.attachment": "no mail has one yet",
    "bank_tables.show": "a table of a bank waits only while its columns are being chosen",
    "notifications.mail_body": "a frame within a tab",
    "receipts.refunding_online": "nothing was paid online",
    "reports.progress": "a report that is being made asks for it",
    "saved_views.edit": "no view of a list is kept yet",
}
"""Pages that none leads to, by endpoint."""


@pytest.fixture
def company(machine: Machine) -> Company:
    """A company with one of each thing, made while all is well; its mails are sent and its jobs done."""
    found = machine.register()
    day = clock.today("Asia/Kolkata")
    today = day.isoformat()
    category = found.make("/categories/", name="Outings")["id"]
    project = found.make("/projects/", name="Shuttle")["id"]
    account = found.make("/accounts/", name="Bank", opening_balance="1000.00")["id"]
    tea = found.make(
        "/expenses/", amount="12.50", title="Tea", expense_date=today, category_id=category, project_id=project,
        account_id=account, tags=["rail"],
    )  # fmt: skip
    receipt = ("tea.png", make_picture(), "image/png")
    found.call("POST", f"/expenses/{tea['id']}/receipts", 201, files={"files": receipt})
    found.make("/budgets/", name="Travel", amount="100.00", start_date=today[:8] + "01", alert_thresholds=[80])
    found.upload(FILE, "before.csv")
    found.call("POST", "/reports/", 202, json={})
    found.make("/invitations/", email=f"new@{found.subdomain}.test")
    customer = make_billing(found, day, account)
    make_usage(found, day, customer)
    make_repeating(found, day, customer)
    make_fleet(found, day)
    machine.finish()
    return found


@pytest.fixture
def without_valkey(machine: Machine, company: Company) -> Iterator[None]:
    machine.kill("valkey")
    yield
    if machine.readiness()[1].get("redis") != "up":
        machine.start("valkey")


@pytest.mark.slow
@pytest.mark.integration
@pytest.mark.timeout(400)
def test_without_valkey_people_go_on_working_and_what_waits_is_done_later(
    app: Flask, machine: Machine, company: Company, without_valkey: None
):
    check_health(machine)
    browser = Browser(company)
    browser.sign_in()
    check_pages(app, browser)
    work(browser)
    check_sign_in_limits(company)
    # Nothing of it was lost, and none of it is done yet.
    assert company.count("jobs", "status = 'queued'") == 2, "the import and the report"
    assert company.count("outbox", "delivered_at IS NULL") >= 2, "an invitation and an alert"
    assert company.count("expenses") == 2
    machine.start("valkey")
    machine.finish()
    assert company.count("expenses") == 22
    assert company.count("outbox") == company.count("mails")
    assert company.count("reports", "finished_at IS NOT NULL") == 2
    assert company.count("budget_alerts") == 1
    wait_for("pages to be as ever", lambda: NOTICE not in browser.open("/expenses").text)
    assert machine.readiness()[1]["redis"] == "up"


def check_health(machine: Machine) -> None:
    assert requests.get(f"{machine.address}/healthz", timeout=10).status_code == 200
    status, said = machine.readiness()
    assert (status, said["status"], said["redis"], said["database"]) == (200, "ready", "down", "up")
    assert said["degraded"], "it says what does not work"


def check_pages(app: Flask, browser: Browser) -> None:
    """Open every page that there is, by a link that leads to one; and all records, each is at another step."""
    routes = Routes(app, without=("gallery.", "guide.", "tenants.admin", "vendor_portal.", "employee_portal."))
    waiting, opened = routes.first(), set()
    records: set[str] = set()
    while waiting:
        page = waiting.pop(0)
        answer = browser.open(page.path)
        assert answer.status_code in {page.status, 302, 303}, f"{page.path}: {answer.status_code} {answer.text[:600]}"
        if answer.status_code == 200 and 'class="tt-main' in answer.text and "/sign-out" in answer.text:
            assert NOTICE in answer.text, f"{page.path} does not say that something waits"
            opened.add(page.endpoint)
        links = sorted(links_in(answer.text))
        waiting += routes.found(links)
        for link in set(links) - records:
            # Files have signed links.
            if (endpoint := routes.endpoint_of(link)).endswith(".show") and endpoint != "documents.show":
                records.add(link)
                waiting += [Page(endpoint, link + more, 200) for more in ("", *FURTHER.get(endpoint, ()))]
    unseen = routes.waiting - NOT_LINKED.keys()
    assert not unseen, f"no link leads to {sorted(unseen)}"
    assert {"expenses.index", "expenses.show", "budgets.show", "expenses.account", "ledger.entry"} <= opened, opened
    assert {"invoices.show", "receipts.show", "customers.show", "quotes.edit", "bank.show"} <= opened, opened
    assert {"vendors.show", "rate_cards.compare", "trips.show", "trip_statements.show"} <= opened, opened
    assert {"vendor_bills.show_dispute", "usage.bill", "recurring.resuming"} <= opened, opened


def work(browser: Browser) -> None:
    """Record an expense that passes the budget, edit the budget, import a file, ask for a report, invite somebody."""
    company, today = browser.company, clock.today("Asia/Kolkata").isoformat()
    sent = browser.send("/expenses/new", "/expenses", title="Night train", amount="75.00", expense_date=today)
    assert sent.status_code == 303, sent.text[:600]
    [row] = [row for row in company.get("/expenses/")["data"] if row["title"] == "Night train"]
    assert row["amount"] == "75.00"
    [budget] = company.get("/budgets/")["data"]
    sent = browser.send(f"/budgets/{budget['id']}/edit", "/edit", amount="120.00")
    assert sent.status_code == 303, sent.text[:600]
    assert company.get(f"/budgets/{budget['id']}")["amount"] == "120.00"
    sent = browser.send("/imports/new", "/imports", files={"file": ("november.csv", FILE.encode(), "text/csv")})
    assert sent.status_code == 303, sent.text[:600]
    place = sent.headers["Location"].partition("?")[0]
    sent = browser.send(place, "/commit")
    assert sent.status_code == 303, sent.text[:600]
    assert NOTICE in browser.open(place).text
    company.call("POST", "/reports/", 202, json={})
    company.make("/invitations/", email=f"later@{company.subdomain}.test")


def check_sign_in_limits(company: Company) -> None:
    """Each process counts for itself: guessing gets slower, and is refused from one address after a while."""

    def sign_in(password: str, account: str) -> requests.Response:
        return requests.post(
            f"{company.machine.address}/api/v1/auth/login",
            json={"email": account, "password": password},
            headers={"X-Forwarded-For": company.headers["X-Forwarded-For"]},
            timeout=30,
        )

    assert sign_in(PASSWORD, company.email).status_code == 200
    guesses = [sign_in(f"guess {number}", company.email) for number in range(5)]
    assert [one.status_code for one in guesses[:2]] == [401, 401]
    assert guesses[-1].status_code == 429
    assert int(guesses[-1].headers["Retry-After"]) >= 1
    others = [sign_in("guess", f"nobody-{number}@{company.subdomain}.test").status_code for number in range(10)]
    assert others[-1] == 429, "ten a minute from one address"
    assert set(others) == {401, 429}
