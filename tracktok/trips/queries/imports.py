"""What the names in a file of trips are matched with, and the months that are closed."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from tracktok.core.db import db
from tracktok.customers.models import Customer
from tracktok.expenses.models import Project
from tracktok.imports.models import Import
from tracktok.trips.models import RateCard, RateCardVersion, Vendor
from tracktok.web.filters import format_day

_MOST = 2_000
_MODELS: dict[str, type[Vendor | Customer | Project]] = {"vendor": Vendor, "customer": Customer, "project": Project}


def load_names() -> dict[str, dict[UUID, tuple[str, ...]]]:
    """The live vendors, customers and projects: id > the names that each goes by."""
    found: dict[str, dict[UUID, tuple[str, ...]]] = {}
    for kind, model in _MODELS.items():
        statement = select(model.id, model.name, model.code)
        if model is not Vendor:  # vendors are archived, and deleted only while nothing names them
            statement = statement.where(model.deleted_at.is_(None))  # type: ignore[union-attr]
        found[kind] = {row.id: (row.code, row.name) for row in db.session.execute(statement)}
    return found


def is_there(kind: str, one: UUID) -> bool:
    """Whether there is a live vendor, customer or project of an id."""
    model = _MODELS[kind]
    statement = select(model.id).where(model.id == one)
    if model is not Vendor:
        statement = statement.where(model.deleted_at.is_(None))  # type: ignore[union-attr]
    return db.session.execute(statement).first() is not None


def vendor_choices() -> list[tuple[UUID, str]]:
    """The vendors that a file can be of."""
    rows = db.session.execute(select(Vendor.id, Vendor.name).where(~Vendor.is_archived).order_by(Vendor.name))
    return [(row.id, row.name) for row in rows]


def customer_choices() -> list[tuple[UUID, str]]:
    """The customers that trips can be driven for."""
    return _choices(Customer)


def project_choices() -> list[tuple[UUID, str]]:
    """The projects that trips can be driven for."""
    return _choices(Project)


def _choices(model: type[Customer | Project]) -> list[tuple[UUID, str]]:
    rows = db.session.execute(
        select(model.id, model.name).where(model.deleted_at.is_(None)).order_by(model.name).limit(_MOST)
    )
    return [(row.id, row.name) for row in rows]


def headers_of(import_id: UUID) -> list[str]:
    """The headers of the file that trips came with."""
    columns = db.session.execute(select(Import.columns).where(Import.id == import_id)).scalar_one_or_none()
    return [str(one["name"]) for one in columns or []]


def version_choices() -> list[tuple[UUID, str, str]]:
    """Every version of every rate card: what trips can be compared under."""
    rows = db.session.execute(
        select(RateCardVersion.id, RateCardVersion.valid_from, RateCard.name, Vendor.name.label("vendor"))
        .join(RateCard, RateCard.id == RateCardVersion.rate_card_id)
        .join(Vendor, Vendor.id == RateCard.vendor_id)
        .order_by(Vendor.name, RateCard.name, RateCardVersion.valid_from.desc())
        .limit(_MOST)
    )
    return [(row.id, f"{row.vendor}: {row.name}", f"from {format_day(row.valid_from)}") for row in rows]
