"""Facts about documents. Heard in the same transaction, inside the tenant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from blinker import signal


@dataclass(frozen=True, slots=True)
class DocumentWarning:
    """Something that a person should know about what they have just done; it did not stop it.

    `code` is stable (`credit_limit`, `amounts_changed`, `late_credit`, ...); `extra` are further members of the warning
    in the API's answer.
    """

    code: str
    detail: str
    extra: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The warning as the API answers it."""
        return {"code": self.code, "detail": self.detail, **self.extra}


document_finalized = signal("document_finalized")
"""A document was issued: its number, amounts, snapshot and entry are written. Sent with `document` (SalesDocument).

For quotes and proformas too, when they are sent or issued. The last thing of the transaction: PDF, mails and webhooks
begin here (`core.effects.after_commit`, `core.outbox`, `core.jobs`).
"""

document_voiding = signal("document_voiding")
"""An issued document is about to be made void; sent with `document`, locked. A receiver raises a DomainError to refuse:
a GST return of its period was filed, an e-invoice stands at the portal."""

document_voided = signal("document_voided")
"""A document was made void: its entry is reversed and what it billed may be billed again. Sent with `document`."""

document_settled = signal("document_settled")
"""What was paid of a document changed: `amount_paid`, `amount_due` and `status` are written. Sent with `document`."""

quote_answered = signal("quote_answered")
"""A quote was accepted or declined. Sent with `document`."""

receipt_recorded = signal("receipt_recorded")
"""Money came in: the receipt is numbered, posted and allocated as wished. Sent with `receipt` (Receipt)."""

receipt_voided = signal("receipt_voided")
"""A receipt was made void: its entry is reversed. Sent with `receipt`."""

refund_made = signal("refund_made")
"""Money was given back. Sent with `refund` (Refund)."""
