"""Vendors, their contacts and papers."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from tracktok.customers.schemas.fields import (
    BankAccount,
    Country,
    Email,
    Gstin,
    Ifsc,
    Life,
    Line,
    Pan,
    Phone,
    StateCode,
    Swift,
    UpiId,
    patch_of,
)
from tracktok.tenants.schemas import Currency
from tracktok.trips.rules.cards import BillingModel
from tracktok.web.api import ListQuery, Query, Schema

MOST_CONTACTS = 50
SORTS = "name or created_at; a minus in front turns it around"
Days = Annotated[int, Field(ge=0, le=3650)]


class VendorContactIn(Schema):
    """A person at a vendor."""

    name: Line = Field(min_length=1, max_length=120, title="Name", examples=["Ravi Kumar"])
    role: Line = Field("", max_length=80, title="Role", examples=["Dispatch"])
    email: Email = Field("", title="E-mail")
    phone: Phone = Field("", title="Phone")
    gets_statements: bool = Field(True, title="Gets statements")


class VendorIn(Schema):
    """Somebody who runs trips for you. A GSTIN fills in the State and the PAN."""

    name: Line = Field(min_length=1, max_length=200, title="Name", examples=["Sri Balaji Travels"])
    code: Line = Field("", max_length=30, title="Code", description="Your own number for it", examples=["V-12"])
    billing_model: BillingModel = Field(title="Billing model", description="What its rate cards are, as a rule")
    email: Email = Field("", title="E-mail")
    phone: Phone = Field("", title="Phone")
    gstin: Gstin = Field("", title="GSTIN")
    pan: Pan = Field("", title="PAN")
    tax_id: Line = Field("", max_length=50, title="Tax id", description="VAT number or the like, outside India")
    state_code: StateCode = Field("", title="State")
    address_line1: Line = Field("", max_length=200, title="Address", examples=["7 Hosur Road"])
    address_line2: Line = Field("", max_length=200, title="Address, second line")
    city: Line = Field("", max_length=100, title="City", examples=["Bengaluru"])
    postal_code: Line = Field("", max_length=20, title="Postal code", examples=["560030"])
    country: Country = Field("", title="Country", description="India with a GSTIN, else your company's")
    bank_name: Line = Field("", max_length=120, title="Bank")
    bank_account_name: Line = Field("", max_length=200, title="Account holder")
    bank_account_number: BankAccount = Field("", max_length=50, title="Account number or IBAN")
    bank_ifsc: Ifsc = Field("", max_length=20, title="IFSC")
    bank_swift: Swift = Field("", max_length=20, title="SWIFT or BIC")
    upi_id: UpiId = Field("", max_length=320, title="UPI id")
    currency: Currency | None = Field(None, title="Currency", description="Your company's when left out")
    payment_terms_days: Days = Field(30, title="Payment terms", description="Days until a statement is due")
    notes: str = Field("", max_length=5000, title="Notes", description="For your own people")
    is_archived: bool = Field(False, title="Archived")
    contacts: list[VendorContactIn] | None = Field(
        None, max_length=MOST_CONTACTS, description="All contacts; those there are stay when left out"
    )


VendorPatch = patch_of(VendorIn, "What to change of a vendor.")


class VendorContactOut(VendorContactIn):
    """A person at a vendor."""

    id: UUID
    created_at: str


class VendorFileOut(Schema):
    """A paper of a vendor."""

    id: UUID
    file_id: UUID
    filename: str
    content_type: str
    size: int
    label: str
    expires_on: date | None
    url: str
    created_at: str


class VendorFileIn(Schema):
    """What a paper is, and when it runs out."""

    label: Line = Field("", max_length=120, title="What it is", examples=["Contract 2026"])
    expires_on: Life | None = Field(None, title="Valid until")


class VendorListItem(Schema):
    """A vendor."""

    id: UUID
    name: str
    code: str
    billing_model: str
    email: str
    phone: str
    gstin: str
    pan: str
    tax_id: str
    state_code: str
    state: str = Field(description="The State's name")
    address_line1: str
    address_line2: str
    city: str
    postal_code: str
    country: str
    bank_name: str
    bank_account_name: str
    bank_account_number: str
    bank_ifsc: str
    bank_swift: str
    upi_id: str
    currency: str
    payment_terms_days: int
    notes: str
    import_id: UUID | None
    is_archived: bool
    version: int
    created_at: str
    updated_at: str


class VendorOut(VendorListItem):
    """A vendor with its contacts."""

    contacts: list[VendorContactOut]


class VendorFilters(Query):
    """Which vendors. Filters may be combined."""

    q: str | None = Field(None, max_length=200, description="Part of name, code, e-mail, phone, GSTIN or city")
    billing_model: BillingModel | None = None
    currency: str | None = Field(None, max_length=3, pattern="^[A-Za-z]{3}$")
    archived: bool | None = None
    import_id: UUID | None = None


class VendorQuery(VendorFilters, ListQuery):
    """Which vendors, in which order."""

    sort: str = Field("-created_at", description=SORTS)
    fields: str | None = Field(None, max_length=500, description="Only these members, with commas between")
