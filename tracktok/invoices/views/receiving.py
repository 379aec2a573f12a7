"""The forms of a receipt: recording one, and letting the rest of one pay something.

Each open document has a field `pay-<its id>`. While amounts are typed they are filled, the longest due first, until
somebody changes one by hand (`by_hand`); what is left over is shown as credit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Response, jsonify, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.core.context import preferences
from tracktok.core.money import MINOR_UNITS
from tracktok.core.permissions import permits
from tracktok.customers.queries import company_choices, find_customers, get_customer
from tracktok.customers.rules.states import state_choices
from tracktok.expenses.rules.amounts import COMMON_CURRENCIES
from tracktok.invoices import services
from tracktok.invoices.models import Receipt, SalesDocument, SalesLine
from tracktok.invoices.queries.documents import get_document, lines_of
from tracktok.invoices.queries.receipts import get_receipt, item_of, latest_account, open_documents
from tracktok.invoices.rules.allocating import allocate_oldest_first
from tracktok.invoices.schemas.receipts import AllocateIn, ReceiptIn
from tracktok.invoices.services.tills import rate_on
from tracktok.web.filters import figures, format_day, format_number, today
from tracktok.web.forms import Form
from tracktok.web.inputs import plain_date, plain_decimal
from tracktok.web.render import render, toast
from tracktok.web.saving import go_on, save

from .index import customer_options
from .receipts import METHODS, accounts_for, blueprint

PAY = "pay-"
DEPOSIT = (
    "is_deposit", "deposit-document_id", "deposit-description", "deposit-hsn_sac", "deposit-supply_kind",
    "deposit-tax_rate", "deposit-place_of_supply", "deposit-reverse_charge",
)  # fmt: skip
ZERO = Decimal(0)


@dataclass(slots=True)
class Share:
    """How an amount is shared over what is open."""

    currency: str
    amount: Decimal = ZERO
    rows: Sequence[Any] = ()
    texts: dict[UUID, str] = field(default_factory=dict)
    """What stands in the field of each document."""
    paid: Decimal = ZERO
    by_hand: bool = False
    wrong: str = ""
    customer_id: UUID | None = None
    rate: str = ""
    """The published rate, in words; for another currency than the company's."""

    @property
    def rest(self) -> Decimal:
        """What stays as the customer's credit."""
        return self.amount - self.paid

    @property
    def open(self) -> Decimal:
        """What is open in all."""
        return sum((row.amount_due for row in self.rows), ZERO)


def number_of(text: str) -> Decimal | None:
    """An amount as it was typed; None for what is no amount."""
    plain = plain_decimal(text, figures(preferences().locale).decimal) if text.strip() else None
    return Decimal(plain) if plain is not None else None


