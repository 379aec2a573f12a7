"""What customers answered to quotes."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from tracktok.core.db import db
from tracktok.invoices.models import QuoteAnswer

_LATEST = (
    select(QuoteAnswer)
    .where(QuoteAnswer.document_id == bindparam("document_id", type_=Uuid()))
    .order_by(QuoteAnswer.id.desc())
    .limit(1)
)


def latest_answer(document_id: UUID) -> QuoteAnswer | None:
    """The latest answer to a quote."""
    return db.session.execute(_LATEST, {"document_id": document_id}).scalar_one_or_none()
