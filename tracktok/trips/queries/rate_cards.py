"""Rate cards and their versions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from tracktok.core.db import db
from tracktok.trips.models import RateCard, RateCardVersion
from tracktok.trips.rules.book import CardBook, DatedCard, Scope
from tracktok.trips.rules.terms import card_from

_BOOK = (
    select(
        RateCardVersion.id,
        RateCardVersion.rate_card_id,
        RateCardVersion.valid_from,
        RateCardVersion.terms,
        RateCard.vehicle_class,
        RateCard.trip_type,
        RateCard.project_id,
    )
    .join(RateCard, RateCard.id == RateCardVersion.rate_card_id)
    .where(RateCard.vendor_id == bindparam("vendor_id"), ~RateCard.is_archived)
)


def card_book(vendor_id: UUID) -> CardBook:
    """The cards of a vendor that are in use, ready to price trips by `book.find(day, ...)`."""
    return CardBook(_dated(db.session.execute(_BOOK, {"vendor_id": vendor_id})))


def _dated(rows: Iterable[Any]) -> Iterable[DatedCard]:
    for row in rows:
        scope = Scope(row.vehicle_class, row.trip_type, row.project_id)
        yield DatedCard(row.rate_card_id, row.id, row.valid_from, scope, card_from(row.terms))
