"""A statement on paper: drawn row by row on the canvas, so that ten thousand trips take seconds."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader

from tracktok.core.money import minor_unit
from tracktok.tenants.queries import branding, get_current
from tracktok.trips.rules.trips import shown_id
from tracktok.web.filters import format_day, format_month, format_number, plural
from tracktok.web.paper import BOLD, GREY, INK, LINE, MARGIN, PLAIN, SOFT, fonts, numbered, style, text

from .reckoning import Statement

WIDTH, HEIGHT = A4
LEFT, RIGHT = MARGIN, WIDTH - MARGIN
TOP, BOTTOM = HEIGHT - 16 * mm, 20 * mm
ROW = 4.6 * mm
SIZE = 7.2
# (label, left edge or right edge in mm from the left margin, how many letters fit; 0 for a number at its right edge)
COLUMNS = (
    ("Date", 0, 11), ("Trip ID", 17, 17), ("Vehicle", 44, 14), ("From", 66, 17), ("To", 92, 17), ("km", 128, 0),
    ("Amount", 145, 0), ("Tax", 159, 0), ("Total", 178, 0),
)  # fmt: skip


class Page:
    """Where on which page something is drawn next."""

    def __init__(self, canvas: Any, head: Sequence[str]) -> None:
        self.canvas, self.head = canvas, head
        self.y = TOP

    def room(self, height: float, *, columns: bool = True) -> None:
        """Begin a new page unless so much fits."""
        if self.y - height < BOTTOM:
            self.canvas.showPage()
            self.y = TOP
            self.canvas.setFont(PLAIN, 8)
            self.canvas.setFillColor(GREY)
            self.canvas.drawString(LEFT, self.y, " · ".join(self.head))
            self.y -= 7 * mm
            if columns:
                self.columns()

    def columns(self) -> None:
        """The head of the table."""
        canvas = self.canvas
        canvas.setFillColor(SOFT)
        canvas.rect(LEFT, self.y - 1.6 * mm, RIGHT - LEFT, 5.6 * mm, stroke=0, fill=1)
        canvas.setFillColor(INK)
        canvas.setFont(BOLD, SIZE)
        for label, at, letters in COLUMNS:
            if letters:
                canvas.drawString(LEFT + at * mm + 1 * mm, self.y, label)
            else:
                canvas.drawRightString(LEFT + at * mm, self.y, label)
        self.y -= ROW + 1.2 * mm
        canvas.setFont(PLAIN, SIZE)


def draw_statement(statement: Statement, rows: Iterable[Any], others: Sequence[Any]) -> bytes:
    """The PDF of a statement."""
    fonts()
    row, figures = statement.row, statement.figures
    ours = branding()
    month = format_month(row.month)
    made = io.BytesIO()
    canvas = numbered(f"{ours.name} · Statement of {statement.vendor.name} · {month}")(made, pagesize=A4, invariant=1)
    canvas.setTitle(f"Statement of {statement.vendor.name}, {month}")
    canvas.setAuthor(ours.name)
    page = Page(canvas, (f"Statement of {statement.vendor.name}", month))
    _head(page, statement, ours, month)
    _summary(page, statement)
    if figures.trips:
        page.room(20 * mm, columns=False)
        page.columns()
        for one in rows:
            page.room(ROW)
            _trip(page, one)
        _rule(page)
    for one in others:
        _other(page, one)
    _sums(page, statement)
    canvas.showPage()
    canvas.save()
    return made.getvalue()


def _head(page: Page, statement: Statement, ours: Any, month: str) -> None:
    canvas, row = page.canvas, statement.row
    canvas.setFillColor(colors.HexColor(ours.accent))
    canvas.rect(0, HEIGHT - 4 * mm, WIDTH, 4 * mm, stroke=0, fill=1)
    page.y = TOP - 6 * mm
    logo = ours.read_logo() if ours.logo_type in {"image/png", "image/jpeg"} else None
    if logo:
        canvas.drawImage(ImageReader(io.BytesIO(logo)), RIGHT - 40 * mm, page.y - 4 * mm, 40 * mm, 14 * mm,
                         preserveAspectRatio=True, anchor="ne", mask="auto")  # fmt: skip
    _paragraph(page, "Vendor statement", 18, bold=True, height=9 * mm)
    _paragraph(page, f"{month} · {row.status.capitalize()}", 10.5, height=10 * mm, color=GREY)
    top = page.y
    vendor = statement.vendor
    lines = [
        one
        for one in (vendor.address_line1, vendor.address_line2, f"{vendor.city} {vendor.postal_code}".strip())
        if one
    ]
    if vendor.gstin:
        lines.append(f"GSTIN {vendor.gstin}")
    _block(page, LEFT, "Vendor", vendor.name, lines)
    left_end, page.y = page.y, top
    _block(page, LEFT + 95 * mm, "For", ours.name, list(get_current().postal_address.lines))
    page.y = min(left_end, page.y) - 4 * mm


def _block(page: Page, left: float, label: str, name: str, lines: Sequence[str]) -> None:
    canvas = page.canvas
    canvas.setFont(PLAIN, 7.5)
    canvas.setFillColor(GREY)
    canvas.drawString(left, page.y, label)
    page.y -= 5 * mm
    _paragraph(page, name, 10, bold=True, height=5 * mm, left=left, width=85 * mm)
    for one in lines:
        _paragraph(page, one, 8.5, height=4.2 * mm, left=left, width=85 * mm)


def _paragraph(
    page: Page, words: str, size: float, *, bold: bool = False, height: float, left: float = LEFT,
    width: float = 120 * mm,
    color: Any = INK,
) -> None:  # fmt: skip
    made = text(words, style(size, bold=bold, textColor=color))
    _, tall = made.wrapOn(page.canvas, width, 60 * mm)
    made.drawOn(page.canvas, left, page.y - tall + size * 1.05)
    page.y -= max(height, tall)


def _summary(page: Page, statement: Statement) -> None:
    figures = statement.figures
    told = [plural(figures.trips, "trip"), f"{format_number(figures.distance_km, 1)} km"]
    if figures.late_trips:
        told.append(f"{plural(figures.late_trips, 'trip')} of earlier months")
    if figures.unpriced:
        told.append(f"{plural(figures.unpriced, 'trip')} without a price")
    if statement.row.vendor_reference:
        told.append(f"Vendor's invoice {statement.row.vendor_reference}")
    _paragraph(page, " · ".join(told), 9, height=9 * mm, width=RIGHT - LEFT)


def _trip(page: Page, one: Any) -> None:
    canvas, y = page.canvas, page.y
    places = minor_unit(one.currency)
    cells = (
        format_day(one.trip_date), shown_id(one.external_id), one.vehicle, one.origin, one.destination,
        format_number(one.distance_km, 1), format_number(one.amount, places), format_number(one.tax, places),
        format_number(one.total, places),
    )  # fmt: skip
    for (_, at, letters), value in zip(COLUMNS, cells, strict=True):
        if not value:
            continue
        if not letters:
            canvas.drawRightString(LEFT + at * mm, y, value)
            continue
        shown = value if len(value) <= letters else value[: letters - 1] + "…"
        if shown.isascii() or not _is_indic(shown):
            canvas.drawString(LEFT + at * mm + 1 * mm, y, shown)
        else:
            made = text(shown, style(SIZE))
            made.wrapOn(canvas, 30 * mm, ROW * 2)
            made.drawOn(canvas, LEFT + at * mm + 1 * mm, y - 1)
            canvas.setFont(PLAIN, SIZE)
    page.y -= ROW


def _is_indic(value: str) -> bool:
    return any("\u0900" <= letter <= "\u097f" for letter in value)


def _rule(page: Page) -> None:
    page.canvas.setStrokeColor(LINE)
    page.canvas.setLineWidth(0.5)
    page.canvas.line(LEFT, page.y + 3 * mm, RIGHT, page.y + 3 * mm)
    page.y -= 1 * mm


def _other(page: Page, one: Any) -> None:
    kind, day, what, currency, amount, tax, total = one
    page.room(ROW * 2)
    canvas = page.canvas
    canvas.setFont(PLAIN, SIZE)
    canvas.setFillColor(INK)
    canvas.drawString(LEFT + 1 * mm, page.y, format_day(day))
    words = f"{kind}: {what}"
    made = text(words, style(SIZE))
    _, tall = made.wrapOn(canvas, 105 * mm, 40 * mm)
    made.drawOn(canvas, LEFT + 18 * mm, page.y - tall + SIZE * 1.05)
    canvas.setFont(PLAIN, SIZE)
    places = minor_unit(currency)
    for value, (_, at, _) in zip((amount, tax, total), COLUMNS[-3:], strict=True):
        canvas.drawRightString(LEFT + at * mm, page.y, format_number(value, places))
    page.y -= max(ROW, tall + 1 * mm)


def _sums(page: Page, statement: Statement) -> None:
    for one in statement.figures.sums:
        places = minor_unit(one.currency)
        rows: list[tuple[str, Decimal]] = [(f"Trips, {format_number(one.trips)}", one.trip_amount)]
        if one.month_amount or one.month_tax:
            rows.append(("Month", one.month_amount))
        if one.adjusted_amount or one.adjusted_tax:
            rows.append(("Adjustments", one.adjusted_amount))
        rows.append(("Tax", one.tax))
        page.room((len(rows) + 2) * 5.4 * mm, columns=False)
        page.y -= 3 * mm
        canvas = page.canvas
        for label, value in rows:
            canvas.setFont(PLAIN, 9)
            canvas.setFillColor(INK)
            canvas.drawString(LEFT + 105 * mm, page.y, label)
            canvas.drawRightString(LEFT + 178 * mm, page.y, format_number(value, places))
            page.y -= 5.4 * mm
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(0.7)
        canvas.line(LEFT + 105 * mm, page.y + 3.6 * mm, LEFT + 178 * mm, page.y + 3.6 * mm)
        canvas.setFont(BOLD, 10.5)
        canvas.drawString(LEFT + 105 * mm, page.y - 1 * mm, f"Total, {one.currency}")
        canvas.drawRightString(LEFT + 178 * mm, page.y - 1 * mm, format_number(one.total, places))
        page.y -= 8 * mm
