"""Metered usage on invoices: one draft for each customer, end of period and currency.

A period is billed once, whatever happens: its bill has a unique key, all of a customer's billing is under one lock, and
bill, charges and draft are written in one transaction. While the grace window is open, late usage changes the draft;
then the bill is closed, the invoice issued where the subscription says so, and what comes later adjusts the next one.
A draft that somebody has issued is not touched: its bill is closed. A draft that was deleted, or an invoice that is
void, lets its usage go: the next bill has it again. What comes late when no bill is to come is billed by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tracktok.core.db import db, lock_key
from tracktok.core.errors import DomainError, NotFound
from tracktok.core.money import format_amount, plain, round_amount
from tracktok.invoices.models import DocumentKind, SalesDocument
from tracktok.invoices.queries import billed_usage, documents
from tracktok.invoices.rules import statuses
from tracktok.invoices.schemas.documents import InvoiceIn
from tracktok.invoices.schemas.lines import LineIn, SourcedLine
from tracktok.usage.models import UsageBill, UsageSubscription
from tracktok.usage.queries import meters
from tracktok.usage.queries import subscriptions as queries
from tracktok.usage.rules.metering import unit_for
from tracktok.usage.services import billing
from tracktok.web.filters import format_day, format_number

from .drafts import change_document, create_document, delete_document, input_of, values_of
from .issuing import finalize_document

log = structlog.get_logger(__name__)
SOURCE = "usage"
_LET_GO = "Its usage is billed with the next period, or at once by “Bill now”."
_BACK = "It has ended, so no bill will set this off: give a credit note."
_TROUBLE = "Something went wrong that has been noted. It is tried again by itself."
MOST_PARTS = 12
_LOCK = text("SELECT pg_advisory_xact_lock(:key)")
_ONE = Decimal(1)
_FOUR = Decimal("0.0001")


@dataclass(slots=True)
class BillingRun:
    """What a run has done for a customer: bills opened, changed, closed, invoices issued, and what stood in the way."""

    opened: list[UsageBill] = field(default_factory=list)
    changed: int = 0
    closed: int = 0
    issued: int = 0
    problems: list[str] = field(default_factory=list)
    told: dict[UUID, str] = field(default_factory=dict)
    """What stands in the way of each subscription that was looked at; empty when nothing does."""

    def as_dict(self) -> dict[str, Any]:
        """For the record of a job."""
        counts = {name: getattr(self, name) for name in ("changed", "closed", "issued", "problems")}
        return {"opened": len(self.opened), **counts}


def bill_customer(customer_id: UUID, now: datetime, *, at_once: bool = False) -> BillingRun:
    """Bill what is due of a customer's usage, and look after bills that are open. One customer at a time.

    The trouble of a subscription is written to it and does not stop the others. What a closed period still owes is
    billed with the next one: `at_once`, by itself.
    """
    db.session.execute(_LOCK, {"key": lock_key("usage-billing", customer_id)})
    run = BillingRun()
    for bill in queries.bills_on(customer_id, billed_usage.gone_documents(customer_id)):
        billing.let_go(bill)
    queries.take_late(customer_id)
    for bill in queries.open_bills(customer_id):
        _look_after(bill, now, run)
    for subscription in queries.due_subscriptions(customer_id, now):
        _bill_periods(subscription, now, run)
    for subscription in queries.not_settled(customer_id, at_once=at_once):
        _bill_late(subscription, now, run)
    for bill in queries.released_bills(customer_id):
        days = f"{format_day(bill.period_start)} to {format_day(bill.period_end - timedelta(days=1))}"
        note = f"The invoice for {days} was deleted or made void. {_LET_GO}"
        run.told[bill.subscription_id] = run.told.get(bill.subscription_id) or note
    _tell(run)
    return run


@contextmanager
def _apart(subscription_id: UUID, run: BillingRun) -> Iterator[None]:
    """Do something for a subscription: when it fails, undo and tell it. Only a database that is away stops the run."""
    run.told.setdefault(subscription_id, "")
    try:
        with db.session.begin_nested():
            yield
    except OperationalError:
        raise
    except DomainError as error:
        run.told[subscription_id] = run.told[subscription_id] or error.detail
    except Exception:
        log.exception("usage_not_billed", subscription_id=str(subscription_id))
        run.told[subscription_id] = run.told[subscription_id] or _TROUBLE


def _tell(run: BillingRun) -> None:
    """Write to each subscription what stands in its way, or that nothing does any more."""
    for subscription_id, detail in run.told.items():
        subscription = queries.get_subscription(subscription_id, for_update=True)
        if detail:
            run.problems.append(f"{subscription.name}: {detail}")
        if subscription.problem != detail:
            subscription.problem = detail
    db.session.flush()


def _bill_periods(subscription: UsageSubscription, now: datetime, run: BillingRun) -> None:
    """Every period of a subscription that has ended, the earliest first."""
    subscription_id = subscription.id
    while subscription.next_bill_at is not None and subscription.next_bill_at <= now:
        bill, done = None, False
        with _apart(subscription_id, run):
            bill = billing.open_next(subscription, now)
            if bill is not None:
                _draft(bill, set())
            done = True
        if not done:
            return
        if bill is not None:
            run.opened.append(bill)
            _look_after(bill, now, run)


def _bill_late(subscription: UsageSubscription, now: datetime, run: BillingRun) -> None:
    """What came late for a subscription that has no bill to come, or was let go, by itself."""
    bill, waiting, ended = None, Decimal(0), subscription.next_bill_at is None
    with _apart(subscription.id, run):
        bill, waiting = billing.open_late(subscription, now)
        if bill is not None:
            _draft(bill, set())
    if bill is not None:
        run.opened.append(bill)
        _look_after(bill, now, run)
    if ended and waiting:
        amount = format_amount(-waiting, subscription.currency)
        run.told[subscription.id] = f"{subscription.currency} {amount} too much was billed, by what came late. {_BACK}"


def _look_after(bill: UsageBill, now: datetime, run: BillingRun) -> None:
    """Bring an open bill up to date, and close it when its grace window has ended."""
    changed = closes = untouched = False
    with _apart(bill.subscription_id, run):
        document = _document_of(bill)
        untouched = document is None if bill.document_id is None else _is_draft(document)
        if untouched:
            before = {one.id for one in queries.charges_of(bill.id)}
            changed = billing.refresh(bill)
            if changed:
                _draft(bill, before)
        closes = not untouched or now >= bill.close_at
        if closes:
            billing.close(bill)
        run.changed += changed
        run.closed += closes
    if closes and untouched and bill.status == "closed":
        _issue(bill, run)


def _issue(bill: UsageBill, run: BillingRun) -> None:
    """Issue the invoice of a closed bill where all bills on it are closed, and all their subscriptions want that."""
    if bill.document_id is None or not queries.may_be_issued(bill.document_id):
        return
    try:
        with db.session.begin_nested():
            finalize_document(bill.document_id, DocumentKind.invoice)
        run.issued += 1
    except DomainError as error:
        run.told[bill.subscription_id] = f"The invoice waits for you: {error.detail}"


def _document_of(bill: UsageBill) -> SalesDocument | None:
    if bill.document_id is None:
        return None
    try:
        return documents.get_document(bill.document_id, DocumentKind.invoice, for_update=True)
    except NotFound:
        return None


def _is_draft(document: SalesDocument | None) -> bool:
    return document is not None and document.status == statuses.DRAFT


def _draft(bill: UsageBill, before: set[UUID]) -> None:
    """Put the lines of a bill on its draft, in place of those that it had (`before`); on a new draft if there is none.

    Other lines of the draft, which a person or another subscription has put there, stay.
    """
    document = _document_of(bill)
    if document is None and not bill.is_late:
        shared = queries.document_for(bill.customer_id, bill.period_end, bill.currency)
        document = _shared(shared)
    lines = lines_of(bill)
    if document is None:
        if not lines:
            return
        body = InvoiceIn(customer_id=bill.customer_id, currency=bill.currency, lines=lines)
        billing.note_document(bill, create_document(DocumentKind.invoice, body).document.id)
        return
    values = values_of(document, documents.lines_of(document.id))
    kept = [one for one in values["lines"] if not (isinstance(one, SourcedLine) and one.source_id in before)]
    if not kept and not lines:
        delete_document(document)
        billing.forget_document(document.id)
        return
    change_document(document, input_of(document.kind).model_validate({**values, "lines": [*kept, *lines]}))
    billing.note_document(bill, document.id)


def _shared(document_id: UUID | None) -> SalesDocument | None:
    """The draft that another subscription of the customer has for the same end of period, if it is still one."""
    if document_id is None:
        return None
    try:
        found = documents.get_document(document_id, DocumentKind.invoice, for_update=True)
    except NotFound:
        return None
    return found if _is_draft(found) else None


def lines_of(bill: UsageBill) -> list[LineIn]:
    """The lines of a bill as an invoice has them: quantity, unit, and how the amount came about."""
    charges = [one for one in queries.charges_of(bill.id) if one.amount or one.quantity]
    billed = [UUID(one) for one in bill.terms["meters"]]
    known = meters.by_ids({*billed, *(one.meter_id for one in charges if one.meter_id is not None)})
    # A commitment or cap is taxed as the first of the subscription's meters that says how, used or not.
    services = [known[one].service_type_id for one in billed if one in known]
    first = next((one for one in services if one is not None), None)
    lines: list[LineIn] = []
    for one in charges:
        meter = known.get(one.meter_id) if one.meter_id is not None else None
        quantity, unit, unit_price = _priced(one, bill.currency)
        lines.append(
            SourcedLine(
                source=SOURCE,
                source_id=one.id,
                service_type_id=meter.service_type_id if meter is not None else first,
                description=_described(one, bill.currency)[:2000],
                quantity=quantity,
                unit=unit,
                unit_price=unit_price,
            )
        )
    return lines


def _priced(charge: Any, currency: str) -> tuple[Decimal, str, Decimal]:
    """(quantity, unit, unit price) whose product is the amount; one of the amount itself where no plain price says it.

    Lines of documents have four places. What is cheaper by the unit, or has tiers, is explained in the description.
    """
    parts = charge.breakdown
    if len(parts) == 1 and parts[0].get("per") == "unit" and parts[0].get("unit_price") is not None:
        quantity, price = Decimal(parts[0]["quantity"]), Decimal(parts[0]["unit_price"])
        plain = all(value == value.quantize(_FOUR, rounding=ROUND_HALF_UP) for value in (quantity, price))
        if plain and quantity == charge.quantity and round_amount(quantity * price, currency) == charge.amount:
            return quantity, charge.unit, price
    return _ONE, "", charge.amount


def _described(charge: Any, currency: str) -> str:
    """What is billed, and how its amount came about where quantity and price alone do not say it."""
    lines = [charge.description]
    if charge.meter_id is not None:
        lines[0] += f": {_number(charge.quantity)} {unit_for(charge.quantity, charge.unit or 'unit')}"
    parts: Sequence[Any] = charge.breakdown
    if len(parts) > 1 or (parts and _priced(charge, currency)[1] == "" and charge.meter_id is not None):
        lines += [_part_words(one, currency) for one in parts[:MOST_PARTS]]
        if len(parts) > MOST_PARTS:
            lines.append(f"and {len(parts) - MOST_PARTS} more")
    return "\n".join(lines)


def _part_words(part: Any, currency: str) -> str:
    amount = format_amount(round_amount(Decimal(part["amount"]), currency), currency)
    if part.get("quantity") is None or part.get("unit_price") is None:
        return f"{part['label']}: {amount}"
    times = f"{_number(Decimal(part['quantity']))} × {part['unit_price']}"  # noqa: RUF001 - a sign of multiplication
    if part["per"] == "percent":
        times = f"{part['unit_price']} % of {_number(Decimal(part['quantity']))}"
    return f"{part['label']}: {times} = {amount}"


def _number(value: Decimal) -> str:
    return format_number(plain(value))
