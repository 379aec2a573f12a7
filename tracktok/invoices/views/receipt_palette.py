"""What the palette (Ctrl-K) finds of receipts."""

from __future__ import annotations

from typing import cast

from flask import Flask, url_for
from flask.blueprints import BlueprintSetupState

from tracktok.invoices.queries.receipt_lists import list_receipts
from tracktok.invoices.schemas.receipts import ReceiptQuery
from tracktok.web.filters import format_day, format_money
from tracktok.web.frame import Hit, provide_search

from .receipts import blueprint


def find_receipts(text: str, limit: int) -> list[Hit]:
    """Receipts by part of their number, reference or customer, the latest first."""
    return [
        Hit(
            f"{row.number} · {row.customer_name}",
            url_for("receipts.show", receipt_id=row.id),
            f"{format_day(row.receipt_date)} · {format_money(row.amount, row.currency)}",
            "cash",
            "Receipts",
        )
        for row in list_receipts(ReceiptQuery(q=text[:120], limit=limit)).rows
    ]


@blueprint.record_once
def _provide(state: BlueprintSetupState) -> None:
    provide_search(cast("Flask", state.app), "receipts.read", find_receipts)
