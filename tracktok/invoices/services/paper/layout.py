"""A sales document on paper, laid out by ReportLab: one line or ten thousand look alike, in one pass over the lines."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import segno
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    Image,
    KeepTogether,
    LongTable,
    NextPageTemplate,
    PageTemplate,
    Spacer,
    Table,
    TableStyle,
)

from tracktok.core.money import minor_unit
from tracktok.invoices.rules.paper import Paper, Party, tax_codes
from tracktok.web.filters import format_number
from tracktok.web.paper import BOLD, GREY, INK, LINE, MARGIN, PLAIN, SOFT, WIDTH, fonts, numbered, style, text

ZERO = Decimal(0)
TOP, BOTTOM = 16 * mm, 20 * mm
_FLUSH = [
    ("FONTNAME", (0, 0), (-1, -1), PLAIN),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
]
_TIGHT = [("TOPPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 0)]
_TOP = ("VALIGN", (0, 0), (-1, -1), "TOP")
_WATERMARKS = {"draft": "DRAFT", "void": "VOID"}


def draw_document(paper: Paper, logo: bytes | None = None) -> bytes:
    """The PDF of a document. The same paper gives the same bytes."""
    fonts()
    made = io.BytesIO()
    document = BaseDocTemplate(
        made, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=TOP, bottomMargin=BOTTOM,
        title=f"{paper.title} {paper.number}".strip(), author=paper.seller.name, subject=paper.subject,
        lang=paper.locale.replace("_", "-"), invariant=1,
    )  # fmt: skip
    accent = colors.HexColor(paper.accent)
    frame = Frame(MARGIN, BOTTOM, WIDTH, A4[1] - TOP - BOTTOM, 0, 0, 0, 0, id="first")
    later = Frame(MARGIN, BOTTOM, WIDTH, A4[1] - TOP - BOTTOM - 8 * mm, 0, 0, 0, 0, id="later")
    document.addPageTemplates(
        [
            PageTemplate("first", frame, onPage=lambda canvas, _: _first_page(canvas, paper, accent)),
            PageTemplate("later", later, onPage=lambda canvas, _: _later_page(canvas, paper, accent)),
        ]
    )
    named = " · ".join(part for part in (paper.seller.name, f"{paper.title} {paper.number}".strip()) if part)
    document.build(_story(paper, logo, accent), canvasmaker=numbered(named))
    return made.getvalue()


def _first_page(canvas: Canvas, paper: Paper, accent: Any) -> None:
    canvas.setFillColor(accent)
    canvas.rect(0, A4[1] - 3 * mm, A4[0], 3 * mm, stroke=0, fill=1)
    _watermark(canvas, paper)


def _later_page(canvas: Canvas, paper: Paper, accent: Any) -> None:
    _first_page(canvas, paper, accent)
    head = text(f"{paper.title} {paper.number}".strip(), style(8, bold=True, textColor=INK))
    head.wrapOn(canvas, WIDTH / 2, 10 * mm)
    head.drawOn(canvas, MARGIN, A4[1] - TOP - 2 * mm)
    seller = text(paper.seller.name, style(8, textColor=GREY, alignment=TA_RIGHT))
    seller.wrapOn(canvas, WIDTH / 2, 10 * mm)
    seller.drawOn(canvas, MARGIN + WIDTH / 2, A4[1] - TOP - 2 * mm)


def _watermark(canvas: Canvas, paper: Paper) -> None:
    word = _WATERMARKS.get(paper.status)
    if word is None:
        return
    canvas.saveState()
    canvas.setFillColor(colors.Color(0.55, 0.58, 0.64, alpha=0.16))
    canvas.setFont(BOLD, 120)
    canvas.translate(A4[0] / 2, A4[1] / 2)
    canvas.rotate(45)
    canvas.drawCentredString(0, -40, word)
    canvas.restoreState()


def _story(paper: Paper, logo: bytes | None, accent: Any) -> list[Flowable]:
    story: list[Flowable] = [
        NextPageTemplate("later"),
        _head(paper, logo, accent),
        Spacer(1, 6 * mm),
        _parties(paper),
        Spacer(1, 5 * mm),
    ]
    if paper.transport:
        story += [_facts_row(paper.transport), Spacer(1, 4 * mm)]
    story += [_lines(paper, accent), Spacer(1, 3 * mm), _below(paper, accent)]
    if paper.tax_rows:
        story += [Spacer(1, 5 * mm), KeepTogether([_tax_table(paper)])]
    for sentence in paper.statements:
        story += [Spacer(1, 3 * mm), text(sentence, style(8.5, bold=True, textColor=INK))]
    if paper.irn:
        story += [Spacer(1, 5 * mm), KeepTogether([_e_invoice(paper)])]
    for title, body in (("Notes", paper.notes), ("Terms", paper.terms)):
        if body:
            story += [
                CondPageBreak(20 * mm),
                Spacer(1, 4 * mm),
                text(title, style(8, bold=True, textColor=GREY)),
                text(body, style(8.5, textColor=INK), breaks=True),
            ]
    if paper.signatory or paper.seller.name:
        story += [CondPageBreak(32 * mm), Spacer(1, 6 * mm), _signature(paper)]
    return story


def _head(paper: Paper, logo: bytes | None, accent: Any) -> Table:
    left: list[Flowable] = []
    if logo:
        left += [_logo(logo), Spacer(1, 2.5 * mm)]
    left.append(text(paper.seller.name, style(14 if len(paper.seller.name) < 40 else 11.5, bold=True, textColor=INK)))
    small = style(8.5, textColor=GREY, leading=12)
    left += [text(line, small) for line in paper.seller.lines]
    left += [text(f"{label}: {value}", small) for label, value in paper.seller.facts]
    right: list[Flowable] = [text(paper.title, style(20, bold=True, textColor=accent, alignment=TA_RIGHT, leading=24))]
    if paper.copy_label:
        right.append(text(paper.copy_label, style(7, textColor=GREY, alignment=TA_RIGHT)))
    if paper.number:
        right += [Spacer(1, 1.5 * mm), text(paper.number, style(11, bold=True, textColor=INK, alignment=TA_RIGHT))]
    table = Table([[left, right]], colWidths=[WIDTH * 0.58, WIDTH * 0.42])
    table.setStyle(TableStyle([*_FLUSH, *_TIGHT, _TOP]))
    return table


def _logo(logo: bytes) -> Image:
    width, height = ImageReader(io.BytesIO(logo)).getSize()
    scale = min(50 * mm / width, 18 * mm / height)
    image = Image(io.BytesIO(logo), width * scale, height * scale)
    image.hAlign = "LEFT"
    return image


def _party(title: str, party: Party) -> list[Flowable]:
    small = style(8.5, textColor=INK, leading=12)
    found: list[Flowable] = [
        text(title, style(7.5, bold=True, textColor=GREY)),
        text(party.name, style(10, bold=True, textColor=INK)),
    ]
    found += [text(line, small) for line in party.lines]
    found += [text(f"{label}: {value}", small) for label, value in party.facts]
    return found


def _parties(paper: Paper) -> Table:
    label = style(8.5, textColor=GREY, leading=12.5)
    value = style(8.5, textColor=INK, leading=12.5, alignment=TA_RIGHT)
    facts = Table(
        [[text(name, label), text(told, value)] for name, told in paper.facts],
        colWidths=[WIDTH * 0.16, WIDTH * 0.20],
    )
    facts.setStyle(
        TableStyle([*_FLUSH, _TOP, ("TOPPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 1)])
    )
    buyer = _party("Bill to", paper.buyer)
    if paper.delivery is None:
        cells, widths = [buyer, facts], [WIDTH * 0.64, WIDTH * 0.36]
    else:
        cells = [buyer, _party("Deliver to", paper.delivery), facts]
        widths = [WIDTH * 0.32, WIDTH * 0.32, WIDTH * 0.36]
    table = Table([cells], colWidths=widths)
    table.setStyle(
        TableStyle(
            [
                ("FONTNAME", (0, 0), (-1, -1), PLAIN),
                ("LINEABOVE", (0, 0), (-1, 0), 0.6, LINE),
                ("TOPPADDING", (0, 0), (-1, -1), 8),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-2, -1), 10),
                ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
                _TOP,
            ]
        )
    )
    return table


def _facts_row(facts: tuple[tuple[str, str], ...]) -> Table:
    cells: list[Any] = [
        [text(label, style(7.5, textColor=GREY)), text(value, style(8.5, textColor=INK))] for label, value in facts
    ]
    rows = [cells[at : at + 4] for at in range(0, len(cells), 4)]
    rows[-1] += [""] * (4 - len(rows[-1])) if len(rows) > 1 else []
    table = Table(rows, colWidths=[WIDTH / len(rows[0])] * len(rows[0]))
    table.setStyle(
        TableStyle(
            [
                ("FONTNAME", (0, 0), (-1, -1), PLAIN),
                ("BACKGROUND", (0, 0), (-1, -1), SOFT),
                ("TOPPADDING", (0, 0), (-1, -1), 4),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
                _TOP,
            ]
        )
    )
    return table


def _amount(paper: Paper, value: Decimal) -> str:
    return format_number(value, minor_unit(paper.currency), locale=paper.locale)


def _trimmed(paper: Paper, value: Decimal, least: int = 0) -> str:
    """A figure without noughts at its end, with at least so many places."""
    places = max(least, -value.normalize().as_tuple().exponent) if value else least  # type: ignore[operator]
    return format_number(value, places, locale=paper.locale)


def _lines(paper: Paper, accent: Any) -> Flowable:
    has_code = any(line.hsn_sac for line in paper.lines)
    has_discount = any(line.discount for line in paper.lines)
    has_tax = any(line.tax_percent or line.tax_amount for line in paper.lines)
    heads = ["#", "Description"]
    widths: list[float | None] = [7 * mm, None]
    for shown, name, width in (
        (has_code, "HSN/SAC", 15 * mm),
        (True, "Quantity", 17 * mm),
        (True, "Rate", 19 * mm),
        (has_discount, "Discount", 16 * mm),
        (has_tax, "Taxable", 22 * mm),
        (has_tax, "Tax", 18 * mm),
        (True, f"Amount ({paper.currency})", 25 * mm),
    ):
        if shown:
            heads.append(name)
            widths.append(width)
    rest = WIDTH - sum(width for width in widths if width is not None)
    head_left = style(7.5, bold=True, textColor=INK)
    head_right = style(7.5, bold=True, textColor=INK, alignment=TA_RIGHT)
    left_until = 3 if has_code else 2
    rows: list[list[Any]] = [
        [text(name, head_left if at < left_until else head_right) for at, name in enumerate(heads)]
    ]
    plain, right = style(8.5, textColor=INK, leading=11.5), style(8.5, textColor=INK, leading=11.5, alignment=TA_RIGHT)
    least = minor_unit(paper.currency)
    for number, line in enumerate(paper.lines, 1):
        row: list[Any] = [str(number), text(line.description, plain, breaks=True)]
        if has_code:
            row.append(line.hsn_sac)
        quantity = f"{_trimmed(paper, line.quantity)} {line.unit}".strip()
        row += [text(quantity, right) if len(quantity) > 9 else quantity, _trimmed(paper, line.unit_price, least)]
        if has_discount:
            row.append(line.discount)
        if has_tax:
            tax = f"{_trimmed(paper, line.tax_percent)} %\n{_amount(paper, line.tax_amount)}"
            row += [_amount(paper, line.taxable_amount), tax]
        row.append(_amount(paper, line.total))
        rows.append(row)
    table = LongTable(rows, colWidths=[rest if width is None else width for width in widths], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("FONT", (0, 0), (-1, -1), PLAIN, 8.5, 11.5),
                ("TEXTCOLOR", (0, 1), (-1, -1), INK),
                ("TEXTCOLOR", (0, 1), (0, -1), GREY),
                ("ALIGN", (left_until, 0), (-1, -1), "RIGHT"),
                ("LINEBELOW", (0, 0), (-1, 0), 1, accent),
                ("LINEBELOW", (0, 1), (-1, -1), 0.4, LINE),
                ("BACKGROUND", (0, 0), (-1, 0), SOFT),
                ("TOPPADDING", (0, 0), (-1, -1), 4),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
                ("LEFTPADDING", (0, 0), (-1, -1), 3),
                ("RIGHTPADDING", (0, 0), (-1, -1), 3),
                _TOP,
            ]
        )
    )
    return table


def _below(paper: Paper, accent: Any) -> Flowable:
    left: list[Flowable] = []
    if paper.words:
        left += [
            text("Amount in words", style(7.5, bold=True, textColor=GREY)),
            text(paper.words, style(9, textColor=INK)),
            Spacer(1, 4 * mm),
        ]
    if paper.bank or paper.upi:
        left.append(_payment(paper))
    table = Table([[left, _totals(paper, accent)]], colWidths=[WIDTH * 0.56, WIDTH * 0.44])
    table.setStyle(TableStyle([*_FLUSH, *_TIGHT, _TOP, ("RIGHTPADDING", (0, 0), (0, 0), 8 * mm)]))
    return KeepTogether([table])


def _totals(paper: Paper, accent: Any) -> Table:
    label, value = style(8.5, textColor=GREY), style(8.5, textColor=INK, alignment=TA_RIGHT)
    rows = [[text(name, label), text(_amount(paper, amount), value)] for name, amount in paper.totals]
    big = style(11, bold=True, textColor=colors.white)
    total = f"{paper.currency} {_amount(paper, paper.total)}"
    rows.append(
        [text(paper.total_label, big), text(total, style(11, bold=True, textColor=colors.white, alignment=TA_RIGHT))]
    )
    at = len(rows) - 1
    strong = style(9, bold=True, textColor=INK)
    for place, (name, amount) in enumerate(paper.after_total, 1):
        is_last = place == len(paper.after_total)  # what is to pay
        kind = style(9, bold=True, textColor=INK, alignment=TA_RIGHT) if is_last else value
        rows.append([text(name, strong if is_last else label, breaks=True), text(_amount(paper, amount), kind)])
    table = Table(rows, colWidths=[WIDTH * 0.44 - 40 * mm, 40 * mm])
    table.setStyle(
        TableStyle(
            [
                ("FONTNAME", (0, 0), (-1, -1), PLAIN),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
                ("LEFTPADDING", (0, 0), (-1, -1), 4),
                ("RIGHTPADDING", (0, 0), (-1, -1), 3),
                ("BACKGROUND", (0, at), (-1, at), accent),
                ("TOPPADDING", (0, at), (-1, at), 5),
                ("BOTTOMPADDING", (0, at), (-1, at), 6),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ]
        )
    )
    return table


def _payment(paper: Paper) -> Table:
    small, grey = style(8.5, textColor=INK, leading=12), style(8.5, textColor=GREY, leading=12)
    bank: list[Flowable] = [text("How to pay", style(7.5, bold=True, textColor=GREY))] if paper.bank else []
    if paper.bank:
        facts = Table(
            [[text(name, grey), text(told, small)] for name, told in paper.bank], colWidths=[22 * mm, 40 * mm]
        )
        facts.setStyle(TableStyle([*_FLUSH, *_TIGHT, _TOP]))
        facts.hAlign = "LEFT"
        bank.append(facts)
    if not paper.upi:
        cells, widths = [bank], [WIDTH * 0.5]
    else:
        code = [_Code(paper.upi, 24 * mm), text("Scan to pay by UPI", style(7, textColor=GREY, alignment=TA_CENTER))]
        cells, widths = ([bank, code], [WIDTH * 0.36, 28 * mm]) if bank else ([code], [28 * mm])
    table = Table([cells], colWidths=widths)
    table.hAlign = "LEFT"
    table.setStyle(TableStyle([*_FLUSH, *_TIGHT, _TOP]))
    return table


class _Code(Flowable):  # type: ignore[misc]
    """A QR code of vectors, with its quiet zone, `size` points wide."""

    def __init__(self, content: str, size: float) -> None:
        super().__init__()
        self.width = self.height = size
        self.hAlign = "CENTER"
        self.rows = [list(row) for row in segno.make(content, error="m", micro=False).matrix]

    def draw(self) -> None:
        cell = self.width / (len(self.rows) + 4)
        self.canv.setFillColor(colors.black)
        for y, row in enumerate(self.rows):
            x = 0
            while x < len(row):
                begun = x
                while x < len(row) and row[x]:
                    x += 1
                if x > begun:  # a little higher than a cell, so that no hairline shows between rows
                    bottom = self.height - (y + 3) * cell
                    self.canv.rect((begun + 2) * cell, bottom, (x - begun) * cell, cell * 1.02, stroke=0, fill=1)
                x += 1


def _tax_table(paper: Paper) -> Table:
    codes = tax_codes(paper)
    head, head_right = style(7.5, bold=True, textColor=INK), style(7.5, bold=True, textColor=INK, alignment=TA_RIGHT)
    plain, right = style(8, textColor=INK), style(8, textColor=INK, alignment=TA_RIGHT)
    rows = [
        [
            text("Tax rate", head),
            text("Taxable value", head_right),
            *(text(f"{label}", head_right) for _, label in codes),
        ]
    ]
    sums = dict.fromkeys((code for code, _ in codes), ZERO)
    for row in paper.tax_rows:
        amounts = {code: amount for code, _, amount in row.amounts}
        for code, amount in amounts.items():
            sums[code] += amount
        rows.append(
            [
                text(f"{_trimmed(paper, row.percent)} %", plain),
                text(_amount(paper, row.taxable), right),
                *(text(_amount(paper, amounts[code]) if code in amounts else "", right) for code, _ in codes),
            ]
        )
    if len(paper.tax_rows) > 1:
        strong = style(8, bold=True, textColor=INK, alignment=TA_RIGHT)
        taxable = sum((row.taxable for row in paper.tax_rows), ZERO)
        rows.append(
            [
                text("Total", style(8, bold=True, textColor=INK)),
                text(_amount(paper, taxable), strong),
                *(text(_amount(paper, sums[code]), strong) for code, _ in codes),
            ]
        )
    width = min(30 * mm, (WIDTH - 40 * mm) / max(1, len(codes) + 1))
    table = Table(rows, colWidths=[34 * mm, *[width] * (len(codes) + 1)])
    table.hAlign = "LEFT"
    table.setStyle(
        TableStyle(
            [
                ("FONTNAME", (0, 0), (-1, -1), PLAIN),
                ("LINEBELOW", (0, 0), (-1, 0), 0.6, INK),
                ("LINEBELOW", (0, 1), (-1, -1), 0.4, LINE),
                ("TOPPADDING", (0, 0), (-1, -1), 2.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
                ("LEFTPADDING", (0, 0), (-1, -1), 3),
                ("RIGHTPADDING", (0, 0), (-1, -1), 3),
            ]
        )
    )
    return table


def _e_invoice(paper: Paper) -> Table:
    facts = [[text(name, style(8, textColor=GREY)), text(told, style(8, textColor=INK))] for name, told in paper.irn]
    left = Table(facts, colWidths=[24 * mm, WIDTH - 74 * mm])
    left.setStyle(TableStyle([*_FLUSH, *_TIGHT, _TOP]))
    right = _Code(paper.signed_qr, 42 * mm) if paper.signed_qr else ""
    table = Table([[left, right]], colWidths=[WIDTH - 46 * mm, 46 * mm])
    table.setStyle(TableStyle([*_FLUSH, *_TIGHT, _TOP]))
    return table


def _signature(paper: Paper) -> Flowable:
    cells = [
        text(f"For {paper.seller.name}", style(8.5, textColor=INK, alignment=TA_RIGHT)),
        Spacer(1, 12 * mm),
        text(paper.signatory or "Authorised signatory", style(8.5, textColor=GREY, alignment=TA_RIGHT)),
    ]
    table = Table([["", cells]], colWidths=[WIDTH * 0.5, WIDTH * 0.5])
    table.setStyle(TableStyle([*_FLUSH, *_TIGHT]))
    return KeepTogether([table])
