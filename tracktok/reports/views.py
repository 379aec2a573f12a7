"""The dashboard, and the pages of reports."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, request, url_for

from tracktok.core.permissions import permits
from tracktok.web.filters import format_day, format_month
from tracktok.web.render import render

from .queries.dashboard import Dashboard, load_dashboard, read_range
from .rules.figures import Item, TrendPoint, top_level
from .rules.ranges import Preset, Span, Step

blueprint = Blueprint("reports", __name__, template_folder="templates")
MOST_BARS = 8
PRESETS = [preset for preset in Preset if preset is not Preset.custom]


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


@blueprint.get("/dashboard")
@permits("dashboard.read")
def dashboard() -> Response:
    """Where the company stands: figures of a range against the one before, trend, categories, projects, budgets."""
    problem = ""
    try:
        wanted = read_range(request.args.get("preset"), _day("date_from"), _day("date_to"))
    except ValueError as error:
        problem, wanted = str(error), read_range(None, None, None)
    board = load_dashboard(wanted)
    return render(
        "reports/dashboard.html",
        block={"dashboard": "board"},
        board=board,
        problem=problem,
        has_page=lambda endpoint: endpoint in current_app.view_functions,
        presets=[(preset.value, preset.label) for preset in PRESETS],
        span_text=span_text(wanted.span),
        before_text=span_text(wanted.before),
        trend_labels=[_label(point, wanted.step) for point in board.trend],
        trend_hrefs=[expenses_href(point.span) for point in board.trend],
        trend_series=_trend_series(board),
        categories=_bars(board.categories, "category_id", wanted.span),
        projects=_bars([one for one in board.projects if one.id or one.items], "project_id", wanted.span),
        href=expenses_href(wanted.span),
        href_unpaid=expenses_href(wanted.span, status="approved"),
        change_href=expenses_href(wanted.span, category_id=_id(board.change)) if board.change else "",
    )


def _id(item: Item | None) -> str:
    return str(item.id) if item is not None and item.id is not None else "none"


def expenses_href(span: Span, **filters: Any) -> str:
    """The list of the expenses behind a figure."""
    return url_for("expenses.index", date_from=span.start.isoformat(), date_to=span.end.isoformat(), **filters)


def span_text(span: Span) -> str:
    """A span as people say it: a whole month by its name, other days by their dates."""
    if span.start.day == 1 and (span.end - span.start).days in range(27, 31) and span.end.month == span.start.month:
        following = date.fromordinal(span.end.toordinal() + 1)
        if following.day == 1:
            return format_month(span.start)
    return f"{format_day(span.start)} to {format_day(span.end)}"


def _label(point: TrendPoint, step: Step) -> str:
    return format_month(point.span.start) if step is Step.month else format_day(point.span.start)


def _trend_series(board: Dashboard) -> list[dict[str, Any]]:
    today = board.range.today
    series: list[dict[str, Any]] = [
        {
            "name": "This period",
            # Days to come are left open: a line at zero would look like a sudden stop.
            "values": [None if point.span.start > today and not point.value else point.value for point in board.trend],
        }
    ]
    if any(point.before for point in board.trend):
        series.append({"name": "Period before", "values": [point.before for point in board.trend]})
    return series


def _bars(items: Any, filter_name: str, span: Span) -> dict[str, Any]:
    """The largest few as bars, the rest summed as Other, with links to the rows."""
    shown = top_level(list(items))
    head, rest = shown[:MOST_BARS], shown[MOST_BARS:]
    labels = [one.name for one in head]
    values: list[Decimal] = [one.figure.value for one in head]
    hrefs = [expenses_href(span, **{filter_name: str(one.id) if isinstance(one.id, UUID) else "none"}) for one in head]
    if rest:
        labels.append(f"Other ({len(rest)})")
        values.append(sum((one.figure.value for one in rest), Decimal(0)))
        hrefs.append(expenses_href(span))
    return {"labels": labels, "values": values, "hrefs": hrefs, "items": shown}
