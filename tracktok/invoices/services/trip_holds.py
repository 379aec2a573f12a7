"""Trips that documents hold: let go when their line, their draft or their invoice is gone."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, delete, update

from tracktok.core.db import db
from tracktok.invoices.models import BilledTrip, SalesLine
from tracktok.invoices.queries.billed_trips import TRIPS

_GONE = delete(BilledTrip).where(
    BilledTrip.document_id == bindparam("document", type_=Uuid()),
    BilledTrip.batch_id != bindparam("kept", type_=ARRAY(Uuid())).all_(),
)
_LET_GO = update(BilledTrip).where(BilledTrip.document_id == bindparam("document", type_=Uuid()), BilledTrip.holds)


def keep_only(document_id: UUID, lines: Sequence[SalesLine]) -> None:
    """Let go of the trips whose line is no longer in a draft."""
    kept = [line.source_id for line in lines if line.source == TRIPS]
    options = {"synchronize_session": False}
    db.session.execute(_GONE, {"document": document_id, "kept": kept}, execution_options=options)


def let_go_of_trips(document_id: UUID) -> None:
    """The trips of a document may be billed again; which they were stays known."""
    options = {"synchronize_session": False}
    db.session.execute(_LET_GO.values(holds=False), {"document": document_id}, execution_options=options)
