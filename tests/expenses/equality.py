"""What must always hold: the books equal the rows. Used by the tests of services and by Hypothesis."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text

from tracktok.core.db import db
from tracktok.core.ids import NIL
from tracktok.expenses.models import Account, Expense
from tracktok.expenses.queries.summary import summarize
from tracktok.expenses.schemas.expenses import ExpenseFilters
from tracktok.ledger.models import BookType, Dimension
from tracktok.ledger.queries import balance_of, totals_by_id


def check_books_equal_rows() -> None:
    """Assert that totals by every dimension, balances and the summary are what the rows of the tenant come to."""
    rows = list(db.session.execute(select(Expense).where(Expense.deleted_at.is_(None))).scalars())
    posted = [row for row in rows if row.status != "draft"]
    for dimension in (Dimension.all, Dimension.category, Dimension.project, Dimension.account):
        wanted: dict[Any, list[Any]] = defaultdict(lambda: [Decimal(0), 0])
        for row in posted:
            key = NIL if dimension is Dimension.all else getattr(row, f"{dimension.value}_id") or NIL
            wanted[key][0] += row.base_amount
            wanted[key][1] += 1
        kept = {
            total.dimension_id: [total.base_amount, total.items]
            for total in totals_by_id(BookType.expense, dimension, date.min, date.max)
        }
        assert {key: value for key, value in kept.items() if value != [0, 0]} == dict(wanted), dimension
    for account in db.session.execute(select(Account).where(Account.deleted_at.is_(None))).scalars():
        paid = sum(
            (row.account_amount for row in posted if row.status == "paid" and row.account_id == account.id), Decimal(0)
        )
        balance = balance_of([account.book_account_id])[account.book_account_id]
        assert balance.amount == account.opening_balance - paid, account.name
    found = summarize(ExpenseFilters())
    assert (found.count, found.base_amount) == (len(rows), sum((row.base_amount for row in rows), Decimal(0)))
    by_currency: dict[str, list[Any]] = defaultdict(lambda: [0, Decimal(0), Decimal(0)])
    for row in rows:
        one = by_currency[row.currency]
        one[0] += 1
        one[1] += row.amount
        one[2] += row.base_amount
    assert found.by_currency is not None
    assert {one.currency: [one.count, one.amount, one.base_amount] for one in found.by_currency} == dict(by_currency)
    balances = db.session.execute(
        text(
            "SELECT count(*) FROM (SELECT book_account_id, currency,"
            " date_trunc('month', entry_date::timestamp)::date AS month, sum(amount) AS a, sum(base_amount) AS b"
            " FROM ledger_lines GROUP BY 1, 2, 3) l FULL JOIN ledger_balances k"
            " USING (book_account_id, currency, month)"
            " WHERE coalesce(a, 0) <> coalesce(debit - credit, 0)"
            " OR coalesce(b, 0) <> coalesce(base_debit - base_credit, 0)"
        )
    ).scalar_one()
    assert balances == 0
