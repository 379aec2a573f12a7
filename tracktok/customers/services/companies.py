"""Companies that bill: the default one, changes, GST settings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from babel import Locale, UnknownLocaleError
from sqlalchemy import update

from tracktok.core.db import db
from tracktok.core.errors import Conflict
from tracktok.core.ids import new_id
from tracktok.customers.models import Company, TaxRegime
from tracktok.customers.queries import companies as queries
from tracktok.customers.rules.defaults import org_code_of
from tracktok.customers.rules.identity import gstin_problem
from tracktok.customers.rules.parties import TaxSettings, settle_company
from tracktok.customers.rules.states import COUNTRIES, INDIA
from tracktok.customers.schemas.companies import CompanyIn, GstSettingsIn
from tracktok.customers.signals import company_changing
from tracktok.tenants.models import Tenant
from tracktok.tenants.queries import get_current

from .defaults import make_defaults
from .refusals import DefaultCompany, InUse, NameTaken, deleting, judged_by, refuse

_SETTLED = ("tax_regime", "registered", "gstin", "pan", "state_code", "country", "is_body_corporate")
_PLAIN = tuple(name for name in CompanyIn.model_fields if name not in {*_SETTLED, "org_code"})
_NAME = "uq_companies_legal_name"
_ONE_DEFAULT = "uq_companies_default"


def _name_taken() -> NameTaken:
    return NameTaken("company", "legal_name")


def country_of(tenant: Tenant) -> str:
    """Where a tenant is, as its locale tells, else its currency; India where neither does."""
    try:
        territory = Locale.parse(tenant.locale).territory or ""
    except (UnknownLocaleError, ValueError):
        territory = ""
    return next((code for code in (territory, tenant.currency[:2]) if code in COUNTRIES), INDIA)


def default_company(*, for_update: bool = False) -> Company:
    """The company that bills where none is named; made now, with tax rates and the like, if it is not there yet."""
    found = queries.find_default_company(for_update=for_update)
    return found if found is not None else open_billing(get_current())


def open_billing(tenant: Tenant) -> Company:
    """Make the default company of a tenant and what it needs to bill. Two at once make one."""
    try:
        with judged_by({_ONE_DEFAULT: Conflict, _NAME: Conflict}):
            company = _first_company(tenant)
            db.session.add(company)
    except Conflict:
        found = queries.find_default_company()
        if found is None:
            raise
        return found
    make_defaults(company.country, tenant.currency)
    return company


def _first_company(tenant: Tenant) -> Company:
    country = country_of(tenant)
    gstin = tenant.tax_id if country == INDIA and tenant.tax_id and not gstin_problem(tenant.tax_id) else ""
    said = TaxSettings(gstin=gstin, country=country)
    company = Company(
        id=new_id(),
        legal_name=tenant.name,
        org_code=org_code_of(tenant.name),
        is_default=True,
        tax_id="" if gstin else tenant.tax_id,
        address_line1=", ".join(line.strip() for line in tenant.address.splitlines() if line.strip())[:200],
    )
    _take(company, settle_company(said).settings)
    return company


def _take(company: Company, settled: TaxSettings) -> None:
    company.tax_regime = TaxRegime(settled.regime).value
    company.registered = bool(settled.registered)
    company.gstin, company.pan = settled.gstin, settled.pan
    company.state_code, company.country = settled.state_code, settled.country
    if settled.body_corporate is not None:
        company.is_body_corporate = settled.body_corporate


def create_company(body: CompanyIn) -> Company:
    """Add a company that bills. Raises NameTaken (409), Invalid (422)."""
    default_company()
    company = Company(id=new_id())
    _fill(company, body)
    with judged_by({_NAME: _name_taken}):
        db.session.add(company)
    db.session.refresh(company)
    return company


def change_company(company: Company, body: CompanyIn) -> Company:
    """Change a company, locked by the caller, as a whole."""
    if company.is_default and body.is_archived:
        raise DefaultCompany("The default company cannot be archived. Make another one the default first.")
    with judged_by({_NAME: _name_taken}):
        _fill(company, body)
    db.session.refresh(company)
    return company


def _fill(company: Company, body: CompanyIn) -> None:
    settled = settle_company(
        TaxSettings(
            regime=body.tax_regime.value if body.tax_regime is not None else "",
            registered=body.registered,
            gstin=body.gstin,
            pan=body.pan,
            state_code=body.state_code,
            country=body.country,
            postal_code=body.postal_code,
            lut=body.lut,
            body_corporate=body.is_body_corporate,
        )
    )
    refuse(settled.problems)
    _announce(company, settled.settings, body.legal_name)
    for name in _PLAIN:
        setattr(company, name, getattr(body, name))
    company.org_code = body.org_code or company.org_code or org_code_of(body.legal_name)
    _take(company, settled.settings)


def _announce(company: Company, settled: TaxSettings, legal_name: str) -> None:
    """Tell those above what is about to be changed about taxes; of a company that is only being made, nothing."""
    if not company.legal_name:
        return
    new = {
        "legal_name": legal_name, "tax_regime": settled.regime, "gstin": settled.gstin,
        "state_code": settled.state_code, "registered": bool(settled.registered),
    }  # fmt: skip
    changes = {name: value for name, value in new.items() if getattr(company, name) != value}
    if changes:
        company_changing.send(company, changes=changes)


def patch_company(company: Company, named: dict[str, Any]) -> Company:
    """Change what is named of a company; what is not named stays, but for what a new GSTIN tells anew."""
    values = {name: getattr(company, name) for name in CompanyIn.model_fields}
    if "gstin" in named:
        values |= {"tax_regime": None, "registered": None, "state_code": "", "pan": ""}
        if named["gstin"] == "":
            values |= {"lut": False, "state_code": company.state_code, "pan": company.pan}
    return change_company(company, CompanyIn.model_validate({**values, **named}))


def change_gst_settings(company: Company, body: GstSettingsIn) -> Company:
    """Change the GST settings of a company, locked by the caller; what is left out stays. A GSTIN makes it GST."""
    named = {name: getattr(body, name) for name in body.model_fields_set if getattr(body, name) is not None}
    if named.get("gstin") and named["gstin"] == company.gstin:
        named.pop("gstin")
    elif named.get("gstin") and company.country != INDIA:
        named["country"] = INDIA
    if named.get("registered") is False and named.get("gstin", company.gstin) and "gstin" not in named:
        named["gstin"] = ""
    return patch_company(company, named)


def make_default(company: Company) -> Company:
    """Make a company, locked by the caller, the one that bills where none is named."""
    if company.is_archived:
        raise Conflict("An archived company cannot be the default. Bring it back first.")
    if not company.is_default:
        before = queries.find_default_company(for_update=True)
        if before is not None:
            before.is_default = False
            db.session.flush()
        with judged_by({_ONE_DEFAULT: lambda: Conflict("Somebody else has just changed the default company.")}):
            company.is_default = True
        db.session.refresh(company)
    return company


def delete_company(company: Company) -> None:
    """Delete a company that has never billed. Raises InUse (409), and DefaultCompany for the default one."""
    if company.is_default:
        raise DefaultCompany("The default company cannot be deleted. Make another one the default first.")
    with deleting(InUse(f"{company.legal_name} has documents or number series. Archive it instead.")):
        db.session.delete(company)


def follow_tenant(tenant: Tenant, changed: dict[str, Any]) -> None:
    """Keep the default company's name with the tenant's, as long as nobody has given it one of its own."""
    if "name" in changed:
        db.session.execute(
            update(Company)
            .where(Company.is_default.is_(True), Company.legal_name == changed["name"], Company.gstin == "")
            .values(legal_name=tenant.name, version=Company.version + 1)
        )


def company_of(company_id: UUID | None, *, for_update: bool = False) -> Company:
    """A company by its id, or the default one. Raises NotFound."""
    if company_id is None:
        return default_company(for_update=for_update)
    return queries.get_company(company_id, for_update=for_update)
