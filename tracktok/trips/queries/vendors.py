"""What is read about vendors: one, the list, contacts, papers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Select, Text, Uuid, and_, bindparam, func, or_, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, keyset, make_page, page_parameters, sort_by, split_sort
from tracktok.documents.models import StoredFile
from tracktok.imports.queries import get_import, ids_written
from tracktok.trips.models import RateCard, Vendor, VendorContact, VendorFile
from tracktok.trips.schemas.vendors import VendorFilters, VendorQuery

COLUMNS: tuple[Any, ...] = (
    Vendor.id, Vendor.name, Vendor.code, Vendor.billing_model, Vendor.email, Vendor.phone, Vendor.gstin, Vendor.pan,
    Vendor.tax_id, Vendor.state_code, Vendor.address_line1, Vendor.address_line2, Vendor.city, Vendor.postal_code,
    Vendor.country, Vendor.bank_name, Vendor.bank_account_name, Vendor.bank_account_number, Vendor.bank_ifsc,
    Vendor.bank_swift, Vendor.upi_id, Vendor.currency, Vendor.payment_terms_days, Vendor.notes, Vendor.import_id,
    Vendor.is_archived, Vendor.version, Vendor.created_at, Vendor.updated_at,
)  # fmt: skip
SORTS = {"name": sort_by(Vendor.name), "created_at": sort_by(Vendor.created_at)}
_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_ONE = select(Vendor).where(Vendor.id == bindparam("vendor_id", type_=Uuid()))


def _like(columns: Iterable[Any]) -> Any:
    return or_(*(column.ilike(bindparam("pattern", type_=Text), escape="\\") for column in columns))


def _pattern(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"


def get_vendor(vendor_id: UUID, *, for_update: bool = False) -> Vendor:
    """A vendor. Raises NotFound."""
    statement = _ONE.with_for_update() if for_update else _ONE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    found = db.session.execute(statement, {"vendor_id": vendor_id}, execution_options=options).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such vendor.")
    return found


_FILTERS: dict[str, Any] = {
    "billing_model": Vendor.billing_model == bindparam("billing_model", type_=Text),
    "currency": Vendor.currency == bindparam("currency", type_=Text),
    "archived": Vendor.is_archived == bindparam("archived", type_=Boolean),
    "import_id": Vendor.id.between(bindparam("first_id", type_=Uuid()), bindparam("last_id", type_=Uuid())),
    "q": _like((Vendor.name, Vendor.code, Vendor.email, Vendor.phone, Vendor.gstin, Vendor.city)),
}


def _filters(query: VendorFilters) -> tuple[frozenset[str], dict[str, Any]]:
    shape: set[str] = set()
    given: dict[str, Any] = {}
    for name in ("billing_model", "archived"):
        if (value := getattr(query, name)) is not None:
            shape.add(name)
            given[name] = getattr(value, "value", value)
    if query.currency:
        shape.add("currency")
        given["currency"] = query.currency.upper()
    if query.import_id is not None:
        shape.add("import_id")
        given["first_id"], given["last_id"] = ids_written(get_import(query.import_id))
    if query.q:
        shape.add("q")
        given["pattern"] = _pattern(query.q)
    return frozenset(shape), given


def _where(statement: Select[Any], shape: frozenset[str]) -> Select[Any]:
    return statement.where(Vendor.id.is_not(None), *(_FILTERS[name] for name in sorted(shape)))


@cache
def _list(sort: str, after: bool, shape: frozenset[str]) -> Select[Any]:  # noqa: FBT001 - a shape
    return keyset(_where(select(*COLUMNS), shape), sorts=SORTS, id_column=Vendor.id, sort=sort, after=after)


@cache
def _count(shape: frozenset[str]) -> Select[Any]:
    return _where(select(func.count()).select_from(Vendor), shape)


def list_vendors(query: VendorQuery) -> Page:
    """One page of vendors."""
    parameters = page_parameters(sorts=SORTS, sort=query.sort, cursor=query.cursor, limit=query.limit)
    shape, given = _filters(query)
    rows = db.session.execute(_list(query.sort, bool(query.cursor), shape), {**parameters, **given}).all()
    name, _ = split_sort(query.sort, SORTS)
    return make_page(rows, sort=query.sort, limit=query.limit, sort_key=name)


def count_matching(query: VendorFilters) -> int:
    """How many vendors fit."""
    shape, given = _filters(query)
    return int(db.session.execute(_count(shape), given).scalar_one())


_FOUND = (
    select(Vendor.id, Vendor.name, Vendor.code, Vendor.city, Vendor.currency)
    .where(Vendor.is_archived.is_(False), _like((Vendor.name, Vendor.code, Vendor.gstin)))
    .order_by(Vendor.name, Vendor.id)
    .limit(bindparam("most"))
)
_NAMES = select(Vendor.id, Vendor.name).where(Vendor.id == _IDS.any_())
_BY_CODE = select(Vendor.id).where(
    Vendor.code != "",
    func.lower(Vendor.code) == bindparam("code", type_=Text),
    Vendor.id != bindparam("itself", type_=Uuid()),
)
_BY_NAME = select(Vendor.id).where(
    func.lower(Vendor.name) == bindparam("name", type_=Text), Vendor.id != bindparam("itself", type_=Uuid())
)
_CARDS = (
    select(RateCard.vendor_id, func.count().label("cards"))
    .where(RateCard.vendor_id == _IDS.any_(), RateCard.is_archived.is_(False))
    .group_by(RateCard.vendor_id)
)


def find_vendors(text: str = "", limit: int = 20) -> Sequence[Any]:
    """(id, name, code, city, currency) of vendors in use by part of name, code or GSTIN, for fields that search."""
    return db.session.execute(_FOUND, {"pattern": _pattern(text), "most": limit}).all()


def names_of(ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of vendors."""
    return {row.id: row.name for row in db.session.execute(_NAMES, {"ids": list(ids)})}


