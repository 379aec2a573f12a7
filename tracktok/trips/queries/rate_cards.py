"""Rate cards and their versions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Uuid, and_, bindparam, or_, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, fetch_page, sort_by
from tracktok.trips.models import RateCard, RateCardVersion, Vendor
from tracktok.trips.rules.book import CardBook, DatedCard, Scope
from tracktok.trips.rules.terms import card_from
from tracktok.trips.schemas.rate_cards import RateCardQuery

COLUMNS = (
    RateCard.id, RateCard.vendor_id, Vendor.name.label("vendor"), RateCard.name, RateCard.billing_model,
    RateCard.currency, RateCard.vehicle_class, RateCard.trip_type, RateCard.project_id, RateCard.is_archived,
    RateCard.version, RateCard.created_at, RateCard.updated_at,
)  # fmt: skip
SORTS = {"name": sort_by(RateCard.name), "created_at": sort_by(RateCard.created_at)}
_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_ROWS = select(*COLUMNS).join(Vendor, and_(Vendor.tenant_id == RateCard.tenant_id, Vendor.id == RateCard.vendor_id))
_ONE = select(RateCard).where(RateCard.id == bindparam("rate_card_id", type_=Uuid()))
_ROW = _ROWS.where(RateCard.id == bindparam("rate_card_id", type_=Uuid()))
_OF_VENDOR = _ROWS.where(RateCard.vendor_id == bindparam("vendor_id", type_=Uuid())).order_by(
    RateCard.is_archived, RateCard.name, RateCard.id
)
_VERSION = select(RateCardVersion).where(
    RateCardVersion.id == bindparam("version_id", type_=Uuid()),
    RateCardVersion.rate_card_id == bindparam("rate_card_id", type_=Uuid()),
)
_VERSIONS = (
    select(RateCardVersion)
    .where(RateCardVersion.rate_card_id == _IDS.any_())
    .order_by(RateCardVersion.rate_card_id, RateCardVersion.valid_from.desc())
)
_ON = (
    select(RateCardVersion)
    .where(
        RateCardVersion.rate_card_id == bindparam("rate_card_id", type_=Uuid()),
        RateCardVersion.valid_from <= bindparam("day", type_=Date()),
    )
    .order_by(RateCardVersion.valid_from.desc())
    .limit(1)
)
_DATED = select(
    RateCard.vendor_id,
    RateCardVersion.id,
    RateCardVersion.rate_card_id,
    RateCardVersion.valid_from,
    RateCardVersion.terms,
    RateCard.vehicle_class,
    RateCard.trip_type,
    RateCard.project_id,
    RateCard.is_archived,
).join(
    RateCard,
    and_(RateCard.tenant_id == RateCardVersion.tenant_id, RateCard.id == RateCardVersion.rate_card_id),
)
_ALL = _DATED.where(RateCard.is_archived.is_(False))
_BOOK = _ALL.where(RateCard.vendor_id == bindparam("vendor_id", type_=Uuid()))
_NAMED = select(RateCardVersion.rate_card_id).where(RateCardVersion.id == _IDS.any_())
_BOOK_AND_NAMED = _DATED.where(
    RateCard.vendor_id == bindparam("vendor_id", type_=Uuid()),
    or_(RateCard.is_archived.is_(False), RateCard.id.in_(_NAMED)),
)
_BY_VERSIONS = _DATED.where(RateCardVersion.id == _IDS.any_())


def get_rate_card(rate_card_id: UUID, *, for_update: bool = False) -> RateCard:
    """A rate card. Raises NotFound."""
    statement = _ONE.with_for_update() if for_update else _ONE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    given = {"rate_card_id": rate_card_id}
    found = db.session.execute(statement, given, execution_options=options).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such rate card.")
    return found


def get_rate_card_row(rate_card_id: UUID) -> Any:
    """A rate card as a row of COLUMNS. Raises NotFound."""
    found = db.session.execute(_ROW, {"rate_card_id": rate_card_id}).one_or_none()
    if found is None:
        raise NotFound("There is no such rate card.")
    return found


def list_rate_cards(query: RateCardQuery) -> Page:
    """One page of rate cards."""
    statement = _ROWS
    if query.vendor_id is not None:
        statement = statement.where(RateCard.vendor_id == query.vendor_id)
    if query.archived is not None:
        statement = statement.where(RateCard.is_archived == query.archived)
    if query.q:
        statement = statement.where(RateCard.name.icontains(query.q, autoescape=True))
    return fetch_page(
        statement, sorts=SORTS, id_column=RateCard.id, sort=query.sort, cursor=query.cursor, limit=query.limit
    )


def cards_of(vendor_id: UUID) -> Sequence[Any]:
    """The rate cards of a vendor as rows of COLUMNS, those in use first."""
    return db.session.execute(_OF_VENDOR, {"vendor_id": vendor_id}).all()


def get_version(rate_card_id: UUID, version_id: UUID, *, for_update: bool = False) -> RateCardVersion:
    """A version of a card. Raises NotFound."""
    statement = _VERSION.with_for_update() if for_update else _VERSION
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    given = {"rate_card_id": rate_card_id, "version_id": version_id}
    found = db.session.execute(statement, given, execution_options=options).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such version of this card.")
    return found


def versions_of(ids: Iterable[UUID]) -> dict[UUID, list[RateCardVersion]]:
    """The versions of cards, the newest first."""
    wanted = list(ids)
    found: dict[UUID, list[RateCardVersion]] = {one: [] for one in wanted}
    for row in db.session.execute(_VERSIONS, {"ids": wanted}).scalars():
        found[row.rate_card_id].append(row)
    return found


def version_on(rate_card_id: UUID, day: date) -> RateCardVersion | None:
    """The version of a card that holds on a day; None before the first."""
    return db.session.execute(_ON, {"rate_card_id": rate_card_id, "day": day}).scalar_one_or_none()


def two_versions(
    rate_card_id: UUID, before: UUID | None = None, after: UUID | None = None
) -> tuple[RateCardVersion, RateCardVersion]:
    """Two versions of a card to be compared: those named, else the newest and the one in front of it."""
    all_of_it = versions_of([rate_card_id])[rate_card_id]
    newer = get_version(rate_card_id, after) if after else all_of_it[0]
    if before:
        return get_version(rate_card_id, before), newer
    return next((one for one in all_of_it if one.valid_from < newer.valid_from), newer), newer


def card_book(vendor_id: UUID, named: Iterable[UUID] = ()) -> CardBook:
    """The cards of a vendor that are in use, ready to price trips by `book.find(day, ...)`.

    With `named` versions their cards too, though they are archived: for what was priced by them.
    """
    versions = list(named)
    statement = _BOOK_AND_NAMED if versions else _BOOK
    return CardBook(map(_dated, db.session.execute(statement, {"vendor_id": vendor_id, "ids": versions})))


def all_books() -> dict[UUID, CardBook]:
    """The cards in use of every vendor that has any, ready to price trips."""
    dated: dict[UUID, list[DatedCard]] = {}
    for row in db.session.execute(_ALL):
        dated.setdefault(row.vendor_id, []).append(_dated(row))
    return {vendor: CardBook(cards) for vendor, cards in dated.items()}


def cards_by_version(ids: Iterable[UUID]) -> dict[UUID, DatedCard]:
    """Versions by their ids, also of archived cards."""
    wanted = list(ids)
    return {row.id: _dated(row) for row in db.session.execute(_BY_VERSIONS, {"ids": wanted})} if wanted else {}


def _dated(row: Any) -> DatedCard:
    scope = Scope(row.vehicle_class, row.trip_type, row.project_id)
    return DatedCard(row.rate_card_id, row.id, row.valid_from, scope, card_from(row.terms), row.is_archived)
