"""Posted entries, as the values that they were posted with."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, select
from sqlalchemy.orm import aliased

from tracktok.core.db import db
from tracktok.core.tenancy import TENANT
from tracktok.ledger.models import LedgerEntry, LedgerLine
from tracktok.ledger.rules import Entry, Line

_ENTRIES = (
    select(
        LedgerEntry.id,
        LedgerEntry.entry_date,
        LedgerEntry.kind,
        LedgerEntry.source,
        LedgerEntry.source_id,
        LedgerEntry.memo,
        LedgerEntry.reverses_id,
    )
    .where(LedgerEntry.id == bindparam("ids", type_=ARRAY(Uuid())).any_())
    .order_by(LedgerEntry.id)
)
_LINES = (
    select(
        LedgerLine.entry_id,
        LedgerLine.book_account_id,
        LedgerLine.amount,
        LedgerLine.base_amount,
        LedgerLine.currency,
        LedgerLine.items,
        LedgerLine.category_id,
        LedgerLine.project_id,
        LedgerLine.account_id,
        LedgerLine.vendor_id,
        LedgerLine.customer_id,
    )
    .where(LedgerLine.tenant_id == TENANT, LedgerLine.entry_id == bindparam("ids", type_=ARRAY(Uuid())).any_())
    .order_by(LedgerLine.entry_id, LedgerLine.line_number)
)
_reversal = aliased(LedgerEntry)
_STANDING = (
    select(LedgerEntry.id)
    .where(
        LedgerEntry.source == bindparam("source"),
        LedgerEntry.source_id == bindparam("source_id"),
        LedgerEntry.reverses_id.is_(None),
        ~select(_reversal.id).where(_reversal.reverses_id == LedgerEntry.id).exists(),
    )
    .order_by(LedgerEntry.id)
)
_LATEST = (
    select(LedgerEntry.id)
    .where(
        LedgerEntry.source == bindparam("source"),
        LedgerEntry.source_id == bindparam("source_id"),
        LedgerEntry.reverses_id.is_(None),
    )
    .order_by(LedgerEntry.id.desc())
    .limit(1)
)


def load_entries(entry_ids: Iterable[UUID]) -> list[Entry]:
    """Posted entries with their lines, by id."""
    parameters = {"ids": list(entry_ids)}
    if not parameters["ids"]:
        return []
    lines: dict[UUID, list[Line]] = {}
    for entry_id, *values in db.session.execute(_LINES, parameters):
        lines.setdefault(entry_id, []).append(Line(*values))
    return [
        Entry(
            entry_date=row.entry_date,
            kind=row.kind,
            source=row.source,
            source_id=row.source_id,
            memo=row.memo,
            lines=tuple(lines.get(row.id, ())),
            reverses_id=row.reverses_id,
            id=row.id,
        )
        for row in db.session.execute(_ENTRIES, parameters)
    ]


def standing_entries(source: str, source_id: UUID) -> list[Entry]:
    """What a source has in the books: its entries that are no reversals and have not been reversed."""
    return load_entries(db.session.execute(_STANDING, {"source": source, "source_id": source_id}).scalars())


def latest_entry(source: str, source_id: UUID) -> Entry | None:
    """What a source had in the books last, reversed or not."""
    found = load_entries(db.session.execute(_LATEST, {"source": source, "source_id": source_id}).scalars())
    return found[0] if found else None


def has_entries() -> bool:
    """Whether anything was ever posted in the current tenant."""
    return db.session.execute(select(LedgerEntry.id).limit(1)).first() is not None
