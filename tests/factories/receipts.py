"""Receipts. Call these inside `company.owner.acting()`."""

from __future__ import annotations

from typing import Any

from tests.factories.invoices import ensure_biller, make_buyer
from tracktok.invoices import services
from tracktok.invoices.models import Receipt
from tracktok.invoices.schemas.receipts import ReceiptIn


def make_receipt(**over: Any) -> Receipt:
    """A receipt of 1,180.00 of 21 November 2026, by bank transfer, that pays nothing yet."""
    ensure_biller()
    if "customer_id" not in over:
        over["customer_id"] = make_buyer().id
    body = ReceiptIn.model_validate({"receipt_date": "2026-11-21", "amount": "1180.00", **over})
    return services.record_receipt(body).receipt
