"""The JSON routes of the books and of exchange rates."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.errors import NotFound
from tracktok.core.money import MINOR_UNITS, format_amount
from tracktok.core.permissions import permits, signed_in
from tracktok.web.api import Api, check_if_match, instant, json_response, list_response, path_of

from . import queries, schemas, services
from .models import BookAccount
from .queries import Balance, JournalQuery
from .rules import fiscal_year_start

api = Api("ledger", __name__, prefix="/ledger", tag="Books")
rates_api = Api("exchange_rates", __name__, prefix="/exchange-rates", tag="Books")
AccountPath = path_of("book_account_id")
EntryPath = path_of("entry_id")


class NoRate(NotFound):
    code, title = "no_rate", "There is no rate"


def _account(row: Any, balance: Balance) -> dict[str, Any]:
    base = preferences().currency
    return {
        "object": "book_account",
        "id": row.id,
        "code": row.code,
        "name": row.name,
        "type": row.type,
        "role": row.role,
        "currency": row.currency,
        "is_archived": row.is_archived,
        "balance": format_amount(balance.amount, row.currency or base),
        "base_balance": format_amount(balance.base_amount, base),
        "base_currency": base,
        "version": row.version,
    }


def _one(account: BookAccount, status: int = 200, location: str | None = None) -> Response:
    body = _account(account, queries.balance_of([account.id])[account.id])
    return json_response(body, status, etag=account.version, location=location)


@api.get("/accounts", responses={200: schemas.BookAccountList})
@permits("ledger.read")
def list_accounts(query: schemas.BookAccountQuery) -> Response:
    """The chart of accounts with its balances."""
    page = queries.list_book_accounts(
        kind=query.type, archived=query.archived, sort=query.sort, cursor=query.cursor, limit=query.limit
    )
    balances = queries.balance_of([row.id for row in page.rows])
    return list_response(page, [_account(row, balances[row.id]) for row in page.rows])


@api.post("/accounts", responses={201: schemas.BookAccountOut})
@permits("ledger.write")
def create_account(body: schemas.BookAccountIn) -> Response:
    """Add an account to the chart, under the next free code of its type."""
    account = services.create_book_account(body.name, body.type, body.currency)
    return _one(account, 201, f"/api/v1/ledger/accounts/{account.id}")


@api.get("/accounts/<uuid:book_account_id>", responses={200: schemas.BookAccountOut})
@permits("ledger.read")
def show_account(path: AccountPath) -> Response:  # type: ignore[valid-type]
    """An account of the books."""
    return _one(queries.get_book_account(path.book_account_id))  # type: ignore[attr-defined]


@api.patch("/accounts/<uuid:book_account_id>", responses={200: schemas.BookAccountOut})
@permits("ledger.write")
def change_account(path: AccountPath, body: schemas.BookAccountPatch) -> Response:  # type: ignore[valid-type]
    """Rename an account, put it away or take it out again."""
    account = queries.get_book_account(path.book_account_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(account.version)
    services.change_book_account(account, name=body.name, is_archived=body.is_archived)
    return _one(account)


def _entry(row: Any) -> dict[str, Any]:
    base = preferences().currency
    return {
        "object": "ledger_entry",
        "id": row.id,
        "number": row.number,
        "entry_date": row.entry_date,
        "kind": row.kind,
        "source": row.source,
        "source_id": row.source_id,
        "memo": row.memo,
        "amount": format_amount(row.amount, base),
        "currency": base,
        "reverses_id": row.reverses_id,
        "created_at": instant(row.created_at),
    }


@api.get("/entries", responses={200: schemas.EntryList})
@permits("ledger.read")
def list_entries(query: schemas.EntryQuery) -> Response:
    """The journal."""
    wanted = JournalQuery(query.date_from, query.date_to, query.kind, query.source, query.source_id, query.account_id)
    page = queries.list_entries(wanted, sort=query.sort, cursor=query.cursor, limit=query.limit)
    return list_response(page, [_entry(row) for row in page.rows])


@api.get("/entries/<uuid:entry_id>", responses={200: schemas.EntryWithLines})
@permits("ledger.read")
def show_entry(path: EntryPath) -> Response:  # type: ignore[valid-type]
    """An entry with its lines."""
    found = queries.get_entry(path.entry_id)  # type: ignore[attr-defined]
    base = preferences().currency
    lines = [
        {
            "line_number": row.LedgerLine.line_number,
            "book_account_id": row.LedgerLine.book_account_id,
            "code": row.code,
            "name": row.name,
            "currency": row.LedgerLine.currency,
            "amount": format_amount(row.LedgerLine.amount, row.LedgerLine.currency),
            "base_amount": format_amount(row.LedgerLine.base_amount, base),
            "items": row.LedgerLine.items,
            **{
                f"{name}_id": getattr(row.LedgerLine, f"{name}_id")
                for name in ("category", "project", "account", "vendor", "customer")
            },
        }
        for row in found.lines
    ]
    reversed_by = found.reversed_by[0] if found.reversed_by else None
    return json_response({**_entry(found.entry), "reversed_by_id": reversed_by, "lines": lines})


@api.get("/trial-balance", responses={200: schemas.TrialBalanceOut})
@permits("ledger.read")
def show_trial_balance(query: schemas.TrialQuery) -> Response:
    """The trial balance of any days."""
    today = clock.today(preferences().timezone)
    end = query.date_to or max(today, query.date_from or today)
    start = query.date_from or fiscal_year_start(end, preferences().fiscal_year_start_month)
    trial, base = queries.trial_balance(start, end, unused=query.unused), preferences().currency
    rows = [
        {
            "id": row.id,
            "code": row.code,
            "name": row.name,
            "type": row.type,
            **{name: format_amount(getattr(row, name), base) for name in ("opening", "debit", "credit", "closing")},
        }
        for row in trial.rows
    ]
    return json_response(
        {
            "object": "trial_balance",
            "date_from": start,
            "date_to": end,
            "currency": base,
            "rows": rows,
            "debit": format_amount(trial.debit, base),
            "credit": format_amount(trial.credit, base),
        }
    )


@rates_api.get("/", responses={200: schemas.RateOut})
@signed_in
def show_rate(query: schemas.RateQuery) -> Response:
    """The reference rate of a day: the last one published on or before it."""
    day = query.day or clock.today(preferences().timezone)
    found = queries.rate_between(query.source, query.target, day) if query.source in MINOR_UNITS else None
    if found is None:
        raise NoRate(f"No rate from {query.source} to {query.target} was published in the ten days up to {day}.")
    return json_response(
        {
            "object": "exchange_rate",
            "from": query.source,
            "to": query.target,
            "date": day,
            "rate": format(found.rate.normalize(), "f"),
            "rate_date": found.rate_date,
            "source": found.source,
        }
    )


APIS = (api, rates_api)
