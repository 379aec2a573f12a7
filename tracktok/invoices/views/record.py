"""The page of a document, and the pages that ask before something is done with it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Response, url_for

from tracktok.audit.queries.history import history_of
from tracktok.core.context import preferences
from tracktok.core.errors import DomainError
from tracktok.core.permissions import permits, require
from tracktok.core.storage import read_chunks
from tracktok.invoices.models import SalesDocument
from tracktok.invoices.queries import present, related
from tracktok.invoices.queries.answers import latest_answer
from tracktok.invoices.queries.attachments import attachments_of
from tracktok.invoices.queries.deposits import open_deposits
from tracktok.invoices.queries.documents import get_document, lines_of
from tracktok.invoices.queries.parties import find_company, find_customer
from tracktok.invoices.queries.portal import disputes_of
from tracktok.invoices.queries.recurring import origin_of
from tracktok.invoices.rules import statuses
from tracktok.invoices.rules.supply import REVERSE_CHARGE_STATEMENT, STATEMENTS, reverse_charge_note
from tracktok.invoices.services import issuing, numbering
from tracktok.invoices.services.paper import pdf_of
from tracktok.invoices.signals import DocumentWarning
from tracktok.web.filters import today
from tracktok.web.forms import Form
from tracktok.web.render import redirect_to, render

from . import words
from .blueprint import OF_KIND, has_page, here, pages
from .reminders import card_of
from .returns import einvoice_card

_TRANSPORT = {
    "vehicle": "Vehicle", "consignment_note": "Consignment note", "gross_weight": "Gross weight",
    "consignor": "Consignor", "consignee": "Consignee", "origin": "From", "destination": "To",
    "tax_payable_by": "Tax payable by",
}  # fmt: skip
_BANK = {
    "bank_name": "Bank", "bank_account_name": "Account name", "bank_account_number": "Account number",
    "bank_ifsc": "IFSC", "bank_swift": "SWIFT", "upi_id": "UPI",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """An action that asks for a reason first."""

    title: str
    text: str
    verb: str
    done: str
    danger: bool = True
    required: bool = False


QUESTIONS = {
    "void": Question(
        "Void {number}?",
        "It leaves the books on its own day and nothing is owed on it any more. Its number stays with it.",
        "Void",
        "is void",
        required=True,
    ),
    "uncollectible": Question(
        "Give up what is owed on {number}?",
        "What is still due goes to bad debts, today. The money can be expected again later.",
        "Mark as uncollectible",
        "is uncollectible",
        required=True,
    ),
    "decline": Question(
        "Note that {number} was declined?",
        "The reason helps when you look back at lost offers.",
        "Note as declined",
        "was declined",
        danger=False,
    ),
    "resolve": Question(
        "Resolve the dispute of {number}?",
        "Say how it was settled. What is owed stays owed, and reminders go on; a credit note corrects an amount.",
        "Resolve",
        "is no longer disputed",
        danger=False,
    ),
}


@pages("/<uuid:document_id>")
@permits("invoices.read")
def show(document_id: UUID) -> Response:
    """A document as its paper says it, with what paid it, what belongs to it, and its history."""
    section = here()
    document = get_document(document_id, section.kind)
    found = present.view(document)
    return render(
        "invoices/show.html",
        block={"peek-body": "record", "*": "record"},
        section=section,
        document=document,
        found=found,
        paper=paper_of(document, found),
        payments=related.payments_of(document_id),
        uses=related.uses_of(document_id) if section.name == "credit_notes" else [],
        related=[
            (OF_KIND[one.kind], one, _standing(one)) for one in related.related_to(document_id, document.original_id)
        ],
        history=[(event, words.happening(event)) for event in history_of("sales_documents", document_id)],
        words=words,
        base=preferences().currency,
        has_page=has_page,
        attachments=attachments_of(document_id),
        disputes=disputes_of(document_id) if section.name in {"invoices", "debit_notes"} else (),
        answer=latest_answer(document_id) if section.name == "quotes" else None,
        deposits=deposits_for(document)
        if section.name == "invoices" and document.status in statuses.OPEN_INVOICES
        else [],
        form=None,
        einvoice=einvoice_card(document),
        reminders=card_of(document),
        origin=origin_of(document_id) if section.name == "invoices" else None,
    )


def _standing(row: Any) -> str:
    return str(present.standing(row, today())["display_status"])


def paper_of(document: SalesDocument, found: dict[str, Any]) -> dict[str, Any]:
    """What the paper says beside lines and totals, ready to be written."""
    company, customer, carried = found["company"], found["customer"], found["transport"]
    taxes = {code: Decimal(amount) for code, amount in found["reverse_charge_taxes"].items()}
    advances = sum((Decimal(one["amount"]) for one in found["advances"]), Decimal(0))
    return {
        "paid_later": max(document.amount_paid - advances, Decimal(0)),
        "seller": {**company, "name": company["legal_name"]},
        "seller_lines": address_lines(company),
        "buyer_lines": address_lines(customer),
        "delivery_lines": address_lines(found["delivery"]) if found["delivery"] else [],
        "statement": found["statement"] or _draft_statement(document),
        "reverse_charge": reverse_charge_note(taxes, found["currency"]) if found["reverse_charge"] else "",
        "transport": [(label, carried[name]) for name, label in _TRANSPORT.items() if carried.get(name)],
        "bank": [(label, company[name]) for name, label in _BANK.items() if company.get(name)],
        "rate": words.rate_of(found),
        "why": words.why_of(found),
        "has_discount": any(
            Decimal(line["discount_percent"]) or Decimal(line["discount_amount"]) for line in found["lines"]
        ),
        "has_codes": any(line["hsn_sac"] for line in found["lines"]),
        "has_tax": any(line["taxes"] for line in found["lines"]),
        "open": found["status"] in statuses.OPEN_INVOICES,
    }


def _draft_statement(document: SalesDocument) -> str:
    return REVERSE_CHARGE_STATEMENT if document.reverse_charge else STATEMENTS.get(document.supply_type, "")


def address_lines(party: dict[str, Any]) -> list[str]:
    """An address as it is written below a name."""
    city = " ".join(filter(None, [party["city"], party["postal_code"]]))
    state = party.get("state", "")
    country = party["country"] if party["country"] not in {"", "IN"} else ""
    return [one for one in (party["address_line1"], party["address_line2"], city, state, country) if one]


@pages("/<uuid:document_id>/pdf")
@permits("invoices.read")
def pdf(document_id: UUID) -> Response:
    """The file of a document, in the browser."""
    found = pdf_of(get_document(document_id, here().kind))
    response = Response(read_chunks(found.stream), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{found.filename}"'
    response.headers["Content-Length"] = str(found.size)
    return response


@pages("/open/<uuid:document_id>", of=("invoices",))
@permits("invoices.read")
def any_document(document_id: UUID) -> Response:
    """The page of a document of any kind: for links that know no kind."""
    section = OF_KIND[get_document(document_id).kind]
    return redirect_to(url_for(f"{section.name}.show", document_id=document_id))


@pages("/<uuid:document_id>/finalize")
@permits("invoices.write")
def finalizing(document_id: UUID) -> Response:
    """Ask before a draft is issued: its number, its total, and what the law or a limit says."""
    section = here()
    require(section.issues)
    document = get_document(document_id, section.kind)
    if document.status != statuses.DRAFT:
        return redirect_to(url_for(".show", document_id=document_id))
    return ask_to_finalize(document, Form())


def ask_to_finalize(document: SalesDocument, form: Form[Any]) -> Response:
    """The question, with what was refused when it was answered before."""
    number, problem = "", ""
    company, customer = find_company(document.company_id), find_customer(document.customer_id)
    try:
        number = numbering.preview(company, document.kind, document.document_date).next_number if company else ""
    except DomainError as refusal:
        problem = refusal.detail
    warnings: list[DocumentWarning] = []
    if company and customer and here().name == "invoices":
        warnings = issuing.contents_warnings(lines_of(document.id), company)
        warnings += issuing.credit_limit(document, customer)
    return render(
        "invoices/finalize.html", block={"modal-body": "question", "*": "form"}, status=form.status, form=form,
        section=here(), document=document, found=present.view(document), number=number, problem=problem,
        warnings=warnings, deposits=deposits_for(document) if here().name == "invoices" else [],
    )  # fmt: skip


def deposits_for(document: SalesDocument) -> list[Any]:
    """The deposits that an invoice may take up."""
    return list(open_deposits(document.customer_id, document.company_id, document.currency, document.original_id))


@pages("/<uuid:document_id>/ask/<any(void, uncollectible, decline, resolve):question>")
@permits("invoices.write")
def asking(document_id: UUID, question: str) -> Response:
    """Ask for the reason of an action."""
    document = get_document(document_id, here().kind)
    return ask(document, question, Form())


def ask(document: SalesDocument, action: str, form: Form[Any]) -> Response:
    """The question, with what was refused when it was answered before."""
    question = QUESTIONS[action]
    return render(
        "invoices/reason.html", block={"modal-body": "question", "*": "form"}, status=form.status, form=form,
        section=here(), document=document, action=action, question=question,
    )  # fmt: skip
