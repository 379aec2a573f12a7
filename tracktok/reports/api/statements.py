"""The routes /api/v1/reports/{profit-and-loss, balance-sheet, trial-balance, receivables-ageing, gst-summary}."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core.context import preferences
from tracktok.core.permissions import permits
from tracktok.invoices.queries.receivables import ageing_on
from tracktok.invoices.rules.gst_documents import TaxSum
from tracktok.invoices.services.return_sheets import SECTIONS
from tracktok.ledger.queries import trial_balance
from tracktok.ledger.schemas import TrialBalanceOut
from tracktok.reports import schemas
from tracktok.reports.queries import sheets
from tracktok.reports.queries.gst import TAXES, gst_summary, tax_of
from tracktok.reports.queries.statements import balance_sheet, day_before, profit_and_loss
from tracktok.reports.rules.ranges import Preset
from tracktok.reports.rules.statements import StatementPart
from tracktok.tenants.queries import get_current
from tracktok.web.api import json_response
from tracktok.web.exporting import export_name
from tracktok.web.filters import format_day
from tracktok.web.sheets import Sheet, SheetColumn, sheet_response

from .billing import figure, money, present_ageing, range_of, spans
from .reports import api


def _file(sheet: Sheet, file_format: str) -> Response:
    name, company = sheet.title.lower().replace(" ", "-"), get_current().name
    return sheet_response(sheet, file_format, export_name(name, company), company)


def _days(span: Any) -> str:
    return f"{format_day(span.start)} to {format_day(span.end)}"


def _part(part: StatementPart) -> dict[str, Any]:
    return {
        "key": part.key,
        "title": part.title,
        "lines": [
            {"account_id": line.id, "code": line.code, "name": line.name, **figure(line.figure)} for line in part.lines
        ],
        "total": figure(part.total),
    }


@api.get("/profit-and-loss", responses={200: schemas.ProfitAndLossOut})
@permits("ledger.read")
def show_profit_and_loss(query: schemas.BooksQuery) -> Response:
    """Get what was earned and spent in a range, against the range before."""
    wanted = range_of(query, Preset.fiscal_year)
    found = profit_and_loss(wanted)
    if query.format != "json":
        labels = tuple(f"{format_day(one.start)} to {format_day(one.end)}" for one in (wanted.span, wanted.before))
        return _file(sheets.profit_and_loss_sheet(found, (labels[0], labels[1])), query.format)
    return json_response(
        {
            "currency": preferences().currency,
            **spans(wanted),
            "income": _part(found.income),
            "expense": _part(found.expense),
            "result": figure(found.result),
        }
    )


@api.get("/balance-sheet", responses={200: schemas.BalanceSheetOut})
@permits("ledger.read")
def show_balance_sheet(query: schemas.BooksQuery) -> Response:
    """Get what stood on the accounts at the end of a range, against the day before it began."""
    wanted = range_of(query, Preset.fiscal_year)
    day, before = wanted.span.end, day_before(wanted)
    found = balance_sheet(day, before)
    if query.format != "json":
        return _file(sheets.balance_sheet_sheet(found, (format_day(day), format_day(before))), query.format)
    return json_response(
        {
            "currency": preferences().currency,
            "as_of": day,
            "as_of_before": before,
            "assets": _part(found.assets),
            "liabilities": _part(found.liabilities),
            "equity": _part(found.equity),
            "liabilities_and_equity": figure(found.funding),
        }
    )


@api.get("/trial-balance", responses={200: TrialBalanceOut})
@permits("ledger.read")
def show_trial_balance(query: schemas.BooksQuery) -> Response:
    """Get what stood on every account before a range, what moved, and what stands there after."""
    span = range_of(query, Preset.fiscal_year).span
    trial = trial_balance(span.start, span.end)
    if query.format != "json":
        names = ("Opening", "Debits", "Credits", "Closing")
        columns = [SheetColumn("Code"), SheetColumn("Account"), *(SheetColumn(name, "amount") for name in names)]
        lines: list[tuple[Any, ...]] = [
            (row.code, row.name, row.opening, row.debit, row.credit, row.closing) for row in trial.rows
        ]
        lines.append(("", "Together", None, trial.debit, trial.credit, None))
        sheet = Sheet("Trial balance", columns, lines, frozenset({len(lines) - 1}), note=_days(span))
        return _file(sheet, query.format)
    rows = [
        {
            **{name: getattr(row, name) for name in ("id", "code", "name", "type")},
            **{name: money(getattr(row, name)) for name in ("opening", "debit", "credit", "closing")},
        }
        for row in trial.rows
    ]
    return json_response(
        {
            "object": "trial_balance",
            "date_from": span.start,
            "date_to": span.end,
            "currency": preferences().currency,
            "rows": rows,
            "debit": money(trial.debit),
            "credit": money(trial.credit),
        }
    )


@api.get("/receivables-ageing", responses={200: schemas.AgeingOut})
@permits("invoices.read")
def show_receivables_ageing(query: schemas.AgeingReportQuery) -> Response:
    """Get what customers owe by age, today or as it stood on a past day."""
    found = ageing_on(query.as_of, query.customer_id)
    if query.format != "json":
        return _file(sheets.ageing_sheet(found), query.format)
    return json_response(present_ageing(found, query.limit))


@api.get("/gst-summary", responses={200: schemas.GstSummaryOut})
@permits("invoices.read")
def show_gst_summary(query: schemas.GstSummaryQuery) -> Response:
    """Get output tax by month, section of GSTR-1 and rate, beside what the books have of it; 24 months at most."""
    wanted = range_of(query, Preset.fiscal_year)
    found = gst_summary(wanted.span, query.company_id)
    if query.format != "json":
        return _file(sheets.gst_sheet(found, SECTIONS, _days(wanted.span)), query.format)
    return json_response(
        {
            "range": spans(wanted)["range"],
            "rows": [
                {
                    "month": f"{row.month:%Y-%m}",
                    "section": row.section,
                    "rate": f"{row.rate:f}",
                    "reverse_charge": row.reverse_charge,
                    "documents": row.documents,
                    **_taxes(row.sums),
                }
                for row in found.rows
            ],
            "advances": [
                {"month": f"{row.month:%Y-%m}", "section": row.section, "rate": f"{row.rate:f}", **_taxes(row.sums)}
                for row in found.advances
            ],
            "total": _taxes(found.total),
            "owed": _taxes(found.owed),
            "booked": None if found.booked is None else {**_taxes(found.booked), "taxable": money(found.total.taxable)},
            "equal": found.is_equal,
        }
    )


def _taxes(sums: TaxSum) -> dict[str, str]:
    return {
        "taxable": money(sums.taxable),
        **{name: money(getattr(sums, name)) for name in TAXES},
        "tax": money(tax_of(sums)),
    }
