"""Spending at a million rows, held against stated floors, in one run.

    .venv/bin/python scripts/bench/spend.py            # everything; a few minutes
    .venv/bin/python scripts/bench/spend.py --rows 100000 --only list,create

It makes one tenant with a million expenses (by the product's own import) and one with 10,000, and prints a table of
figures with their floors. It never fails for a figure: machines differ; it is for docs/performance.md and for people.
"""

from __future__ import annotations

import argparse
import csv
import gc
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

sys.path[:0] = [str(Path(__file__).resolve().parent)]

from ground import ROOT, Ground  # noqa: E402
from load import Connection, Outcome, Request, measure  # noqa: E402

LIST = "/api/v1/expenses/?limit=50&sort=-expense_date"
MERCHANTS = ("Bharat Petroleum", "Indian Oil", "FASTag", "Apollo Tyres", "Taj Hotels", "Airtel", "Zoho", "Uber")
TITLES = ("Diesel", "Toll", "Tyres", "Hotel", "Mobile bill", "Software", "Taxi", "Parking", "Service", "Insurance")


def pace() -> float:
    """The processor milliseconds of a million turns of a loop, now: a shared machine changes its speed by half."""
    begun = time.process_time()
    for number in range(1_000_000):
        number * number % 7
    return 1000 * (time.process_time() - begun)


