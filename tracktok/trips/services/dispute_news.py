"""Who is told of a dispute: the people of the vendor, and the owners of the company."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from tracktok.auth.models import MembershipStatus
from tracktok.auth.queries import outsiders_of, owners
from tracktok.core.ids import new_id
from tracktok.notifications.queries import who_wants
from tracktok.notifications.rules import Channel
from tracktok.notifications.services import notify_all
from tracktok.trips.models import TripDispute

EVENT = "trips.dispute"
_MOST = 300


def tell_vendor(dispute: TripDispute, title: str, body: str) -> None:
    """Tell those who sign in for the vendor."""
    people = [row.person_id for row in outsiders_of(dispute.vendor_id) if row.status == MembershipStatus.active]
    _tell(people, title, body, f"/vendor/disputes/{dispute.id}")


def tell_company(dispute: TripDispute, title: str, body: str) -> None:
    """Tell the company's owners."""
    _tell([row.person_id for row in owners()], title, body, f"/vendor-bills/disputes/{dispute.id}")


def _tell(people: Iterable[UUID], title: str, body: str, link: str) -> None:
    # Each step is news of its own: the key is of this one.
    notify_all(who_wants(people, EVENT, Channel.in_app), EVENT, title, body[:_MOST], link, f"{EVENT}:{new_id()}")
