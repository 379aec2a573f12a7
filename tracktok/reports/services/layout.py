"""The monthly report on paper, laid out by ReportLab: A4, embedded fonts, page x of y."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.shapes import Drawing
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from tracktok.reports.queries.monthly import Month
from tracktok.reports.rules.figures import Figure, Item, top_level
from tracktok.web.filters import format_day, format_instant, format_money, format_month, format_number, format_percent
from tracktok.web.paper import ACCENT, GREY, INK, LINE, MARGIN, PLAIN, SOFT, WIDTH, fonts, numbered, style, text

FRAME = 6  # points that a frame keeps free on each side
MOST_ITEMS = 40


def draw_month(told: Month, company: str, made_at: str) -> bytes:
    """The PDF of a month's report. `made_at` is the instant of making as the tenant writes it."""
    made = io.BytesIO()
    title = f"{company}: spending in {format_month(told.month)}"
    document = SimpleDocTemplate(
        made, pagesize=A4, leftMargin=MARGIN - FRAME, rightMargin=MARGIN - FRAME, topMargin=16 * mm,
        bottomMargin=20 * mm, title=title, author=company, lang="en",
    )  # fmt: skip
    document.build(_story(told, company), canvasmaker=numbered(f"{company} · {format_month(told.month)} · {made_at}"))
    return made.getvalue()


def _story(told: Month, company: str) -> list[Any]:
    board = told.board

    def money(amount: Decimal) -> str:
        return format_money(amount, board.currency)

    story: list[Any] = [
        text(company, style(9, textColor=GREY)),
        text(f"Spending in {format_month(told.month)}", style(20, bold=True, textColor=INK, spaceAfter=4)),
        Spacer(1, 4 * mm),
        draw_cards(
            [
                ("Total", money(board.total.value), f"{_change(board.total)} against the month before"),
                ("Paid", money(board.spent.value), f"{money(board.committed.value)} approved, not paid"),
                ("Expenses", format_number(board.count.value), f"{_change(board.count)} against the month before"),
                ("A year before", money(told.year_before.before), f"{_change(told.year_before)} since then"),
            ]
        ),
        Spacer(1, 6 * mm),
        draw_heading("Day by day"),
        draw_chart([point.value for point in board.trend], [str(point.span.start.day) for point in board.trend]),
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
        story += draw_section("Biggest expenses", draw_table(head, rows, [24 * mm, None, 46 * mm, 34 * mm]))
    if not board.count.value:
        story.append(text("Nothing was spent in this month.", style(10, textColor=GREY)))
    return story


def _change(figure: Figure) -> str:
    if figure.percent is None:
        return "nothing to compare" if not figure.value else "new"
    sign = "+" if figure.percent > 0 else "\N{MINUS SIGN}" if figure.percent < 0 else "\N{PLUS-MINUS SIGN}"
    return f"{sign}{format_percent(abs(figure.percent), 1)}"


def draw_heading(words: str) -> Paragraph:
    """The heading of a section."""
    return text(words, style(12, bold=True, textColor=INK, spaceBefore=14, spaceAfter=5))


def draw_section(title: str, table: Table) -> list[Any]:
    """A heading and its table, which may go on over the page; a heading never stands alone at the foot of one."""
    return [CondPageBreak(45 * mm), draw_heading(title), table]


def draw_cards(cards: Sequence[tuple[str, str, str]]) -> Table:
    """Figures in boxes side by side: (label, figure, note)."""
    label, value = style(8, textColor=GREY), style(12.5, bold=True, textColor=INK)
    note = style(7, textColor=GREY)
    cells = [[text(name, label), text(figure, value), text(words, note)] for name, figure, words in cards]
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


def draw_chart(values: Sequence[Decimal], labels: Sequence[str]) -> Drawing:
    """Bars over their labels."""
    fonts()
    drawing = Drawing(WIDTH, 46 * mm)
    chart = VerticalBarChart()
    chart.x, chart.y, chart.width, chart.height = 44, 14, WIDTH - 48, 46 * mm - 20
    # Points on paper, no money: the exact figures are in the tables.
    chart.data = [[float(value) for value in values] or [0]]  # no money: bar heights
    chart.bars[0].fillColor, chart.bars[0].strokeColor = ACCENT, None
    chart.barSpacing, chart.groupSpacing = 0, 2
    chart.categoryAxis.categoryNames = [name if not n % 2 or len(labels) < 16 else "" for n, name in enumerate(labels)]
    chart.categoryAxis.labels.fontName = chart.valueAxis.labels.fontName = PLAIN
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


def draw_table(head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[Any], total: bool = False) -> Table:  # noqa: FBT001, FBT002
    """A table whose last column is of amounts; long texts wrap, the head comes again on every page."""
    last = len(head) - 1
    plain, right = style(8.5, textColor=INK), style(8.5, textColor=INK, alignment=TA_RIGHT)
    strong, strong_right = (
        style(8.5, bold=True, textColor=INK),
        style(8.5, bold=True, textColor=INK, alignment=TA_RIGHT),
    )
    numbers = {
        n
        for n in range(len(head))
        if n == last or head[n] in {"Share", "Before", "Limit", "Used", "Left", "Count", "Events"}
    }

    def cell(value: str, column: int, *, bold: bool) -> Paragraph:
        styles = (strong, strong_right) if bold else (plain, right)
        return text(value.replace("\u2003", "\u00a0\u00a0\u00a0"), styles[column in numbers])

    drawn = [[cell(name, n, bold=True) for n, name in enumerate(head)]]
    for number, row in enumerate(rows):
        bold = total and number == len(rows) - 1
        drawn.append([cell(value, n, bold=bold) for n, value in enumerate(row)])
    known = sum(width for width in widths if width)
    table = Table(drawn, colWidths=[width or WIDTH - known for width in widths], repeatRows=1)
    looks = [
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ]
    if total:
        looks += [("LINEABOVE", (0, -1), (-1, -1), 0.8, INK), ("BACKGROUND", (0, -1), (-1, -1), SOFT)]
    table.setStyle(TableStyle(looks))
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
    table = draw_table([noun, "Count", "Share", "Before", "Amount"], rows, widths, total=True)
    return draw_section(title, table)


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
    table = draw_table(["Budget", "Limit", "Used", "Share", "Left"], rows, widths)
    return draw_section("Budgets at the end of the month", table)


def made_now(instant: Any) -> str:
    """When a report was made, for its footer."""
    return f"made {format_instant(instant)}"
