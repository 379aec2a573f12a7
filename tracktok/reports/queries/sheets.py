"""Statements and summaries as tables for files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tracktok.invoices.queries.receivables import Ageing
from tracktok.invoices.rules.ageing import DEFAULT_BUCKETS
from tracktok.reports.rules.figures import Figure
from tracktok.reports.rules.statements import BalanceSheet, ProfitAndLoss, StatementPart
from tracktok.web.filters import format_day, format_month
from tracktok.web.sheets import Sheet, SheetColumn

from .gst import TAXES, GstSummary, tax_of


def _statement(title: str, labels: tuple[str, str], parts: Iterable[StatementPart], last: tuple[str, Figure]) -> Sheet:
    rows: list[Sequence[Any]] = []
    bold = set()
    for part in parts:
        rows += [(part.title, line.code, line.name, line.figure.value, line.figure.before) for line in part.lines]
        bold.add(len(rows))
        rows.append((part.title, "", "Together", part.total.value, part.total.before))
    bold.add(len(rows))
    rows.append(("", "", last[0], last[1].value, last[1].before))
    columns = [
        SheetColumn("Part"),
        SheetColumn("Code"),
        SheetColumn("Account"),
        SheetColumn(labels[0], "amount"),
        SheetColumn(labels[1], "amount"),
    ]
    return Sheet(title, columns, rows, frozenset(bold), grouped=True)


def profit_and_loss_sheet(found: ProfitAndLoss, labels: tuple[str, str]) -> Sheet:
    """Profit and loss; `labels` name the period and the one before."""
    return _statement("Profit and loss", labels, found.parts, ("Result", found.result))


def balance_sheet_sheet(found: BalanceSheet, labels: tuple[str, str]) -> Sheet:
    """The balance sheet; `labels` name the two days."""
    return _statement("Balance sheet", labels, found.parts, ("Liabilities and equity", found.funding))


def ageing_sheet(found: Ageing) -> Sheet:
    """Receivables by customer and age, every customer."""
    names = [*(bucket.label for bucket in DEFAULT_BUCKETS), "Owed", "Credit", "Balance"]
    rows = [(one.name, *one.buckets, one.total, one.credit, one.balance) for one in found.customers]
    whole = found.whole
    rows.append(("Together", *whole.buckets, whole.total, whole.credit, whole.balance))
    columns = [SheetColumn("Customer"), *(SheetColumn(name, "amount") for name in names)]
    note = f"As of {format_day(found.day)}"
    return Sheet("Receivables ageing", columns, rows, frozenset({len(rows) - 1}), note=note)


def gst_sheet(found: GstSummary, sections: dict[str, str], note: str = "") -> Sheet:
    """Output tax by month, section and rate; `note` names the days."""
    columns = [
        SheetColumn("Month"),
        SheetColumn("Section"),
        SheetColumn("Rate %", "number"),
        SheetColumn("Reverse charge"),
        SheetColumn("Documents", "number"),
        *(SheetColumn(name, "amount") for name in ("Taxable value", "CGST", "SGST/UTGST", "IGST", "Cess", "Tax")),
    ]
    rows: list[Sequence[Any]] = [
        (
            format_month(row.month), sections.get(row.section, row.section), row.rate,
            "Yes" if row.reverse_charge else "No", row.documents, row.sums.taxable,
            *(getattr(row.sums, name) for name in TAXES), row.tax,
        )
        for row in found.rows
    ]  # fmt: skip
    rows += [
        (
            format_month(row.month), sections.get(row.section, row.section), row.rate, "No", None, row.sums.taxable,
            *(getattr(row.sums, name) for name in TAXES), row.tax,
        )
        for row in found.advances
    ]  # fmt: skip
    bold = {len(rows)}
    owed = ("Together with advances", found.owed) if found.advances else ("", None)
    for label, sums in (("Together", found.total), ("In the books", found.booked), owed):
        if sums is not None:
            taxable = None if label == "In the books" else sums.taxable
            rows.append((label, "", None, "", None, taxable, *(getattr(sums, name) for name in TAXES), tax_of(sums)))
    return Sheet("GST summary", columns, rows, frozenset(bold), note=note)
