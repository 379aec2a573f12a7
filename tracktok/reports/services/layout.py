"""The monthly report on paper, laid out by ReportLab: A4, an embedded font that has the rupee sign, page x of y."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import CondPageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from tracktok.reports.queries.monthly import Month
from tracktok.reports.rules.figures import Figure, Item, top_level
from tracktok.web.assets import FOLDER as STATIC
from tracktok.web.filters import format_day, format_instant, format_money, format_month, format_number, format_percent

INK, GREY, LINE, ACCENT, SOFT = (
    colors.HexColor(code) for code in ("#1b2330", "#5b6676", "#dde2e9", "#3b4fcf", "#f3f5f9")
)
RED, GREEN = colors.HexColor("#b3261e"), colors.HexColor("#1b7a43")
MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN - 12  # a frame keeps 6 points free on each side
MOST_ITEMS = 40


@cache
def _fonts() -> tuple[str, str]:
    folder = STATIC / "vendor" / "fonts"
    for name in ("DejaVuSans", "DejaVuSans-Bold"):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    pdfmetrics.registerFontFamily("DejaVuSans", normal="DejaVuSans", bold="DejaVuSans-Bold")
    return "DejaVuSans", "DejaVuSans-Bold"


def _style(size: float, **over: Any) -> ParagraphStyle:
    plain, bold = _fonts()
    name = bold if over.pop("bold", False) else plain
    return ParagraphStyle(f"{name}-{size}-{sorted(over)}", fontName=name, fontSize=size, leading=size * 1.4, **over)


def draw_month(told: Month, company: str, made_at: str) -> bytes:
    """The PDF of a month's report. `made_at` is the instant of making as the tenant writes it."""
    made = io.BytesIO()
    title = f"{company}: spending in {format_month(told.month)}"
    document = SimpleDocTemplate(
        made, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=16 * mm, bottomMargin=20 * mm,
        title=title, author=company, lang="en",
    )  # fmt: skip
    document.build(_story(told, company), canvasmaker=_numbered(f"{company} · {format_month(told.month)} · {made_at}"))
    return made.getvalue()


def _numbered(footer: str) -> type[Canvas]:
    """A canvas that writes "page x of y", which is known only when all pages are there."""
    plain, _ = _fonts()

    class Numbered(Canvas):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - ReportLab's name
            self.pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self.pages, 1):
                self.__dict__.update(page)
                self.setFont(plain, 7.5)
                self.setFillColor(GREY)
                self.drawString(MARGIN + 6, 11 * mm, footer)
                self.drawRightString(A4[0] - MARGIN - 6, 11 * mm, f"Page {number} of {len(self.pages)}")
                super().showPage()
            super().save()

    return Numbered


def _story(told: Month, company: str) -> list[Any]:
    board = told.board

    def money(amount: Decimal) -> str:
        return format_money(amount, board.currency)

    story: list[Any] = [
        Paragraph(escape(company), _style(9, textColor=GREY)),
        Paragraph(
            f"Spending in {escape(format_month(told.month))}", _style(20, bold=True, textColor=INK, spaceAfter=4)
        ),
        Spacer(1, 4 * mm),
        _cards(
            [
                ("Total", money(board.total.value), f"{_change(board.total)} against the month before"),
                ("Paid", money(board.spent.value), f"{money(board.committed.value)} approved, not paid"),
                ("Expenses", format_number(board.count.value), f"{_change(board.count)} against the month before"),
                ("A year before", money(told.year_before.before), f"{_change(told.year_before)} since then"),
            ]
        ),
        Spacer(1, 6 * mm),
        _heading("Day by day"),
        _chart([point.value for point in board.trend], [str(point.span.start.day) for point in board.trend]),
    ]
    story += _breakdown("By category", "Category", board.categories, money)
    story += _breakdown("By project", "Project", board.projects, money)
    if told.budgets:
        story += _budgets(told, money)
    if told.biggest:
        rows = [
            [format_day(row.expense_date), row.title, row.category or "Uncategorised", money(row.base_amount)]
            for row in told.biggest
        ]
        head = ["Date", "Expense", "Category", "Amount"]
        story += _section("Biggest expenses", _table(head, rows, [24 * mm, None, 46 * mm, 34 * mm]))
    if not board.count.value:
        story.append(Paragraph("Nothing was spent in this month.", _style(10, textColor=GREY)))
    return story


def _change(figure: Figure) -> str:
    if figure.percent is None:
        return "nothing to compare" if not figure.value else "new"
    sign = "+" if figure.percent > 0 else "\N{MINUS SIGN}" if figure.percent < 0 else "\N{PLUS-MINUS SIGN}"
    return f"{sign}{format_percent(abs(figure.percent), 1)}"


def _heading(text: str) -> Paragraph:
    return Paragraph(text, _style(12, bold=True, textColor=INK, spaceBefore=14, spaceAfter=5))


def _section(title: str, table: Table) -> list[Any]:
    """A heading and its table, which may go on over the page; a heading never stands alone at the foot of one."""
    return [CondPageBreak(45 * mm), _heading(title), table]


