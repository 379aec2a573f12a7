"""Customers: made, changed, deleted, brought back; their contacts and further addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import FieldError, Invalid, NotFound
from tracktok.core.ids import new_id
from tracktok.core.money import places_problem
from tracktok.customers.models import (
    AccountManager,
    ClientType,
    Customer,
    CustomerAddress,
    CustomerContact,
    PriceList,
)
from tracktok.customers.queries import customers as queries
from tracktok.customers.rules.parties import Party, Problems, settle_address, settle_customer
from tracktok.customers.schemas.customers import AddressIn, ContactIn, CustomerIn
from tracktok.customers.signals import customer_deleting
from tracktok.tenants.services import reserve

from .companies import default_company
from .refusals import CodeTaken, judged_by, refuse

DAYS_IN_BIN = 30
_SETTLED = ("gst_category", "gstin", "pan", "state_code", "country")
_REFERENCES: dict[str, Any] = {
    "client_type_id": (ClientType, "client type"),
    "account_manager_id": (AccountManager, "account manager"),
    "price_list_id": (PriceList, "price list"),
}
_PLAIN = (
    "name", "code", "kind", "client_type_id", "account_manager_id", "price_list_id", "email", "phone", "website",
    "tax_id", "address_line1", "address_line2", "city", "postal_code", "language", "payment_terms_days",
    "credit_limit", "notes", "custom_fields", "reminders_stopped", "is_archived",
)  # fmt: skip
_CODE = "uq_customers_code"


@dataclass(frozen=True, slots=True)
class Warned:
    """Something to know about a customer that was written; it did not stop it."""

    code: str
    detail: str

    def as_dict(self) -> dict[str, str]:
        """The warning as the API answers it."""
        return {"code": self.code, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Written:
    """A customer that was made or changed, with what should be known about it."""

    customer: Customer
    warnings: list[Warned] = field(default_factory=list)


def create_customer(body: CustomerIn) -> Written:
    """Make a customer. Raises PlanLimit (402), CodeTaken (409), Invalid (422)."""
    reserve("customers", queries.count_customers)
    customer = Customer(id=new_id())
    remarks = _fill(customer, body)
    with judged_by({_CODE: CodeTaken}):
        db.session.add(customer)
        db.session.flush()
        _replace_people(customer.id, body)
    db.session.refresh(customer)
    return Written(customer, _warnings(customer, remarks))


def change_customer(customer: Customer, body: CustomerIn) -> Written:
    """Change a customer, locked by the caller, as a whole. Contacts and addresses stay where none are named."""
    known = (customer.gstin, customer.name.lower())
    with judged_by({_CODE: CodeTaken}):
        remarks = _fill(customer, body)
        db.session.flush()
        _replace_people(customer.id, body)
    db.session.refresh(customer)
    return Written(customer, _warnings(customer, remarks, known))


def patch_customer(customer: Customer, named: dict[str, Any]) -> Written:
    """Change what is named of a customer. What a new GSTIN or country tells anew is not kept from before."""
    values = {name: getattr(customer, name) for name in (*_PLAIN, *_SETTLED, "currency")}
    if "gstin" in named and named["gstin"] != customer.gstin:
        values |= {"gst_category": None, "pan": ""}
        values["state_code"] = "" if named["gstin"] or customer.gstin == "" else customer.state_code
    if "country" in named and named["country"] != customer.country:
        values |= {"gst_category": None, "state_code": ""}
    if named.get("gst_category") and named["gst_category"] != customer.gst_category:
        values["state_code"] = (
            "" if "overseas" in {named["gst_category"], customer.gst_category} else values["state_code"]
        )
    return change_customer(customer, CustomerIn.model_validate({**values, **named}))


def _fill(customer: Customer, body: CustomerIn) -> Problems:
    company = default_company()
    looked = settle_customer(
        Party(
            gst_category=body.gst_category.value if body.gst_category is not None else "",
            gstin=body.gstin,
            pan=body.pan,
            state_code=body.state_code,
            country=body.country,
            postal_code=body.postal_code,
        ),
        home=company.country,
    )
    currency = body.currency or customer.currency or preferences().currency
    refuse((*looked.problems, *_amount_problems(body, currency)))
    _check_references(customer, body)
    if body.code and queries.find_by_code(body.code, customer.id) is not None:
        raise CodeTaken
    for name in _PLAIN:
        value = getattr(body, name)
        setattr(customer, name, getattr(value, "value", value))
    for name in _SETTLED:
        setattr(customer, name, getattr(looked.party, name))
    customer.currency = currency
    return looked.remarks


def _amount_problems(body: CustomerIn, currency: str) -> Problems:
    if body.credit_limit is not None and (problem := places_problem(body.credit_limit, currency)):
        return (("credit_limit", problem),)
    return ()


def _check_references(customer: Customer, body: CustomerIn) -> None:
    errors = []
    for name, (model, thing) in _REFERENCES.items():
        wanted = getattr(body, name)
        if wanted is None or wanted == getattr(customer, name):
            continue
        statement = select(model.id).where(model.id == wanted)
        if hasattr(model, "is_archived"):
            statement = statement.where(model.is_archived.is_(False))
        if db.session.execute(statement).first() is None:
            errors.append(FieldError(f"/{name}", "not_found", f"There is no such {thing}."))
    if errors:
        raise Invalid(errors[0].detail, errors=errors)


def _warnings(customer: Customer, remarks: Problems, known: tuple[str, str] = ("", "")) -> list[Warned]:
    """What to tell, but for what was so before."""
    same_gstin, same_name = queries.find_twins(itself=customer.id, name=customer.name, gstin=customer.gstin)
    found = [Warned("postal_code", text) for name, text in remarks if name == "postal_code"]
    if same_gstin and customer.gstin != known[0]:
        found.append(Warned("duplicate_gstin", f"{_named(same_gstin)} the same GSTIN, {customer.gstin}."))
    if same_name and customer.name.lower() != known[1]:
        found.append(Warned("duplicate_name", f"{_named(same_name)} the same name."))
    return found


def _named(rows: Sequence[Any]) -> str:
    first = rows[0].name + (f" ({rows[0].code})" if rows[0].code else "")
    if len(rows) == 1:
        return f"{first} has"
    return f"{first} and {'another' if len(rows) == 2 else len(rows) - 1} have"


def twins_of(row: Any) -> list[Any]:
    """Other customers with the same GSTIN as this one."""
    return queries.find_twins(itself=row.id, name=row.name, gstin=row.gstin)[0]


def delete_customer(customer: Customer) -> None:
    """Put a customer, locked by the caller, into the bin for 30 days. Those who still need it raise Conflict (409)."""
    customer_deleting.send(customer, customer=customer)
    customer.deleted_at = clock.now()
    db.session.flush()


def restore_customer(customer: Customer) -> Customer:
    """Take a customer out of the bin. Raises NotFound after 30 days, CodeTaken, PlanLimit (402)."""
    if customer.deleted_at is not None and customer.deleted_at < clock.now() - timedelta(days=DAYS_IN_BIN):
        raise NotFound("There is no such customer.")
    reserve("customers", queries.count_customers)
    if customer.code and queries.find_by_code(customer.code, customer.id) is not None:
        raise CodeTaken
    with judged_by({_CODE: CodeTaken}):
        customer.deleted_at = None
    db.session.refresh(customer)
    return customer


def archive_customer(customer: Customer, *, archived: bool = True) -> Customer:
    """Take a customer, locked by the caller, out of what is offered; or back in."""
    customer.is_archived = archived
    db.session.flush()
    db.session.refresh(customer)
    return customer


# Contacts and addresses --------------------------------------------------------------------------------------------


def _replace_people(customer_id: UUID, body: CustomerIn) -> None:
    """Bring contacts and addresses to what was sent; those that are the same stay as they are."""
    if body.contacts is not None:
        _replace(queries.contacts_of(customer_id), body.contacts, lambda one: _contact(customer_id, one))
    if body.addresses is not None:
        _replace(queries.addresses_of(customer_id), body.addresses, lambda one: _address(customer_id, one))
        for number, sent in enumerate(body.addresses):
            _check_address(sent, f"addresses/{number}/")


def _replace(held: Sequence[Any], wanted: Sequence[Any], make: Any) -> None:
    left = list(held)
    for body in wanted:
        same = next((one for one in left if all(getattr(one, name) == value for name, value in body)), None)
        if same is not None:
            left.remove(same)
        else:
            db.session.add(make(body))
    for gone in left:
        db.session.delete(gone)


def _contact(customer_id: UUID, body: ContactIn) -> CustomerContact:
    return CustomerContact(id=new_id(), customer_id=customer_id, **body.model_dump())


def _address(customer_id: UUID, body: AddressIn) -> CustomerAddress:
    return CustomerAddress(id=new_id(), customer_id=customer_id, **_settled(body))


def _settled(body: AddressIn) -> dict[str, Any]:
    (country, state_code), _ = settle_address(body.country, body.state_code, body.postal_code)
    return {**body.model_dump(), "country": country, "state_code": state_code}


def _check_address(body: AddressIn, prefix: str = "") -> None:
    _, problems = settle_address(body.country, body.state_code, body.postal_code)
    refuse(tuple((f"{prefix}{name}", text) for name, text in problems))


def add_contact(customer: Customer, body: ContactIn) -> CustomerContact:
    """Add a person at a customer."""
    contact = _contact(customer.id, body)
    db.session.add(contact)
    db.session.flush()
    db.session.refresh(contact)
    return contact


def change_contact(contact: CustomerContact, body: ContactIn) -> CustomerContact:
    """Change a person at a customer."""
    for name, value in body:
        setattr(contact, name, value)
    db.session.flush()
    db.session.refresh(contact)
    return contact


def add_address(customer: Customer, body: AddressIn) -> CustomerAddress:
    """Add a further address."""
    _check_address(body)
    address = _address(customer.id, body)
    db.session.add(address)
    db.session.flush()
    db.session.refresh(address)
    return address


def change_address(address: CustomerAddress, body: AddressIn) -> CustomerAddress:
    """Change a further address."""
    _check_address(body)
    for name, value in _settled(body).items():
        setattr(address, name, value)
    db.session.flush()
    db.session.refresh(address)
    return address


def drop(one: CustomerContact | CustomerAddress) -> None:
    """Delete a contact or a further address."""
    db.session.delete(one)
    db.session.flush()