class Table:
    """The figures as they come, printed at once and together at the end, each with the machine's pace after it."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str, str]] = []

    def add(self, what: str, figure: str, against: str = "") -> None:
        self.rows.append((what, figure, against, f"{pace():.0f} ms"))
        print("  {}: {}  {}  [pace {}]".format(*self.rows[-1]), flush=True)

    def show(self) -> None:
        print("\n| what | figure | against | pace |\n|---|---|---|---|")
        for row in self.rows:
            print("| " + " | ".join(row) + " |")


class Company:
    """A tenant of the benchmark, with an owner who calls the API."""

    def __init__(self, ground: Ground, name: str) -> None:
        from tests.factories.tenants import make_company

        self.ground = ground
        with ground.app.app_context():
            self.company = make_company(name=name)
            self.headers = tuple(self.company.owner.headers.items())

    def call(self, method: str, path: str, **options: Any) -> Any:
        """One call in this process; raises SystemExit for an error answer."""
        client = self.ground.app.test_client()
        answer = client.open(path, method=method, headers=dict(self.headers), **options)
        if answer.status_code >= 400:
            raise SystemExit(f"{method} {path}: {answer.status_code} {answer.text[:600]}")
        return answer

    def prepare(self) -> None:
        """Projects, accounts and categories that rows can name."""
        for number in range(20):
            self.call("POST", "/api/v1/projects/", json={"name": f"Route {number:02}"})
        for number in range(4):
            body = {"name": f"Card {number}", "type": "card", "currency": "INR", "opening_date": "2024-01-01"}
            self.call("POST", "/api/v1/accounts/", json=body)

    def names(self, path: str) -> list[str]:
        return [row["name"] for row in self.call("GET", f"/api/v1/{path}/?limit=100").json["data"]]


def write_file(path: Path, rows: int, company: Company) -> None:
    """A chronological file as a card company would send it, with the product's own names of categories and projects."""
    chance = random.Random(rows)
    categories, projects = company.names("categories"), company.names("projects")
    accounts = [name for name in company.names("accounts") if name.startswith("Card")]
    first, days = date(2025, 6, 1), 530
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["Date", "Title", "Merchant", "Amount", "Category", "Project", "Account", "Reference"])
        for number in range(rows):
            day = first + timedelta(days=number * days // rows)
            out.writerow(
                [
                    day.isoformat(), f"{chance.choice(TITLES)} {number}", chance.choice(MERCHANTS),
                    f"{chance.randrange(5_000, 2_500_000) / 100:.2f}", chance.choice(categories[:12]),
                    chance.choice(projects[:3]) if number % 4 == 0 else "", chance.choice(accounts), f"R{number}",
                ]
            )  # fmt: skip


def import_rows(ground: Ground, company: Company, rows: int, table: Table, label: str) -> None:
    """Upload, check and commit a file by the import; the commit in a process of its own, whose memory is told."""
    path = ground.folder / f"{label}.csv"
    write_file(path, rows, company)
    begun, own = time.perf_counter(), time.process_time()
    with path.open("rb") as file:
        answer = company.call(
            "POST", "/api/v1/imports", data={"file": (file, path.name), "kind": "expenses"},
            content_type="multipart/form-data",
        )  # fmt: skip
    made = answer.json
    cpu = 0.0
    if made["status"] == "checking":  # a large file: a worker goes on
        cpu = run_job_apart(company, made["job_id"])["cpu"]
        made = company.call("GET", f"/api/v1/imports/{made['id']}").json
    looked = time.perf_counter() - begun
    cpu += time.process_time() - own
    if made["valid"] != rows:
        raise SystemExit(f"the import takes {made['valid']} of {rows} rows: {json.dumps(made)[:800]}")
    job = company.call("POST", f"/api/v1/imports/{made['id']}/commit").json
    job_id = job.get("job", job).get("id") if isinstance(job.get("job", job), dict) else job["job_id"]
    database = ground.database_seconds()
    told = run_job_apart(company, job_id)
    database = ground.database_seconds() - database
    table.add(
        f"import of {rows:,} rows: look (parse, check, duplicates)",
        f"{rows / looked:,.0f} rows/s; CPU {cpu / rows * 1e6:.0f} µs a row",
    )
    table.add(
        f"import of {rows:,} rows: commit",
        f"{rows / told['seconds']:,.0f} rows/s, {told['megabytes']:.0f} MB; CPU {told['cpu'] / rows * 1e6:.0f} µs"
        f" + PostgreSQL {database / rows * 1e6:.0f} µs a row: {rows / (told['cpu'] + database):,.0f} rows/s of CPU",
        "asked: 20,000 rows/s, 300 MB",
    )


def run_job_apart(company: Company, job_id: str) -> dict[str, float]:
    """Do a job in a process of its own; its seconds, processor seconds and megabytes."""
    worker = subprocess.run(
        [sys.executable, str(Path(__file__).resolve()), "--run-job", str(company.company.id), str(job_id)],
        capture_output=True, text=True, check=False, env=os.environ, cwd=ROOT,
    )  # fmt: skip
    if worker.returncode:
        raise SystemExit(worker.stderr[-3000:])
    told: dict[str, float] = json.loads(worker.stdout.strip().splitlines()[-1])
    return told


def run_job(tenant_id: str, job_id: str) -> None:
    """Do one job as a worker does, and tell its time and this process's largest memory."""
    from uuid import UUID

    from tracktok.app import create_app
    from tracktok.core import context, jobs
    from tracktok.core.tenancy import tenant_scope

    app = create_app()
    gc.freeze()  # as celeryconfig.py does
    with app.app_context(), context.acting(context.SYSTEM), tenant_scope(UUID(tenant_id)):
        begun, used = time.perf_counter(), time.process_time()
        jobs.execute(UUID(job_id))
        seconds, used = time.perf_counter() - begun, time.process_time() - used
        job = jobs.find(UUID(job_id))
        if job is None or job.status != "done":
            raise SystemExit(f"the job ended as {job.status if job else None}: {job.error if job else ''}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "cpu": used, "megabytes": peak}))


@contextmanager
def captured(ground: Ground) -> Iterator[list[tuple[str, Any]]]:
    """The SQL that runs in this process meanwhile."""
    from sqlalchemy import event

    from tracktok.core.db import db

    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        seen.append((statement, parameters))

    with ground.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def floor_of(ground: Ground, company: Company, path: str, table: str) -> Outcome:
    """What a bare function does that runs the statements on a table that the product runs for a list."""
    with captured(ground) as seen:
        company.call("GET", path)
    sql = json.dumps([(statement, parameters) for statement, parameters in seen if table in statement], default=str)
    with ground.serve("floor:app", BENCH_SQL=sql, BENCH_TENANT=str(company.company.id)) as port:
        return measure(port, [Request("/")], clocks=ground.clocks)


def bench_list(ground: Ground, large: Company, small: Company, table: Table) -> None:
    """The list of 50 against the bare function; its cost at a million rows and on page 1,000."""
    floor = floor_of(ground, large, LIST, "FROM expenses")
    with ground.serve("wsgi:app") as port:
        at_large = measure(port, [Request(LIST, headers=large.headers)], clocks=ground.clocks)
        at_small = measure(port, [Request(LIST, headers=small.headers)], clocks=ground.clocks)
        deep = Request(f"{LIST}&cursor={cursor_of_page(port, large, 1000)}", headers=large.headers)
        on_page_1000 = measure(port, [deep], clocks=ground.clocks)
    ratio = at_large.per_second / floor.per_second
    by_cpu = _cost(floor) / _cost(at_large)
    table.add(
        "bare WSGI + psycopg + orjson, same SQL",
        f"{floor.per_second:.0f}/s, {floor.bytes_each:,} bytes; {floor.cost}",
    )
    table.add(
        "list of 50 by API at the large tenant",
        f"{at_large.per_second:.0f}/s, {at_large.bytes_each:,} bytes; {at_large.cost}",
        f"{ratio:.2f} of the floor ({by_cpu:.2f} by CPU); asked: 0.25, goal 0.50",
    )
    table.add(
        "the same list at the small tenant", f"{at_small.per_second:.0f}/s; {at_small.cost}",
        f"large costs {at_small.per_second / at_large.per_second:.2f} x ({_cost(at_large) / _cost(at_small):.2f} x by"
        " CPU); asked: at most 1.3",
    )  # fmt: skip
    table.add(
        "page 1,000 by cursor", f"{on_page_1000.per_second:.0f}/s; {on_page_1000.cost}",
        f"{at_small.per_second / on_page_1000.per_second:.2f} x the small tenant's first page"
        f" ({_cost(on_page_1000) / _cost(at_small):.2f} x by CPU); asked: at most 1.3",
    )  # fmt: skip


def _cost(outcome: Outcome) -> float:
    return max(0.001, outcome.cpu_ms + outcome.database_ms)


def cursor_of_page(port: int, company: Company, number: int) -> str:
    """Walk to a page and return the cursor that opens it."""
    connection, cursor = Connection(port), ""
    for _ in range(number - 1):
        path = LIST + (f"&cursor={cursor}" if cursor else "")
        status, _headers, body = connection.ask(Request(path, headers=company.headers).encode())
        answer = json.loads(body)
        if status != 200 or not answer["next_cursor"]:
            raise SystemExit(f"there is no page {number}: {body[:300]!r}")
        cursor = answer["next_cursor"]
    return cursor


def bench_dashboard(ground: Ground, large: Company, small: Company, table: Table) -> None:
    """The dashboard's server time."""
    with ground.serve("wsgi:app") as port:
        times = {}
        for name, company in (("large", large), ("small", small)):
            request = Request("/api/v1/dashboard/summary", headers=company.headers)
            times[name] = measure(port, [request], connections=1, clocks=ground.clocks)
    one, other = times["large"], times["small"]
    table.add(
        "dashboard, server time at the large tenant", f"{one.server_ms:.1f} ms; {one.cost}", "asked: 25 ms, goal 10 ms"
    )
    table.add(
        "dashboard, server time at the small tenant", f"{other.server_ms:.1f} ms; {other.cost}",
        f"large costs {one.server_ms / other.server_ms:.2f} x ({_cost(one) / _cost(other):.2f} x by CPU);"
        " asked: at most 1.5",
    )  # fmt: skip


def bench_create(ground: Ground, large: Company, small: Company, table: Table) -> None:
    """Creates with everything: audit, ledger, balances, budget check, idempotency key.

    By one connection, whose commits wait for the disk one after another, and by four in two companies, to a worker
    process with four threads, as `scripts/start` has them.
    """
    for label, companies, connections in (("one connection", [small], 1), ("four connections", [small, large], 4)):
        requests = [one for company in companies for one in _creates(company, label)]
        with ground.serve("wsgi:app", threads=connections) as port:
            outcome = measure(port, requests, seconds=5, connections=connections, clocks=ground.clocks)
        table.add(
            f"create an expense, one worker process, {label}",
            f"{outcome.per_second:.0f}/s ({outcome.server_ms:.1f} ms each; {outcome.cost})", "asked: 150/s",
        )  # fmt: skip


def _creates(company: Company, label: str) -> list[Request]:
    category = company.call("GET", "/api/v1/categories/?limit=1").json["data"][0]["id"]
    account = company.call("GET", "/api/v1/accounts/?limit=1").json["data"][0]["id"]
    body = {
        "name": f"Everything ({label})", "amount": "900000000000.00", "period": "monthly", "start_date": "2025-01-01",
        "enforcement": "warn",
    }  # fmt: skip
    company.call("POST", "/api/v1/budgets/", json=body)
    requests = []
    for number in range(3000):
        expense = {
            "amount": f"{100 + number % 900}.50", "title": f"Bench {number}", "expense_date": "2026-11-20",
            "category_id": category, "account_id": account, "payment_method": "upi",
        }  # fmt: skip
        headers = (*company.headers, ("Idempotency-Key", f"bench-{label}-{number}"))
        requests.append(Request("/api/v1/expenses/", "POST", headers, json.dumps(expense).encode()))
    return requests


def bench_export(ground: Ground, large: Company, table: Table) -> None:
    """The CSV export against a bare COPY of the same rows: three of each, in turn, the middle one of each told."""
    bare, ours = zip(*((bare_copy(ground, large), csv_export(ground, large)) for _ in range(3)), strict=True)
    copied, exported = sorted(bare)[1], sorted(ours)[1]
    # By processor: what a megabyte costs PostgreSQL there and here.
    by_cpu = copied.database / exported.database
    table.add("bare COPY", f"{copied.speed:.1f} MB/s; PostgreSQL {1000 * copied.database:.1f} ms a MB")
    table.add(
        "CSV export",
        f"{exported.speed:.1f} MB/s; CPU {1000 * exported.own:.1f} ms + PostgreSQL {1000 * exported.database:.1f} ms a"
        f" MB; {exported.size:.0f} MB",
        f"{exported.speed / copied.speed:.0%} of COPY ({by_cpu:.0%} by PostgreSQL's CPU); asked: 60 %",
    )


class Sent(NamedTuple):
    """How fast a file came: megabytes a second and in all, and seconds of processor for each, ours and PostgreSQL's."""

    speed: float
    size: float
    own: float
    database: float


@contextmanager
def sending(ground: Ground, blocks: list[int]) -> Iterator[list[Sent]]:
    """Measure what is sent meanwhile, whose sizes are put into `blocks`."""
    found: list[Sent] = []
    begun, database, own = time.perf_counter(), ground.database_seconds(), time.process_time()
    yield found
    seconds, own, database = (
        now - then
        for now, then in zip(
            (time.perf_counter(), time.process_time(), ground.database_seconds()), (begun, own, database), strict=True
        )
    )
    size = sum(blocks) / 1e6
    found.append(Sent(size / seconds, size, own / size, database / size))


def bare_copy(ground: Ground, large: Company) -> Sent:
    """The rows by COPY alone."""
    import psycopg

    url = os.environ["DATABASE_URL"].replace("postgresql+psycopg://", "postgresql://")
    statement = (
        "COPY (SELECT expense_date, title, merchant, amount, currency, base_amount, status, payment_method, reference,"
        " description FROM expenses WHERE deleted_at IS NULL ORDER BY expense_date DESC, id DESC)"
        " TO STDOUT (FORMAT csv)"
    )
    blocks: list[int] = []
    with sending(ground, blocks) as found, psycopg.connect(url) as raw, raw.cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant_id', %s, false)", (str(large.company.id),))
        with cursor.copy(statement) as copy:
            blocks.extend(map(len, copy))
    return found[0]


def csv_export(ground: Ground, large: Company) -> Sent:
    """The rows by the application."""
    blocks: list[int] = []
    client = large.ground.app.test_client()
    with sending(ground, blocks) as found:
        answer = client.get("/api/v1/expenses/?format=csv", headers=dict(large.headers), buffered=False)
        blocks.extend(map(len, answer.response))
    return found[0]


def main() -> None:
    """Run what is asked for, and show the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--small-rows", type=int, default=10_000)
    parser.add_argument("--only", default="list,dashboard,create,export")
    parser.add_argument("--run-job", nargs=2, metavar=("TENANT", "JOB"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run_job:
        run_job(*given.run_job)
        return
    table = Table()
    with Ground() as ground:
        os.environ["RATE_LIMITS_ENABLED"] = "true"
        os.environ["RATE_LIMIT_DEFAULT"] = "100000000 per minute"
        small, large = Company(ground, "Small"), Company(ground, "Large")
        for company, rows, label in ((small, given.small_rows, "small"), (large, given.rows, "large")):
            company.prepare()
            import_rows(ground, company, rows, table, label)
        vacuum(ground)
        parts: dict[str, Callable[[], None]] = {
            "list": lambda: bench_list(ground, large, small, table),
            "dashboard": lambda: bench_dashboard(ground, large, small, table),
            "export": lambda: bench_export(ground, large, table),
            "create": lambda: bench_create(ground, large, small, table),
        }
        for name in given.only.split(","):
            parts[name]()
    table.show()


def vacuum(ground: Ground) -> None:
    """What autovacuum does soon after a load, done now, so that every run measures the same thing."""
    import psycopg

    with psycopg.connect(ground.admin_url.removesuffix("postgres") + "tracktok", autocommit=True) as raw:
        raw.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    main()
