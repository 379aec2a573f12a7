"""Settings > Numbers: how each company numbers its documents, with the number that comes next."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for

from tracktok.core.errors import DomainError, NotFound
from tracktok.core.permissions import permits
from tracktok.customers.models import Company
from tracktok.customers.queries import company_choices
from tracktok.customers.services import default_company
from tracktok.invoices import services
from tracktok.invoices.queries.parties import find_company
from tracktok.invoices.rules.numbering import DOCUMENT_PREFIXES, FIELDS
from tracktok.invoices.schemas.numbers import PatternText
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import go_on, save

from .blueprint import NUMBERS
from .entering import uuid_of


def _company() -> Company:
    company_id = uuid_of(request.args.get("company_id", ""))
    found = find_company(company_id) if company_id else default_company()
    if found is None:
        raise NotFound("There is no such company.")
    return found


def label_of(kind: str) -> str:
    """A kind of document as a heading, in the plural."""
    return f"{kind.replace('_', ' ').capitalize()}s"


def _next(company: Company, kind: str) -> services.NumberPreview | str:
    try:
        return services.preview_number(company, kind, services.today())
    except DomainError as refusal:
        return refusal.detail


@NUMBERS.get("/")
@permits("invoices.read")
def index() -> Response:
    """The patterns of a company."""
    company = _company()
    return render(
        "invoices/numbers.html",
        company=company,
        companies=[(row.id, row.legal_name) for row in company_choices()],
        rows=[(kind, label_of(kind), _next(company, kind)) for kind in DOCUMENT_PREFIXES],
    )


@NUMBERS.get("/<any(invoice, quote, proforma, credit_note, debit_note, receipt):kind>")
@permits("companies.write")
def edit(kind: str) -> Response:
    """The form of a pattern."""
    company = _company()
    return _page(company, kind, Form({"pattern": services.pattern_of(company, kind)}))


def _page(company: Company, kind: str, form: Form[Any]) -> Response:
    return render(
        "invoices/number_form.html", block="form", status=form.status, form=form, company=company, kind=kind,
        label=label_of(kind), fields=FIELDS, shown=_tried(company, kind, form.text("pattern")),
    )  # fmt: skip


def _tried(company: Company, kind: str, pattern: str) -> services.NumberPreview | str:
    try:
        return services.preview_number(company, kind, services.today(), pattern.strip())
    except DomainError as refusal:
        return refusal.detail


@NUMBERS.get("/<any(invoice, quote, proforma, credit_note, debit_note, receipt):kind>/preview")
@permits("companies.write")
def preview(kind: str) -> Response:
    """The number that a pattern would give next: a part of the form."""
    shown = _tried(_company(), kind, request.args.get("pattern", "")[:60])
    return render("invoices/number_preview.html", shown=shown)


@NUMBERS.post("/<any(invoice, quote, proforma, credit_note, debit_note, receipt):kind>")
@permits("companies.write")
def update(kind: str) -> Response:
    """Give documents of a kind another pattern."""
    company = _company()
    back: dict[str, Any] = {} if company.is_default else {"company_id": company.id}
    return save(
        Form.read(PatternText),
        lambda body: services.change_pattern(company, kind, body.pattern.strip(), services.today()),
        lambda done: go_on(
            f"The next number of {label_of(kind).lower()} is {done.next_number}", url_for(".index", **back)
        ),
        lambda form: _page(company, kind, form),
    )
