"""Statements, lines and suggestions as the API answers them."""

from __future__ import annotations

from typing import Any

from tracktok.core.money import format_amount
from tracktok.invoices.rules.matching import Suggestion
from tracktok.invoices.rules.matching_receipts import ReceiptSuggestion
from tracktok.web.api import instant

_STATEMENT = ("id", "account_id", "account_name", "file_id", "format", "bank_account", "period_start", "period_end",
              "currency", "lines", "repeated")  # fmt: skip
_LINE = ("id", "statement_id", "account_id", "account_name", "booked_on", "currency", "counterparty", "reference",
         "description", "external_id", "status", "receipt_id", "receipt_number", "is_linked", "customer_name",
         "version")  # fmt: skip


def statement(row: Any) -> dict[str, Any]:
    """A statement."""
    balances = {
        name: None if getattr(row, name) is None else format_amount(getattr(row, name), row.currency)
        for name in ("opening_balance", "closing_balance")
    }
    return {**{name: getattr(row, name) for name in _STATEMENT}, **balances, "created_at": instant(row.created_at)}


def line(row: Any) -> dict[str, Any]:
    """A line."""
    return {**{name: getattr(row, name) for name in _LINE}, "amount": format_amount(row.amount, row.currency)}


def suggestion(found: Suggestion) -> dict[str, Any]:
    """A suggestion."""
    return {
        "score": found.score,
        "why": list(found.why),
        "customer_id": found.customer_id,
        "customer_name": found.documents[0].customer_name,
        "documents": [
            {
                "id": one.id,
                "number": one.number,
                "amount_due": format_amount(one.amount_due, one.currency),
                "due_date": one.due_on,
            }
            for one in found.documents
        ],
    }


def receipt_suggestion(found: ReceiptSuggestion) -> dict[str, Any]:
    """A receipt that a line may be."""
    one = found.receipt
    return {
        "score": found.score,
        "why": list(found.why),
        "receipt_id": one.id,
        "number": one.number,
        "receipt_date": one.receipt_date,
        "amount": format_amount(one.amount, one.currency),
        "currency": one.currency,
        "customer_id": one.customer_id,
        "customer_name": one.customer_name,
    }


SHOWN_LINES = 10


def table(reading: Any, *, is_given: bool) -> dict[str, Any]:
    """How a table is read, and its first lines."""
    read, plan = reading.read, reading.plan
    lines = read.statement.lines if read else []
    return {
        "format": reading.kind,
        "columns": [{name: one[name] for name in ("name", "type", "filled", "samples")} for one in reading.columns],
        "mapping": {name: column for name, column in plan.mapping.items() if column},
        "mapped_by": "given" if is_given else "remembered" if reading.is_remembered else "headers",
        "date_order": plan.options.get("date_form"),
        "decimal": plan.options.get("decimal"),
        "header_row": reading.facts["header_row"],
        "rows": reading.rows,
        "notes": reading.notes,
        "questions": [one.as_dict() for one in plan.questions],
        "lines": len(lines),
        "skipped": read.statement.skipped if read else 0,
        "sample": [
            {
                "booked_on": one.booked_on, "amount": format_amount(one.amount, reading.currency),
                "counterparty": one.counterparty, "reference": one.reference, "description": one.description,
            }
            for one in lines[:SHOWN_LINES]
        ],
        "problems": [{"row": one.row, "detail": one.detail} for one in read.problems[:20]] if read else [],
    }  # fmt: skip
