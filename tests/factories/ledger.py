"""Entries of the books. Call these inside `company.owner.acting()`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from tracktok.core.ids import new_id
from tracktok.ledger import queries, services
from tracktok.ledger.rules import Entry, Line, two_lines


def make_entry(amount: str | Decimal = "100.00", **over: Any) -> Entry:
    """An entry that spends on fuel, from payments without an account, on 2026-11-10; not posted yet."""
    spent = Decimal(amount)
    dimensions = {name: over.pop(name) for name in list(over) if name.endswith("_id") and name != "source_id"}
    debit = over.pop("debit", None) or queries.book_account_for("fuel")
    credit = over.pop("credit", None) or queries.book_account_for("unassigned_payments")
    currency = over.pop("currency", "INR")
    base = Decimal(over.pop("base_amount", spent))
    values: dict[str, Any] = {
        "entry_date": date(2026, 11, 10),
        "kind": "expense",
        "source": "expense",
        "source_id": new_id(),
        "memo": "Diesel",
        **over,
    }
    line = Line(debit, spent, base, currency, items=over.get("items", 1), **dimensions)
    values.pop("items", None)
    return Entry(**values, lines=two_lines(line, credit))


def post_entry(amount: str | Decimal = "100.00", **over: Any) -> UUID:
    """The same, posted; returns its id."""
    return services.post([make_entry(amount, **over)])[0]
