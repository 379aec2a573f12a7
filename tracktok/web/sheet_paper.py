"""Small tables on paper: the statements of `web.sheets` as PDF, laid out by ReportLab, the head on every page."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.platypus import SimpleDocTemplate, Spacer, Table, TableStyle

from tracktok.core.context import preferences

from .filters import format_amount, format_day, format_number
from .paper import GREY, INK, LINE, MARGIN, PLAIN, SOFT, numbered, style, text

if TYPE_CHECKING:
    from .sheets import Sheet, SheetColumn

_FRAME = 6  # points that a frame keeps free on each side
_MOST_UPRIGHT = 6
"""With more columns than this the page lies on its side."""


def draw_sheet(sheet: Sheet, company: str, made_at: str) -> bytes:
    """The PDF of a table. `made_at` is the instant of making as the tenant writes it."""
    shown = len(sheet.columns) - sheet.grouped
    size = A4 if shown <= _MOST_UPRIGHT else landscape(A4)
    width = size[0] - 2 * MARGIN
    made = io.BytesIO()
    document = SimpleDocTemplate(
        made, pagesize=size, leftMargin=MARGIN - _FRAME, rightMargin=MARGIN - _FRAME, topMargin=16 * mm,
        bottomMargin=20 * mm, title=f"{company}: {sheet.title}", author=company, lang="en",
    )  # fmt: skip
    said = " · ".join(part for part in (sheet.note, f"Amounts in {preferences().currency}") if part)
    story: list[Any] = [
        text(company, style(9, textColor=GREY)),
        text(sheet.title, style(18, bold=True, textColor=INK, spaceAfter=2)),
        text(said, style(9, textColor=GREY)),
        Spacer(1, 6 * mm),
        _table(sheet, width),
    ]
    footer = f"{company} · {sheet.title} · {made_at}"
    document.build(story, canvasmaker=numbered(footer, width=size[0]))
    return made.getvalue()


def _table(sheet: Sheet, width: float) -> Table:
    columns = list(sheet.columns[1:] if sheet.grouped else sheet.columns)
    size = 8.5 if len(columns) <= _MOST_UPRIGHT else 7.5
    looks = {
        (bold, right): style(size, bold=bold, textColor=INK, **({"alignment": TA_RIGHT} if right else {}))
        for bold in (False, True)
        for right in (False, True)
    }
    heads = {right: style(size - 0.5, bold=True, textColor=GREY, **({"alignment": TA_RIGHT} if right else {}))
             for right in (False, True)}  # fmt: skip
    rows: list[list[Any]] = [[text(one.label, heads[_is_right(one)]) for one in columns]]
    marks: list[Any] = []
    group = None
    for number, row in enumerate(sheet.rows):
        if sheet.grouped and row[0] and row[0] != group:
            group = row[0]
            rows.append([text(str(group), style(size + 1, bold=True, textColor=INK)), *[""] * (len(columns) - 1)])
            at = len(rows) - 1
            marks += [("SPAN", (0, at), (-1, at)), ("TOPPADDING", (0, at), (-1, at), 9)]
        bold = number in sheet.bold
        cells = row[1:] if sheet.grouped else row
        rows.append(
            [
                text(_said(column, value), looks[bold, _is_right(column)])
                for column, value in zip(columns, cells, strict=True)
            ]
        )
        if bold:
            at = len(rows) - 1
            marks += [("LINEABOVE", (0, at), (-1, at), 0.8, INK), ("BACKGROUND", (0, at), (-1, at), SOFT)]
    table = Table(rows, colWidths=_widths(columns, width), repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("FONTNAME", (0, 0), (-1, -1), PLAIN),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK),
                ("LINEBELOW", (0, 1), (-1, -1), 0.4, LINE),
                ("TOPPADDING", (0, 0), (-1, -1), 3),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
                ("LEFTPADDING", (0, 0), (-1, -1), 4),
                ("RIGHTPADDING", (0, 0), (-1, -1), 4),
                *marks,
            ]
        )
    )
    return table


def _is_right(column: SheetColumn) -> bool:
    return column.kind in {"amount", "number"}


def _widths(columns: list[SheetColumn], width: float) -> list[float]:
    """Figures get what they need, short texts a little; the widest text gets the rest."""
    needs = {"amount": 30.0 if len(columns) <= _MOST_UPRIGHT else 25.0, "number": 18.0, "date": 22.0}
    fixed = [(14.0 if one.label == "Code" else needs.get(one.kind, 24.0)) * mm for one in columns]
    texts = [place for place, one in enumerate(columns) if one.kind == "text"]
    widest = max(texts, key=lambda place: (columns[place].label in {"Account", "Customer", "Section"}, -place))
    fixed[widest] += width - sum(fixed)
    return fixed


def _said(column: SheetColumn, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return format_day(value)
    if isinstance(value, Decimal):
        plain = value.normalize() if column.kind == "number" else value
        return format_number(plain) if column.kind == "number" else format_amount(value, preferences().currency)
    return format_number(value) if isinstance(value, int) else str(value)
