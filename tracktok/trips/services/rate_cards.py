"""Rate cards: making and changing them, and keeping what was used."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, update

from tracktok.core.db import db
from tracktok.trips.models import RateCardVersion


def mark_used(version_ids: Collection[UUID]) -> None:
    """Say that trips are priced by these versions, which from now on stay as they are. Before the first is priced.

    The update locks the rows, so that a version is not changed between its pricing and the commit.
    """
    if version_ids:
        db.session.execute(
            update(RateCardVersion)
            .where(RateCardVersion.id.in_(version_ids), RateCardVersion.used_at.is_(None))
            .values(used_at=func.now()),
            execution_options={"synchronize_session": False},
        )
