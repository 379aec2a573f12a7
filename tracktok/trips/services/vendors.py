"""Vendors: made, changed, archived, deleted; their contacts and papers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from werkzeug.datastructures import FileStorage

from tracktok.auth.models import MembershipStatus
from tracktok.auth.queries import invitations_of, outsiders_of
from tracktok.core import context
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Conflict, DomainError, Invalid
from tracktok.core.ids import new_id
from tracktok.customers.services import default_company
from tracktok.customers.services.refusals import CodeTaken, InUse, NameTaken, deleting, judged_by, refuse
from tracktok.documents import rules as file_rules
from tracktok.documents.services import provide_access, store_file
from tracktok.trips.models import Vendor, VendorContact, VendorFile
from tracktok.trips.queries import vendors as queries
from tracktok.trips.rules.vendors import VendorIdentity, settle_vendor
from tracktok.trips.schemas.vendors import VendorContactIn, VendorFileIn, VendorIn

MOST_FILES = 50
ALLOWED = file_rules.RECEIPTS | file_rules.TABLES
_SETTLED = ("gstin", "pan", "state_code", "country")
_PLAIN = (
    "name", "code", "email", "phone", "tax_id", "address_line1", "address_line2", "city", "postal_code", "bank_name",
    "bank_account_name", "bank_account_number", "bank_ifsc", "bank_swift", "upi_id", "payment_terms_days", "notes",
    "is_archived",
)  # fmt: skip
_JUDGES: dict[str, Callable[[], DomainError]] = {
    "uq_vendors_code": lambda: CodeTaken("Another vendor"),
    "uq_vendors_name": lambda: NameTaken("vendor"),
}


class TooManyFiles(Conflict):
    code, title = "too_many_files", "This vendor has as many files as it may have"


def create_vendor(body: VendorIn) -> Vendor:
    """Make a vendor. Raises NameTaken, CodeTaken (409), Invalid (422)."""
    vendor = Vendor(id=new_id())
    _fill(vendor, body)
    with judged_by(_JUDGES):
        db.session.add(vendor)
        db.session.flush()
        _replace_contacts(vendor.id, body)
    db.session.refresh(vendor)
    return vendor


def change_vendor(vendor: Vendor, body: VendorIn) -> Vendor:
    """Change a vendor, locked by the caller, as a whole. Contacts stay where none are named."""
    with judged_by(_JUDGES):
        _fill(vendor, body)
        db.session.flush()
        _replace_contacts(vendor.id, body)
    db.session.refresh(vendor)
    return vendor


def patch_vendor(vendor: Vendor, named: dict[str, Any]) -> Vendor:
    """Change what is named of a vendor. What a new GSTIN or country tells anew is not kept from before."""
    values = {name: getattr(vendor, name) for name in (*_PLAIN, *_SETTLED, "currency", "billing_model")}
    if "gstin" in named and named["gstin"] != vendor.gstin:
        values |= {"pan": "", "state_code": ""}
    if "country" in named and named["country"] != vendor.country:
        values["state_code"] = ""
    return change_vendor(vendor, VendorIn.model_validate({**values, **named}))


def _fill(vendor: Vendor, body: VendorIn) -> None:
    said = VendorIdentity(body.gstin, body.pan, body.state_code, body.country, body.postal_code)
    settled, problems = settle_vendor(said, home=default_company().country)
    refuse(problems)
    if queries.has_name(body.name, vendor.id):
        raise NameTaken("vendor")
    if body.code and queries.has_code(body.code, vendor.id):
        raise CodeTaken("Another vendor")
    for name in _PLAIN:
        setattr(vendor, name, getattr(body, name))
    for name in _SETTLED:
        setattr(vendor, name, getattr(settled, name))
    vendor.billing_model = body.billing_model.value
    vendor.currency = body.currency or vendor.currency or preferences().currency


def archive_vendor(vendor: Vendor, *, archived: bool = True) -> Vendor:
    """Take a vendor, locked by the caller, out of what is offered; or back in."""
    vendor.is_archived = archived
    db.session.flush()
    db.session.refresh(vendor)
    return vendor


def delete_vendor(vendor: Vendor) -> None:
    """Delete a vendor that has no rate card, no trip and nobody who signs in. Raises InUse (409): archive it then."""
    let_in = [row for row in outsiders_of(vendor.id) if row.status == MembershipStatus.active]
    if let_in or invitations_of(vendor.id):
        raise InUse(f"People of {vendor.name} were let in. Let them go, and take back invitations that wait, first.")
    used = InUse("This vendor has rate cards or trips, which the books refer to. Archive it instead.")
    with deleting(used):
        for one in queries.contacts_of(vendor.id):
            db.session.delete(one)
        for row in queries.files_of(vendor.id):
            db.session.delete(queries.get_file(vendor.id, row.id))
        db.session.flush()
        db.session.delete(vendor)


# Contacts -----------------------------------------------------------------------------------------------------------


def _replace_contacts(vendor_id: UUID, body: VendorIn) -> None:
    if body.contacts is None:
        return
    left = list(queries.contacts_of(vendor_id))
    for sent in body.contacts:
        same = next((one for one in left if all(getattr(one, name) == value for name, value in sent)), None)
        if same is not None:
            left.remove(same)
        else:
            db.session.add(VendorContact(id=new_id(), vendor_id=vendor_id, **sent.model_dump()))
    for gone in left:
        db.session.delete(gone)


def add_contact(vendor: Vendor, body: VendorContactIn) -> VendorContact:
    """Add a person at a vendor."""
    contact = VendorContact(id=new_id(), vendor_id=vendor.id, **body.model_dump())
    db.session.add(contact)
    db.session.flush()
    db.session.refresh(contact)
    return contact


def change_contact(contact: VendorContact, body: VendorContactIn) -> VendorContact:
    """Change a person at a vendor."""
    for name, value in body:
        setattr(contact, name, value)
    db.session.flush()
    db.session.refresh(contact)
    return contact


def drop_contact(contact: VendorContact) -> None:
    """Delete a contact."""
    db.session.delete(contact)
    db.session.flush()


# Papers -------------------------------------------------------------------------------------------------------------


def attach_files(vendor: Vendor, files: Sequence[FileStorage], body: VendorFileIn | None = None) -> list[VendorFile]:
    """Keep papers of a vendor: a contract, certificates.

    Raises Invalid (422) at `files`, TooLarge (413), UnsupportedMediaType (415), TooManyFiles (409).
    """
    if not files:
        raise Invalid.at("files", "Choose one file at least.")
    there = queries.files_of(vendor.id)
    if len(there) + len(files) > MOST_FILES:
        raise TooManyFiles(f"A vendor may have {MOST_FILES} files; this one has {len(there)}.")
    known = {row.sha256 for row in there}
    who, said = context.actor(), body or VendorFileIn()
    made = []
    for file in files:
        stored = store_file(file.stream, file.filename or "file", allowed=ALLOWED, field="files")
        if stored.sha256 in known:
            raise Invalid.at("files", f"{stored.filename} is with this vendor already.", "duplicate")
        known.add(stored.sha256)
        row = VendorFile(
            id=new_id(),
            vendor_id=vendor.id,
            file_id=stored.id,
            label=said.label,
            expires_on=said.expires_on,
            added_by=who.person_id if who else None,
        )
        db.session.add(row)
        made.append(row)
    db.session.flush()
    return made


def detach_file(paper: VendorFile) -> None:
    """Take a paper off a vendor."""
    db.session.delete(paper)
    db.session.flush()


@provide_access
def may_open_paper(file_id: UUID) -> bool:
    """Whether the current actor may open a file because it is a paper of a vendor."""
    who = context.actor()
    return who is not None and who.may("vendors.read") and queries.is_of_vendor(file_id)
