"""The month-end run: recurring invoices that are all due today, made, issued and drawn by real workers.

They start as `scripts/start` starts them, beat beside them; the run begins as beat begins it, by a tick. At the end
everything that came of it is read from the database and the storage, and held against a computation of its own.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ground import ROOT, Ground, cpu_seconds
from runner.logfile import LogFile
from runner.process import Child

if TYPE_CHECKING:
    from billing import Biller
    from spend import Table

MOST_WORKERS = 4  # as in scripts/runner/starting.py
ZONES = ("Asia/Kolkata", "Europe/Berlin", "America/New_York", "Pacific/Auckland")
PRICES = ("149.50", "80.00", "12.25", "1999.99")
TRIPS = 2


def bench_month_end(ground: Ground, biller: Biller, table: Table, count: int, *, mail: bool = False) -> None:
    """The run of so many invoices, with its proof. With `mail` they are mailed too, into a mailbox in the database."""
    run = MonthEnd(ground, biller, count, mail=mail)
    run.prepare()
    with run.workers() as processes:
        taken = run.wait(processes)
    run.prove()
    each = f"CPU {1000 * taken.workers / count:.1f} ms + PostgreSQL {1000 * taken.database / count:.1f} ms each"
    what = f"month-end run of {count:,} invoices of 5 lines with PDFs{' and mails' if mail else ''}"
    table.add(f"{what}, {processes.many} worker processes", f"{taken.whole:.1f} s; {count / taken.whole:.1f}/s; {each}")
    table.add("of it: made and issued", f"{taken.made:.1f} s; {count / taken.made:.1f}/s")
    table.add("of it: PDFs drawn and kept", f"{taken.drawn:.1f} s; {count / taken.drawn:.1f}/s")
    if mail:
        table.add("of it: mails", f"{taken.mailed:.1f} s; {count / taken.mailed:.1f}/s")
    table.add(
        "of it: CPU",
        f"workers {taken.workers:.1f} s, PostgreSQL {taken.database:.1f} s, beat and Valkey {taken.others:.1f} s",
    )
    table.add("of it: the biggest worker process", f"{taken.megabytes:.0f} MB")


@dataclass
class Taken:
    """Seconds of the clock since the tick, seconds of processors, and memory."""

    whole: float = 0.0
    made: float = 0.0
    drawn: float = 0.0
    mailed: float = 0.0
    workers: float = 0.0
    database: float = 0.0
    others: float = 0.0
    megabytes: float = 0.0


@dataclass
class Processes:
    """The programs of the run."""

    many: int
    worker: int
    beat: int
    valkey: int

    def others(self) -> float:
        """Processor seconds of what is neither worker nor database."""
        return cpu_seconds(self.beat) + cpu_seconds(self.valkey)

    def megabytes(self) -> float:
        """The most memory that one of the worker's processes ever had."""
        return max(map(peak, [self.worker, *children(self.worker)]))


def children(pid: int) -> list[int]:
    """The processes that a process has made."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def peak(pid: int) -> float:
    """The most memory that a process has had, in megabytes."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


