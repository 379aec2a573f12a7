"""Tables of billing."""

from .attachments import SalesAttachment
from .bank import BankLine, BankStatement, BankTableForm
from .deposits import Deposit
from .documents import DocumentKind, SalesDocument, SalesLine
from .numbering import NumberPattern, NumberSeries
from .portal import Dispute, Payment, PaymentEvent, QuoteAnswer
from .receipts import Allocation, Receipt, ReceiptMethod, Refund
from .recurring import RecurringInvoice, RecurringRun
from .reminders import Reminder, ReminderLevel, ReminderMail, ReminderSettings
from .trips import BilledTrip

__all__ = [
    "Allocation",
    "BankLine",
    "BankStatement",
    "BankTableForm",
    "BilledTrip",
    "Deposit",
    "Dispute",
    "DocumentKind",
    "NumberPattern",
    "NumberSeries",
    "Payment",
    "PaymentEvent",
    "QuoteAnswer",
    "Receipt",
    "ReceiptMethod",
    "RecurringInvoice",
    "RecurringRun",
    "Refund",
    "Reminder",
    "ReminderLevel",
    "ReminderMail",
    "ReminderSettings",
    "SalesAttachment",
    "SalesDocument",
    "SalesLine",
]
