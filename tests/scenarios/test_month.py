"""A month in the life of a new company, through the API, with time moving; the books equal the rows at every stop."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, text

from tests.expenses.equality import check_books_equal_rows
from tests.factories.notifications import deliver_mails
from tests.factories.tenants import Company
from tracktok.core import clock, context, jobs, schedule
from tracktok.core.context import SYSTEM
from tracktok.core.db import db
from tracktok.core.ids import new_id
from tracktok.core.tables import Job
from tracktok.core.tenancy import tenant_scope
from tracktok.reports.models import Report

PASSWORD = "a long walk by the sea"
FILE = b"""Date,Description,Amount,Currency,Category
2027-01-04,Diesel,1200.50,INR,Fuel
2027-01-05,Toll,85.00,INR,Tolls and parking
2027-01-06,Night in Pune,3499.99,INR,Lodging
2027-01-06,Refund of the toll,-85.00,INR,Tolls and parking
"""


def start_due_of(tenant_id: Any, kinds: list[str]) -> None:
    """Start what is due in one company: there are as many others here as there are tests before."""
    everybody: Any = schedule._list_tenants
    own = patch.object(schedule, "_list_tenants", lambda: [one for one in everybody() if str(one[0]) == str(tenant_id)])
    with own:
        schedule.start_due(clock.now(), kinds)


class Life:
    """One company, seen through the API as its owner, who signs in again whenever time has moved."""

    def __init__(self, app: Flask) -> None:
        self.app, self.name = app, f"m{new_id().hex[-10:]}"
        self.token = ""
        self.id: UUID

    @contextmanager
    def at(self, instant: str) -> Iterator[None]:
        """Inside: it is `instant`, and the owner is signed in."""
        with time_machine.travel(instant, tick=False):
            if hasattr(self, "id"):
                body = {"email": f"kim@{self.name}.test", "password": PASSWORD}
                self.token = self.call("POST", "/auth/login", 200, json=body)["access_token"]
            yield

    def register(self) -> None:
        body = {
            "name": "Month Ltd",
            "subdomain": self.name,
            "owner_email": f"kim@{self.name}.test",
            "owner_password": PASSWORD,
            "owner_first_name": "Kim",
        }
        made = self.call("POST", "/auth/register", 201, json=body)
        self.id, self.token = UUID(made["tenant"]["id"]), made["access_token"]

    def call(self, method: str, path: str, status: int, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token and "/auth/" not in path else {}
        answer = self.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **options)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text[:600]}"
        return answer.json

    def make(self, path: str, **body: Any) -> Any:
        return self.call("POST", path, 201, json=body)

    def run_jobs(self) -> list[str]:
        """Carry out what waits, as a worker would; the kinds that were done."""
        with self.app.app_context(), tenant_scope(self.id):
            waiting = db.session.execute(select(Job.id, Job.kind).where(Job.status == "queued")).all()
            for job_id, _ in waiting:
                assert jobs.execute(job_id)
            failed = db.session.execute(select(Job.kind, Job.error).where(Job.status == "failed")).all()
        assert not failed
        return sorted(kind for _, kind in waiting)

    def check(self, start: str = "2027-01-01", end: str = "2027-01-31") -> Decimal:
        """Hold books, rows and the dashboard against each other; returns what the month came to."""
        with self.app.app_context(), tenant_scope(self.id), context.acting(SYSTEM):
            check_books_equal_rows()
            sums = db.session.execute(text("SELECT sum(base_amount), count(*) FROM ledger_lines")).one()
            uneven = db.session.execute(
                text(
                    "SELECT count(*) FROM (SELECT 1 FROM ledger_lines GROUP BY entry_id HAVING sum(base_amount) <> 0) e"
                )
            ).scalar_one()
            debit, credit = db.session.execute(
                text("SELECT sum(base_debit), sum(base_credit) FROM ledger_balances")
            ).one()
        assert (sums[0] or 0, uneven) == (0, 0), "debits and credits differ"
        assert debit == credit
        rows, cursor = [], ""
        while True:
            page = self.call("GET", f"/expenses/?date_from={start}&date_to={end}&limit=100{cursor}", 200)
            rows += page["data"]
            if not page["has_more"]:
                break
            cursor = f"&cursor={page['next_cursor']}"
        total = sum((Decimal(row["base_amount"]) for row in rows if row["status"] != "draft"), Decimal(0))
        board = self.call("GET", f"/dashboard/summary?date_from={start}&date_to={end}", 200)
        assert Decimal(board["total"]["value"]) == total
        assert sum((Decimal(one["value"]) for one in board["trend"]), Decimal(0)) == total
        assert board["count"]["value"] == str(sum(row["status"] != "draft" for row in rows))
        summary = self.call("GET", f"/expenses/summary?date_from={start}&date_to={end}", 200)
        assert Decimal(summary["base_amount"]) == sum((Decimal(row["base_amount"]) for row in rows), Decimal(0))
        return total


@pytest.mark.integration
def test_a_month(app: Flask):  # noqa: PLR0915 - one story, told in its order
    life = Life(app)
    with life.at("2027-01-01T04:00:00Z"):
        life.register()
        tenant = life.call("GET", "/tenants/me", 200)
        assert (tenant["currency"], tenant["timezone"]) == ("INR", "Asia/Kolkata")
        changed = life.call("PUT", "/tenants/me", 200, json={"date_format": "DD.MM.YYYY", "accent_color": "#1f6feb"})
        assert changed["date_format"] == "DD.MM.YYYY"
        bank = life.make("/accounts/", name="Current account", opening_balance="50000.00", opening_date="2027-01-01")
        card = life.make("/accounts/", name="Dollar card", type="card", currency="USD", opening_balance="-20.00",
                         opening_date="2027-01-01", exchange_rate="83.00")  # fmt: skip
        travel = life.make("/categories/", name="Trips")
        below = life.make("/categories/", name="Trains", parent_id=travel["id"])
        project = life.make("/projects/", name="Shuttle", budget_amount="5000.00")
        budget = life.make("/budgets/", name="Trips", amount="1000.00", start_date="2027-01-01",
                           category_id=travel["id"], alert_thresholds=[80, 100])  # fmt: skip
        assert life.check() == 0

    with life.at("2027-01-05T05:00:00Z"):
        body = {"amount": "700.10", "title": "Train", "category_id": below["id"], "account_id": bank["id"],
                "project_id": project["id"], "expense_date": "2027-01-04", "tags": ["rail"]}  # fmt: skip
        train = life.make("/expenses/", **body)
        dollars = life.make("/expenses/", amount="12.34", currency="USD", exchange_rate="83.333333", title="Hosting",
                            account_id=card["id"], expense_date="2027-01-05")  # fmt: skip
        assert Decimal(dollars["base_amount"]) == Decimal("1028.33")
        draft = life.make("/expenses/", amount="999.99", title="Perhaps", status="draft", expense_date="2027-01-05")
        assert life.check() == Decimal("1728.43")
        assert life.call("GET", f"/accounts/{bank['id']}", 200)["balance"] == "49299.90"
        assert life.call("GET", f"/accounts/{card['id']}", 200)["balance"] == "-32.34"
        assert life.call("GET", "/notifications/", 200)["data"] == []

    with life.at("2027-01-07T05:00:00Z"):
        second = life.make("/expenses/", **(body | {"title": "Train back", "amount": "250.00"}))
        life.run_jobs()
        told = [one["title"] for one in life.call("GET", "/notifications/", 200)["data"]]
        assert [title for title in told if "Trips" in title] == ["Trips has passed 80 %"]
        now = life.call("GET", f"/budgets/{budget['id']}", 200)["current_period"]
        assert (now["spent"], now["remaining"]) == ("950.10", "49.90")
        life.call("PATCH", f"/expenses/{train['id']}", 200, json={"amount": "600.05", "account_id": card["id"],
                                                                  "account_amount": "7.21"})  # fmt: skip
        assert life.check() == Decimal("600.05") + Decimal("1028.33") + Decimal("250.00")
        assert life.call("GET", f"/accounts/{bank['id']}", 200)["balance"] == "49750.00"
        assert life.call("GET", f"/accounts/{card['id']}", 200)["balance"] == "-39.55"
        life.call("DELETE", f"/expenses/{second['id']}", 204)
        assert life.check() == Decimal("1628.38")
        assert life.call("GET", f"/accounts/{bank['id']}", 200)["balance"] == "50000.00"
        life.call("POST", f"/expenses/{second['id']}/restore", 200)
        life.call("PATCH", f"/expenses/{draft['id']}", 200, json={"status": "approved"})
        before = life.check()
        assert before == Decimal("2878.37")

    with life.at("2027-01-10T05:00:00Z"):
        upload = life.call("POST", "/imports/", 201, data={"file": (io.BytesIO(FILE), "january.csv")})
        assert (upload["rows"], upload["valid"]) == (4, 4), upload
        one = f"/imports/{upload['id']}"
        life.call("POST", f"{one}/commit", 202)
        assert life.call("GET", "/expenses/summary", 200)["count"] == 4, "nothing is written before the job runs"
        assert "imports.commit" in life.run_jobs()
        assert life.call("GET", one, 200)["committed_rows"] == 4
        assert life.check() == before + Decimal("4700.49")
        life.call("POST", f"{one}/undo", 202)
        life.run_jobs()
        assert life.call("GET", one, 200)["status"] == "undone"
        assert life.check() == before

    runs = select(func.count()).where(Report.run_key == "monthly:2027-01")
    with life.at("2027-02-01T00:25:00Z"):  # 05:55 in India
        schedule.tick.run()
        life.run_jobs()
        with app.app_context(), tenant_scope(life.id):
            assert db.session.execute(runs).scalar_one() == 0
    with life.at("2027-02-01T00:30:00Z"):
        schedule.tick.run()
        schedule.tick.run()
        life.run_jobs()
        with app.app_context(), tenant_scope(life.id):
            assert db.session.execute(runs).scalar_one() == 1
        reports = life.call("GET", "/reports/", 200)["data"]
        assert [(one["month"], one["status"]) for one in reports if one["month"] == "2027-01-01"] == [
            ("2027-01-01", "done")
        ]
        with app.app_context():
            mails = deliver_mails(Company(life.id, life.name))
        assert sum("January 2027" in mail.subject for mail in mails) == 1
        assert life.check() == before
        assert life.check("2027-02-01", "2027-02-28") == 0
