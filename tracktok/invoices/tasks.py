"""Work of billing that is done beside requests."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any
from uuid import UUID

import structlog

from tracktok.core import clock, jobs, schedule
from tracktok.core.db import db, transaction
from tracktok.core.jobs import JobRun, job
from tracktok.core.outbox import handler
from tracktok.core.tenancy import door, tenant_scope
from tracktok.core.worker import celery
from tracktok.tenants.queries import list_active
from tracktok.usage.queries import subscriptions

from .queries import recurring as recurring_queries
from .queries import reminders as reminder_queries
from .queries.billed_usage import customers_with_gone_documents
from .queries.receipts import pending_refunds
from .queries.reminder_views import RUN_HOUR
from .services import paper, paying, recurring, reminding
from .services.deriving import today
from .services.paper.keeping import AT_ONCE, PDF_JOB, PDFS_JOB, draw_together, drawn_together
from .services.paying.refunding import REFUND
from .services.paying.starting import ASK
from .services.recurring.keeping import NOW_JOB
from .services.recurring.making import SEND_JOB, TRIED_FOR
from .services.refunding import PENDING
from .services.usage_billing import bill_customer

log = structlog.get_logger(__name__)
FILES_LOOKED_FOR = timedelta(days=7)
REMINDERS, RECURRING = "invoices.reminders", "invoices.recurring"
BILL_USAGE, PENDING_REFUNDS = "invoices.bill_usage", "invoices.pending_refunds"


@job(PDF_JOB)
def keep_pdf(run: JobRun) -> dict[str, Any] | None:
    """Draw the file of a document that was issued, and keep it."""
    document = paper.keep_pdf(UUID(run.payload["document_id"]))
    return {"sha256": document.pdf_sha256.hex() if document.pdf_sha256 else None}


@job(PDFS_JOB)
def keep_pdfs(run: JobRun) -> dict[str, Any]:
    """Draw and keep the files of a few documents, each in a transaction of its own; what has its file is left alone.

    A trouble with one does not keep the others waiting; it is tried again with the job, and when it is asked for.
    """
    done, trouble, look = 0, None, paper.look_of_today()
    for one in run.payload["document_ids"]:
        try:
            with transaction():
                paper.keep_pdf(UUID(one), look)
            done += 1
        except Exception as error:
            log.exception("file_not_drawn", document_id=one)
            trouble = error
    if trouble is not None:
        raise trouble
    return {"files": done}


@handler(REFUND)
def refund(_message_id: UUID, payload: dict[str, Any]) -> None:
    """Tell a payment provider of money that is given back."""
    paying.carry_out(UUID(payload["refund_id"]))


@handler(ASK)
def ask(_message_id: UUID, payload: dict[str, Any]) -> None:
    """Ask a payment provider what became of a payment of which nothing was heard."""
    paying.ask(UUID(payload["payment_id"]), payload["asked"])


@job(PENDING_REFUNDS)
def look_after_refunds(run: JobRun) -> dict[str, Any]:
    """Ask the payment providers about refunds that are pending, each in a transaction of its own."""
    done = {"asked": 0, "decided": 0, "troubles": 0}
    waiting = pending_refunds(clock.now() - timedelta(hours=1))
    for at, refund_id in enumerate(waiting):
        run.progress(at, len(waiting))
        done["asked"] += 1
        try:
            with transaction():
                done["decided"] += paying.look_after(refund_id).status != PENDING
        except Exception:
            log.exception("refund_not_asked", refund_id=str(refund_id))
            done["troubles"] += 1
    return done


schedule.daily(PENDING_REFUNDS, at=time(7))


@job(REMINDERS)
def send_reminders(run: JobRun) -> dict[str, Any]:
    """Remind each customer of what is due, each in a transaction of its own: one trouble does not keep others waiting.

    What was not sent because of a trouble is still due, and goes with the next day's run.
    """
    done = {"mails": 0, "documents": 0, "failed": 0}
    if not reminder_queries.is_on():
        return done
    day = today()
    customers = reminder_queries.due_customers(day)
    for at, (customer_id, ids) in enumerate(customers):
        run.progress(at, len(customers))
        try:
            with transaction():
                count = reminding.remind_customer(customer_id, ids, day)
        except Exception:
            log.exception("reminder_failed", customer_id=str(customer_id))
            done["failed"] += 1
            continue
        done["mails"] += bool(count)
        done["documents"] += count
    return done


schedule.daily(REMINDERS, at=time(RUN_HOUR))


@job(RECURRING)
def make_recurring(run: JobRun) -> dict[str, Any]:
    """Make the recurring invoices of the day, and of days that were missed: each in a transaction of its own.

    A trouble with one period stands in that period. What could not be begun at all is still due, and comes with the
    next day's run.

    Their files are drawn beside it by others, twenty in a job. What a killed run had made and not handed on yet is
    found by the next attempt, or by the next day's run.
    """
    done, day = {"made": 0, "troubles": 0}, today()
    issued = recurring_queries.without_file(clock.now() - FILES_LOOKED_FOR)
    due = recurring_queries.due_ids(day, day - TRIED_FOR)
    try:
        for at, recurring_id in enumerate(due):
            run.progress(at, len(due))
            issued = _hand_on(issued, run.id, at_least=AT_ONCE)
            fresh: list[UUID] = []
            try:
                with transaction(), drawn_together(fresh):
                    done["made"] += recurring.run_recurring(recurring_id)
                issued += fresh
            except Exception:
                log.exception("recurring_failed", recurring_id=str(recurring_id))
                done["troubles"] += 1
    finally:
        _hand_on(issued, run.id)
    return done


def _hand_on(issued: list[UUID], run_id: UUID, *, at_least: int = 1) -> list[UUID]:
    """Have the files drawn of what was issued and committed, once there is so much of it; what is left."""
    if len(issued) < at_least:
        return issued
    with transaction():
        draw_together(issued, run_id)
    return []


@job(NOW_JOB)
def make_recurring_now(run: JobRun) -> dict[str, Any]:
    """Make what a recurring invoice owes on the day on which it was made, changed or resumed."""
    return {"made": recurring.run_recurring(UUID(run.payload["recurring_id"]))}


@job(SEND_JOB)
def send_recurring(run: JobRun) -> dict[str, Any]:
    """Mail an invoice that a recurring invoice made."""
    sent = recurring.send_made(UUID(run.payload["recurring_id"]), UUID(run.payload["run_id"]))
    return {"sent": sent}


schedule.daily(RECURRING, at=time(6))


@job(BILL_USAGE)
def bill_usage(run: JobRun) -> dict[str, Any] | None:
    """Bill what is due of a customer's metered usage, and look after the bills that are open."""
    return bill_customer(UUID(run.payload["customer_id"]), clock.now()).as_dict()


@celery.task(name="invoices.usage_tick")
def usage_tick() -> None:
    """Start the billing of whoever is due in any tenant: at most once an hour each, however often it is called."""
    with door("find who is billed for usage"):
        tenants = [tenant_id for tenant_id, _, _ in list_active()]
        db.session.rollback()
    for tenant_id in tenants:
        try:
            with tenant_scope(tenant_id), transaction():
                start_usage_billing()
        except Exception:
            log.exception("usage_billing_not_started", tenant_id=str(tenant_id))


def start_usage_billing() -> int:
    """Start the billing of the current tenant's customers that are due or have a bill open; returns how many."""
    now = clock.now()
    wanted = {*subscriptions.customers_to_bill(now), *customers_with_gone_documents()}
    started = 0
    for customer_id in sorted(wanted):
        key = f"usage-bill:{customer_id}:{now:%Y-%m-%dT%H}"
        started += jobs.start(BILL_USAGE, {"customer_id": str(customer_id)}, run_key=key)[1]
    return started
