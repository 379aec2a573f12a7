"""Every write of billing."""

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
from .numbering import NumberTaken, PatternCollides, SeriesEnded, change_pattern, take_number
from .settling import NotApplicable, NotEnoughLeft, apply_credit_note, base_of, settle, take_back_credit
from .voiding import Credited, StillPaid, mark_uncollectible, reopen_document, void_document

__all__ = [
    "Credited",
    "IllegalStatus",
    "NotADraft",
    "NotApplicable",
    "NotEnoughLeft",
    "NumberTaken",
    "PatternCollides",
    "SeriesEnded",
    "SourceBilled",
    "StillPaid",
    "Written",
    "apply_credit_note",
    "base_of",
    "change_document",
    "change_pattern",
    "create_document",
    "delete_document",
    "duplicate_document",
    "finalize_document",
    "mark_uncollectible",
    "patch_document",
    "preview",
    "reopen_document",
    "settle",
    "take_back_credit",
    "take_number",
    "void_document",
]