class MonthEnd:
    """A company whose recurring invoices are all due today, in a zone in which the run of the day is due now."""

    def __init__(self, ground: Ground, biller: Biller, count: int, *, mail: bool) -> None:
        self.ground, self.biller, self.count, self.mail = ground, biller, count, mail
        self.tenant = biller.company.company.id
        self.zone = next(zone for zone in ZONES if 7 <= datetime.now(ZoneInfo(zone)).hour < 20)
        self.day = datetime.now(ZoneInfo(self.zone)).date()
        self.logs = ground.folder / "logs"

    def ask(self, statement: str, **values: Any) -> list[Any]:
        """Rows, as the administrator sees them."""
        import psycopg

        with psycopg.connect(self.ground.admin_url.removesuffix("postgres") + "tracktok", autocommit=True) as raw:
            made = raw.execute(statement, {"tenant": self.tenant, **values})
            return made.fetchall() if made.description else []

    def prepare(self) -> None:
        """One recurring invoice by the API, of tomorrow; the others are copies of it, of today, each of its price."""
        self.ask(
            "UPDATE tenants SET timezone = %(zone)s, created_at = created_at - interval '3 days' WHERE id = %(tenant)s",
            zone=self.zone,
        )
        lines = [
            {"description": "Trips of {month}", "hsn_sac": "996412", "quantity": str(TRIPS), "unit_price": "100.00",
             "tax_rate": "18"},
            *({"description": f"Cab {at} in {{period}}", "hsn_sac": "996412", "quantity": str(TRIPS),
               "unit_price": price, "tax_rate": "18"} for at, price in enumerate(PRICES, 1)),
        ]  # fmt: skip
        body = {
            "name": "Month end", "customer_id": self.biller.customers[0], "unit": "month", "lines": lines,
            "starts_on": (self.day + timedelta(days=1)).isoformat(), "action": "send" if self.mail else "finalize",
        }  # fmt: skip
        source = self.biller.company.call("POST", "/api/v1/recurring-invoices/", json=body).json["id"]
        from tracktok.invoices.models import RecurringInvoice

        own = {
            "id": "gen_random_uuid()", "customer_id": "(%(customers)s::uuid[])[1 + n %% %(many)s]",
            "starts_on": "%(day)s::date", "anchor_day": "extract(day FROM %(day)s::date)", "next_on": "%(day)s::date",
            "body": "jsonb_set(r.body, '{lines,0,unit_price}', to_jsonb(((10000 + n)::numeric / 100)::text))",
            "name": "'Month end ' || n",
        }  # fmt: skip
        names = [column.name for column in RecurringInvoice.__table__.columns]
        values = ", ".join(own.get(name, f"r.{name}") for name in names)
        self.ask(
            f"INSERT INTO recurring_invoices ({', '.join(names)}) SELECT {values}"  # noqa: S608
            " FROM recurring_invoices r, generate_series(1, %(count)s) n WHERE r.id = %(source)s",
            customers=self.biller.customers, many=len(self.biller.customers), day=self.day, count=self.count,
            source=source,
        )  # fmt: skip
        self.ask("UPDATE customers SET email = 'ap' || id || '@garden.test' WHERE tenant_id = %(tenant)s")
        self.ask("VACUUM ANALYZE recurring_invoices")

    @contextmanager
    def workers(self) -> Iterator[Processes]:
        """The worker with as many processes as scripts/start would give it, and beat."""
        many = min(len(os.sched_getaffinity(0)), MOST_WORKERS)
        python = [sys.executable, "-m"]
        celery = [*python, "celery", "-A", "celeryconfig"]
        name = "bench@month-end"
        paths = os.pathsep.join([str(ROOT), str(ROOT / "scripts")])
        environment = {**os.environ, **self.ground.environment, "PYTHONPATH": paths}
        schedule = str(self.ground.folder / "beat")
        programs = {
            "worker": ["worker", "--hostname", name, "--concurrency", str(many), "--loglevel", "WARNING",
                       "--without-gossip", "--without-mingle"],
            "beat": ["beat", "--schedule", schedule, "--pidfile=", "--loglevel", "WARNING"],
        }  # fmt: skip
        log = {program: LogFile(self.logs / f"{program}.log") for program in programs}
        started = {
            program: self.ground.supervisor.add(
                Child(
                    name=program, argv=[*celery, *arguments], environment=environment, log=log[program], cwd=ROOT,
                    restart=False, warnings=(), hard_signal=signal.SIGQUIT, death_signal=signal.SIGQUIT, patience=20,
                )
            )
            for program, arguments in programs.items()
        }  # fmt: skip
        ping = [*python, "runner.ping_worker", name]
        if subprocess.run(ping, cwd=ROOT, env=environment, check=False).returncode:
            raise SystemExit(f"the worker does not answer: {log['worker'].tail(30)}")
        numbers = {program: child.process.pid for program, child in started.items() if child.process}
        yield Processes(many, numbers["worker"], numbers["beat"], self._valkey())

    def _valkey(self) -> int:
        from redis import Redis

        return int(Redis.from_url(self.ground.environment["REDIS_URL"]).info("server")["process_id"])

    def wait(self, processes: Processes) -> Taken:
        """Send the tick, and wait until all is made, drawn, mailed and nothing is left to do."""
        from tracktok.core.worker import celery

        own = {"workers": cpu_seconds(processes.worker), "others": processes.others()}
        database = self.ground.database_seconds()
        taken, begun = Taken(), time.perf_counter()
        celery.send_task("core.tick", queue="default")
        told = 0.0
        while True:
            alive = Path(f"/proc/{processes.worker}/task").exists()
            self.ground.supervisor.run_until(lambda: False, timeout=0.5, every=0.5)
            now = time.perf_counter() - begun
            made, drawn, mailed, left = self.ask(_PROGRESS)[0]
            for name, done in (("made", made), ("drawn", drawn), ("mailed", mailed)):
                if done >= self.count and not getattr(taken, name):
                    setattr(taken, name, now)
            taken.megabytes = max(taken.megabytes, processes.megabytes())
            if now - told > 15:
                told = now
                print(f"    {now:.0f} s: {made} made, {drawn} drawn, {mailed} mailed, {left} to do", flush=True)
            if taken.made and taken.drawn and (taken.mailed or not self.mail) and not left:
                break
            if not alive or (taken.made and not left):
                raise SystemExit(
                    f"this is not the end of it:\n{LogFile(self.logs / 'worker.log').path.read_text()[-3000:]}"
                )
        taken.whole = now
        taken.workers = cpu_seconds(processes.worker) - own["workers"]
        taken.others = processes.others() - own["others"]
        taken.database = self.ground.database_seconds() - database
        return taken

    def prove(self) -> None:
        """Nothing twice, nothing left out, no gap in the numbers, every sum and every file as it should be."""
        rows = self.ask(_MADE)
        expect("every recurring invoice has one period", len({row[0] for row in rows}), self.count)
        expect("each period has one invoice", (len(rows), len({row[2] for row in rows})), (self.count, self.count))
        expect("they are of the day", {row[1] for row in rows}, {self.day})
        expect("there are no other invoices", self.ask(_HOW_MANY), [(self.count,)])
        expect("numbers have no gap", sorted(row[4] for row in rows), list(range(1, self.count + 1)))
        expect("and no number is there twice", len({row[3] for row in rows}), self.count)
        expect("a number says its place", [row[3] for row in rows if int(row[3][-5:]) != row[4] % 100_000], [])
        wanted = {f"Month end {n}": reckon(n) for n in range(1, self.count + 1)}
        expect("each total is that of its price", {row[5]: (row[6], row[7], row[8]) for row in rows}, wanted)
        total = sum((one[2] for one in wanted.values()), Decimal(0))
        expect("the books say the same", self.ask(_BOOKS), [(total,)])
        root = Path(self.ground.environment["DATA_DIR"]) / "files"
        seen = set()
        for row in rows:
            content = (root / row[10]).read_bytes()
            expect(f"the file of {row[3]}", (content[:5], hashlib.sha256(content).digest()), (b"%PDF-", bytes(row[9])))
            seen.add(row[10])
        expect("each has a file of its own", (len(seen), self.ask(_FILES)), (self.count, [(self.count,)]))
        on_disk = sum(1 for path in (root / "tenants" / str(self.tenant)).rglob("*") if path.is_file())
        expect("and no other file is left", on_disk, self.count)
        expect("every job is done", self.ask(_JOBS), [("done",)])
        if self.mail:
            expect("each is mailed once", self.ask(_MAILS), [(self.count, self.count)])
        print(f"  proved: {self.count} periods, numbers, totals, hashes of files; books {total}", flush=True)


