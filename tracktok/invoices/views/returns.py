"""Billing > GST returns: GSTR-1 of a month, and what goes to and comes from the invoice registration portal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.errors import FieldError, Invalid, NotFound
from tracktok.core.permissions import permits
from tracktok.customers.models import Company
from tracktok.customers.queries import get_company
from tracktok.customers.queries.companies import company_choices
from tracktok.customers.rules.states import STATES
from tracktok.invoices.models import DocumentKind, SalesDocument
from tracktok.invoices.queries.documents import get_document
from tracktok.invoices.queries.parties import find_company
from tracktok.invoices.queries.return_files import portal_file, return_name, sheet_file
from tracktok.invoices.queries.returns import document_for_portal
from tracktok.invoices.rules import einvoice, gstr1, statuses
from tracktok.invoices.rules.gst_documents import month_after
from tracktok.invoices.rules.portal_answers import read_answer
from tracktok.invoices.schemas.returns import AnswerForm, ReturnQuery
from tracktok.invoices.services import return_sheets, returns
from tracktok.web.filters import format_month
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on, save

from .blueprint import OF_KIND

blueprint = Blueprint("gst_returns", "tracktok.invoices", template_folder="templates", url_prefix="/gst-returns")
MOST_SHOWN = 200
"""How many rows of a section a page shows; the workbook has all."""
MONTHS_BACK = 24
_TAXES = ("igst", "cgst", "sgst", "cess")
_BY_DOCUMENT = ("number", "date", "place_of_supply", "rate", "taxable", *_TAXES)
_HSN = ("hsn_sac", "unit", "quantity", "rate", "taxable", *_TAXES)
COLUMNS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("b2b", "b2cl", "exp", "cdnr", "cdnur"), _BY_DOCUMENT),
    **dict.fromkeys(("b2cs", "at", "txpd"), ("place_of_supply", "rate", "taxable", *_TAXES)),
    **dict.fromkeys(("ata", "txpda"), ("month", "place_of_supply", "rate", "taxable", *_TAXES)),
    "nil": ("sply_ty", "nil_amt"),
    "hsn_b2b": _HSN,
    "hsn_b2c": _HSN,
    "doc_issue": ("nature", "from", "to", "total", "cancelled", "net"),
}
HIDDEN = {"date": "lg", "place_of_supply": "md", "igst": "md", "cgst": "md", "sgst": "md", "cess": "lg", "unit": "lg",
          "quantity": "md", "from": "md", "to": "md"}  # fmt: skip
SUPPLIES = {
    "INTRB2B": "Inter-State, registered",
    "INTRAB2B": "Within the State, registered",
    "INTRB2C": "Inter-State, consumers",
    "INTRAB2C": "Within the State, consumers",
}
KINDS = (DocumentKind.invoice, DocumentKind.credit_note, DocumentKind.debit_note)


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A section of the return as the page shows it."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: Sequence[dict[str, Any]]
    sums: dict[str, Decimal]

    @property
    def shown(self) -> Sequence[dict[str, Any]]:
        """The rows that the page shows."""
        return self.rows[:MOST_SHOWN]


def _companies() -> list[Any]:
    return [row for row in company_choices() if row.gstin]


def _chosen(companies: Sequence[Any]) -> Company:
    given = request.args.get("company_id", "")
    found = next((row.id for row in companies if str(row.id) == given), None) if given else companies[0].id
    if found is None:
        raise NotFound("There is no such company under GST.")
    return get_company(found)


def _this_month() -> date:
    return clock.today(preferences().timezone).replace(day=1)


def _month() -> tuple[date, str]:
    """The month of the address; the last full one without it, which is the one to be filed."""
    first = _this_month()
    last = date(first.year - (first.month == 1), first.month - 1 or 12, 1)
    if not (given := request.args.get("month", "")):
        return last, ""
    form = Form.read(ReturnQuery, MultiDict({"month": given}))
    if form.data is None:
        return last, "This is no month of GST, which began in July 2017."
    return form.data.month, ""


@blueprint.get("/")
@permits("invoices.read")
def index() -> Response:
    """GSTR-1 of a month: what would be refused, every section with its rows and sums, and its files."""
    companies = _companies()
    if not companies:
        return render("invoices/no_returns.html")
    company = _chosen(companies)
    month, problem = _month()
    made = returns.make_gstr1(company, month)
    return render(
        "invoices/returns.html",
        block={"return": "return"},
        company=company,
        companies=companies,
        made=made,
        month=month,
        problem=problem,
        running=month_after(month) > _this_month(),
        months=_months(month),
        sections=[_section(key, made) for key in return_sheets.SECTIONS],
        heads=return_sheets.HEADS,
        amounts=return_sheets.AMOUNTS,
        hidden=HIDDEN,
        words=_words,
    )


def _months(shown: date) -> list[tuple[str, str]]:
    found, month = [], _this_month()
    for _ in range(MONTHS_BACK):
        found.append(month)
        month = date(month.year - (month.month == 1), month.month - 1 or 12, 1)
    if shown not in found:
        found.append(shown)
    return [(f"{one:%Y-%m}", format_month(one)) for one in found]


def _section(key: str, made: gstr1.Return) -> ShownSection:
    rows, columns = made.sections[key], COLUMNS[key]
    sums = {name: sum((row[name] for row in rows), Decimal(0)) for name in columns if name in return_sheets.AMOUNTS}
    return ShownSection(key, return_sheets.SECTIONS[key], columns, rows, sums)


def _words(name: str, value: Any) -> str:
    """A cell that is neither amount, number nor date."""
    if name == "place_of_supply":
        return f"{value} {STATES[value].name}" if value in STATES else value
    if name == "month":
        return format_month(value)
    return SUPPLIES.get(value, value) if name == "sply_ty" else str(value)


@blueprint.get("/<any(portal, workbook):kind>")
@permits("invoices.read")
def file(kind: str) -> Response:
    """The return as the portal's JSON, or as a workbook."""
    companies = _companies()
    if not companies:
        raise NotFound("No company is under GST.")
    month, problem = _month()
    if problem:
        raise Invalid.at("month", problem)
    made = returns.make_gstr1(_chosen(companies), month)
    if kind == "portal":
        return portal_file(made.json, return_name(made))
    return sheet_file(made, return_sheets.workbook(made))


