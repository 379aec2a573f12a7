"""The pages of receipts: the list, one receipt, and what buttons do with it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.audit.queries.history import history_of
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.permissions import permits
from tracktok.customers.queries import company_choices, names_of
from tracktok.expenses.queries.accounts import choices as account_choices
from tracktok.invoices import services
from tracktok.invoices.models import Allocation, ReceiptMethod, Refund
from tracktok.invoices.queries import receipt_lists as lists
from tracktok.invoices.queries import receipt_views as present
from tracktok.invoices.queries.bank_receipts import line_matched_with
from tracktok.invoices.queries.receipts import get_allocation, get_receipt, get_refund
from tracktok.invoices.schemas.receipts import OnlineRefundIn, ReceiptQuery, ReceiptVoidIn, RefundIn
from tracktok.invoices.services import paying
from tracktok.invoices.services.paper import draw_voucher
from tracktok.web.addresses import address, without
from tracktok.web.filters import format_day, format_money, format_number, today
from tracktok.web.forms import Form
from tracktok.web.render import redirect_to, render, toast, wants_fragment
from tracktok.web.saving import attempt, go_on, save

from .index import customer_options

blueprint = Blueprint("receipts", "tracktok.invoices", template_folder="templates", url_prefix="/receipts")
PER_PAGE = 50
METHODS = [(one.value, one.label) for one in ReceiptMethod]
_LABELS = {
    "q": "Text",
    "customer_id": "Customer",
    "company_id": "Received by",
    "method": "Method",
    "account_id": "Account",
    "status": "Status",
    "currency": "Currency",
    "date_from": "From",
    "date_to": "To",
    "amount_from": "At least",
    "amount_to": "At most",
    "unallocated": "Left",
}
_TABS = (("", "All"), ("1", "With something left"))


def read_query(args: MultiDict[str, str]) -> tuple[Form[ReceiptQuery], ReceiptQuery]:
    """The filters of an address: the form that shows them, and what is valid of them."""
    known = {name: args.getlist(name) for name in (*_LABELS, "sort", "cursor") if args.get(name)}
    known["limit"] = [str(PER_PAGE)]
    form = Form.read(ReceiptQuery, MultiDict(known))
    if form.data is not None:
        return form, form.data
    rest = {name: values for name, values in known.items() if name not in form.errors}
    again = Form.read(ReceiptQuery, MultiDict(rest))
    return form, again.data or ReceiptQuery(limit=PER_PAGE)


def _chips(query: ReceiptQuery, offered: dict[str, list[tuple[Any, ...]]]) -> list[tuple[str, str, str]]:
    """(label, words, address without it) of each filter that is set and that no tab shows."""
    chips = []
    for name, label in _LABELS.items():
        value = getattr(query, name)
        if value is None or name == "unallocated":
            continue
        if name == "customer_id":
            words = names_of([value]).get(value, "…")
        elif name in offered:
            words = next((str(one[1]) for one in offered[name] if one[0] == value), "…")
        elif isinstance(value, ReceiptMethod):
            words = value.label
        elif name.startswith("date"):
            words = format_day(value)
        elif name.startswith("amount"):
            words = format_number(value, 2)
        else:
            words = str(value).capitalize() if name == "status" else str(value)
        chips.append((label, words, without(name)))
    return chips


def _figures(rows: Any) -> list[tuple[str, str]]:
    """What the filtered set comes to: how many, in all, what is left; and each other currency apart."""
    base = preferences().currency
    figures = [("Receipts", format_number(sum(row.items for row in rows)))]
    figures.append(("Received", format_money(sum((row.base_amount for row in rows), Decimal(0)), base)))
    own = next((row.unallocated_amount for row in rows if row.currency == base), None)
    if own is not None:
        figures.append(("Left", format_money(own, base)))
    for row in [row for row in rows if row.currency != base][:3]:
        figures.append((f"In {row.currency}", format_money(row.amount, row.currency)))
        if row.unallocated_amount:
            figures.append((f"Left in {row.currency}", format_money(row.unallocated_amount, row.currency)))
    return figures


@blueprint.get("/")
@permits("receipts.read")
def index() -> Response:
    """The list with its filters, totals and pages."""
    form, query = read_query(request.args)
    page = lists.list_receipts(query)
    asked: dict[str, Any] = {name: given for name, given in request.args.lists() if name != "cursor"}
    offered = {
        "company_id": [tuple(row)[:2] for row in company_choices()],
        "account_id": [tuple(row)[:3] for row in account_choices()],
    }
    shown: dict[str, Any] = {"summary": [], "chips": [], "customers": []}
    if not query.cursor:
        totals = lists.totals(query)
        shown = {"summary": _figures(totals), "chips": _chips(query, offered)}
        shown["count"] = sum(row.items for row in totals)
        shown["customers"] = [] if wants_fragment() else customer_options(form.text("customer_id"))
    return render(
        "invoices/receipts.html",
        block={"receipts-list": "list", "receipts-more": "rows", "*": "list"},
        rows=[present.row(row) for row in page.rows],
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        sort=query.sort,
        base=preferences().currency,
        form=form,
        tabs_shown=[
            (label, address({"unallocated": value or None}), bool(query.unallocated) == bool(value), None)
            for value, label in _TABS
        ],
        filtered=bool(shown["chips"]) or bool(query.unallocated),
        clear=url_for(".index"),
        here=asked,
        companies=offered["company_id"],
        accounts=offered["account_id"],
        methods=METHODS,
        **shown,
    )


@blueprint.get("/export.<any(csv, xlsx):file_format>")
@permits("receipts.read")
def export(file_format: str) -> Response:
    """All receipts that fit the filters of the address, as a file."""
    _, query = read_query(request.args)
    return lists.export_receipts(query, file_format)


@blueprint.get("/<uuid:receipt_id>")
@permits("receipts.read")
def show(receipt_id: UUID) -> Response:
    """A receipt: what it paid, what was given back of it, and its history."""
    receipt = get_receipt(receipt_id)
    found = present.view(receipt)
    pending = [one["id"] for one in found["refunds"] if one["status"] == "pending"]
    return render(
        "invoices/receipt.html",
        block={"peek-body": "record", "*": "record"},
        receipt=receipt,
        found=found,
        stuck={one for one in pending if services.may_take_back(get_refund(one))},
        provider=paying.label_of(receipt),
        bank_line=line_matched_with(receipt_id),
        method=ReceiptMethod(receipt.method).label,
        methods=dict(METHODS),
        base=preferences().currency,
        history=[(event, _happening(event)) for event in history_of("customer_receipts", receipt_id)],
    )


@blueprint.get("/<uuid:receipt_id>/voucher.pdf")
@permits("receipts.read")
def voucher(receipt_id: UUID) -> Response:
    """The receipt voucher of a deposit."""
    found = draw_voucher(receipt_id)
    response = Response(found.stream.read(), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{found.filename}"'
    return response


def _happening(event: Any) -> tuple[str, str, str]:
    """(words, icon, tone) of a change in the history of a receipt."""
    if event.action == "created":
        return "recorded it", "cash", "green"
    changed = {name: (before, after) for name, before, after in event.fields}
    if "voided_at" in changed or "status" in changed:
        return "made it void", "ban", "red"
    for name, more, less in (
        ("allocated_amount", "let it pay something", "took back what it paid"),
        ("refunded_amount", "gave some of it back", "took a refund back"),
    ):
        if name in changed:
            before, after = (Decimal(str(one or 0)) for one in changed[name])
            return (more, "arrow-right", "blue") if after > before else (less, "arrow-back-up", "grey")
    return "changed it", "pencil", "grey"


# Buttons ------------------------------------------------------------------------------------------------------------


@blueprint.post("/<uuid:receipt_id>/unallocate")
@permits("receipts.write")
def unallocate(receipt_id: UUID) -> Response:
    """Take back one allocation of a receipt, or all of them."""
    receipt = get_receipt(receipt_id)
    back = url_for(".show", receipt_id=receipt_id)
    allocation_id = allocation_of_form(receipt_id=receipt_id).id if request.form.get("allocation_id") else None
    return attempt(
        lambda: services.unallocate(receipt_id, allocation_id),
        lambda _: go_on(f"What {receipt.number} paid is open again", back),
        back,
    )


def allocation_of_form(*, receipt_id: UUID | None = None, document_id: UUID | None = None) -> Allocation:
    """The allocation that a button names, of a receipt or document. Raises NotFound."""
    try:
        named = UUID(request.form.get("allocation_id", ""))
    except ValueError as error:
        raise NotFound("There is no such allocation.") from error
    return get_allocation(named, receipt_id=receipt_id, document_id=document_id)


@blueprint.post("/refunds/<uuid:refund_id>/take-back")
@permits("receipts.write")
def take_back_refund(refund_id: UUID) -> Response:
    """Say that a refund did not happen."""
    refund = get_refund(refund_id)
    back = (
        url_for(".show", receipt_id=refund.receipt_id)
        if refund.receipt_id
        else url_for("credit_notes.show", document_id=refund.credit_note_id)
    )
    return attempt(lambda: services.take_back_refund(refund_id), lambda _: go_on("Refund taken back", back), back)


@blueprint.get("/<uuid:receipt_id>/void")
@permits("receipts.write")
def voiding(receipt_id: UUID) -> Response:
    """Ask why a receipt is made void."""
    return _ask_void(receipt_id, Form())


def _ask_void(receipt_id: UUID, form: Form[Any]) -> Response:
    return render(
        "invoices/receipt_void.html", block={"modal-body": "question", "*": "form"}, status=form.status, form=form,
        receipt=get_receipt(receipt_id),
    )  # fmt: skip


@blueprint.post("/<uuid:receipt_id>/void")
@permits("receipts.write")
def void(receipt_id: UUID) -> Response:
    """Make a receipt void."""
    receipt = get_receipt(receipt_id, for_update=True)
    return save(
        Form.read(ReceiptVoidIn),
        lambda body: services.void_receipt(receipt, body.reason),
        lambda _: go_on(f"{receipt.number} is void", url_for(".show", receipt_id=receipt_id)),
        lambda form: _ask_void(receipt_id, form),
    )


@blueprint.get("/<uuid:receipt_id>/refund")
@permits("receipts.write")
def refunding(receipt_id: UUID) -> Response:
    """The form of a refund: all that is left, today, from where it came to."""
    receipt = get_receipt(receipt_id)
    values = {
        "amount": services.receipt_left(receipt), "refund_date": today(), "method": receipt.method,
        "account_id": receipt.account_id,
    }  # fmt: skip
    return _ask_refund(receipt_id, Form(values))


def _ask_refund(receipt_id: UUID, form: Form[Any]) -> Response:
    receipt = get_receipt(receipt_id)
    return ask_refund(
        form, receipt.number, receipt.currency, services.receipt_left(receipt),
        url_for("receipts.refund", receipt_id=receipt_id), url_for("receipts.show", receipt_id=receipt_id),
    )  # fmt: skip


def ask_refund(form: Form[Any], number: str | None, currency: str, left: Decimal, action: str, back: str) -> Response:
    """The form of a refund, of a receipt or a credit note."""
    return render(
        "invoices/refund.html", block={"modal-body": "question", "*": "form"}, status=form.status, form=form,
        number=number, currency=currency, left=left, action=action, back=back, methods=METHODS,
        base=preferences().currency, accounts=accounts_for(currency),
    )  # fmt: skip


def accounts_for(currency: str) -> list[tuple[Any, ...]]:
    """The accounts that can hold an amount: in its currency, or in the company's."""
    base = preferences().currency
    return [(row.id, row.name, row.currency) for row in account_choices() if row.currency in {currency, base}]


