"""Where money of customers is, and what it is worth: for all who receive it, share it out or give it back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from tracktok.core.context import preferences
from tracktok.core.errors import Conflict, Invalid
from tracktok.expenses.queries.references import load_references
from tracktok.invoices.models import Receipt
from tracktok.invoices.rules import receipting as rules
from tracktok.invoices.rules import statuses
from tracktok.invoices.rules.receipting import Books, Till
from tracktok.ledger.queries import book_account_for, rate_between

from .deriving import ENTERED


class IsVoid(Conflict):
    code, title = "receipt_void", "This receipt is void"


def check_received(receipt: Receipt) -> None:
    """Raise IsVoid (409) for a receipt whose money never came."""
    if receipt.status == statuses.VOID:
        raise IsVoid(f"{receipt.number} is void.")


def books() -> Books:
    """The book accounts that money from customers moves."""
    return Books(
        receivables=book_account_for("receivables"),
        advances=book_account_for("customer_advances"),
        exchange=book_account_for("exchange_difference"),
    )


def till_of(account_id: UUID | None, currency: str, *, known: bool = False) -> Till:
    """Where an amount comes to or goes from. Raises Invalid at `account_id`.

    `known`: it was chosen before, and may be archived since.
    """
    if account_id is None:
        return Till(book_account_for("undeposited_funds"), currency)
    found = load_references(accounts=[account_id], lock=True).accounts.get(account_id)
    if found is None or found.book_account_id is None or (found.is_deleted and not known):
        raise Invalid.at("account_id", "There is no such account.", "not_found")
    if found.is_archived and not known:
        raise Invalid.at("account_id", f"“{found.name}” is archived; choose another account.", "archived")
    base = preferences().currency
    held = rules.held_in(currency, found.currency, base)
    if held is None:
        text = f"“{found.name}” holds {found.currency}. Choose an account in {currency} or {base}."
        raise Invalid.at("account_id", text, "other_currency")
    return Till(found.book_account_id, held, account_id)


def rate_on(currency: str, day: date, entered: Decimal | None) -> tuple[Decimal, date | None, str] | None:
    """The rate of a day, when it is of, and where it comes from; None when none is known and none was entered."""
    base = preferences().currency
    if currency == base:
        return Decimal(1), None, ""
    if entered is not None:
        return entered, day, ENTERED
    found = rate_between(currency, base, day)
    return (found.rate, found.rate_date, found.source) if found is not None else None
