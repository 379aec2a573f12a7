"""Every write of billing."""

from .allocating import allocate_receipt, receipt_left, unallocate
from .deposits import apply_deposits, finalize_with_deposits
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
from .issuing import IllegalStatus, create_issued, finalize_document
from .notes import (
    LineLeft,
    MoreThanLeft,
    NothingLeft,
    change_note,
    create_note,
    finalize_note,
    is_by_quantity,
    left_of,
    lock_note,
    preview_note,
)
from .numbering import NumberTaken, PatternCollides, SeriesEnded, change_pattern, pattern_of
from .numbering import Preview as NumberPreview
from .numbering import preview as preview_number
from .quoting import AlreadyInvoiced, answer_quote, convert_document, send_quote
from .receiving import ReceiptInUse, Received, record_receipt, void_receipt
from .refunding import RefundGone, may_take_back, refund_credit_note, refund_receipt, take_back_refund
from .settling import (
    NotApplicable,
    NotEnoughLeft,
    apply_credit_note,
    base_of,
    settle,
    take_back_credit,
    unapply_credit_note,
)
from .taking_back import take_back
from .tills import IsVoid
from .voiding import Credited, StillPaid, mark_uncollectible, reopen_document, void_document
from .writing_off import reverse_write_off, write_off

__all__ = [
    "AlreadyInvoiced",
    "Credited",
    "IllegalStatus",
    "IsVoid",
    "LineLeft",
    "MoreThanLeft",
    "NotADraft",
    "NotApplicable",
    "NotEnoughLeft",
    "NothingLeft",
    "NumberPreview",
    "NumberTaken",
    "PatternCollides",
    "ReceiptInUse",
    "Received",
    "RefundGone",
    "SeriesEnded",
    "SourceBilled",
    "StillPaid",
    "Written",
    "allocate_receipt",
    "answer_quote",
    "apply_credit_note",
    "apply_deposits",
    "base_of",
    "change_document",
    "change_note",
    "change_pattern",
    "convert_document",
    "create_document",
    "create_issued",
    "create_note",
    "delete_document",
    "duplicate_document",
    "finalize_document",
    "finalize_note",
    "finalize_with_deposits",
    "is_by_quantity",
    "left_of",
    "lock_note",
    "mark_uncollectible",
    "may_take_back",
    "patch_document",
    "pattern_of",
    "preview",
    "preview_note",
    "preview_number",
    "receipt_left",
    "record_receipt",
    "refund_credit_note",
    "refund_receipt",
    "reopen_document",
    "reverse_write_off",
    "send_quote",
    "settle",
    "take_back",
    "take_back_credit",
    "take_back_refund",
    "today",
    "unallocate",
    "unapply_credit_note",
    "void_document",
    "void_receipt",
    "write_off",
]
