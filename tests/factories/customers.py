"""Customers, companies and what is sold, made through the services. Call these inside `company.owner.acting()`."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from tracktok.customers.models import Company, Customer, PriceList, ServiceType, TaxRate
from tracktok.customers.queries import addresses_of, contacts_of
from tracktok.customers.schemas.catalog import PriceListIn, ServiceTypeIn, TaxRateIn
from tracktok.customers.schemas.companies import CompanyIn, GstSettingsIn
from tracktok.customers.schemas.customers import CustomerIn
from tracktok.customers.schemas.groups import AccountManagerIn, ClientTypeIn
from tracktok.customers.services import (
    change_gst_settings,
    create_account_manager,
    create_client_type,
    create_company,
    create_customer,
    create_price_list,
    create_service_type,
    create_tax_rate,
    default_company,
)

KARNATAKA = "29AABCI5678G1Z7"
"""The GSTIN of the supplier in the worked examples."""
BUYER_KARNATAKA, BUYER_MAHARASHTRA = "29AAGCB7383J1Z4", "27AAPFU0939F1ZV"


def _name(word: str) -> str:
    return f"{word} {secrets.token_hex(4)}"


def make_customer(**over: Any) -> Customer:
    """A customer of a name of its own."""
    return create_customer(CustomerIn(**{"name": _name("Customer"), **over})).customer


def make_company_gst(gstin: str = KARNATAKA, *, company: Company | None = None, **over: Any) -> Company:
    """The default company (or another), registered for GST; `over` are further GST settings."""
    found = company or default_company(for_update=True)
    return change_gst_settings(found, GstSettingsIn(gstin=gstin, **{"round_off": True, **over}))


def make_billing_company(**over: Any) -> Company:
    """Another company that bills."""
    return create_company(CompanyIn(**{"legal_name": _name("Company"), **over}))


def make_tax_rate(**over: Any) -> TaxRate:
    """A GST rate of 18 % that always held."""
    values = {"name": _name("Tax"), "regime": "gst", **over}
    if "periods" not in values:
        values.setdefault("percent", "18")
    return create_tax_rate(TaxRateIn(**values))


def make_service_type(**over: Any) -> ServiceType:
    """A service type at 1,000.00 in the company's currency, without tax."""
    return create_service_type(ServiceTypeIn(**{"name": _name("Service"), "unit_price": "1000.00", **over}))


def make_price_list(**over: Any) -> PriceList:
    """A price list without prices."""
    return create_price_list(PriceListIn(**{"name": _name("Prices"), **over}))


def make_each() -> dict[str, UUID]:
    """One of each thing that an address can name, by the name of the parameter."""
    customer = make_customer(contacts=[{"name": "Asha"}], addresses=[{"label": "Depot"}])
    return {
        "customer_id": customer.id,
        "contact_id": contacts_of(customer.id)[0].id,
        "address_id": addresses_of(customer.id)[0].id,
        "client_type_id": create_client_type(ClientTypeIn(name=_name("Type"))).id,
        "account_manager_id": create_account_manager(AccountManagerIn(name=_name("Manager"))).id,
        "service_type_id": make_service_type().id,
        "tax_rate_id": make_tax_rate().id,
        "price_list_id": make_price_list().id,
        "company_id": make_billing_company().id,
    }
