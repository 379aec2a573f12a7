"""PostgreSQL, Valkey and the worker are killed in the middle of an import, of a look at budgets and of a report.

All three are caught at once, each late in its transaction: another connection holds a row that it comes to last, and
the test goes on when PostgreSQL says that all three wait for that connection. Then one part gets its -9. Afterwards
nothing is lost and nothing is there twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import psycopg
import pytest

from tests.kills.machine import Machine, wait_for
from tracktok.core.ids import new_id

ZONE = ZoneInfo("Asia/Kolkata")
PARTS = ("worker", "postgres", "valkey")
ROWS = 400
EACH = Decimal("12.25")
WAITS = {"import": "ledger_balances", "alerts": "budget_alerts", "report": "INSERT INTO outbox"}
"""What each of the three is about to do when it is caught."""


def month_after(day: date, months: int) -> date:
    """The first day of a later month."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def today() -> date:
    return datetime.now(UTC).astimezone(ZONE).date()


class Caught:
    """A company whose import, look at budgets and report are to be caught, and what must come of them."""

    def __init__(self, machine: Machine, run_month: date) -> None:
        self.machine, self.run_month = machine, run_month
        self.company = machine.register()
        self.day = today()
        make = self.company.make
        self.account = make("/accounts/", name="Bank", opening_balance="50000.00")["id"]
        make("/expenses/", amount="1000.00", title="Before", expense_date=str(self.day), account_id=self.account)
        budget = {"start_date": str(self.day.replace(day=1)), "alert_thresholds": [80, 100]}
        self.budgets = [make("/budgets/", name=f"Budget {n}", amount="900.00", **budget)["id"] for n in range(3)]
        # Only with the rows of the import is there anything to tell of this one.
        self.large = make("/budgets/", name="With the import", amount="4000.00", **budget)["id"]
        lines = [f"{self.day},Row {number},{EACH},Bank" for number in range(ROWS)]
        self.upload = self.company.upload("Date,Title,Amount,Account\n" + "\n".join(lines) + "\n")
        assert (self.upload["valid"], self.upload["duplicates"]) == (ROWS, 0), self.upload
        self.report_key = f"monthly:{month_after(run_month, -1):%Y-%m}"

    @contextmanager
    def held(self) -> Iterator[Callable[[], list[str]]]:
        """Inside: the three come to where they wait. Gives a function that says what waits for us now."""
        with self.machine.database(autocommit=False) as blocker, self.machine.database() as watcher:
            tenant = self.company.id
            assert blocker.execute("SELECT 1 FROM ledger_balances WHERE tenant_id = %s FOR UPDATE", [tenant]).rowcount
            blocker.execute(
                "INSERT INTO budget_alerts (tenant_id, id, budget_id, period_start, threshold, spent, limit_amount)"
                " VALUES (%s, %s, %s, %s, 80, 0, 0)",
                [tenant, new_id(), self.budgets[-1], self.day.replace(day=1)],
            )
            blocker.execute(
                "INSERT INTO outbox (tenant_id, id, kind, payload, once_key) VALUES (%s, %s, 'mail', '{}', %s)",
                [tenant, new_id(), f"mail:report:{self.report_key}:{self.company.person_id}"],
            )
            number = blocker.info.backend_pid

            def waiting() -> list[str]:
                found = watcher.execute(
                    "SELECT query FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))", [number]
                )
                return [query for (query,) in found]

            yield waiting
            with suppress(psycopg.OperationalError):  # It may be what was killed.
                blocker.rollback()

    def begin(self) -> None:
        """Ask for all three."""
        self.commit_job = self.company.call("POST", f"/imports/{self.upload['id']}/commit", 202)["id"]
        at = datetime.combine(self.run_month, datetime.min.time(), ZONE) + timedelta(hours=9)
        self.machine.tick_at(at)

    def check_nothing_is_there(self) -> None:
        assert self.company.count("expenses") == 1
        assert self.company.count("budget_alerts") == 0
        assert self.company.count("notifications") == 0
        assert self.company.count("reports", "run_key = %s", self.report_key) == 0
        assert self.company.count("jobs", "status = 'running'") == 3

    def check_the_import(self) -> None:
        """Each row once."""
        company, own = self.company, "import_id = %s AND deleted_at IS NULL"
        rows = self.machine.ask(
            f"SELECT count(*), count(DISTINCT title), sum(amount), min(amount) FROM expenses"
            f" WHERE tenant_id = %s AND {own}",
            company.id, self.upload["id"],
        )  # fmt: skip
        assert rows == [(ROWS, ROWS, ROWS * EACH, EACH)]
        after = company.get(f"/imports/{self.upload['id']}")
        assert (after["status"], after["committed_rows"]) == ("committed", ROWS)
        assert company.get(f"/jobs/{self.commit_job}")["status"] == "done"
        total = 1000 + ROWS * EACH
        assert Decimal(company.get(f"/accounts/{self.account}")["balance"]) == 50_000 - total
        assert Decimal(company.get("/expenses/summary")["base_amount"]) == total
        assert company.count("ledger_entries", "kind = 'import'") == 1

    def check_the_alerts(self) -> None:
        """Each alert once, and its people told of it once, by each channel."""
        raised = self.machine.ask(
            "SELECT budget_id::text, threshold FROM budget_alerts WHERE tenant_id = %s", self.company.id
        )
        wanted = [(budget, threshold) for budget in (*self.budgets, self.large) for threshold in (80, 100)]
        assert sorted(raised) == sorted(wanted)
        names = {f"Budget {n} is used up" for n in range(3)} | {"With the import is used up"}
        told = self._told("SELECT title FROM notifications WHERE tenant_id = %s AND event = 'budget.threshold'")
        assert (len(told), set(told)) == (4, names)
        mails = self._told("SELECT subject FROM mails WHERE tenant_id = %s AND subject LIKE '%%is used up%%'")
        assert len(mails) == len(set(mails)) == 4

    def check_the_report(self) -> None:
        """One report, with a file that can be read, told of once and sent once."""
        company = self.company
        assert company.count("reports", "run_key = %s AND finished_at IS NOT NULL", self.report_key) == 1
        keys = f"report:{self.report_key}:{company.person_id}"
        assert company.count("notifications", "once_key = %s", keys) == 1
        mails = self.machine.ask(
            "SELECT m.to_address, m.attachment_key <> '' FROM mails m JOIN outbox o"
            " ON o.tenant_id = m.tenant_id AND o.id = m.outbox_id"
            " WHERE m.tenant_id = %s AND o.once_key = %s AND o.delivered_at IS NOT NULL",
            company.id, f"mail:{keys}",
        )  # fmt: skip
        assert mails == [(company.email, True)]
        month = str(month_after(self.run_month, -1))
        [report] = [one for one in company.get("/reports/")["data"] if one["month"] == month]
        assert report["status"] == "done"
        assert company.count("files", "content_type = 'application/pdf'") == company.count("reports")

    def _told(self, statement: str) -> list[str]:
        return [text for (text,) in self.machine.ask(statement, self.company.id)]


