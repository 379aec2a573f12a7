"""What areas above offer for trips: buttons over a selection, and what they know of one trip.

Trips know nothing of invoices. Whoever does says here, in its `receivers.py`, what trips are good for:

    provide_offer(Offer("Bill to customer", "invoices.choose_trips", "file-invoice", "invoices.write"))
    provide_facts("invoices.read", facts_of)      # the trip's id > (what it says, address or "")
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from tracktok.core.permissions import may


@dataclass(frozen=True, slots=True)
class Offer:
    """A button over selected trips: an endpoint that takes a POST of `ids`, or `all` with the filters of the list."""

    label: str
    endpoint: str
    icon: str
    permission: str


Facts = Callable[[UUID], Sequence[tuple[str, str, str]]]
_offers: dict[str, Offer] = {}
_facts: dict[str, tuple[str, Facts]] = {}


def provide_offer(offer: Offer) -> None:
    """Offer something over selected trips."""
    _offers[offer.endpoint] = offer


def provide_facts(name: str, permission: str, find: Facts) -> None:
    """Tell (label, words, address) of a trip on its page."""
    _facts[name] = (permission, find)


def offers() -> list[Offer]:
    """What the actor may do with selected trips."""
    return [one for one in _offers.values() if may(one.permission)]


def facts_of(trip_id: UUID) -> list[tuple[str, str, str]]:
    """What areas above know of a trip, as far as the actor may see it."""
    return [fact for permission, find in _facts.values() if may(permission) for fact in find(trip_id)]
