"""Tables of billing."""

from .attachments import SalesAttachment
from .documents import DocumentKind, SalesDocument, SalesLine
from .numbering import NumberPattern, NumberSeries
from .receipts import Allocation, Receipt, ReceiptMethod, Refund

__all__ = [
    "Allocation",
    "DocumentKind",
    "NumberPattern",
    "NumberSeries",
    "Receipt",
    "ReceiptMethod",
    "Refund",
    "SalesAttachment",
    "SalesDocument",
    "SalesLine",
]
