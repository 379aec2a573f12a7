"""The one shape of what was sent of a document and what comes next."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.money import format_amount
from tracktok.customers.models import Customer
from tracktok.invoices.models import SalesDocument
from tracktok.invoices.rules import dunning, statuses

from . import parties, reminders
from .recipients import REMINDERS, recipients_of

RUN_HOUR = 9
"""At this hour, where the tenant is, the run of the day begins."""
_OFF = ("off", "Reminders are switched off.")
_NO_ADDRESS = ("no_address", "The customer has no e-mail address for reminders.")


def rest_of(document: SalesDocument, customer: Customer | None, day: date) -> tuple[str, str] | None:
    """Why no reminder of a document goes out on a day: (code, in words); None when it may."""
    return dunning.rests(
        status=document.status,
        open_statuses=statuses.OPEN_INVOICES if document.kind in {"invoice", "debit_note"} else (),
        disputed=document.disputed_at is not None,
        promised_on=document.promised_on,
        today=day,
        customer_stopped=customer is None or customer.reminders_stopped,
        stopped=document.reminders_stopped,
    )


def reminders_of(document: SalesDocument) -> dict[str, Any]:
    """What was sent of a document, what comes next, and why nothing does."""
    now = clock.today(preferences().timezone)
    customer = parties.find_customer(document.customer_id)
    sent = reminders.sent_of([document.id])[document.id]
    rest, coming = rest_of(document, customer, now), None
    if rest is None or rest[0] == "promised":
        is_on = reminders.is_on()
        if is_on and customer is not None and recipients_of(customer, REMINDERS):
            coming = _next(document, sent, now)
        elif rest is None:
            rest = _NO_ADDRESS if is_on else _OFF
    return {
        "sent": [
            {
                "level_id": row.level_id,
                "level_name": row.level_name,
                "sent_on": row.sent_on,
                "sent_at": row.created_at,
                "to": row.to_addresses,
                "subject": row.subject,
                "amount_due": format_amount(row.amount_due, document.currency),
                "is_automatic": row.is_automatic,
            }
            for row in sent.rows
        ],
        "next": coming,
        "rests": rest[0] if rest else None,
        "rests_because": rest[1] if rest else None,
        "reminders_stopped": document.reminders_stopped,
    }


def _next(document: SalesDocument, sent: reminders.Sent, now: date) -> dict[str, Any] | None:
    first = reminders.first_run_day(now, RUN_HOUR)
    if document.promised_on is not None:
        first = max(first, document.promised_on + timedelta(days=1))
    if any(row.sent_on == first for row in sent.rows):
        first += timedelta(days=1)
    found = dunning.next_reminder(reminders.levels(only_active=True), sent.owed(document), first)
    return {"level_id": found[0].id, "level_name": found[0].name, "on": found[1]} if found else None


def level(row: Any) -> dict[str, Any]:
    """A level as the API answers it."""
    names = ("id", "name", "days", "subject", "message", "is_active", "active_from", "version")
    return {name: getattr(row, name) for name in names}
