"""The one shape of balances and statements, and statements as files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import Response
from sqlalchemy import Date, Numeric, Select, Text, Uuid, column, func, select, text

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.errors import Invalid
from tracktok.core.money import MINOR_UNITS, format_amount
from tracktok.core.tenancy import current_tenant_id
from tracktok.customers.models import Customer
from tracktok.invoices.rules.numbering import fiscal_year
from tracktok.invoices.schemas.receipts import CustomerStatementQuery
from tracktok.web.exporting import ExportColumn, export_name, export_response

from . import standing

DAYS = 90
WORDS = {
    "invoice": "Invoice",
    "debit_note": "Debit note",
    "credit_note": "Credit note",
    "receipt": "Payment received",
    "refund": "Refund",
    "write_off": "Write-off",
    "opening": "Opening balance",
}


def balance(customer: Customer) -> dict[str, Any]:
    """How a customer stands today."""
    today, base = clock.today(preferences().timezone), preferences().currency
    found = standing.standings(customer.id, today)
    return {
        "customer_id": customer.id,
        "customer_name": customer.name,
        "as_of": today,
        "base_currency": base,
        "base_balance": format_amount(sum((one.base_balance for one in found), standing.ZERO), base),
        "currencies": [
            {
                "currency": one.currency,
                **{
                    name: format_amount(getattr(one, name), one.currency)
                    for name in ("receivable", "overdue", "unallocated", "open_credit_notes", "balance")
                },
                "ageing": [
                    {"key": bucket.key, "label": bucket.label, "amount": format_amount(amount, one.currency)}
                    for bucket, amount in one.ageing(today)
                ],
            }
            for one in found
        ],
    }


def days_of(query: CustomerStatementQuery) -> tuple[date, date]:
    """The first and last day of a statement. Raises Invalid at `from`, or at `currency` when there is no such one."""
    if query.currency is not None and query.currency not in MINOR_UNITS:
        raise Invalid.at("currency", "Use a currency code in use, such as INR, USD or EUR.")
    until = query.date_to or clock.today(preferences().timezone)
    start = query.date_from or until - timedelta(days=DAYS)
    if start > until:
        raise Invalid.at("from", "The first day is after the last.")
    return start, until


def year_start(day: date) -> date:
    """The first day of the fiscal year of a day."""
    return fiscal_year(day, preferences().fiscal_year_start_month).start


def described(move: standing.Move) -> str:
    """A movement in words: what it is, and what was said of it."""
    words = WORDS[move.kind]
    return f"{words}: {move.said}" if move.said else words


def statement(customer: Customer, query: CustomerStatementQuery) -> dict[str, Any]:
    """A customer's account over some days."""
    start, until = days_of(query)
    accounts = standing.statement(customer.id, start, until, query.currency)
    return {
        "customer_id": customer.id,
        "customer_name": customer.name,
        "date_from": start,
        "date_to": until,
        "currencies": [
            {
                "currency": one.currency,
                **{
                    name: format_amount(getattr(one, name), one.currency)
                    for name in ("opening", "debits", "credits", "closing")
                },
                "rows": [_row(move, one.currency) for move in one.moves],
            }
            for one in accounts
        ],
    }


def _row(move: standing.Move, currency: str) -> dict[str, Any]:
    nothing = standing.ZERO
    return {
        "date": move.day,
        "kind": move.kind,
        "id": move.id,
        "number": move.number,
        "description": described(move),
        "due_date": move.due_date,
        "debit": format_amount(max(move.amount, nothing), currency),
        "credit": format_amount(max(-move.amount, nothing), currency),
        "balance": format_amount(move.balance, currency),
    }


_NAMED = re.compile(r"%\((\w+)\)s")
_FILE = text(
    _NAMED.sub(
        r":\1",
        f"""
        SELECT day, place, kind, number, due_date, currency, amount, said, id,
               sum(amount) OVER (PARTITION BY currency ORDER BY day, place, number, id) AS balance
          FROM (SELECT %(start)s AS day, 0 AS place, 'opening' AS kind, NULL::uuid AS id, '' AS number,
                       NULL::date AS due_date, currency, sum(amount) AS amount, '' AS said
                  FROM ({standing.MOVES}) o WHERE day < %(start)s GROUP BY currency
                UNION ALL
                SELECT day, place, kind, id, number, due_date, currency, amount, said
                  FROM ({standing.MOVES}) m WHERE day >= %(start)s) a
         WHERE (%(currency)s = '' OR currency = %(currency)s)
         ORDER BY currency, day, place, number, id
        """,  # noqa: S608 - no value is put into it
    )
)


def export_statement(customer: Customer, query: CustomerStatementQuery, file_format: str) -> Response:
    """A customer's account over some days as a CSV or XLSX file."""
    start, until = days_of(query)
    rows = _FILE.columns(
        column("day", Date), column("place"), column("kind", Text), column("number", Text), column("due_date", Date),
        column("currency", Text), column("amount", Numeric(19, 4)), column("said", Text), column("id", Uuid),
        column("balance", Numeric(19, 4)),
    ).bindparams()  # fmt: skip
    found = rows.subquery("found").c

    def statement_of(columns: Sequence[Any]) -> Select[Any]:
        return select(*columns).select_from(found.day.table)

    columns = (
        ExportColumn("Date", found.day, "date"),
        ExportColumn("Type", func.initcap(func.replace(found.kind, "_", " ")), "word"),
        ExportColumn("Number", found.number),
        ExportColumn("Details", found.said),
        ExportColumn("Due date", found.due_date, "date"),
        ExportColumn("Currency", found.currency, "word"),
        ExportColumn("Owed", func.greatest(found.amount, 0), "amount", found.currency),
        ExportColumn("Paid", func.greatest(-found.amount, 0), "amount", found.currency),
        ExportColumn("Balance", found.balance, "amount", found.currency),
    )
    values = {
        "tenant": current_tenant_id(),
        "customer": customer.id,
        "start": start,
        "until": until,
        "zone": preferences().timezone,
        "currency": query.currency or "",
    }
    return export_response(
        columns, statement_of, values, file_format, export_name(f"statement-{customer.name[:40]}", "")
    )