def _cards(cards: Sequence[tuple[str, str, str]]) -> Table:
    label, value = _style(8, textColor=GREY), _style(12.5, bold=True, textColor=INK)
    note = _style(7, textColor=GREY)
    cells = [
        [Paragraph(name, label), Paragraph(escape(figure), value), Paragraph(escape(text), note)]
        for name, figure, text in cards
    ]
    table = Table([cells], colWidths=[WIDTH / len(cards)] * len(cards))
    table.setStyle(
        TableStyle(
            [
                ("BOX", (0, 0), (-1, -1), 0.6, LINE),
                ("INNERGRID", (0, 0), (-1, -1), 0.6, LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 7),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 8),
                ("LEFTPADDING", (0, 0), (-1, -1), 9),
            ]
        )
    )
    return table


def _chart(values: Sequence[Decimal], labels: Sequence[str]) -> Drawing:
    plain, _ = _fonts()
    drawing = Drawing(WIDTH, 46 * mm)
    chart = VerticalBarChart()
    chart.x, chart.y, chart.width, chart.height = 44, 14, WIDTH - 48, 46 * mm - 20
    # Points on paper, no money: the exact figures are in the tables.
    chart.data = [[float(value) for value in values] or [0]]  # no money: bar heights
    chart.bars[0].fillColor, chart.bars[0].strokeColor = ACCENT, None
    chart.barSpacing, chart.groupSpacing = 0, 2
    chart.categoryAxis.categoryNames = [text if not n % 2 or len(labels) < 16 else "" for n, text in enumerate(labels)]
    chart.categoryAxis.labels.fontName = chart.valueAxis.labels.fontName = plain
    chart.categoryAxis.labels.fontSize = chart.valueAxis.labels.fontSize = 6.5
    chart.categoryAxis.labels.fillColor = chart.valueAxis.labels.fillColor = GREY
    chart.categoryAxis.strokeColor, chart.valueAxis.strokeColor = LINE, None
    chart.categoryAxis.visibleTicks = chart.valueAxis.visibleTicks = 0
    chart.valueAxis.valueMin = min(0, *chart.data[0])
    chart.valueAxis.visibleGrid, chart.valueAxis.gridStrokeColor = 1, LINE
    chart.valueAxis.gridStrokeWidth, chart.valueAxis.maximumTicks = 0.4, 5
    chart.valueAxis.labelTextFormat = lambda value: format_number(int(value))
    drawing.add(chart)
    return drawing


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[Any], total: bool = False) -> Table:  # noqa: FBT001, FBT002
    """A table whose last column is of amounts; long texts wrap, the head comes again on every page."""
    last = len(head) - 1
    text, right = _style(8.5, textColor=INK), _style(8.5, textColor=INK, alignment=TA_RIGHT)
    strong, strong_right = (
        _style(8.5, bold=True, textColor=INK),
        _style(8.5, bold=True, textColor=INK, alignment=TA_RIGHT),
    )
    numbers = {
        n for n in range(len(head)) if n == last or head[n] in {"Share", "Before", "Limit", "Used", "Left", "Count"}
    }

    def cell(value: str, column: int, *, bold: bool) -> Paragraph:
        styles = (strong, strong_right) if bold else (text, right)
        return Paragraph(escape(value).replace("\u2003", "&nbsp;&nbsp;&nbsp;"), styles[column in numbers])

    drawn = [[cell(name, n, bold=True) for n, name in enumerate(head)]]
    for number, row in enumerate(rows):
        bold = total and number == len(rows) - 1
        drawn.append([cell(value, n, bold=bold) for n, value in enumerate(row)])
    known = sum(width for width in widths if width)
    table = Table(drawn, colWidths=[width or WIDTH - known for width in widths], repeatRows=1)
    style = [
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ]
    if total:
        style += [("LINEABOVE", (0, -1), (-1, -1), 0.8, INK), ("BACKGROUND", (0, -1), (-1, -1), SOFT)]
    table.setStyle(TableStyle(style))
    return table


def _breakdown(title: str, noun: str, items: Sequence[Item], money: Any) -> list[Any]:
    if not items:
        return []
    shown = list(items) if len(items) <= MOST_ITEMS else top_level(items)
    rows = [
        ["\u2003" * item.depth + item.name, str(item.items), f"{format_percent(item.share, 1)}",
         money(item.figure.before), money(item.figure.value)]
        for item in shown
    ]  # fmt: skip
    top = top_level(items)
    now, before = sum((i.figure.value for i in top), Decimal(0)), sum((i.figure.before for i in top), Decimal(0))
    rows.append(
        [
            "Total",
            str(sum(i.items for i in top)),
            format_percent(Decimal(100), 1) if now else "",
            money(before),
            money(now),
        ]
    )
    widths = [None, 16 * mm, 18 * mm, 34 * mm, 34 * mm]
    table = _table([noun, "Count", "Share", "Before", "Amount"], rows, widths, total=True)
    return _section(title, table)


def _budgets(told: Month, money: Any) -> list[Any]:
    rows = []
    for standing in told.budgets:
        figures = standing.figures
        if figures is None:
            continue
        percent = "" if figures.percent is None else format_percent(figures.percent, 1)
        used = figures.spent + figures.committed
        rows.append([standing.budget.name, money(figures.limit), money(used), percent, money(figures.remaining)])
    widths = [None, 34 * mm, 34 * mm, 18 * mm, 34 * mm]
    table = _table(["Budget", "Limit", "Used", "Share", "Left"], rows, widths)
    return _section("Budgets at the end of the month", table)


def made_now(instant: Any) -> str:
    """When a report was made, for its footer."""
    return f"made {format_instant(instant)}"
