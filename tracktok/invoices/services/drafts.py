"""Drafts: made, changed, deleted, copied; and previews, which write nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from tracktok.audit.services import Adding
from tracktok.core import clock
from tracktok.core.db import db
from tracktok.core.errors import Conflict
from tracktok.core.ids import new_id
from tracktok.core.inserting import Inserting
from tracktok.invoices.models import DocumentKind, SalesDocument, SalesLine
from tracktok.invoices.queries import documents as queries
from tracktok.invoices.queries import present
from tracktok.invoices.rules import statuses
from tracktok.invoices.schemas.documents import DocumentIn, InvoiceIn, QuoteIn
from tracktok.invoices.signals import DocumentWarning

from .deriving import FOLLOWING, Derived, derive
from .filling import SourceBilled, line_in, plain
from .trip_holds import keep_only, let_go_of_trips

NOTES = frozenset({DocumentKind.credit_note, DocumentKind.debit_note})
_WAYS = {
    "invoice": "An issued invoice is not changed or deleted. Void it, or correct it by a credit note (or debit note).",
    "debit_note": "An issued debit note is not changed or deleted. Void it and issue another.",
    "credit_note": "An issued credit note is not changed or deleted. Void it and issue another.",
    "quote": "A quote that was sent is not changed or deleted. Duplicate it, and decline this one.",
    "proforma": "An issued proforma is not changed or deleted. Duplicate it, and void this one.",
}
_CARRIED = (
    "customer_id", "company_id", "tax_inclusive", "reverse_charge", "reference", "delivery_address_id", "custom_fields",
)  # fmt: skip


_DOCUMENTS = Adding(SalesDocument)


class NotADraft(Conflict):
    code, title = "not_a_draft", "Only drafts can be changed"


@dataclass(slots=True)
class Written:
    """A document after a change, its lines, and what a person should know about the change."""

    document: SalesDocument
    lines: Sequence[SalesLine]
    warnings: list[DocumentWarning] = field(default_factory=list)


def create_document(kind: DocumentKind, body: DocumentIn, *, original_id: UUID | None = None) -> Written:
    """Make a draft. Notes are made by `notes`. Raises Invalid (422) at the fields, SourceBilled (409)."""
    derived = derive(kind, body)
    document = SalesDocument(id=new_id(), status=statuses.DRAFT, original_id=original_id)
    return write(document, derived)


def change_document(document: SalesDocument, body: DocumentIn) -> Written:
    """Change a draft, locked by the caller, as a whole. Raises NotADraft (409), which names the way."""
    check_draft(document)
    old_lines = queries.lines_of(document.id)
    derived = derive(DocumentKind(document.kind), body, old=document, old_lines=old_lines)
    return write(document, derived, old_lines)


def patch_document(document: SalesDocument, body: Any) -> Written:
    """Change what is named of a draft; what is not named stays, or goes on following what it follows."""
    check_draft(document)
    named = {name: getattr(body, name) for name in body.model_fields_set}
    values = values_of(document, queries.lines_of(document.id))
    model = input_of(document.kind)
    for name, value in named.items():
        if value is None and name not in FOLLOWING and name in values:
            default = model.model_fields[name].get_default(call_default_factory=True)
            named[name] = values[name] if default is ... or model.model_fields[name].is_required() else default
    return change_document(document, model.model_validate({**values, **named}))


def delete_document(document: SalesDocument) -> None:
    """Delete a draft. What it billed may be billed again. Raises NotADraft (409)."""
    check_draft(document)
    document.deleted_at = clock.now()
    let_go(document.id)
    db.session.flush()
    if document.original_id is not None and document.kind == DocumentKind.invoice:
        reopen_origin(document.original_id)


def duplicate_document(document: SalesDocument) -> Written:
    """A new draft like a document, of today, with the prices that it has; what it billed is not billed again.

    Raises Conflict for notes, which belong to their invoice.
    """
    if DocumentKind(document.kind) in NOTES:
        raise Conflict("A note belongs to its invoice; make another from there.")
    values = values_of(document, queries.lines_of(document.id), billed=False)
    values = {name: value for name, value in values.items() if name not in _OF_ITS_DAY}
    return create_document(DocumentKind(document.kind), input_of(document.kind).model_validate(values))


def preview(
    kind: DocumentKind, body: DocumentIn, *, old: SalesDocument | None = None, old_lines: Sequence[SalesLine] = ()
) -> dict[str, Any]:
    """A document as it would be, in the shape of one that is stored; nothing is written or locked.

    `old` is the draft that it would replace, with its lines.
    """
    derived = derive(kind, body, old=old, old_lines=old_lines, lock=False)
    document = SalesDocument(status=statuses.DRAFT, reason="", snapshot={}, version=0, **derived.values)
    lines = [SalesLine(**values) for values in derived.lines]
    return {**present.document(document, lines, said(derived)), "warnings": [w.as_dict() for w in derived.warnings]}


def said(derived: Derived) -> dict[str, Any]:
    """What the document says about its parties."""
    locale = derived.customer.language or present.preferences().locale
    return present.parties_of(derived.company, derived.customer, derived.delivery, derived.supply.statement, locale)


def write(document: SalesDocument, derived: Derived, old_lines: Sequence[SalesLine] = ()) -> Written:
    """Write a draft with its lines, in place of `old_lines`."""
    lines = put(document, derived, old_lines)
    db.session.flush()
    return Written(document, lines, derived.warnings)


def put(document: SalesDocument, derived: Derived, old_lines: Sequence[SalesLine] = ()) -> Sequence[SalesLine]:
    """Put what was derived into a draft, and write its lines; a draft that is there already is not flushed.

    `old_lines`, all lines that it has, stay when they say the same: to issue a draft seldom changes them.
    """
    is_new = document.created_at is None
    for name, value in derived.values.items():
        setattr(document, name, value)
    if is_new:
        _DOCUMENTS.add(document)
        return add_lines(document.id, derived.lines)
    document.updated_at = clock.now()  # lines alone may have changed: that is a change of the document too
    if _are_the_same(old_lines, derived.lines):
        return old_lines
    db.session.execute(delete(SalesLine).where(SalesLine.document_id == document.id))
    lines = add_lines(document.id, derived.lines)
    keep_only(document.id, lines)
    return lines


def _are_the_same(lines: Sequence[SalesLine], derived: Sequence[Mapping[str, Any]]) -> bool:
    return 0 < len(lines) == len(derived) and all(
        all(getattr(line, name) == value for name, value in values.items())
        for line, values in zip(lines, derived, strict=True)
    )


@cache
def _inserting(names: tuple[str, ...]) -> Inserting:
    return Inserting(SalesLine, names)


def add_lines(document_id: UUID, derived: Sequence[Mapping[str, Any]]) -> list[SalesLine]:
    """Write lines. Raises SourceBilled when somebody else has just billed the same thing."""
    rows = [{"id": new_id(), "document_id": document_id, **values} for values in derived]
    inserting = _inserting(tuple(rows[0]) if rows else ())  # all lines of a document name the same columns
    if any(values["holds_source"] for values in derived):
        try:
            with db.session.begin_nested():
                inserting.run(rows)
        except IntegrityError as error:
            if "uq_sales_lines_held_source" in str(error.orig):
                raise SourceBilled("One of these was billed by somebody else at this moment.") from error
            raise
    else:
        inserting.run(rows)
    return [SalesLine(**row) for row in rows]


def check_draft(document: SalesDocument) -> None:
    """Raise NotADraft (409), which names the way, for a document that is issued."""
    if document.status != statuses.DRAFT:
        raise NotADraft(_WAYS[document.kind])


def let_go(document_id: UUID) -> None:
    """What a document bills may be billed again."""
    held = update(SalesLine).where(SalesLine.document_id == document_id, SalesLine.holds_source)
    db.session.execute(held.values(holds_source=False))
    let_go_of_trips(document_id)


def reopen_origin(origin_id: UUID) -> None:
    """The invoice that was made of a quote or proforma is gone: another may be made of it."""
    origin = queries.get_document(origin_id, for_update=True)
    status = statuses.move(origin.kind, origin.status, "reopen")
    if status is not None:
        origin.status = status
        db.session.flush()


def input_of(kind: str) -> type[DocumentIn]:
    """The input schema of a kind of document."""
    return InvoiceIn if kind == DocumentKind.invoice else QuoteIn


_OF_ITS_DAY = {"invoice_date", "date", "due_date", "valid_until", "exchange_rate", "reference"}


def values_of(document: SalesDocument, lines: Sequence[SalesLine], *, billed: bool = True) -> dict[str, Any]:
    """The inputs that would make this document again: what was entered by hand, the rest follows anew."""
    values: dict[str, Any] = {name: getattr(document, name) for name in _CARRIED}
    values |= {name: plain(getattr(document, name)) for name in ("discount_percent", "discount_amount")}
    values |= {name: getattr(document, name) for name in FOLLOWING if name in document.entered}
    if "exchange_rate" in values:
        values["exchange_rate"] = plain(document.exchange_rate)
    day = "invoice_date" if document.kind == DocumentKind.invoice else "date"
    return {
        **values,
        day: document.document_date,
        "transport": document.transport or None,
        "lines": [line_in(line, billed=billed) for line in lines],
    }
