"""Customers, their contacts and addresses."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, JsonValue

from tracktok.customers.models import CustomerKind, GstCategory
from tracktok.tenants.schemas import Currency
from tracktok.web.api import ListQuery, Query, Schema

from .fields import Country, Email, Gstin, Language, Line, Pan, Phone, StateCode, Terms, Website, patch_of

MOST_FIELDS, MOST_PEOPLE = 50, 50
SORTS = "name, code or created_at; a minus in front turns it around"


def _own_fields(value: dict[str, Any]) -> dict[str, Any]:
    if len(value) > MOST_FIELDS:
        raise ValueError(f"Use at most {MOST_FIELDS} fields of your own.")
    for name, one in value.items():
        if not 1 <= len(name) <= 60:
            raise ValueError("The name of a field of your own has 1 to 60 characters.")
        if isinstance(one, dict | list):
            raise ValueError(  # noqa: TRY004 - Pydantic wants a ValueError
                f"{name}: a field of your own holds text, a number, or yes or no."
            )
        if isinstance(one, float):
            value[name] = str(one)
        elif isinstance(one, str) and len(one) > 1000:
            raise ValueError(f"{name}: use at most 1,000 characters.")
    return value


OwnFields = Annotated[dict[str, JsonValue], AfterValidator(_own_fields)]


class ContactIn(Schema):
    """A person at a customer."""

    name: Line = Field(min_length=1, max_length=120, title="Name", examples=["Asha Rao"])
    email: Email = Field("", title="E-mail")
    phone: Phone = Field("", title="Phone")
    role: Line = Field("", max_length=80, title="Role", examples=["Accounts payable"])
    gets_documents: bool = Field(True, title="Gets documents")
    gets_reminders: bool = Field(True, title="Gets reminders")


class AddressIn(Schema):
    """Another address of a customer."""

    label: Line = Field(min_length=1, max_length=80, title="Label", examples=["Warehouse Hosur"])
    address_line1: Line = Field("", max_length=200, title="Address")
    address_line2: Line = Field("", max_length=200, title="Address, second line")
    city: Line = Field("", max_length=100, title="City")
    postal_code: Line = Field("", max_length=20, title="Postal code")
    state_code: StateCode = Field("", title="State")
    country: Country = Field("IN", title="Country")


class CustomerIn(Schema):
    """Somebody who is billed. A GSTIN fills in what it tells: category registered, State, PAN."""

    name: Line = Field(min_length=1, max_length=200, title="Name", examples=["Bluepeak Foods Pvt Ltd"])
    code: Line = Field(
        "", max_length=30, title="Code", description="Your own number for the customer", examples=["C-104"]
    )
    kind: CustomerKind = Field(CustomerKind.business, title="Kind")
    client_type_id: UUID | None = Field(None, title="Client type")
    account_manager_id: UUID | None = Field(None, title="Account manager")
    price_list_id: UUID | None = Field(None, title="Price list")
    email: Email = Field("", title="E-mail")
    phone: Phone = Field("", title="Phone")
    website: Website = Field("", title="Website")
    gst_category: GstCategory | None = Field(
        None, title="GST category", description="registered with a GSTIN, overseas outside India, else unregistered"
    )
    gstin: Gstin = Field("", title="GSTIN")
    pan: Pan = Field("", title="PAN")
    tax_id: Line = Field("", max_length=50, title="Tax id", description="VAT number or the like, outside India")
    state_code: StateCode = Field("", title="State")
    address_line1: Line = Field("", max_length=200, title="Address", examples=["14 Residency Road"])
    address_line2: Line = Field("", max_length=200, title="Address, second line")
    city: Line = Field("", max_length=100, title="City", examples=["Bengaluru"])
    postal_code: Line = Field("", max_length=20, title="Postal code", examples=["560025"])
    country: Country = Field("", title="Country", description="India with a GSTIN, else your company's")
    currency: Currency | None = Field(None, title="Currency", description="Your company's when left out")
    language: Language = Field("", title="Language of documents")
    payment_terms_days: Terms | None = Field(None, title="Payment terms", description="Null: as the company's")
    credit_limit: Decimal | None = Field(
        None, ge=0, max_digits=16, decimal_places=4, title="Credit limit", examples=["500000.00"]
    )
    notes: str = Field("", max_length=5000, title="Notes", description="For your own people")
    custom_fields: OwnFields = Field({}, title="Fields of your own")
    reminders_stopped: bool = Field(False, title="No reminders")
    is_archived: bool = Field(False, title="Archived")
    contacts: list[ContactIn] | None = Field(
        None, max_length=MOST_PEOPLE, description="All contacts; those there are stay when left out"
    )
    addresses: list[AddressIn] | None = Field(
        None, max_length=MOST_PEOPLE, description="All further addresses; those there are stay when left out"
    )


CustomerPatch = patch_of(CustomerIn, "What to change of a customer.")


class ContactOut(ContactIn):
    """A person at a customer."""

    id: UUID
    created_at: str


class AddressOut(AddressIn):
    """Another address of a customer."""

    id: UUID
    created_at: str


class Remark(Schema):
    """Something to know about what was done; it did not stop it."""

    code: str = Field(description="duplicate_gstin, duplicate_name or postal_code")
    detail: str


class CustomerListItem(Schema):
    """A customer."""

    id: UUID
    name: str
    code: str
    kind: str
    client_type_id: UUID | None
    client_type: str | None
    account_manager_id: UUID | None
    account_manager: str | None
    price_list_id: UUID | None
    email: str
    phone: str
    website: str
    gst_category: str
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
    currency: str
    language: str
    payment_terms_days: int | None
    credit_limit: str | None
    notes: str
    custom_fields: dict[str, JsonValue]
    reminders_stopped: bool
    import_id: UUID | None
    is_archived: bool
    version: int
    created_at: str
    updated_at: str
    deleted_at: str | None


class CustomerOut(CustomerListItem):
    """A customer with contacts and further addresses."""

    contacts: list[ContactOut]
    addresses: list[AddressOut]


class CustomerWritten(CustomerOut):
    """A customer that was made or changed, with what should be known about it."""

    warnings: list[Remark]


class CustomerFilters(Query):
    """Which customers. Filters may be combined."""

    q: str | None = Field(None, max_length=200, description="Part of name, code, e-mail, phone, GSTIN or city")
    client_type_id: UUID | Literal["none"] | None = Field(None, description="An id, or none")
    account_manager_id: UUID | Literal["none"] | None = Field(None, description="An id, or none")
    price_list_id: UUID | None = None
    gst_category: GstCategory | None = None
    state_code: str | None = Field(None, max_length=2, pattern="^[0-9]{2}$")
    country: str | None = Field(None, max_length=2, pattern="^[A-Za-z]{2}$")
    currency: str | None = Field(None, max_length=3, pattern="^[A-Za-z]{3}$")
    gstin: str | None = Field(None, max_length=30)
    email: str | None = Field(None, max_length=254, description="Exactly, whatever its case")
    archived: bool | None = None
    import_id: UUID | None = None


class CustomerQuery(CustomerFilters, ListQuery):
    """Which customers, in which order."""

    sort: str = Field("-created_at", description=SORTS)
    fields: str | None = Field(None, max_length=500, description="Only these members, with commas between")
    format: Literal["json", "csv", "xlsx"] = Field("json", description="csv and xlsx give all that fit as a file")
