"""Changes of spending as budgets are told of them, without expenses behind them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from tracktok.core.ids import new_id
from tracktok.expenses.rules.posting import Change, Contribution


def contribution(**over: Any) -> Contribution:
    """A paid expense of 100.00 on 2026-11-20, which names nothing."""
    values: dict[str, Any] = {
        "expense_id": new_id(), "expense_date": date(2026, 11, 20), "status": "paid", "amount": Decimal(100),
        "currency": "INR", "base_amount": Decimal(100), "credit_amount": Decimal(100), "credit_currency": "INR",
        "debit_id": new_id(), "credit_id": new_id(), "category_id": None, "project_id": None, "account_id": None,
        "person_id": None, "tag_ids": frozenset(), "memo": "",
    }  # fmt: skip
    return Contribution(**{**values, **over})


def change(**over: Any) -> Change:
    """An expense that is new."""
    return Change(None, contribution(**over))
