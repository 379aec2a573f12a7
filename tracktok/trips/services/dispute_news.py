"""Who is told of a dispute: the people of the vendor, and the owners of the company."""

from __future__ import annotations

from tracktok.auth.models import MembershipStatus
from tracktok.auth.queries import outsiders_of, owners
from tracktok.notifications.services import notify
from tracktok.trips.models import TripDispute

EVENT = "trips.dispute"
_MOST = 300


def tell_vendor(dispute: TripDispute, title: str, body: str) -> None:
    """Tell those who sign in for the vendor."""
    for row in outsiders_of(dispute.vendor_id):
        if row.status == MembershipStatus.active:
            notify(row.person_id, EVENT, title, body[:_MOST], f"/vendor/disputes/{dispute.id}")


def tell_company(dispute: TripDispute, title: str, body: str) -> None:
    """Tell the company's owners."""
    for row in owners():
        notify(row.person_id, EVENT, title, body[:_MOST], f"/vendor-bills/disputes/{dispute.id}")
