"""Companies that bill, and their GST settings."""

from __future__ import annotations

import re
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from tracktok.customers.models import TaxRegime
from tracktok.web.api import ListQuery, Query, Schema

from .fields import (
    BankAccount,
    Country,
    Email,
    Gstin,
    HsnDigits,
    Ifsc,
    Line,
    Pan,
    Phone,
    StateCode,
    Swift,
    Terms,
    UpiId,
    Website,
    patch_of,
)

_ORG_CODE = re.compile(r"[A-Z0-9]{3,10}")


def _org_code(value: str) -> str:
    value = value.upper()
    if value and not _ORG_CODE.fullmatch(value):
        raise ValueError("Use 3 to 10 letters A-Z and digits.")
    return value


class CompanyIn(Schema):
    """A legal entity that bills. A GSTIN makes its tax regime GST."""

    legal_name: Line = Field(min_length=1, max_length=200, title="Legal name", examples=["Acme Logistics Pvt Ltd"])
    trade_name: Line = Field("", max_length=200, title="Trade name")
    org_code: Annotated[str, AfterValidator(_org_code)] = Field(
        "", max_length=10, title="Short code", description="`{ORG}` in numbers; made of the name when left out"
    )
    tax_regime: TaxRegime | None = Field(None, title="Tax", description="gst follows from a GSTIN")
    registered: bool | None = Field(None, title="Registered for GST", description="True follows from a GSTIN")
    gstin: Gstin = Field("", title="GSTIN")
    pan: Pan = Field("", title="PAN")
    tax_id: Line = Field("", max_length=50, title="Tax id", description="Where the regime is not GST")
    state_code: StateCode = Field("", title="State")
    is_body_corporate: bool | None = Field(None, title="Company or LLP", description="As the PAN tells when left out")
    round_off: bool = Field(False, title="Round off to the whole rupee")
    lut: bool = Field(False, title="Letter of undertaking")
    lut_reference: Line = Field("", max_length=60, title="Reference of the letter (ARN)")
    hsn_digits: HsnDigits = Field(4, title="Digits of HSN and SAC")
    e_invoicing: bool = Field(False, title="E-invoicing")
    address_line1: Line = Field("", max_length=200, title="Address")
    address_line2: Line = Field("", max_length=200, title="Address, second line")
    city: Line = Field("", max_length=100, title="City")
    postal_code: Line = Field("", max_length=20, title="Postal code")
    country: Country = Field("IN", title="Country")
    email: Email = Field("", title="E-mail")
    phone: Phone = Field("", title="Phone")
    website: Website = Field("", title="Website")
    bank_name: Line = Field("", max_length=120, title="Bank")
    bank_account_name: Line = Field("", max_length=200, title="Account holder")
    bank_account_number: BankAccount = Field("", max_length=50, title="Account number or IBAN")
    bank_ifsc: Ifsc = Field("", max_length=20, title="IFSC")
    bank_swift: Swift = Field("", max_length=20, title="SWIFT or BIC")
    upi_id: UpiId = Field("", max_length=320, title="UPI id", examples=["acme@hdfcbank"])
    signatory: Line = Field("", max_length=120, title="Signatory")
    default_terms: str = Field("", max_length=5000, title="Terms and conditions")
    default_notes: str = Field("", max_length=5000, title="Note to customers")
    payment_terms_days: Terms = Field(30, title="Payment terms")
    is_archived: bool = Field(False, title="Archived")


CompanyPatch = patch_of(CompanyIn, "What to change of a company.")


class CompanyQuery(ListQuery):
    """Which companies."""

    q: str | None = Field(None, max_length=120, description="Part of the name, or a GSTIN")
    archived: bool | None = None
    sort: str = Field("legal_name", description="legal_name or created_at; a minus in front turns it around")


class CompanyOut(CompanyIn):
    """A company that bills."""

    id: UUID
    is_default: bool
    gstin: str
    pan: str
    tax_regime: TaxRegime
    registered: bool
    is_body_corporate: bool
    version: int
    created_at: str
    updated_at: str


class GstSettingsQuery(Query):
    """Whose GST settings."""

    company_id: UUID | None = Field(None, description="The default company when left out")


class GstSettingsIn(Schema):
    """GST settings of a company. Members that are left out stay as they are; a GSTIN makes the regime GST."""

    gstin: Gstin | None = Field(None, title="GSTIN", description="Empty: not registered")
    legal_name: Line | None = Field(None, min_length=1, max_length=200, title="Legal name")
    trade_name: Line | None = Field(None, max_length=200, title="Trade name")
    state_code: StateCode | None = Field(None, title="State")
    pan: Pan | None = Field(None, title="PAN")
    registered: bool | None = Field(None, title="Registered for GST")
    round_off: bool | None = Field(None, title="Round off to the whole rupee")
    lut: bool | None = Field(None, title="Letter of undertaking")
    lut_reference: Line | None = Field(None, max_length=60, title="Reference of the letter (ARN)")
    hsn_digits: HsnDigits | None = Field(None, title="Digits of HSN and SAC")
    e_invoicing: bool | None = Field(None, title="E-invoicing")
    is_body_corporate: bool | None = Field(None, title="Company or LLP")


class GstSettingsOut(Schema):
    """GST settings of a company."""

    company_id: UUID
    gstin: str
    legal_name: str
    trade_name: str
    state_code: str
    state: str = Field(description="The State's name")
    pan: str
    tax_regime: TaxRegime
    registered: bool
    round_off: bool
    lut: bool
    lut_reference: str
    hsn_digits: int
    e_invoicing: bool
    is_body_corporate: bool
    version: int
    updated_at: str