def expect(what: str, found: Any, wanted: Any) -> None:
    """Raise SystemExit when it is not so."""
    if found != wanted:
        raise SystemExit(f"not so: {what}: {str(found)[:600]}, not {str(wanted)[:600]}")


def reckon(n: int) -> tuple[Decimal, Decimal, Decimal]:
    """(taxable, taxes, total) of number n: two of each line, 9 % and 9 % each rounded, the total to whole rupees."""
    cent = Decimal("0.01")
    taxable = TRIPS * (Decimal(10_000 + n) / 100 + sum(map(Decimal, PRICES)))
    half = (taxable * 9 / 100).quantize(cent, ROUND_HALF_UP)
    return taxable, 2 * half, (taxable + 2 * half).quantize(Decimal(1), ROUND_HALF_UP)


_PROGRESS = """
SELECT (SELECT count(*) FROM recurring_runs WHERE tenant_id = %(tenant)s AND status = 'made'),
  (SELECT count(*) FROM sales_documents WHERE tenant_id = %(tenant)s AND pdf_sha256 IS NOT NULL),
  (SELECT count(*) FROM mails WHERE tenant_id = %(tenant)s),
  (SELECT count(*) FROM jobs WHERE tenant_id = %(tenant)s AND status IN ('queued', 'running'))
   + (SELECT count(*) FROM outbox WHERE delivered_at IS NULL AND given_up_at IS NULL)
"""
_MADE = """
SELECT r.recurring_id, r.period_on, d.id, d.number, d.sequence, i.name, d.taxable_amount, d.tax_amount, d.total,
  d.pdf_sha256, f.storage_key
FROM recurring_runs r JOIN recurring_invoices i ON i.tenant_id = r.tenant_id AND i.id = r.recurring_id
  JOIN sales_documents d ON d.tenant_id = r.tenant_id AND d.id = r.document_id
  JOIN files f ON f.tenant_id = d.tenant_id AND f.id = d.pdf_file_id AND f.sha256 = d.pdf_sha256
WHERE r.tenant_id = %(tenant)s AND r.status = 'made' AND d.status = 'issued'
"""
_HOW_MANY = "SELECT count(*) FROM sales_documents WHERE tenant_id = %(tenant)s"
_BOOKS = """
SELECT sum(l.base_amount)
FROM ledger_lines l JOIN book_accounts a ON a.tenant_id = l.tenant_id AND a.id = l.book_account_id
WHERE l.tenant_id = %(tenant)s AND a.role = 'receivables'
"""
_FILES = "SELECT count(*) FROM files WHERE tenant_id = %(tenant)s"
_JOBS = "SELECT DISTINCT status FROM jobs WHERE tenant_id = %(tenant)s AND kind LIKE 'invoices.%%'"
_MAILS = "SELECT count(*), count(DISTINCT to_address) FROM mails WHERE tenant_id = %(tenant)s"