@dataclass(frozen=True, slots=True)
class EinvoiceCard:
    """What the page of a document says of its e-invoice."""

    irn: str
    ack: str
    problems: Sequence[str]


def einvoice_card(document: SalesDocument) -> EinvoiceCard | None:
    """Of an issued document of a company with e-invoicing; None where there is nothing to say."""
    if document.kind not in KINDS or document.number is None or document.tax_regime != "gst":
        return None
    if document.irn:
        ack = " of ".join(filter(None, (document.irn_ack_number, document.irn_ack_date)))
        return EinvoiceCard(document.irn, ack, ())
    if document.status == statuses.VOID:
        return None
    company = find_company(document.company_id)
    if company is None or not company.e_invoicing:
        return None
    found = document_for_portal(document.id)
    return EinvoiceCard("", "", einvoice.problems(found)) if found else None


def _of(document_id: UUID, *, for_update: bool = False) -> SalesDocument:
    found = get_document(document_id, for_update=for_update)
    if found.kind not in KINDS:
        raise NotFound("Only invoices and notes are e-invoices.")
    return found


def _page_of(document: SalesDocument) -> str:
    return url_for(f"{OF_KIND[document.kind].name}.show", document_id=document.id)


@blueprint.get("/einvoice/<uuid:document_id>")
@permits("invoices.read")
def inv01(document_id: UUID) -> Response:
    """INV-01 of a document, for the invoice registration portal."""
    document = _of(document_id)
    name = f"INV01-{document.number}".replace("/", "-")
    return attempt(lambda: returns.make_einvoice(document_id), lambda made: portal_file(made, name), _page_of(document))


@blueprint.get("/einvoice/<uuid:document_id>/answer")
@permits("invoices.finalize")
def answer(document_id: UUID) -> Response:
    """The form to paste the portal's answer into."""
    return _ask(_of(document_id), Form())


def _ask(document: SalesDocument, form: Form[Any]) -> Response:
    return render(
        "invoices/portal_answer.html", block={"modal-body": "question", "*": "form"}, status=form.status, form=form,
        document=document, back=_page_of(document), section=OF_KIND[document.kind],
    )  # fmt: skip


@blueprint.post("/einvoice/<uuid:document_id>/answer")
@permits("invoices.finalize")
def take_answer(document_id: UUID) -> Response:
    """Keep the IRN and the signed code that the portal answered."""
    document = _of(document_id, for_update=True)
    return save(
        Form.read(AnswerForm),
        lambda data: _take(document, data.answer),
        lambda _: go_on(f"{document.number} has its IRN; its PDF is drawn anew", _page_of(document)),
        lambda form: _ask(document, form),
        version=document.version,
    )


def _take(document: SalesDocument, pasted: str) -> SalesDocument:
    try:
        told = read_answer(pasted)
    except ValueError as problem:
        raise Invalid.at("answer", str(problem)) from problem
    try:
        return returns.take_answer(document, **told)
    except Invalid as refusal:  # of a part of the answer: the form has one field
        errors = [FieldError("/answer", one.code, one.detail) for one in refusal.errors]
        raise Invalid(refusal.detail, errors=errors) from refusal


__all__ = ["EinvoiceCard", "blueprint", "einvoice_card"]
