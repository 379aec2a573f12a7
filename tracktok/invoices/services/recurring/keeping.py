"""Recurring invoices: made, of an invoice too, changed, paused, resumed, ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import takewhile
from typing import Any
from uuid import UUID

from tracktok.core import clock, jobs
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Conflict, FieldError, Invalid
from tracktok.core.ids import new_id
from tracktok.core.money import round_amount
from tracktok.core.permissions import require
from tracktok.invoices.models import DocumentKind, RecurringInvoice, RecurringRun, SalesDocument
from tracktok.invoices.queries import documents as documents_queries
from tracktok.invoices.queries import recurring as queries
from tracktok.invoices.queries.parties import find_customer, load_goods
from tracktok.invoices.rules import recurring as rules
from tracktok.invoices.schemas.documents import DocumentIn, InvoiceIn
from tracktok.invoices.schemas.lines import LineIn
from tracktok.invoices.schemas.recurring import RecurringIn, RepeatIn, ScheduleIn
from tracktok.invoices.services.deriving import derive, today
from tracktok.invoices.services.drafts import values_of

NOW_JOB = "invoices.recurring_now"
_DAYS = {"invoice_date", "due_date", "exchange_rate", "customer_id", "company_id"}
_SCHEDULE = tuple(name for name in ScheduleIn.model_fields if name != "anchor_day")


class RecurringStopped(Conflict):
    code, title = "recurring_stopped", "This recurring invoice cannot go there from where it stands"


def may_make(action: rules.Action | str) -> None:
    """Who lets invoices be issued or sent by themselves may issue and send them. Raises Forbidden (403)."""
    if action != rules.Action.draft:
        require("invoices.finalize")
    if action == rules.Action.send:
        require("invoices.send")


def create_recurring(body: RecurringIn) -> RecurringInvoice:
    """Make a recurring invoice. The first one is that of today or of the first day after it.

    What falls on today is made at once. Raises Invalid at the fields.
    """
    recurring = RecurringInvoice(id=new_id(), status=rules.ACTIVE)
    _write(recurring, body)
    db.session.add(recurring)
    db.session.flush()
    _make_now(recurring)
    db.session.refresh(recurring)
    return recurring


def change_recurring(recurring: RecurringInvoice, body: RecurringIn) -> RecurringInvoice:
    """Change a recurring invoice, locked by the caller. What was made stays; days before today are not made up."""
    if recurring.status == rules.ENDED:
        raise RecurringStopped("It has ended. Make another of it, or of one of its invoices.")
    _write(recurring, body)
    db.session.flush()
    _make_now(recurring)
    db.session.refresh(recurring)
    return recurring


def repeated(invoice: SalesDocument, body: RepeatIn) -> RecurringIn:
    """The recurring invoice that repeats an invoice."""
    values = values_of(invoice, documents_queries.lines_of(invoice.id), billed=False)
    values = {name: value for name, value in values.items() if name in DocumentIn.model_fields and name not in _DAYS}
    lines: list[LineIn] = values.pop("lines")
    values["lines"] = _following(invoice.customer_id, lines) if body.follow_prices else lines
    terms = {name: getattr(body, name) for name in (*_SCHEDULE, "anchor_day", "name")}
    parties = {"customer_id": invoice.customer_id, "company_id": invoice.company_id}
    return RecurringIn.model_validate({**values, **parties, **terms})


def repeat_invoice(invoice: SalesDocument, body: RepeatIn) -> RecurringInvoice:
    """Make a recurring invoice of an invoice."""
    return create_recurring(repeated(invoice, body))


def follow_prices(customer_id: UUID, lines: Sequence[LineIn]) -> list[LineIn]:
    """Lines at the listed price of their service type lose it: they follow what it is on each day."""
    return _following(customer_id, lines)


def listed_prices(customer_id: UUID, service_type_ids: Iterable[UUID]) -> dict[UUID, Any]:
    """What service types cost a customer today: (unit_price, currency) by their ids."""
    customer = find_customer(customer_id)
    if customer is None:
        return {}
    goods = load_goods(services=set(service_type_ids), rates=(), accounts=(), customer=customer, day=today())
    return {key: goods.prices.get(key, service) for key, service in goods.services.items()}


def _following(customer_id: UUID, lines: Sequence[LineIn]) -> list[LineIn]:
    prices = listed_prices(customer_id, {line.service_type_id for line in lines if line.service_type_id})
    found = []
    for line in lines:
        listed = prices.get(line.service_type_id) if line.service_type_id else None
        is_listed = listed is not None and line.unit_price is not None and line.unit_price == listed.unit_price
        found.append(line.model_copy(update={"unit_price": None}) if is_listed else line)
    return found


def pause_recurring(recurring: RecurringInvoice) -> RecurringInvoice:
    """Make nothing until it is resumed; locked by the caller. Raises RecurringStopped (409)."""
    return _move(recurring, "pause")


def resume_recurring(recurring: RecurringInvoice, *, make_up: bool = False) -> RecurringInvoice:
    """Go on, locked by the caller. The periods that were missed are skipped, or made up at once."""
    _move(recurring, "resume")
    if not make_up:
        _skip_before_today(recurring)
    db.session.flush()
    _make_now(recurring)
    db.session.refresh(recurring)
    return recurring


def missed(recurring: RecurringInvoice) -> list[tuple[int, date]]:
    """(index, day) of the periods whose day is past and that were not handled."""
    known, now = queries.periods_of(recurring.id), today()
    coming = takewhile(lambda one: one[1] < now, rules.dates_from(recurring.schedule, recurring.next_index))
    return [one for one in coming if one[1] not in known]


def _skip_before_today(recurring: RecurringInvoice) -> None:
    """Periods whose day is past are told as skipped, the latest hundred; the next is that of today or later."""
    index = rules.first_index_from(recurring.schedule, today())
    for at, day in missed(recurring)[-100:]:
        _add_skipped(recurring, at, day)
    put_next(recurring, index if index is None else max(index, recurring.next_index))


def skip_next(recurring: RecurringInvoice) -> RecurringInvoice:
    """Leave the next period out, locked by the caller. Raises RecurringStopped (409) when there is none."""
    if recurring.status == rules.ENDED or recurring.next_on is None:
        raise RecurringStopped("There is no next invoice to skip.")
    _add_skipped(recurring, recurring.next_index, recurring.next_on)
    put_next(recurring, recurring.next_index + 1)
    db.session.flush()
    db.session.refresh(recurring)
    return recurring


def _add_skipped(recurring: RecurringInvoice, index: int, day: date) -> None:
    run = RecurringRun(id=new_id(), recurring_id=recurring.id, period_on=day, period_index=index, status=rules.SKIPPED)
    run.done_at = clock.now()
    db.session.add(run)


def end_recurring(recurring: RecurringInvoice) -> RecurringInvoice:
    """Make none any more, locked by the caller: what failed is left out. Raises RecurringStopped (409).

    One that ran out by itself still owes what failed.
    """
    _move(recurring, "end")
    recurring.next_on = None
    for run in queries.failed_runs(recurring.id, since=date.min, for_update=True):
        run.status, run.done_at = rules.SKIPPED, clock.now()
    db.session.flush()
    db.session.refresh(recurring)
    return recurring


def put_next(recurring: RecurringInvoice, index: int | None) -> None:
    """Say which period comes next; without one it has ended."""
    day = rules.date_at(recurring.schedule, index) if index is not None else None
    recurring.next_on = day
    if index is not None:
        recurring.next_index = index
    if day is None:
        recurring.status = rules.ENDED


def _move(recurring: RecurringInvoice, action: str) -> RecurringInvoice:
    status = rules.TRANSITIONS.get((recurring.status, action))
    if status is None:
        raise RecurringStopped(f"It is {recurring.status}.")
    recurring.status = status
    db.session.flush()
    db.session.refresh(recurring)
    return recurring


def _make_now(recurring: RecurringInvoice) -> None:
    if recurring.status == rules.ACTIVE and recurring.next_on is not None and recurring.next_on <= today():
        key = f"recurring:{recurring.id}:{recurring.next_on}:{recurring.version}"
        jobs.start(NOW_JOB, {"recurring_id": str(recurring.id)}, run_key=key)


def _write(recurring: RecurringInvoice, body: RecurringIn) -> None:
    invoice = {name: value for name, value in body if name in DocumentIn.model_fields and name not in _DAYS}
    as_entered = InvoiceIn.model_validate({**invoice, "customer_id": body.customer_id, "company_id": body.company_id})
    _reckon(recurring, as_entered)
    recurring.customer_id, recurring.company_id = body.customer_id, body.company_id
    recurring.body = as_entered.model_dump(mode="json", exclude=_DAYS, exclude_none=True, exclude_defaults=True)
    recurring.name = body.name or _name_of(as_entered, recurring.body)
    for name in _SCHEDULE:
        setattr(recurring, name, getattr(body, name))
    recurring.unit, recurring.action = body.unit.value, body.action.value
    recurring.anchor_day = body.anchor_day or body.starts_on.day
    index = rules.first_index_from(recurring.schedule, _first_free(recurring))
    if index is None:
        raise Invalid.at("ends_on" if body.ends_on else "most", "No day is left before its end.")
    put_next(recurring, index)


def _first_free(recurring: RecurringInvoice) -> date:
    """The day from which periods are to be made: today, or the day after the last that was handled."""
    done = queries.last_period(recurring.id) if recurring.created_at is not None else None
    return max(today(), done + timedelta(days=1)) if done is not None else today()


def _name_of(invoice: InvoiceIn, stored: dict[str, Any]) -> str:
    first = stored["lines"][0].get("description", "")
    if first:
        return str(first)[:120]
    customer = find_customer(invoice.customer_id)
    return customer.name[:120] if customer else "Recurring invoice"


def _reckon(recurring: RecurringInvoice, invoice: InvoiceIn) -> None:
    """What one comes to today. A rate of exchange may come to be known before its day."""
    try:
        derived = derive(DocumentKind.invoice, invoice, lock=False)
    except Invalid as refusal:
        if not refusal.errors or any(_field(one) != "exchange_rate" for one in refusal.errors):
            raise
        customer = find_customer(invoice.customer_id)
        recurring.currency = invoice.currency or (customer.currency if customer else preferences().currency)
        recurring.total = recurring.base_net = Decimal(0)
        return
    put_amounts(recurring, derived.values)


def put_amounts(recurring: RecurringInvoice, values: dict[str, Any]) -> None:
    """Keep what one comes to, for lists."""
    recurring.currency, recurring.total = values["currency"], values["total"]
    net = values["taxable_amount"] * values["exchange_rate"]
    recurring.base_net = round_amount(net, preferences().currency)


def _field(error: FieldError) -> str:
    return error.pointer.rpartition("/")[2]
