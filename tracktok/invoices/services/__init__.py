"""Every write of billing."""

from .deriving import today
from .drafts import (
    NotADraft,
    Written,
    change_document,
    create_document,
    delete_document,
    duplicate_document,
    patch_document,
    preview,
)
from .filling import SourceBilled
from .issuing import IllegalStatus, finalize_document
from .notes import MoreThanLeft, NothingLeft, change_note, create_note, finalize_note, lock_note
from .numbering import NumberTaken, PatternCollides, SeriesEnded, change_pattern, take_number
from .numbering import Preview as NumberPreview
from .numbering import preview as preview_number
from .quoting import AlreadyInvoiced, answer_quote, convert_document, send_quote
from .settling import (
    NotApplicable,
    NotEnoughLeft,
    apply_credit_note,
    base_of,
    settle,
    take_back_credit,
    unapply_credit_note,
)
from .voiding import Credited, StillPaid, mark_uncollectible, reopen_document, void_document

__all__ = [
    "AlreadyInvoiced",
    "Credited",
    "IllegalStatus",
    "MoreThanLeft",
    "NotADraft",
    "NotApplicable",
    "NotEnoughLeft",
    "NothingLeft",
    "NumberPreview",
    "NumberTaken",
    "PatternCollides",
    "SeriesEnded",
    "SourceBilled",
    "StillPaid",
    "Written",
    "answer_quote",
    "apply_credit_note",
    "base_of",
    "change_document",
    "change_note",
    "change_pattern",
    "convert_document",
    "create_document",
    "create_note",
    "delete_document",
    "duplicate_document",
    "finalize_document",
    "finalize_note",
    "lock_note",
    "mark_uncollectible",
    "patch_document",
    "preview",
    "preview_number",
    "reopen_document",
    "send_quote",
    "settle",
    "take_back_credit",
    "take_number",
    "today",
    "unapply_credit_note",
    "void_document",
]