def has_code(code: str, itself: UUID) -> bool:
    """Whether another vendor has this code, whatever its case."""
    return db.session.execute(_BY_CODE, {"code": code.lower(), "itself": itself}).first() is not None


def has_name(name: str, itself: UUID) -> bool:
    """Whether another vendor has this name, whatever its case."""
    return db.session.execute(_BY_NAME, {"name": name.lower(), "itself": itself}).first() is not None


def count_cards(ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many rate cards in use each vendor has; those without any are left out."""
    return {row.vendor_id: row.cards for row in db.session.execute(_CARDS, {"ids": list(ids)})}


# Contacts and papers ------------------------------------------------------------------------------------------------

_CONTACTS = (
    select(VendorContact)
    .where(VendorContact.vendor_id == bindparam("vendor_id", type_=Uuid()))
    .order_by(VendorContact.id)
)
_CONTACT = select(VendorContact).where(
    VendorContact.id == bindparam("contact_id", type_=Uuid()),
    VendorContact.vendor_id == bindparam("vendor_id", type_=Uuid()),
)
_FILES = (
    select(
        VendorFile.id, VendorFile.file_id, VendorFile.label, VendorFile.expires_on, VendorFile.created_at,
        StoredFile.filename, StoredFile.content_type, StoredFile.size, StoredFile.thumbnail_key, StoredFile.sha256,
    )
    .join(StoredFile, and_(StoredFile.tenant_id == VendorFile.tenant_id, StoredFile.id == VendorFile.file_id))
    .where(VendorFile.vendor_id == bindparam("vendor_id", type_=Uuid()))
    .order_by(VendorFile.id)
)  # fmt: skip
_FILE = select(VendorFile).where(
    VendorFile.id == bindparam("vendor_file_id", type_=Uuid()),
    VendorFile.vendor_id == bindparam("vendor_id", type_=Uuid()),
)
_OF_FILE = select(VendorFile.id).where(VendorFile.file_id == bindparam("file_id", type_=Uuid())).limit(1)
_ENDING = (
    select(VendorFile.vendor_id, func.min(VendorFile.expires_on).label("expires_on"))
    .where(VendorFile.vendor_id == _IDS.any_(), VendorFile.expires_on <= bindparam("day"))
    .group_by(VendorFile.vendor_id)
)


def contacts_of(vendor_id: UUID) -> Sequence[VendorContact]:
    """The people at a vendor, in the order they were added."""
    return db.session.execute(_CONTACTS, {"vendor_id": vendor_id}).scalars().all()


def get_contact(vendor_id: UUID, contact_id: UUID) -> VendorContact:
    """A contact of a vendor. Raises NotFound."""
    found = db.session.execute(_CONTACT, {"vendor_id": vendor_id, "contact_id": contact_id}).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such contact.")
    return found


def files_of(vendor_id: UUID) -> Sequence[Any]:
    """The papers of a vendor with what is known of their files, in the order they were added."""
    return db.session.execute(_FILES, {"vendor_id": vendor_id}).all()


def get_file(vendor_id: UUID, vendor_file_id: UUID) -> VendorFile:
    """A paper of a vendor. Raises NotFound."""
    found = db.session.execute(_FILE, {"vendor_id": vendor_id, "vendor_file_id": vendor_file_id}).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such file at this vendor.")
    return found


def is_of_vendor(file_id: UUID) -> bool:
    """Whether a file is a paper of any vendor."""
    return db.session.execute(_OF_FILE, {"file_id": file_id}).first() is not None


def papers_ending(ids: Iterable[UUID], day: date) -> dict[UUID, date]:
    """The vendors among these of which a paper runs out by a day (or has), with the first such day."""
    return {row.vendor_id: row.expires_on for row in db.session.execute(_ENDING, {"ids": list(ids), "day": day})}
