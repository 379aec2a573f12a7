"""Issuing: number, snapshot, amounts, words and entry, all in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from tracktok.core import clock, context
from tracktok.core.context import preferences
from tracktok.core.errors import Conflict, Invalid
from tracktok.core.ids import new_id
from tracktok.core.money import format_amount, round_amount
from tracktok.customers.models import Company, Customer
from tracktok.invoices.models import DocumentKind, SalesDocument, SalesLine
from tracktok.invoices.queries import documents as queries
from tracktok.invoices.rules import statuses
from tracktok.invoices.rules.posting import OTHER_TAX, TAX_ROLES, Accounts, Posting, entry_of, taxes_by_role
from tracktok.invoices.rules.supply import details_required
from tracktok.invoices.schemas.documents import DocumentIn
from tracktok.invoices.signals import DocumentWarning, document_finalized
from tracktok.ledger.queries import book_account_for, rate_between
from tracktok.ledger.services import post
from tracktok.tenants.rules import Limit
from tracktok.tenants.services import count_usage, reserve

from . import drafts, numbering
from .deriving import Derived, derive, today
from .drafts import Written

FINALIZE_ACTIONS = {DocumentKind.quote: "send"}
YEARS_AHEAD = 1


class IllegalStatus(Conflict):
    code, title = "illegal_status", "This document cannot go there from where it stands"


class ContentsMissing(Invalid):
    code, title = "contents_missing", "The law asks for more on this document"


def count_this_month() -> int:
    """How many invoices the tenant has issued in this calendar month of its own, for the limit of its plan."""
    zone = ZoneInfo(preferences().timezone)
    start = datetime.combine(today().replace(day=1), time(), zone)
    return queries.issued_since(DocumentKind.invoice, start)


count_usage(Limit.invoices_per_month, count_this_month)


def finalize_document(document_id: UUID, kind: DocumentKind, *, action: str | None = None) -> Written:
    """Issue a draft: it gets its number, its amounts for ever, its snapshot and its entry in the books.

    Quotes get a number when they are sent; `action` is another first step, such as `accept`. Raises IllegalStatus (409)
    when it is no draft any more, Invalid (422) with what is missing, PlanLimit (402), SeriesEnded (409).
    """
    if kind is DocumentKind.invoice:
        reserve(Limit.invoices_per_month, count_this_month)
    document = queries.get_document(document_id, kind, for_update=True)
    status = next_status(document, action or FINALIZE_ACTIONS.get(kind, "finalize"))
    if document.status != statuses.DRAFT:
        raise IllegalStatus(f"This {kind.label.lower()} is issued already, as {document.number}.")
    before = document.total
    old_lines = queries.lines_of(document.id)
    body = drafts.input_of(kind).model_validate(drafts.values_of(document, old_lines))
    derived = derive(kind, body, old=document, old_lines=old_lines)
    _check_day(document.document_date)
    return _write_and_issue(document, derived, status, before, old_lines)


def create_issued(kind: DocumentKind, body: DocumentIn) -> Written:
    """Make a document and issue it in one step: for what comes complete from elsewhere and is nobody's draft.

    Raises as `create_document` and `finalize_document` do.
    """
    if kind is DocumentKind.invoice:
        reserve(Limit.invoices_per_month, count_this_month)
    document = SalesDocument(id=new_id(), kind=kind.value, status=statuses.DRAFT)
    status = next_status(document, FINALIZE_ACTIONS.get(kind, "finalize"))
    derived = derive(kind, body)
    _check_day(derived.values["document_date"])
    return _write_and_issue(document, derived, status, derived.values["total"])


def _write_and_issue(
    document: SalesDocument, derived: Derived, status: str, before: Decimal, old_lines: Sequence[SalesLine] = ()
) -> Written:
    with numbering.taking_number(document.kind) as take:
        lines = drafts.put(document, derived, old_lines)
        warnings = [*derived.warnings, *_changed(document, before)]
        if DocumentKind(document.kind).moves_money:
            check_contents(document, derived.customer)
            warnings += contents_warnings(lines, derived.company)
            warnings += credit_limit(document, derived.customer)
        issue(document, take(derived.company, document.document_date), status, snapshot=drafts.said(derived))
    enter(document, lines)
    return Written(document, lines, warnings)


def issue(document: SalesDocument, number: numbering.Number, status: str, *, snapshot: dict[str, object]) -> None:
    """Make an issued document of a draft whose amounts are written. It is flushed where its number is judged."""
    who = context.actor()
    document.number, document.sequence, document.fiscal_year = number.text, number.sequence, number.fiscal_year
    document.snapshot = snapshot
    document.status = status
    document.finalized_at = clock.now()
    document.finalized_by = who.person_id if who else None
    if document.total == 0 and document.kind in {DocumentKind.invoice, DocumentKind.debit_note}:
        document.status = statuses.PAID  # nothing is expected on it


def enter(document: SalesDocument, lines: Sequence[SalesLine]) -> None:
    """Enter in the books what an issued document says, and tell."""
    if DocumentKind(document.kind).moves_money:
        entry = entry_of(posting_of(document, lines), accounts())
        post([entry] if entry else [])
    document_finalized.send(None, document=document)


def next_status(document: SalesDocument, action: str) -> str:
    """Where an action leads. Raises IllegalStatus (409)."""
    status = statuses.move(document.kind, document.status, action)
    if status is None:
        label = DocumentKind(document.kind).label.lower()
        where = document.status.replace("_", " ")
        article = "An" if label[0] in "aeiou" else "A"
        raise IllegalStatus(
            f"{article} {label} that is {where} cannot be changed like this ({action.replace('_', ' ')})."
        )
    return status


def accounts() -> Accounts:
    """The book accounts that documents post to."""
    roles = (*TAX_ROLES.values(), OTHER_TAX)
    return Accounts(
        receivables=book_account_for("receivables"),
        sales=book_account_for("sales"),
        rounding=book_account_for("rounding"),
        taxes={role: book_account_for(role) for role in roles},
    )


def posting_of(document: SalesDocument, lines: Sequence[SalesLine]) -> Posting:
    """A document as the books see it."""
    label = DocumentKind(document.kind).label
    name = document.snapshot["customer"]["name"]
    return Posting(
        document_id=document.id,
        kind=document.kind,
        day=document.document_date,
        memo=f"{label} {document.number}, {name}"[:200],
        customer_id=document.customer_id,
        currency=document.currency,
        base=preferences().currency,
        rate=document.exchange_rate,
        total=document.total,
        base_total=document.base_total,
        round_off=document.round_off,
        incomes=[(line.book_account_id, line.total - line.tax_amount) for line in lines],
        taxes=taxes_by_role(
            cgst=document.cgst_amount,
            sgst=document.sgst_amount,
            igst=document.igst_amount,
            cess=document.cess_amount,
            tax_total=document.tax_amount,
        ),
    )


def check_contents(document: SalesDocument, customer: Customer) -> None:
    """Raise ContentsMissing (422) where Rule 46 of the CGST Rules asks for more about a buyer without GSTIN."""
    if document.tax_regime != "gst":
        return
    value = round_amount(document.taxable_amount * document.exchange_rate, preferences().currency)
    if not details_required(document.supply_type, value, document.document_date):
        return
    said = {
        "name": customer.name,
        "address": customer.address_line1 or customer.city,
        "State": customer.state_code,
    }
    lacks = [word for word, there in said.items() if not there]
    if lacks:
        raise ContentsMissing.at(
            "customer_id",
            "From 50,000 on an invoice to a customer without GSTIN names their name, address and State;"
            f" {customer.name} has no {' and no '.join(lacks)}.",
            ContentsMissing.code,
        )


def contents_warnings(lines: Sequence[SalesLine], company: Company) -> list[DocumentWarning]:
    """What else an invoice under GST should say and does not, as warnings."""
    found: list[DocumentWarning] = []
    if company.tax_regime != "gst":
        return found
    if not (company.address_line1 or company.city):
        text = f"{company.legal_name} has no address; it stands on every invoice."
        found.append(DocumentWarning("address_missing", text))
    bare = [line.position for line in lines if not line.hsn_sac]
    short = [line.position for line in lines if line.hsn_sac and len(line.hsn_sac) < company.hsn_digits]
    if bare:
        text = f"There is no HSN or SAC on line {', '.join(map(str, bare[:10]))}."
        found.append(DocumentWarning("hsn_missing", text, {"lines": bare}))
    if short:
        where = ", ".join(map(str, short[:10]))
        text = f"HSN and SAC need {company.hsn_digits} digits by the company's turnover: line {where}."
        found.append(DocumentWarning("hsn_short", text, {"lines": short}))
    return found


def credit_limit(document: SalesDocument, customer: Customer) -> list[DocumentWarning]:
    """The warning that a customer owes more than was agreed, with this document."""
    if customer.credit_limit is None:
        return []
    base = preferences().currency
    allowed = customer.credit_limit
    if customer.currency != base:
        rate = rate_between(customer.currency, base, document.document_date)
        if rate is None:
            return []
        allowed = round_amount(allowed * rate.rate, base)
    owed = round_amount(queries.owed_by(customer.id), base) + document.base_total
    if owed <= allowed:
        return []
    text = (
        f"{customer.name} owes {format_amount(owed, base)} {base} with this,"
        f" more than the credit limit of {format_amount(allowed, base)} {base}."
    )
    extra = {"owed": format_amount(owed, base), "credit_limit": format_amount(allowed, base)}
    return [DocumentWarning("credit_limit", text, extra)]


def _changed(document: SalesDocument, before: Decimal) -> list[DocumentWarning]:
    if document.total == before:
        return []
    was, now = (format_amount(one, document.currency) for one in (before, document.total))
    text = f"What it refers to has changed since the draft was saved: the total is {now}, not {was}."
    return [DocumentWarning("amounts_changed", text, {"before": was, "after": now})]


def _check_day(day: date) -> None:
    if day > today() + timedelta(days=366 * YEARS_AHEAD):
        raise Invalid.at("invoice_date", "This date is more than a year ahead.")
