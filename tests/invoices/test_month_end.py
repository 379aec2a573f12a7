"""The files of a run that issues many invoices: drawn in jobs of twenty, whatever is killed, each once."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from tests.conftest import ROOT
from tests.factories.invoices import make_biller, make_buyer
from tests.factories.recurring import make_recurring
from tests.factories.tenants import Company
from tracktok.audit.models import AuditEvent
from tracktok.core import jobs
from tracktok.core.db import db, transaction
from tracktok.core.ids import new_id
from tracktok.core.storage import storage
from tracktok.core.tables import Job
from tracktok.core.tenancy import tenant_scope
from tracktok.documents.models import StoredFile
from tracktok.invoices import tasks
from tracktok.invoices.models import RecurringRun, SalesDocument
from tracktok.invoices.services.paper import keeping
from tracktok.invoices.services.recurring.making import SEND_JOB

MORNING = "2027-01-31T03:00:00Z"
PDFS = "invoices.pdfs"


@pytest.fixture
def due(company: Company) -> Company:
    """A company that may be given recurring invoices of 31 January."""
    with time_machine.travel("2027-01-04T03:00:00Z", tick=False), company.owner.acting():
        make_biller()
    return company


def add(company: Company, count: int, *, action: str = "finalize", **buyer: Any) -> None:
    with time_machine.travel("2027-01-04T03:00:00Z", tick=False), company.owner.acting():
        customer_id = make_buyer(**buyer).id
        for at in range(count):
            make_recurring(customer_id=customer_id, action=action, line={"unit_price": f"{100 + at}.00"})


def start(company: Company, kind: str, **payload: Any) -> UUID:
    with tenant_scope(company.id), transaction():
        return jobs.start(kind, payload, run_key=f"test:{new_id()}")[0]


def execute(company: Company, job_id: UUID) -> dict[str, Any]:
    """Do a job; one whose worker was killed a moment ago is waited for."""
    with time_machine.travel(MORNING, tick=False), tenant_scope(company.id):
        for _ in range(200):
            if jobs.execute(job_id):
                break
            subprocess.run(["sleep", "0.05"], check=True)
        found = jobs.find(job_id)
        assert found is not None
        assert found.status == "done", found.error
        return found.result or {}


def pieces(company: Company) -> list[Job]:
    with tenant_scope(company.id):
        return list(db.session.execute(select(Job).where(Job.kind == PDFS).order_by(Job.id)).scalars())


def draw_all(company: Company) -> None:
    for job in pieces(company):
        if job.status != "done":
            execute(company, job.id)


def check(company: Company, count: int) -> Sequence[SalesDocument]:
    """Each period has one invoice, numbers have no gap, and each invoice has one file: that of its hash."""
    with tenant_scope(company.id):
        documents = db.session.execute(select(SalesDocument).order_by(SalesDocument.sequence)).scalars().all()
        assert [one.sequence for one in documents] == list(range(1, count + 1))
        runs = db.session.execute(select(RecurringRun.recurring_id, RecurringRun.document_id)).all()
        assert len({one.recurring_id for one in runs}) == len(runs) == count
        assert {one.document_id for one in runs} == {one.id for one in documents}
        files = {one.id: one for one in db.session.execute(select(StoredFile)).scalars()}
        assert set(files) == {one.pdf_file_id for one in documents}
        for one in documents:
            with storage().open(files[one.pdf_file_id].storage_key) as stream:
                content = stream.read()
            assert content.startswith(b"%PDF-")
            assert hashlib.sha256(content).digest() == one.pdf_sha256
        return documents


def killed_in(company: Company, script: str, job_id: UUID) -> str:
    """What a process that works on a job says before it gets its -9."""
    process = subprocess.Popen(
        [sys.executable, "-c", BEGIN + script + END, str(company.id), str(job_id), MORNING],
        cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    said = process.stdout.readline().strip()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    return said


BEGIN = """
import subprocess, sys
from uuid import UUID
import time_machine
from tracktok.app import create_app
from tracktok.audit.models import AuditEvent
from tracktok.core import jobs
from tracktok.core.tenancy import tenant_scope

def stay(what):
    print(what, flush=True)
    subprocess.run(["sleep", "60"])
"""
END = """
app = create_app()
with app.app_context(), tenant_scope(UUID(sys.argv[1])), time_machine.travel(sys.argv[3], tick=False):
    jobs.execute(UUID(sys.argv[2]))
"""
THIRD_INVOICE = """
from tracktok.invoices.signals import document_finalized

def third(_sender, document):
    if document.sequence == 3:
        stay(document.number)

document_finalized.connect(third)
"""
THIRD_FILE = """
from tracktok.invoices.services.paper import keeping
from tracktok.invoices.services.recurring.making import SEND_JOB
whole, seen = keeping.store_file, []

def third(*args, **kwargs):
    kept = whole(*args, **kwargs)
    seen.append(kept)
    if len(seen) == 3:
        stay(kept.filename)
    return kept

