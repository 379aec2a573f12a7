"""Several documents at once: each is done or refused for itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from tracktok.core.db import db
from tracktok.core.errors import DomainError
from tracktok.invoices.models import DocumentKind
from tracktok.invoices.queries import deposits as deposits_queries
from tracktok.invoices.queries import documents as queries

from .deposits import finalize_with_deposits
from .drafts import NOTES, Written, delete_document
from .issuing import finalize_document
from .notes import finalize_note
from .quoting import send_quote


@dataclass(slots=True)
class BulkDone:
    """How many were done, and what was refused: (number or customer, why)."""

    count: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def finalize_many(kind: DocumentKind, ids: Sequence[UUID], *, with_deposits: bool = False) -> BulkDone:
    """Issue drafts in the order given, so that their numbers follow it.

    With `with_deposits` invoices are paid by what their customers have paid in advance.
    """
    if not (with_deposits and kind is DocumentKind.invoice):
        return _each(kind, ids, lambda one: finalize_one(kind, one))
    locked = deposits_queries.lock_deposits(queries.customers_of(ids))
    return _each(kind, ids, lambda one: finalize_with_deposits(one, locked))


def delete_many(kind: DocumentKind, ids: Sequence[UUID]) -> BulkDone:
    """Delete drafts."""
    return _each(kind, ids, lambda one: delete_document(queries.get_document(one, kind, for_update=True)))


def finalize_one(kind: DocumentKind, document_id: UUID) -> Written:
    """Issue a draft the way its kind is issued: a quote is sent, a note is settled with its invoice."""
    if kind is DocumentKind.quote:
        return send_quote(document_id)
    if kind in NOTES:
        return finalize_note(document_id, kind)
    return finalize_document(document_id, kind)


def _each(kind: DocumentKind, ids: Sequence[UUID], call: Callable[[UUID], object]) -> BulkDone:
    done = BulkDone()
    for one in dict.fromkeys(ids):
        try:
            with db.session.begin_nested():
                call(one)
        except DomainError as refusal:
            done.refused.append((_name(kind, one), refusal.detail))
        else:
            done.count += 1
    return done


def _name(kind: DocumentKind, document_id: UUID) -> str:
    try:
        found = queries.get_document(document_id, kind)
    except DomainError:
        return "Gone"
    return found.number or f"Draft for {queries.customer_name(found.customer_id)}"
