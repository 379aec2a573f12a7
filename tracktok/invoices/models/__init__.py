"""Tables of billing."""

from .attachments import SalesAttachment
from .documents import DocumentKind, SalesDocument, SalesLine
from .numbering import NumberPattern, NumberSeries
from .portal import Dispute, Payment, PaymentEvent
from .receipts import Allocation, Receipt, ReceiptMethod, Refund

__all__ = [
    "Allocation",
    "Dispute",
    "DocumentKind",
    "NumberPattern",
    "NumberSeries",
    "Payment",
    "PaymentEvent",
    "Receipt",
    "ReceiptMethod",
    "Refund",
    "SalesAttachment",
    "SalesDocument",
    "SalesLine",
]