@blueprint.post("/<uuid:receipt_id>/refund")
@permits("receipts.write")
def refund(receipt_id: UUID) -> Response:
    """Give back what is left of a receipt."""
    number = get_receipt(receipt_id).number
    return refund_by(
        lambda body: services.refund_receipt(receipt_id, body),
        number,
        url_for(".show", receipt_id=receipt_id),
        lambda form: _ask_refund(receipt_id, form),
    )


def refund_by(
    call: Callable[[RefundIn], Any], number: str | None, back: str, again: Callable[[Form[RefundIn]], Response]
) -> Response:
    """What the form of a refund leads to."""
    return save(
        Form.read(RefundIn),
        call,
        lambda made: go_on(f"{format_money(made.amount, made.currency)} of {number} given back", back),
        again,
    )


@blueprint.get("/<uuid:receipt_id>/refund-online")
@permits("receipts.write")
def refunding_online(receipt_id: UUID) -> Response:
    """Ask how much goes back by the provider."""
    return _ask_online(receipt_id, Form({"amount": services.receipt_left(get_receipt(receipt_id))}))


def _ask_online(receipt_id: UUID, form: Form[Any]) -> Response:
    receipt = get_receipt(receipt_id)
    return render(
        "invoices/refund_online.html", block={"modal-body": "question", "*": "form"}, status=form.status, form=form,
        receipt=receipt, left=services.receipt_left(receipt), provider=paying.label_of(receipt),
        customer=names_of([receipt.customer_id]).get(receipt.customer_id, ""),
    )  # fmt: skip


@blueprint.post("/<uuid:receipt_id>/refund-online")
@permits("receipts.write")
def refund_online(receipt_id: UUID) -> Response:
    """Give money back by the provider that it came by, and say what that answers."""
    receipt, back = get_receipt(receipt_id), url_for(".show", receipt_id=receipt_id)
    seen = request.form.get("version", "")
    version = int(seen) if seen.isdecimal() else receipt.version

    def tell(refund: Refund) -> Response:
        db.session.commit()  # the provider is asked outside any transaction
        done, label = paying.carry_out_now(refund.id), paying.label_of(receipt)
        money = format_money(done.amount, done.currency)
        if done.status == "failed":
            toast(f"Nothing was given back. {done.failure}", "danger")
        elif done.status == "pending":
            toast(f"{label} does not answer. {money} go back as soon as it does.", "warning")
        else:
            toast(f"{money} of {receipt.number} go back by {label}")
        return redirect_to(back)

    return save(
        Form.read(OnlineRefundIn),
        lambda body: paying.refund_online(receipt_id, body, version),
        tell,
        lambda form: _ask_online(receipt_id, form),
    )
