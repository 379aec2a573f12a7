"""Work of billing that is done beside requests."""

from __future__ import annotations

from datetime import time
from typing import Any
from uuid import UUID

import structlog

from tracktok.core import schedule
from tracktok.core.db import transaction
from tracktok.core.jobs import JobRun, job
from tracktok.core.outbox import handler

from .queries import recurring as recurring_queries
from .queries import reminders as reminder_queries
from .queries.reminder_views import RUN_HOUR
from .services import paper, paying, recurring, reminding
from .services.deriving import today
from .services.paper.keeping import PDF_JOB
from .services.paying.refunding import REFUND
from .services.paying.starting import ASK
from .services.recurring.keeping import NOW_JOB
from .services.recurring.making import SEND_JOB, TRIED_FOR

log = structlog.get_logger(__name__)
REMINDERS, RECURRING = "invoices.reminders", "invoices.recurring"


@job(PDF_JOB)
def keep_pdf(run: JobRun) -> dict[str, Any] | None:
    """Draw the file of a document that was issued, and keep it."""
    document = paper.keep_pdf(UUID(run.payload["document_id"]))
    return {"sha256": document.pdf_sha256.hex() if document.pdf_sha256 else None}


@handler(REFUND)
def refund(_message_id: UUID, payload: dict[str, Any]) -> None:
    """Tell a payment provider of money that is given back."""
    paying.carry_out(UUID(payload["refund_id"]))


@handler(ASK)
def ask(_message_id: UUID, payload: dict[str, Any]) -> None:
    """Ask a payment provider what became of a payment of which nothing was heard."""
    paying.ask(UUID(payload["payment_id"]), payload["asked"])


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
    """Make the recurring invoices of the day, and of days that were missed: each in a transaction of its own."""
    done, day = {"made": 0, "troubles": 0}, today()
    due = recurring_queries.due_ids(day, day - TRIED_FOR)
    for at, recurring_id in enumerate(due):
        run.progress(at, len(due))
        try:
            with transaction():
                done["made"] += recurring.run_recurring(recurring_id)
        except Exception:
            log.exception("recurring_failed", recurring_id=str(recurring_id))
            done["troubles"] += 1
            with transaction():
                recurring.note_trouble(recurring_id)
    return done


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
