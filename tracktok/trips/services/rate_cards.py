"""Rate cards: made, changed by versions in time, copied; what was used stays."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from tracktok.core import context
from tracktok.core.db import db
from tracktok.core.errors import Conflict, DomainError, FieldError, Invalid
from tracktok.core.ids import new_id
from tracktok.customers.services.refusals import InUse, NameTaken, deleting, judged_by
from tracktok.expenses.models import Project
from tracktok.trips.models import RateCard, RateCardVersion
from tracktok.trips.queries import rate_cards as queries
from tracktok.trips.queries.vendors import get_vendor
from tracktok.trips.rules.book import CardBook
from tracktok.trips.rules.terms import card_problems, to_terms
from tracktok.trips.schemas.rate_cards import CardScope, CopyIn, RateCardChange, RateCardIn, VersionIn
from tracktok.trips.schemas.terms import TermsIn

from .periods import stir_drafts


class ScopeTaken(Conflict):
    """A vendor has one card in use for each scope."""

    code, title = "scope_taken", "There is a card for these trips already"

    def __init__(self) -> None:
        text = (
            "This vendor has a card for the same vehicle class, type of trip and project already. Add a version to that"
            " card, or archive it."
        )
        super().__init__(text, errors=[FieldError("/vehicle_class", self.code, text)])


class VersionTaken(Conflict):
    code, title = "version_taken", "A version begins on this day already"

    def __init__(self) -> None:
        text = "A version of this card begins on this day already."
        super().__init__(text, errors=[FieldError("/valid_from", self.code, text)])


class VersionUsed(Conflict):
    code, title = "version_used", "Trips were priced by this version"

    def __init__(self) -> None:
        super().__init__(
            "Trips were priced by this version, so that it stays as it is. Add a version from a later day instead."
        )


class LastVersion(Conflict):
    code, title = "last_version", "This is the card's only version"


_JUDGES: dict[str, Callable[[], DomainError]] = {
    "uq_rate_cards_name": lambda: NameTaken("rate card"),
    "uq_rate_cards_scope": ScopeTaken,
    "uq_rate_card_versions_tenant_id_rate_card_id_valid_from": VersionTaken,
}


def create_rate_card(body: RateCardIn) -> RateCard:
    """Make a card with its first version. Raises NameTaken, ScopeTaken (409), Invalid (422), NotFound."""
    vendor = get_vendor(body.vendor_id)
    card = RateCard(
        id=new_id(),
        vendor_id=vendor.id,
        billing_model=body.terms.model.value,
        currency=body.currency or vendor.currency,
    )
    _fill(card, body)
    with judged_by(_JUDGES):
        db.session.add(card)
        db.session.flush()
        db.session.add(_version(card, body.valid_from, body.note, checked_terms(body.terms, card.currency)))
    stir_drafts(card.vendor_id)
    db.session.refresh(card)
    return card


def change_rate_card(card: RateCard, body: RateCardChange) -> RateCard:
    """Change name and scope of a card, locked by the caller. Its prices are changed by versions."""
    with judged_by(_JUDGES):
        _fill(card, body)
        card.is_archived = body.is_archived
    stir_drafts(card.vendor_id)
    db.session.refresh(card)
    return card


def archive_rate_card(card: RateCard, *, archived: bool = True) -> RateCard:
    """Price no more trips by a card, locked by the caller; or take it into use again."""
    with judged_by(_JUDGES):
        card.is_archived = archived
    stir_drafts(card.vendor_id)
    db.session.refresh(card)
    return card


def delete_rate_card(card: RateCard) -> None:
    """Delete a card by which no trip was priced. Raises InUse (409): archive it then."""
    used = InUse("Trips were priced by this card. Archive it instead.")
    versions = queries.versions_of([card.id])[card.id]
    if any(one.used_at is not None for one in versions):
        raise used
    with deleting(used):
        for one in versions:
            db.session.delete(one)
        db.session.flush()
        db.session.delete(card)
    stir_drafts(card.vendor_id)


def _fill(card: RateCard, body: CardScope) -> None:
    if body.project_id is not None and body.project_id != card.project_id:
        there = select(Project.id).where(Project.id == body.project_id, Project.deleted_at.is_(None))
        if db.session.execute(there).first() is None:
            raise Invalid.at("project_id", "There is no such project.", "not_found")
    card.name = body.name
    card.vehicle_class = body.vehicle_class
    card.trip_type = body.trip_type.value if body.trip_type else ""
    card.project_id = body.project_id


def checked_terms(terms: TermsIn, currency: str) -> dict[str, Any]:
    """Terms as they are stored. Raises Invalid (422) with all that contradicts itself, each at its field."""
    card = terms.card(currency)
    if problems := card_problems(card):
        errors = [FieldError(f"/terms/{name}", "invalid", text) for name, text in problems]
        raise Invalid(problems[0][1], errors=errors)
    return to_terms(card)


def _version(card: RateCard, valid_from: Any, note: str, terms: dict[str, Any]) -> RateCardVersion:
    who = context.actor()
    return RateCardVersion(
        id=new_id(),
        rate_card_id=card.id,
        valid_from=valid_from,
        note=note,
        terms=terms,
        created_by=who.person_id if who else None,
    )


def _own_model(card: RateCard, body: VersionIn) -> None:
    if body.terms.model.value != card.billing_model:
        raise Invalid.at("terms/model", "A version keeps the billing model of its card; make a new card for another.")


def add_version(card: RateCard, body: VersionIn) -> RateCardVersion:
    """Add terms from a day on to a card, locked by the caller. Raises VersionTaken (409), Invalid (422)."""
    _own_model(card, body)
    made = _version(card, body.valid_from, body.note, checked_terms(body.terms, card.currency))
    with judged_by(_JUDGES):
        db.session.add(made)
    stir_drafts(card.vendor_id)
    db.session.refresh(made)
    return made


def change_version(card: RateCard, version: RateCardVersion, body: VersionIn) -> RateCardVersion:
    """Change a version, locked by the caller, that no trip was priced by. Raises VersionUsed, VersionTaken (409)."""
    if version.used_at is not None:
        raise VersionUsed
    _own_model(card, body)
    terms = checked_terms(body.terms, card.currency)
    with judged_by(_JUDGES):
        version.valid_from, version.note, version.terms = body.valid_from, body.note, terms
    stir_drafts(card.vendor_id)
    db.session.refresh(version)
    return version


def delete_version(card: RateCard, version: RateCardVersion) -> None:
    """Take away a version, locked by the caller, that no trip was priced by; the one before it holds on then."""
    if version.used_at is not None:
        raise VersionUsed
    if len(queries.versions_of([card.id])[card.id]) == 1:
        raise LastVersion("A card has one version at least. Delete or archive the card instead.")
    with deleting(VersionUsed()):
        db.session.delete(version)
    stir_drafts(card.vendor_id)


def copy_rate_card(card: RateCard, body: CopyIn) -> RateCard:
    """Make a card for a vendor with the terms that hold on a day (or, before them, the first terms)."""
    vendor = get_vendor(body.vendor_id)
    source = queries.version_on(card.id, body.valid_from) or queries.versions_of([card.id])[card.id][-1]
    made = RateCard(
        id=new_id(),
        vendor_id=vendor.id,
        name=body.name or card.name,
        billing_model=card.billing_model,
        currency=card.currency,
        vehicle_class=card.vehicle_class,
        trip_type=card.trip_type,
        project_id=card.project_id,
    )
    with judged_by(_JUDGES):
        db.session.add(made)
        db.session.flush()
        db.session.add(_version(made, body.valid_from, f"Copied from {card.name}"[:500], dict(source.terms)))
    stir_drafts(vendor.id)
    db.session.refresh(made)
    return made


def mark_used(version_ids: Collection[UUID]) -> bool:
    """Say that trips are priced by these versions, which from now on stay as they are; whether any was not used before.

    The update locks those rows until the transaction ends, and it may have waited for somebody's change: what was read
    of them before is to be read again when this answers True. `open_book` does both.
    """
    if not version_ids:
        return False
    statement = (
        update(RateCardVersion)
        .where(RateCardVersion.id.in_(version_ids), RateCardVersion.used_at.is_(None))
        .values(used_at=func.now())
        .returning(RateCardVersion.id)
    )
    return bool(db.session.execute(statement, execution_options={"synchronize_session": False}).all())


def open_book(vendor_id: UUID, asked: Iterable[tuple[date, str, str, UUID | None]]) -> CardBook:
    """The cards of a vendor to price trips by, with the versions that will price them marked as used.

    `asked` are the arguments of `CardBook.find` for the trips: (day, vehicle class, type of trip, project).
    """
    wanted = set(asked)
    while True:
        book = queries.card_book(vendor_id)
        found = (book.find(*one) for one in wanted)
        if not mark_used(sorted({one.version_id for one in found if one is not None})):
            return book


__all__ = [
    "LastVersion",
    "ScopeTaken",
    "VersionTaken",
    "VersionUsed",
    "add_version",
    "archive_rate_card",
    "change_rate_card",
    "change_version",
    "checked_terms",
    "copy_rate_card",
    "create_rate_card",
    "delete_rate_card",
    "delete_version",
    "mark_used",
    "open_book",
]
