"""Receipts out."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from tracktok.web.api import Schema


class ReceiptOut(Schema):
    """A file that proves an expense. `duplicate_of` names other expenses with the very same file."""

    id: UUID
    expense_id: UUID
    filename: str
    content_type: str
    size: int
    url: str
    thumbnail_url: str | None
    duplicate_of: list[UUID]
    created_at: str


class ReceiptsAdded(Schema):
    """The receipts that were added, with what should be known about them."""

    object: Literal["list"]
    data: list[ReceiptOut]
    warnings: list[dict[str, Any]]
