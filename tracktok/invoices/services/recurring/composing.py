"""From a recurring invoice and a period to the invoice of its day. Writes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from typing import Any

from pydantic import ValidationError

from tracktok.core.errors import DomainError, FieldError, Invalid
from tracktok.invoices.models import DocumentKind, RecurringInvoice
from tracktok.invoices.rules.recurring import dates_from, day_at, fill, period_at
from tracktok.invoices.schemas.documents import InvoiceIn
from tracktok.invoices.services.deriving import Derived, derive
from tracktok.web.filters import format_day, format_month
from tracktok.web.problems import from_validation

UPCOMING = 12


def invoice_of(recurring: RecurringInvoice, index: int) -> InvoiceIn:
    """The invoice of a period, as somebody would enter it: its day, its due date, its placeholders filled.

    Raises Invalid for what a field does not hold.
    """
    day = day_at(recurring.schedule, index)
    values = {**recurring.body, "customer_id": recurring.customer_id, "company_id": recurring.company_id}
    words = words_of(recurring, index)
    lines = [{**line, "description": fill(line.get("description", ""), words)} for line in values.pop("lines")]
    texts = {name: fill(values[name], words) for name in ("reference", "notes", "terms") if values.get(name)}
    due = None if recurring.due_days is None else day + timedelta(days=recurring.due_days)
    try:
        return InvoiceIn.model_validate({**values, **texts, "lines": lines, "invoice_date": day, "due_date": due})
    except ValidationError as refused:  # a filled placeholder may pass what a field holds
        errors = [replace(one, detail=_with_field(one)) for one in from_validation(refused).errors]
        raise Invalid(errors[0].detail, errors=errors) from refused


def _with_field(error: FieldError) -> str:
    """What is wrong, with the name of the field: nobody has a form before them."""
    name = next((part for part in reversed(error.pointer.split("/")) if part and not part.isdigit()), "")
    return f"{name.replace('_', ' ').capitalize()}: {error.detail}" if name else error.detail


def words_of(recurring: RecurringInvoice, index: int) -> dict[str, str]:
    """What the placeholders say in a period."""
    start, last = period_at(recurring.schedule, index)
    before, until = period_at(recurring.schedule, index - 1)
    return {
        "month": format_month(start),
        "previous_month": format_month(start.replace(day=1) - timedelta(days=1)),
        "period": f"{format_day(start)} to {format_day(last)}",
        "previous_period": f"{format_day(before)} to {format_day(until)}",
        "year": str(start.year),
    }


def derived_of(recurring: RecurringInvoice, index: int) -> Derived:
    """What the invoice of a period comes to. Raises as `derive` does."""
    return derive(DocumentKind.invoice, invoice_of(recurring, index), lock=False)


def problem_of(refusal: DomainError) -> tuple[str, str]:
    """Why an invoice is not made, for somebody who did not fill in a form: (in words, code)."""
    if not refusal.errors:
        return refusal.detail, refusal.code
    # What to enter is of no use here: nobody enters a rate.
    said = dict.fromkeys(one.detail.partition(" Enter the exchange rate")[0] for one in refusal.errors)
    return "; ".join(said), refusal.errors[0].code


def upcoming(recurring: RecurringInvoice, count: int = UPCOMING) -> list[dict[str, Any]]:
    """The next periods: (on, due_on, total, currency, problem), by the prices and rates that are known today."""
    return [
        _upcoming(recurring, index, day)
        for index, day in islice(dates_from(recurring.schedule, recurring.next_index), count)
    ]


def _upcoming(recurring: RecurringInvoice, index: int, day: date) -> dict[str, Any]:
    try:
        values = derived_of(recurring, index).values
    except DomainError as refusal:
        found = {"on": day, "due_on": None, "total": None, "currency": recurring.currency}
        return {**found, "problem": problem_of(refusal)[0]}
    found = {"on": day, "due_on": values["due_date"], "total": values["total"], "currency": values["currency"]}
    return {**found, "problem": ""}