def everything_waits(waiting: Callable[[], list[str]]) -> Callable[[], bool]:
    """Whether each of the three is where it was to be caught."""

    def caught() -> bool:
        queries = waiting()
        return len(queries) == 3 and all(any(what in query for query in queries) for what in WAITS.values())

    return caught


@pytest.mark.slow
@pytest.mark.races
@pytest.mark.integration
@pytest.mark.timeout(600)
def test_whatever_is_killed_nothing_is_lost_and_nothing_is_there_twice(machine: Machine, subtests: pytest.Subtests):
    survived: list[tuple[str, Caught]] = []
    for number, part in enumerate(PARTS, 1):
        with subtests.test(killed=part):
            caught = Caught(machine, month_after(today(), number))
            with caught.held() as waiting:
                caught.begin()
                wait_for("all three to come to their last step", everything_waits(waiting))
                caught.check_nothing_is_there()
                machine.kill(part)
                if part == "valkey":
                    machine.wait_for_words("worker", "Connection to broker lost")
            machine.start(part)
            machine.wait_until_ready()
            machine.finish()
            survived.append((part, caught))
    # At the end, so that every round was one of several companies that the later kills should not have touched.
    for part, caught in survived:
        for during in ("import", "alerts", "report"):
            with subtests.test(killed=part, during=during):
                getattr(caught, f"check_the_{during}")()
    proofs = ("ledger verify", "audit verify", "rollups rebuild --check")
    for proof, (code, said) in zip(proofs, machine.commands(*proofs), strict=True):
        with subtests.test(proof=proof):
            assert code == 0, said
            assert said.count("\n") >= len(survived), said
