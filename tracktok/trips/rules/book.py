"""Which card prices a trip: a vendor's cards by scope and in time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from .cards import Card


@dataclass(frozen=True, slots=True)
class Scope:
    """For which trips of a vendor a card holds. Empty: for all that no nearer card names."""

    vehicle_class: str = ""
    trip_type: str = ""
    project_id: UUID | None = None

    @property
    def nearness(self) -> int:
        """How much it names: a project goes before a vehicle class, that before a type of trip."""
        return (4 if self.project_id else 0) + (2 if self.vehicle_class else 0) + (1 if self.trip_type else 0)

    def is_same(self, other: Scope) -> bool:
        """Whether both are for the same trips."""
        return (self.vehicle_class.lower(), self.trip_type, self.project_id) == (
            other.vehicle_class.lower(),
            other.trip_type,
            other.project_id,
        )

    def holds(self, vehicle_class: str, trip_type: str, project_id: UUID | None) -> bool:
        """Whether a trip is in this scope. Vehicle classes are compared whatever their case."""
        return (
            (not self.vehicle_class or self.vehicle_class.lower() == vehicle_class.lower())
            and (not self.trip_type or self.trip_type == trip_type)
            and (self.project_id is None or self.project_id == project_id)
        )


@dataclass(frozen=True, slots=True)
class DatedCard:
    """A version of a rate card: it holds from `valid_from` until the next version of the same card begins."""

    rate_card_id: UUID
    version_id: UUID
    valid_from: date
    scope: Scope
    card: Card
    is_archived: bool = False


class CardBook:
    """A vendor's cards in time: `find` tells which version prices a trip that started on a day. Kept for a batch."""

    def __init__(self, cards: Iterable[DatedCard]) -> None:
        by_card: dict[UUID, list[DatedCard]] = {}
        for one in cards:
            by_card.setdefault(one.rate_card_id, []).append(one)
        # Newest first within a card; the nearest scope first.
        self._cards = sorted(
            (sorted(versions, key=lambda one: one.valid_from, reverse=True) for versions in by_card.values()),
            key=lambda versions: (-versions[0].scope.nearness, str(versions[0].rate_card_id)),
        )
        self._found: dict[tuple[date, str, str, UUID | None], DatedCard | None] = {}

    def find(
        self, day: date, vehicle_class: str = "", trip_type: str = "", project_id: UUID | None = None
    ) -> DatedCard | None:
        """The version that prices a trip that started on `day`, in the tenant's zone; None when no card holds."""
        key = (day, vehicle_class, trip_type, project_id)
        try:
            return self._found[key]
        except KeyError:
            found = self._found[key] = self._look(*key)
            return found

    def _look(self, day: date, vehicle_class: str, trip_type: str, project_id: UUID | None) -> DatedCard | None:
        for versions in self._cards:
            if versions[0].scope.holds(vehicle_class, trip_type, project_id):
                for one in versions:
                    if one.valid_from <= day:
                        return one
        return None

    def between(self, first: date, last: date) -> list[tuple[DatedCard, date, date]]:
        """(version, its first day, its last day) of each version that holds on some day from `first` to `last`."""
        out = []
        for versions in self._cards:
            until = self._end(versions, last)
            if until < first:
                continue
            for one in versions:
                if one.valid_from <= until:
                    out.append((one, max(one.valid_from, first), until))
                    if one.valid_from <= first:
                        break
                    until = _day_before(one.valid_from)
                    if until < first:
                        break
        return out

    def _end(self, card: list[DatedCard], last: date) -> date:
        """Until when a card holds: an archived one until another of its scope took its place."""
        if not card[0].is_archived:
            return last
        began = _began(card)
        instead = (
            other[-1].valid_from
            for other in self._cards
            if other[0].scope.is_same(card[0].scope) and (not other[0].is_archived or _began(other) > began)
        )
        return min((_day_before(one) for one in instead), default=last)


def _began(card: list[DatedCard]) -> tuple[date, str]:
    return card[-1].valid_from, str(card[-1].rate_card_id)


def _day_before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)
