"""Rows as the API answers them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from tracktok.core.context import preferences
from tracktok.core.money import format_amount
from tracktok.expenses.queries.summary import Summary
from tracktok.expenses.services.expenses import Written
from tracktok.expenses.signals import SpendWarning
from tracktok.web.api import instant


def expense(row: Any, base: str | None = None) -> dict[str, Any]:
    """An expense. `row` has the columns of `queries.expenses.COLUMNS`."""
    base = base or preferences().currency
    held_in = row.account_currency or base
    created = instant(row.created_at)
    return {
        "id": row.id,
        "title": row.title,
        "description": row.description,
        "merchant": row.merchant,
        "reference": row.reference,
        "amount": format_amount(row.amount, row.currency),
        "currency": row.currency,
        "base_amount": format_amount(row.base_amount, base),
        "base_currency": base,
        "exchange_rate": f"{row.exchange_rate.normalize():f}",
        "rate_date": row.rate_date,
        "rate_source": row.rate_source,
        "account_amount": format_amount(row.account_amount, held_in),
        "account_currency": held_in,
        "tax_amount": None if row.tax_amount is None else format_amount(row.tax_amount, row.currency),
        "expense_date": row.expense_date,
        "payment_method": row.payment_method,
        "status": row.status,
        "billable": row.is_billable,
        "category_id": row.category_id,
        "category": row.category,
        "project_id": row.project_id,
        "project": row.project,
        "account_id": row.account_id,
        "account": row.account,
        "person_id": row.person_id,
        "import_id": row.import_id,
        "tags": sorted(row.tags, key=str.lower),
        "receipts": row.receipts,
        "version": row.version,
        "created_at": created,
        # Most expenses are never changed, and a list writes a hundred instants.
        "updated_at": created if row.updated_at == row.created_at else instant(row.updated_at),
        "deleted_at": instant(row.deleted_at),
    }


class _Recorded:
    """A new expense with the attributes of a row of COLUMNS, from what is known without asking again."""

    def __init__(self, written: Written) -> None:
        self._expense, refs = written.expense, written.refs
        names = {**refs.categories, **refs.projects, **refs.accounts}
        for thing in ("category", "project", "account"):
            known = names.get(getattr(self._expense, f"{thing}_id"))
            setattr(self, thing, known.name if known else None)
        account = refs.accounts.get(self._expense.account_id) if self._expense.account_id else None
        self.account_currency = account.currency if account else None
        self.tags = list(written.tags.values())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._expense, name)


def recorded(written: Written) -> dict[str, Any]:
    """An expense that has just been recorded, with its warnings."""
    return {**expense(_Recorded(written)), "warnings": warnings(written.warnings)}


def warnings(found: Iterable[SpendWarning]) -> list[dict[str, Any]]:
    """Warnings as members of an answer."""
    return [warning.as_dict() for warning in found]


def summary(found: Summary) -> dict[str, Any]:
    """What the expenses come to."""
    base = found.base_currency
    return {
        "count": found.count,
        "base_amount": None if found.base_amount is None else format_amount(found.base_amount, base),
        "base_currency": base,
        "by_currency": None
        if found.by_currency is None
        else [
            {
                "currency": one.currency,
                "count": one.count,
                "amount": format_amount(one.amount, one.currency),
                "base_amount": format_amount(one.base_amount, base),
            }
            for one in found.by_currency
        ],
    }


def project(row: Any, spent: Mapping[Any, Any]) -> dict[str, Any]:
    """A project with what was spent on it. `spent` holds (amount, count) by project."""
    currency = preferences().currency
    amount, count = spent.get(row.id, (Decimal(0), 0))
    budget = row.budget_amount
    return {
        "id": row.id,
        "name": row.name,
        "code": row.code,
        "client_name": row.client_name,
        "description": row.description,
        "status": row.status,
        "start_date": row.start_date,
        "end_date": row.end_date,
        "currency": currency,
        "budget_amount": None if budget is None else format_amount(budget, currency),
        "spent": format_amount(amount, currency),
        "remaining": None if budget is None else format_amount(budget - amount, currency),
        "expenses": count,
        **_stamps(row),
    }


def account(row: Any, balance: Any) -> dict[str, Any]:
    """An account with its balance."""
    return {
        "id": row.id,
        "name": row.name,
        "type": row.type,
        "currency": row.currency,
        "number_last4": row.number_last4,
        "institution": row.institution,
        "opening_balance": format_amount(row.opening_balance, row.currency),
        "opening_date": row.opening_date,
        "balance": format_amount(balance.amount, row.currency),
        "book_account_id": row.book_account_id,
        "is_archived": row.is_archived,
        **_stamps(row),
    }


def category(row: Any, path: list[str]) -> dict[str, Any]:
    """A category with the names of those above it."""
    return {
        "id": row.id,
        "name": row.name,
        "parent_id": row.parent_id,
        "path": path,
        "depth": len(path),
        "book_account_id": row.book_account_id,
        "color": row.color,
        "tax_treatment": row.tax_treatment,
        "position": row.position,
        "is_archived": row.is_archived,
        **_stamps(row),
    }


def tag(row: Any, uses: int) -> dict[str, Any]:
    """A tag with how many expenses carry it."""
    return {"id": row.id, "name": row.name, "color": row.color, "expenses": uses, **_stamps(row)}


def _stamps(row: Any) -> dict[str, Any]:
    return {"version": row.version, "created_at": instant(row.created_at), "updated_at": instant(row.updated_at)}