def uuid_or_none(text: str) -> UUID | None:
    """An id, or None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def share_of(values: Mapping[str, str], customer_id: UUID | None, currency: str, amount: Decimal) -> Share:
    """How the amount of a form is shared: as it was typed, or the longest due first."""
    share = Share(currency, amount, customer_id=customer_id)
    if customer_id is None or currency not in MINOR_UNITS:
        return share
    share.rows = open_documents(customer_id, currency)
    share.by_hand = values.get("by_hand") == "1" and values.get("of_customer", "") in {"", str(customer_id)}
    if share.by_hand:
        for row in share.rows:
            text = values.get(f"{PAY}{row.id}", "")
            share.texts[row.id] = text
            part = number_of(text)
            if text.strip() and part is None:
                share.wrong = "One of the amounts is not understood."
            elif part is not None and part > row.amount_due:
                share.wrong = f"More is entered for {row.number} than is open."
            share.paid += part or ZERO
        if share.paid > amount and not share.wrong:
            share.wrong = "More is entered than was received."
        return share
    shares = dict(allocate_oldest_first(amount, [item_of(row) for row in share.rows]))
    places = MINOR_UNITS[currency]
    share.texts = {row.id: _plain(shares[row.id], places) if row.id in shares else "" for row in share.rows}
    share.paid = sum(shares.values(), ZERO)
    return share


def _plain(amount: Decimal, places: int) -> str:
    return format_number(amount, places).replace("\N{MINUS SIGN}", "-")


def _with_rate(share: Share, values: Mapping[str, str]) -> Share:
    base = preferences().currency
    if share.currency == base or share.currency not in MINOR_UNITS:
        return share
    day = plain_date(values.get("receipt_date", ""), preferences().date_format, today())
    found = rate_on(share.currency, day or today(), None)
    if found is None:
        share.rate = f"No rate is published for this day: enter what one {share.currency} is worth."
    else:
        when = f" of {format_day(found[1])}" if found[1] else ""
        places = min(max(2, -int(found[0].normalize().as_tuple().exponent)), 6)
        share.rate = f"Left empty: 1 {share.currency} = {format_number(found[0], places)} {base}, published{when}"
    return share


def _share_of_form(values: MultiDict[str, str]) -> Share:
    customer_id = uuid_or_none(values.get("customer_id", ""))
    currency = values.get("currency", "") or preferences().currency
    amount = number_of(values.get("amount", "")) or ZERO
    return _with_rate(share_of(values, customer_id, currency, max(amount, ZERO)), values)


def parts_of(values: MultiDict[str, str]) -> tuple[list[dict[str, Any]], list[str]]:
    """The allocations that a form names, and the names of their fields."""
    parts, names = [], []
    for name in values:
        text = values[name].strip()
        if not name.startswith(PAY) or not text or number_of(text) == 0:
            continue
        amount = number_of(text)
        parts.append({"document_id": name.removeprefix(PAY), "amount": text if amount is None else str(amount)})
        names.append(name)
    return parts, names


def _place_errors(form: Form[Any], names: Sequence[str]) -> None:
    """Put what is wrong with an allocation at its field."""
    for at, name in enumerate(names):
        for part in ("amount", "document_id"):
            sentences = form.errors.pop(f"allocations-{at}-{part}", None)
            if sentences:
                form.errors.setdefault(name, []).extend(sentences)
                form.labels[name] = "Amount of an invoice"


# Recording ----------------------------------------------------------------------------------------------------------


def _page(form: Form[Any], names: Sequence[str] = ()) -> Response:
    _place_errors(form, names)
    share = _share_of_form(form.values)
    if form.errors:
        share.wrong = ""  # it stands at the field
    base = preferences().currency
    companies = company_choices()
    codes = list(dict.fromkeys([base, share.currency, *COMMON_CURRENCIES]))
    return render(
        "invoices/receipt_form.html", block={"receipt-open": "share", "receipt-sums": "sums", "*": "form"},
        status=form.status, form=form, share=share, base=base, currencies=[one for one in codes if one in MINOR_UNITS],
        companies=[(row.id, row.legal_name, row.gstin) for row in companies], methods=METHODS,
        customers=customer_options(form.text("customer_id")), accounts=accounts_for(share.currency), receipt=None,
        deposit_fields=",".join(DEPOSIT), states=state_choices(),
    )  # fmt: skip


@blueprint.get("/new")
@permits("receipts.write")
def new() -> Response:
    """An empty form, of today; with a customer, what is open for them; with a document, that one is paid."""
    values: dict[str, Any] = {
        "receipt_date": today(),
        "method": "bank_transfer",
        "account_id": latest_account(),
        "currency": preferences().currency,
    }
    kept = (
        *DEPOSIT, "receipt_date", "method", "account_id", "reference", "notes", "company_id", "amount",
    )  # fmt: skip
    values |= {name: request.args[name] for name in kept if request.args.get(name)}
    customer_id = uuid_or_none(request.args.get("customer_id", ""))
    if customer_id is not None:
        customer = get_customer(customer_id)
        values |= {"customer_id": customer.id, "currency": customer.currency or preferences().currency}
    asked_for = uuid_or_none(request.args.get("deposit_of", ""))
    if asked_for is not None:
        values |= _deposit_values(get_document(asked_for, "quote", "proforma"))
    document_id = uuid_or_none(request.args.get("document_id", ""))
    if document_id is not None:
        document = get_document(document_id, "invoice", "debit_note")
        amount = _plain(document.amount_due, MINOR_UNITS[document.currency])
        values |= {
            "customer_id": document.customer_id, "currency": document.currency, "amount": amount, "by_hand": "1",
            "of_customer": document.customer_id, f"{PAY}{document.id}": amount,
        }  # fmt: skip
    return _page(Form(values))


def _deposit_values(document: SalesDocument) -> dict[str, Any]:
    """What the form says of a deposit for a quote or proforma: all of it, with the tax of its largest line."""
    line = max(lines_of(document.id), key=lambda one: one.taxable_amount, default=None)
    return {
        "customer_id": document.customer_id,
        "currency": document.currency,
        "company_id": document.company_id,
        "amount": _plain(document.total, MINOR_UNITS[document.currency]),
        "is_deposit": "1",
        "deposit-document_id": document.id,
        "deposit-description": f"Advance for {document.number}" if document.number else "Advance",
        "deposit-hsn_sac": line.hsn_sac if line else "",
        "deposit-supply_kind": _kind_of(line),
        "deposit-tax_rate": f"{line.tax_rate.normalize():f}" if line else "",
        "deposit-place_of_supply": document.place_of_supply,
        "deposit-reverse_charge": "1" if document.reverse_charge else "",
    }


def _kind_of(line: SalesLine | None) -> str:
    """Goods or services, by the code of a line, or its service type; what cannot be told is services: tax is owed."""
    if line is None or line.hsn_sac.startswith("99"):
        return "services"
    return "goods" if line.hsn_sac or line.supply_kind == "goods" else "services"


def _deposit_of_form() -> dict[str, Any]:
    """What a form says of a deposit, as the input of a receipt has it; nothing when it is none."""
    if request.form.get("is_deposit") != "1":
        return {}
    names = [one for one in DEPOSIT if "-" in one]
    given: dict[str, Any] = {one.partition("-")[2]: request.form.get(one, "").strip() for one in names}
    return {"deposit": {**given, "reverse_charge": given["reverse_charge"] == "1"}}


@blueprint.get("/share")
@permits("receipts.write")
def share() -> Response:
    """How the amount that is typed is shared: a part of the form."""
    values = MultiDict(request.args)
    if request.args.get("again"):
        values["by_hand"] = ""
    form: Form[Any] = Form()
    form.values = values
    return _page(form)


@blueprint.get("/find-customers")
@permits("receipts.write")
def customers_found() -> Response:
    """Customers by part of their name, code or GSTIN: for the field that searches."""
    rows = find_customers(request.args.get("q", "").strip()[:120], 20)
    return jsonify([{"value": str(row.id), "label": row.name, "note": row.city or row.code} for row in rows])


@blueprint.post("/")
@permits("receipts.write")
def create() -> Response:
    """Record a receipt."""
    parts, names = parts_of(request.form)
    deposit = _deposit_of_form()
    given: dict[str, Any] = {**deposit, "allocations": [] if deposit else parts}
    form = Form.read(ReceiptIn, MultiDict(request.form), **given)
    form.values["by_hand"] = "1"
    return save(form, services.record_receipt, _made, lambda again: _page(again, names))


def _made(made: services.Received) -> Response:
    for warning in made.warnings:
        toast(warning.detail, "warning")
    here = url_for(".show", receipt_id=made.receipt.id)
    return go_on(
        f"{made.receipt.number} recorded", here, another=url_for(".new"),
        **({"href": here, "action": "Open"} if request.form.get("then") == "new" else {}),
    )  # fmt: skip


# Letting the rest pay something -------------------------------------------------------------------------------------


def _allocating_page(receipt: Receipt, form: Form[Any], names: Sequence[str] = ()) -> Response:
    _place_errors(form, names)
    share = share_of(form.values, receipt.customer_id, receipt.currency, services.receipt_left(receipt))
    if form.errors:
        share.wrong = ""
    return render(
        "invoices/receipt_allocate.html", block={"receipt-open": "share", "receipt-sums": "sums", "*": "form"},
        status=form.status, form=form, share=share, base=preferences().currency, receipt=receipt,
        customer=get_customer(receipt.customer_id),
    )  # fmt: skip


@blueprint.get("/<uuid:receipt_id>/allocate")
@permits("receipts.write")
def allocating(receipt_id: UUID) -> Response:
    """What the rest of a receipt is to pay; also what it comes to while it is typed."""
    form: Form[Any] = Form()
    form.values = MultiDict(request.args)
    if request.args.get("again"):
        form.values["by_hand"] = ""
    return _allocating_page(get_receipt(receipt_id), form)


@blueprint.post("/<uuid:receipt_id>/allocate")
@permits("receipts.write")
def allocate(receipt_id: UUID) -> Response:
    """Let the rest of a receipt pay what was entered."""
    receipt = get_receipt(receipt_id)
    parts, names = parts_of(request.form)
    form = Form.read(AllocateIn, MultiDict(request.form), allocations=parts)
    form.values["by_hand"] = "1"
    return save(
        form,
        lambda body: services.allocate_receipt(receipt_id, body),
        lambda done: go_on(f"{done.number} allocated", url_for(".show", receipt_id=receipt_id)),
        lambda again: _allocating_page(receipt, again, names),
        version=receipt.version,
    )
