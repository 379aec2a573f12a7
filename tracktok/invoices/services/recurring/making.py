"""Recurring invoices are made on their days, each period once, whatever happens.

The recurring invoice is locked first; a period is a row that is unique for (recurring invoice, day). What is refused
(no rate, a customer who is gone, a credit limit, a series that has ended) is kept with its reason, told, and tried
again each morning and by hand.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import nullcontext
from datetime import date, timedelta
from uuid import UUID

import structlog
from sqlalchemy.dialects.postgresql import insert

from tracktok.core import clock, jobs
from tracktok.core.db import db
from tracktok.core.errors import Conflict, DomainError
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.invoices.models import DocumentKind, RecurringInvoice, RecurringRun, SalesDocument
from tracktok.invoices.queries import documents as documents_queries
from tracktok.invoices.queries import recurring as queries
from tracktok.invoices.queries.deposits import lock_deposits
from tracktok.invoices.rules import recurring as rules
from tracktok.invoices.schemas.sending import SendIn
from tracktok.invoices.services.deposits import take_up_deposits
from tracktok.invoices.services.deriving import today
from tracktok.invoices.services.drafts import create_document
from tracktok.invoices.services.issuing import create_issued
from tracktok.invoices.services.paper.keeping import draw_ahead, drawn_when_asked
from tracktok.invoices.services.sending import send_document
from tracktok.invoices.services.telling import ATTENTION, tell_people

from .composing import invoice_of, problem_of
from .keeping import put_amounts, put_next

log = structlog.get_logger(__name__)
SEND_JOB = "invoices.recurring_send"
MOST_AT_ONCE = 100
TRIED_FOR = timedelta(days=31)
"""How long after its day a period that failed is tried again by itself."""
_AMOUNTS = ("currency", "total", "taxable_amount", "exchange_rate")
TROUBLE = "Something went wrong on our side. It has been noted, and is tried again."


class CreditLimitPassed(Conflict):
    code, title = "credit_limit", "The credit limit would be passed"


class NotFailed(Conflict):
    code, title = "not_failed", "There is nothing to try again"


def run_recurring(recurring_id: UUID, day: date | None = None) -> int:
    """Make what a recurring invoice owes up to a day (today); returns how many invoices were made."""
    recurring = queries.get_recurring(recurring_id, for_update=True)
    until = day or today()
    if recurring.status == rules.PAUSED:
        return 0
    # Receipts are locked before documents: what was paid in advance, for all the invoices that are made here.
    deposits = lock_deposits([recurring.customer_id]) if recurring.action != rules.Action.draft else frozenset()
    made = 0
    for run in queries.failed_runs(recurring.id, since=until - TRIED_FOR, for_update=True):
        made += _try(recurring, run, deposits)
    db.session.flush()
    for _ in range(MOST_AT_ONCE):
        if recurring.status != rules.ACTIVE or recurring.next_on is None or recurring.next_on > until:
            break
        fresh = _begin(recurring)
        if fresh is not None:
            made += _try(recurring, fresh, deposits)
        put_next(recurring, recurring.next_index + 1)
        db.session.flush()
    return made


def _begin(recurring: RecurringInvoice) -> RecurringRun | None:
    """The row of the period that comes next; None when it was handled before."""
    return db.session.execute(
        insert(RecurringRun)
        .values(
            tenant_id=current_tenant_id(),
            id=new_id(),
            recurring_id=recurring.id,
            period_on=recurring.next_on,
            period_index=recurring.next_index,
            status=rules.FAILED,
        )
        .on_conflict_do_nothing()
        .returning(RecurringRun)
    ).scalar_one_or_none()


def _try(recurring: RecurringInvoice, run: RecurringRun, deposits: Collection[UUID], *, force: bool = False) -> bool:
    """Make the invoice of a period; what is refused stands in the run. Returns whether it was made; nothing is flushed.

    The run and the recurring invoice change together, with the period that comes next, in one flush of the caller.
    """
    try:
        with db.session.begin_nested():
            document = _make(recurring, run, deposits, force=force)
    except DomainError as refusal:
        return _stays(recurring, run, *problem_of(refusal))
    except Exception:  # a defect of one period: the others are made, and it is tried again
        log.exception("recurring_failed", recurring_id=str(recurring.id), run_id=str(run.id))
        return _stays(recurring, run, TROUBLE, "internal")
    put_amounts(recurring, {name: getattr(document, name) for name in _AMOUNTS})
    run.attempts += 1
    run.status, run.document_id, run.problem, run.problem_code = rules.MADE, document.id, "", ""
    run.done_at = clock.now()
    if recurring.action == rules.Action.send:
        jobs.start(SEND_JOB, {"run_id": str(run.id), "recurring_id": str(recurring.id)}, run_key=f"send:{run.id}")
    elif recurring.action == rules.Action.draft:
        _tell(recurring, run, f"A draft of “{recurring.name}” waits", "Look at it, and finalize it.", document)
    return True


def _stays(recurring: RecurringInvoice, run: RecurringRun, problem: str, code: str) -> bool:
    run.attempts += 1
    run.problem, run.problem_code = problem[:1000], code
    _tell(recurring, run, f"“{recurring.name}” of {run.period_on.isoformat()} was not made", run.problem)
    return False


def _make(recurring: RecurringInvoice, run: RecurringRun, deposits: Collection[UUID], *, force: bool) -> SalesDocument:
    body = invoice_of(recurring, run.period_index)
    if recurring.action == rules.Action.draft:
        written = create_document(DocumentKind.invoice, body)
    else:
        with drawn_when_asked() if recurring.action == rules.Action.send else nullcontext():  # sending draws it
            written = create_issued(DocumentKind.invoice, body)
        passed = next((one for one in written.warnings if one.code == "credit_limit"), None)
        if passed is not None and not force:
            raise CreditLimitPassed(passed.detail)
        take_up_deposits(written.document, deposits)
    return written.document


def retry_run(run: RecurringRun, recurring: RecurringInvoice, *, force: bool = False) -> RecurringRun:
    """Try a period that failed again, both locked by the caller: the recurring invoice first. Raises NotFailed."""
    _check_failed(run)
    _try(recurring, run, lock_deposits([recurring.customer_id]), force=force)
    db.session.flush()
    db.session.refresh(run)
    return run


def skip_run(run: RecurringRun) -> RecurringRun:
    """Leave out a period that failed, locked by the caller. Raises NotFailed (409)."""
    _check_failed(run)
    run.status, run.done_at = rules.SKIPPED, clock.now()
    db.session.flush()
    db.session.refresh(run)
    return run


def _check_failed(run: RecurringRun) -> None:
    if run.status != rules.FAILED:
        raise NotFailed(f"The invoice of {run.period_on.isoformat()} is {run.status}.")


def send_made(recurring_id: UUID, run_id: UUID) -> bool:
    """Mail the invoice of a period, once; returns whether it went. What is refused stands in the run, and is told."""
    recurring = queries.get_recurring(recurring_id, for_update=True)
    run = queries.get_run(recurring.id, run_id, for_update=True)
    if run.document_id is None:
        return False
    document = documents_queries.get_document(run.document_id, for_update=True)
    if document.sent_at is not None:
        return False
    try:
        with db.session.begin_nested():
            send_document(document, SendIn(to=None))
    except DomainError as refusal:
        detail = refusal.errors[0].detail if refusal.errors else refusal.detail
        run.problem, run.problem_code = f"It could not be sent. {detail}"[:1000], refusal.code
        db.session.flush()
        draw_ahead(document.id)
        _tell(recurring, run, f"{document.number} could not be sent", detail, document)
        return False
    return True


def _tell(
    recurring: RecurringInvoice, run: RecurringRun, title: str, body: str, document: SalesDocument | None = None
) -> None:
    path = f"/invoices/{document.id}" if document is not None else f"/recurring-invoices/{recurring.id}"
    tell_people("invoices.write", ATTENTION, title, body, path, f"recurring:{run.id}:{run.problem_code}")
