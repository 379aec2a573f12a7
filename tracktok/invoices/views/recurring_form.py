"""The form of a recurring invoice: what was typed as a body, and a recurring invoice as what the form shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import Field, ValidationError
from werkzeug.datastructures import MultiDict

from tracktok.invoices.models import RecurringInvoice, SalesDocument
from tracktok.invoices.rules.recurring import problem_of
from tracktok.invoices.schemas.documents import DocumentIn, InvoiceIn
from tracktok.invoices.schemas.lines import LineIn
from tracktok.invoices.schemas.recurring import RecurringIn, RepeatIn, ScheduleIn
from tracktok.invoices.services.filling import plain
from tracktok.invoices.services.recurring import follow_prices, listed_prices, repeated
from tracktok.web.filters import format_number, today
from tracktok.web.forms import Form, sentence_of

from . import entering
from .blueprint import SECTIONS

SECTION = SECTIONS["invoices"]
_KEPT = ("supply_kind", "book_account_id", "cess_rate", "cess_per_unit", "pure_agent")
_HEAD = (
    "customer_id", "company_id", "currency", "reference", "notes", "terms", "tax_inclusive", "reverse_charge",
    "supply_type", "place_of_supply",
)  # fmt: skip
_PLAN = ("unit", "every", "starts_on", "anchor_day", "ends_on", "most", "action", "due_days", "name")
_HIDDEN = ("transport", "custom_fields", "delivery_address_id")


class PlanForm(ScheduleIn):
    """What the form says beside the invoice."""

    name: str = Field("", title="Name", max_length=120)
    follow_prices: bool = Field(True, title="Prices follow the service types")


def read(source: MultiDict[str, str], recurring: RecurringInvoice | None = None) -> Form[RecurringIn]:
    """What was sent, as the body of a recurring invoice; `recurring` is the one that it changes."""
    form, plan = entering.read(SECTION, source), Form.read(PlanForm, source)
    form.labels |= plan.labels
    for name, sentences in plan.errors.items():
        for sentence in sentences:
            form.add(name, sentence)
    if form.data is None or plan.data is None:
        form.data = None
        return form
    invoice: InvoiceIn = form.data
    lines = _kept(invoice.lines, source, recurring)
    for at, line in enumerate(lines):
        if problem := problem_of(line.description):
            form.add(f"lines-{at}-description", problem)
    form.data = None
    if form.errors:
        return form
    if plan.data.follow_prices:
        lines = follow_prices(invoice.customer_id, lines)
    values = {name: getattr(invoice, name) for name in DocumentIn.model_fields if name != "exchange_rate"}
    if recurring is not None:
        old = body_of(recurring)
        values |= {name: getattr(old, name) for name in _HIDDEN if name != "delivery_address_id" or _same(old, invoice)}
    try:
        said = {name: getattr(plan.data, name) for name in _PLAN}
        form.data = RecurringIn.model_validate({**values, **said, "lines": lines})
    except ValidationError as refused:
        for error in refused.errors(include_url=False):
            form.add("-".join(str(part) for part in error["loc"]), sentence_of(error))
    return form


def _same(old: InvoiceIn, new: InvoiceIn) -> bool:
    return old.customer_id == new.customer_id


def _kept(lines: Sequence[LineIn], source: MultiDict[str, str], recurring: RecurringInvoice | None) -> list[LineIn]:
    """Lines with what the form does not show of them, as long as they are of the same service."""
    old = body_of(recurring).lines if recurring is not None else []
    found = []
    for line, key in zip(lines, entering.filled_keys(source), strict=True):
        at = source.get(f"lines-{key}-id", "")
        before = old[int(at)] if at.isdigit() and int(at) < len(old) else None
        if before is not None and before.service_type_id == line.service_type_id:
            missing = {name: getattr(before, name) for name in _KEPT if getattr(line, name) is None}
            found.append(line.model_copy(update=missing))
        else:
            found.append(line)
    return found


def body_of(recurring: RecurringInvoice) -> InvoiceIn:
    """The invoice as it was entered."""
    parties = {"customer_id": recurring.customer_id, "company_id": recurring.company_id}
    return InvoiceIn.model_validate({**recurring.body, **parties})


def form_of(recurring: RecurringInvoice) -> Form[Any]:
    """The form of a recurring invoice."""
    plan = {name: getattr(recurring, name) for name in _PLAN}
    if recurring.anchor_day == recurring.starts_on.day:
        plan["anchor_day"] = None
    return _filled(body_of(recurring), plan)


def form_of_invoice(invoice: SalesDocument) -> Form[Any]:
    """The form that repeats an invoice, each month from a month after it on."""
    start = max(invoice.document_date, today())
    said = repeated(invoice, RepeatIn(starts_on=start))
    values = {name: getattr(said, name) for name in DocumentIn.model_fields if name != "exchange_rate"}
    return _filled(InvoiceIn.model_validate(values), {**begun(), "starts_on": start})


def begun() -> dict[str, Any]:
    """What a new form says of the schedule."""
    return {"unit": "month", "every": 1, "starts_on": today(), "action": "draft", "follow_prices": True}


def _filled(invoice: InvoiceIn, plan: Mapping[str, Any]) -> Form[Any]:
    given: dict[str, Any] = {name: getattr(invoice, name) for name in _HEAD}
    given |= {name: value for name, value in plan.items() if value is not None}
    given["discount"] = entering.write_discount(invoice.discount_percent, invoice.discount_amount)
    following = {line.service_type_id for line in invoice.lines if line.unit_price is None and line.service_type_id}
    prices = listed_prices(invoice.customer_id, following) if following else {}
    given["follow_prices"] = bool(following) or not any(line.service_type_id for line in invoice.lines)
    for at, line in enumerate(invoice.lines):
        given |= {f"lines-{at}-{name}": value for name, value in _line(at, line, prices, invoice.currency).items()}
    return Form(given)


def _line(at: int, line: LineIn, prices: Mapping[UUID, Any], currency: str | None) -> dict[str, Any]:
    listed = prices.get(line.service_type_id) if line.service_type_id else None
    price = line.unit_price
    if price is None and listed is not None and currency in {None, listed.currency}:
        price = plain(listed.unit_price)
    by_hand = f"p:{plain(line.tax_rate)}" if line.tax_rate is not None else ""
    return {
        "id": at,
        "service_type_id": line.service_type_id,
        "description": line.description,
        "hsn_sac": line.hsn_sac,
        "quantity": format_number(line.quantity).replace("\N{MINUS SIGN}", "-"),
        "unit": line.unit,
        "unit_price": price,
        "discount": entering.write_discount(line.discount_percent, line.discount_amount),
        "tax": str(line.tax_rate_id or "") or by_hand,
    }
