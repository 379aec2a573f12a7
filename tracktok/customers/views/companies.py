"""Settings > Companies and tax: the legal entities that bill, their GST, bank and terms."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, url_for

from tracktok.core.permissions import permits
from tracktok.customers import queries, services
from tracktok.customers.rules.states import INDIA, state_choices
from tracktok.customers.schemas.companies import CompanyIn, CompanyQuery
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on, save

from . import choices, words
from .blueprint import blueprint

HSN_DIGITS = [
    ("4", "4 digits", "Turnover up to 5 crore rupees"),
    ("6", "6 digits", "Turnover above 5 crore rupees, and exports"),
    ("8", "8 digits", "Goods that are exported or imported"),
]


@blueprint.get("/settings/companies")
@permits("customers.read")
def companies() -> Response:
    """The companies that bill."""
    services.default_company()
    page = queries.list_companies(CompanyQuery(limit=100))
    rows = sorted(page.rows, key=lambda row: (not row.is_default, row.is_archived, row.legal_name.lower()))
    return render("customers/companies.html", rows=rows, words=words)


def _page(form: Form[Any], company: Any = None) -> Response:
    return render(
        "customers/company_form.html",
        block="form",
        status=form.status,
        form=form,
        company=company,
        regimes=choices.REGIMES,
        states=state_choices(),
        countries=words.country_choices(),
        hsn_digits=HSN_DIGITS,
        words=words,
    )


@blueprint.get("/settings/companies/new")
@permits("companies.write")
def new_company() -> Response:
    """An empty form, in the country of the first company."""
    first = services.default_company()
    return _page(Form({"country": first.country, "payment_terms_days": 30, "hsn_digits": 4, "is_body_corporate": True}))


@blueprint.post("/settings/companies")
@permits("companies.write")
def create_company() -> Response:
    """Add a company."""
    return save(
        Form.read(CompanyIn),
        services.create_company,
        lambda made: go_on(f"“{made.legal_name}” added", url_for(".companies")),
        _page,
    )


@blueprint.get("/settings/companies/<uuid:company_id>")
@permits("companies.write")
def edit_company(company_id: UUID) -> Response:
    """The form of a company."""
    company = queries.get_company(company_id)
    values = {name: getattr(company, name) for name in CompanyIn.model_fields}
    # What follows from the rest is left to follow, so that a GSTIN that is entered later changes it.
    if company.tax_regime in {"gst", "none" if company.country == INDIA else "generic"}:
        values["tax_regime"] = None
    return _page(Form(values), company)


@blueprint.post("/settings/companies/<uuid:company_id>")
@permits("companies.write")
def update_company(company_id: UUID) -> Response:
    """Change a company as a whole."""
    company = queries.get_company(company_id, for_update=True)
    return save(
        Form.read(CompanyIn),
        lambda data: services.change_company(company, data),
        lambda _: go_on("The company is saved", url_for(".companies")),
        lambda form: _page(form, company),
        version=company.version,
    )


@blueprint.post("/settings/companies/<uuid:company_id>/default")
@permits("companies.write")
def make_company_default(company_id: UUID) -> Response:
    """Make a company the one that bills where none is named."""
    company = queries.get_company(company_id, for_update=True)
    return attempt(
        lambda: services.make_default(company),
        lambda _: go_on(f"“{company.legal_name}” bills from now on", url_for(".companies")),
        url_for(".companies"),
    )


@blueprint.post("/settings/companies/<uuid:company_id>/delete")
@permits("companies.write")
def delete_company(company_id: UUID) -> Response:
    """Delete a company that has never billed."""
    company = queries.get_company(company_id, for_update=True)
    return attempt(
        lambda: services.delete_company(company),
        lambda _: go_on(f"“{company.legal_name}” deleted", url_for(".companies")),
        url_for(".companies"),
    )