keeping.store_file = third
"""


def test_the_files_of_a_run_are_drawn_in_jobs_of_twenty_each_once(due: Company):
    add(due, 23)
    run = start(due, tasks.RECURRING)
    assert execute(due, run) == {"made": 23, "troubles": 0}
    assert [len(one.payload["document_ids"]) for one in pieces(due)] == [20, 3]
    with tenant_scope(due.id):
        assert db.session.execute(select(Job.kind).where(Job.kind == keeping.PDF_JOB)).all() == []
    draw_all(due)
    drawn = {one.id: one.pdf_file_id for one in check(due, 23)}
    # A file that is there is left alone, also by a second job for the same.
    execute(due, start(due, PDFS, document_ids=[str(one) for one in drawn]))
    assert {one.id: one.pdf_file_id for one in check(due, 23)} == drawn
    assert execute(due, start(due, tasks.RECURRING)) == {"made": 0, "troubles": 0}
    assert len(pieces(due)) == 3


@pytest.mark.integration
def test_a_run_that_is_killed_before_it_hands_its_files_on(due: Company):
    add(due, 5)
    run = start(due, tasks.RECURRING)
    assert killed_in(due, THIRD_INVOICE, run).endswith("00003")
    with tenant_scope(due.id):
        assert len(db.session.execute(select(SalesDocument.id)).all()) == 2
    assert pieces(due) == []
    assert execute(due, run) == {"made": 3, "troubles": 0}
    draw_all(due)
    check(due, 5)


@pytest.mark.integration
def test_a_worker_that_is_killed_in_the_middle_of_its_files(due: Company):
    add(due, 5)
    execute(due, start(due, tasks.RECURRING))
    [piece] = pieces(due)
    assert killed_in(due, THIRD_FILE, piece.id).endswith("00003.pdf")
    with tenant_scope(due.id):
        before = db.session.execute(
            select(SalesDocument.id, SalesDocument.pdf_file_id).where(SalesDocument.pdf_file_id.is_not(None))
        ).all()
    assert len(before) == 2
    assert execute(due, piece.id) == {"files": 5}
    after = {one.id: one.pdf_file_id for one in check(due, 5)}
    assert {(one.id, after[one.id]) for one in before} == {(one.id, one.pdf_file_id) for one in before}


def test_a_file_that_cannot_be_drawn_does_not_keep_the_others_waiting(due: Company, monkeypatch):
    add(due, 3)
    execute(due, start(due, tasks.RECURRING))
    whole = keeping.draw

    def breaks(document: SalesDocument, *rest: Any) -> bytes:
        if document.sequence == 2:
            raise RuntimeError("a defect")
        return whole(document, *rest)

    monkeypatch.setattr(keeping, "draw", breaks)
    [piece] = pieces(due)
    with pytest.raises(RuntimeError, match="a defect"):
        execute(due, piece.id)
    with tenant_scope(due.id):
        drawn = select(SalesDocument.sequence).where(SalesDocument.pdf_file_id.is_not(None))
        assert sorted(db.session.execute(drawn).scalars()) == [1, 3]
    monkeypatch.undo()
    execute(due, piece.id)
    check(due, 3)


def test_a_period_is_told_once(due: Company):
    """What changes with a period is written together: one event of the run, one of the recurring invoice."""
    add(due, 1)
    with tenant_scope(due.id):
        known = set(db.session.execute(select(AuditEvent.id)).scalars())
    execute(due, start(due, tasks.RECURRING))
    with tenant_scope(due.id):
        fresh = select(AuditEvent.entity, AuditEvent.action, AuditEvent.after).where(AuditEvent.id.not_in(known))
        told = [(row.entity, row.action, row.after) for row in db.session.execute(fresh)]
        [run] = db.session.execute(select(RecurringRun)).scalars()
        assert (run.status, run.attempts, run.period_on.isoformat()) == ("made", 1, "2027-01-31")
    [(action, after)] = [(action, after) for entity, action, after in told if entity == "recurring_runs"]
    assert (action, after["status"], after["document_id"]) == ("updated", "made", str(run.document_id))
    [(action, after)] = [(action, after) for entity, action, after in told if entity == "recurring_invoices"]
    assert (action, after["next_on"]) == ("updated", "2027-02-28")


@pytest.mark.parametrize("email", ["ap@garden.test", ""], ids=["sent", "refused"])
def test_what_is_sent_is_drawn_when_it_is_sent(due: Company, email: str):
    add(due, 2, action="send", email=email)
    execute(due, start(due, tasks.RECURRING))
    assert pieces(due) == []
    kinds = [SEND_JOB] if email else [SEND_JOB, keeping.PDF_JOB]
    for kind in kinds:
        with tenant_scope(due.id):
            waiting = db.session.execute(select(Job.id).where(Job.kind == kind)).scalars().all()
        assert len(waiting) == 2
        for job_id in waiting:
            execute(due, job_id)
    assert [one.sent_at is not None for one in check(due, 2)] == [bool(email)] * 2
    with tenant_scope(due.id):
        assert set(db.session.execute(select(Job.kind)).scalars()) == {tasks.RECURRING, *kinds}
