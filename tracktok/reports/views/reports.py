"""The dashboard, and the pages of reports."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, request, url_for

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.permissions import may, permits
from tracktok.documents.services import provide_access
from tracktok.reports import schemas
from tracktok.reports.queries import listing
from tracktok.reports.queries.dashboard import Dashboard, load_dashboard, read_range
from tracktok.reports.rules.figures import Item, TrendPoint, top_level
from tracktok.reports.rules.ranges import Preset, Span, Step, first_of_month, shift_months
from tracktok.reports.services import monthly, usage
from tracktok.web.addresses import address
from tracktok.web.filters import format_day, format_month, format_short_day
from tracktok.web.forms import Form
from tracktok.web.inputs import plain_date
from tracktok.web.render import render
from tracktok.web.saving import go_on, save

from .billing import billing_cards

blueprint = Blueprint("reports", "tracktok.reports", template_folder="templates")
MOST_BARS = 8
PRESETS = [preset for preset in Preset if preset is not Preset.custom]


def _day(name: str) -> date | None:
    prefs = preferences()
    return plain_date(request.args.get(name, ""), prefs.date_format, clock.today(prefs.timezone))


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
        days=Form({"date_from": wanted.span.start, "date_to": wanted.span.end}),
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
        billing=billing_cards(wanted) if may("invoices.read") else None,
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
    return format_month(point.span.start) if step is Step.month else format_short_day(point.span.start)


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


@provide_access
def may_open_report(file_id: UUID) -> bool:
    """Reports are open to those who may read reports."""
    return may("reports.read") and listing.is_report_file(file_id)


@blueprint.get("/reports")
@permits("reports.read")
def index() -> Response:
    """The reports that there are, and a form to ask for one."""
    return _index(Form({"month": monthly.last_month().isoformat()}))


@blueprint.post("/reports")
@permits("reports.read")
def create() -> Response:
    """Ask for the report of a month."""
    return save(
        Form.read(schemas.ReportIn),
        lambda data: monthly.ask_for_report(data.month),
        lambda made: go_on(f"The report of {format_month(made.month)} is being made", url_for(".index")),
        _index,
    )


@blueprint.get("/reports/<uuid:report_id>/progress")
@permits("reports.read")
def progress(report_id: UUID) -> Response:
    """How far a report is, as a fragment that asks again until it is there."""
    return render("reports/progress.html", report=_seen(listing.get_report(report_id)))


def _seen(row: Any) -> dict[str, Any]:
    return {**row._asdict(), "status": listing.status_of(row), "percent": listing.percent_of(row)}


def _index(form: Form[schemas.ReportIn]) -> Response:
    page = listing.list_reports(cursor=request.args.get("cursor"))
    first = first_of_month(clock.today(preferences().timezone))
    months = [shift_months(first, -back) for back in range(24)]
    return render(
        "reports/index.html",
        block={"reports-more": "rows", "form": "form"},
        status=form.status,
        form=form,
        page=page,
        reports=[_seen(row) for row in page.rows],
        names=usage.names_of_subjects(row.subject for row in page.rows if row.kind == usage.KIND),
        months=[(month.isoformat(), format_month(month) + (", so far" if month == first else "")) for month in months],
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
    )
