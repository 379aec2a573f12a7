"""The routes /api/v1/dashboard, /api/v1/reports and /api/v1/saved-views."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Response
from pydantic import Field, create_model

from tracktok.budgets.api import present as present_budget
from tracktok.core.errors import Invalid, NotFound
from tracktok.core.money import format_amount
from tracktok.core.permissions import current_actor, permits
from tracktok.expenses.api.present import expense as present_expense
from tracktok.reports import schemas
from tracktok.reports.queries import listing
from tracktok.reports.queries import saved_views as views
from tracktok.reports.queries.dashboard import Dashboard, load_dashboard, read_range
from tracktok.reports.rules.figures import Figure, Item
from tracktok.reports.services import monthly, usage
from tracktok.reports.services import saved_views as saving
from tracktok.web.api import Api, Schema, check_if_match, instant, json_response, list_of, list_response, path_of
from tracktok.web.saved import href_of

api = Api("reports", __name__, prefix="/reports", tag="Reports")
ReportPath = path_of("report_id")
dashboard_api = Api("dashboard", __name__, prefix="/dashboard", tag="Dashboard")


@dashboard_api.get("/summary", responses={200: schemas.DashboardOut})
@permits("dashboard.read")
def summary(query: schemas.DashboardQuery) -> Response:
    """Get the figures of a range of days against the range before; members get those of their own expenses."""
    if (query.date_from is None) != (query.date_to is None):
        missing = "date_from" if query.date_from is None else "date_to"
        raise Invalid.at(missing, "Give both days, or a preset.")
    try:
        wanted = read_range(query.preset, query.date_from, query.date_to)
    except ValueError as error:
        raise Invalid.at("date_to", str(error)) from error
    return json_response(present(load_dashboard(wanted)))


def present(board: Dashboard) -> dict[str, Any]:
    """The dashboard as the API answers it."""

    def money(amount: Decimal) -> str:
        return format_amount(amount, board.currency)

    def figure(one: Figure) -> dict[str, Any]:
        percent = one.percent
        return {
            "value": money(one.value),
            "before": money(one.before),
            "percent": None if percent is None else str(percent),
        }

    def item(one: Item) -> dict[str, Any]:
        return {
            "id": one.id,
            "name": one.name,
            "parent_id": one.parent_id,
            "depth": one.depth,
            **figure(one.figure),
            "share": str(one.share),
            "items": one.items,
        }

    count = figure(board.count)
    return {
        "currency": board.currency,
        "range": {"start": board.range.span.start, "end": board.range.span.end},
        "before": {"start": board.range.before.start, "end": board.range.before.end},
        "total": figure(board.total),
        "spent": figure(board.spent),
        "committed": figure(board.committed),
        "count": {**count, "value": str(int(board.count.value)), "before": str(int(board.count.before))},
        "average_per_day": figure(board.average),
        "trend": [
            {
                "start": point.span.start,
                "end": point.span.end,
                "value": money(point.value),
                "items": point.items,
                "before": None if point.before is None else money(point.before),
            }
            for point in board.trend
        ],
        "categories": [item(one) for one in board.categories],
        "projects": [item(one) for one in board.projects],
        "budgets": [present_budget(standing) for standing in board.budgets],
        "recent": [present_expense(row) for row in board.recent],
        "own": board.is_own,
    }


def present_report(row: Any) -> dict[str, Any]:
    """A report as the API answers it."""
    return {
        "id": row.id,
        "kind": row.kind,
        "month": row.month,
        "status": listing.status_of(row),
        "progress": listing.percent_of(row),
        "error": row.error,
        "file_url": f"/files/{row.file_id}" if row.file_id else None,
        "created_at": instant(row.created_at),
        "finished_at": instant(row.finished_at),
    }


@api.get("/", responses={200: list_of(schemas.ReportOut)})
@permits("reports.read")
def list_reports(query: schemas.ReportQuery) -> Response:
    """List reports, newest first."""
    page = listing.list_reports(cursor=query.cursor, limit=query.limit)
    return list_response(page, [present_report(row) for row in page.rows])


@api.post("/", responses={202: schemas.ReportOut})
@permits("reports.read")
def create(body: schemas.ReportIn) -> Response:
    """Ask for the report of a month; it is made in the background."""
    made = monthly.ask_for_report(body.month)
    location = f"/api/v1/reports/{made.id}"
    return json_response(present_report(listing.get_report(made.id)), 202, location=location)


@api.get("/<uuid:report_id>", responses={200: schemas.ReportOut})
@permits("reports.read")
def show(path: ReportPath) -> Response:  # type: ignore[valid-type]
    """Get a report: how far it is and, once it is made, where its file is."""
    return json_response(present_report(listing.get_report(path.report_id)))  # type: ignore[attr-defined]


UserPath = create_model("UserPath", __base__=Schema, user_id=(str, Field(max_length=200, description="A user's id")))
JobPath = path_of("job_id")


@api.post("/<string:user_id>", responses={202: schemas.UsageReportQueued})
@permits("usage.read")
def create_usage(path: UserPath, body: schemas.ReportIn) -> Response:
    """Ask for the PDF of a month's metered usage of a user (as events name them) or of a customer (by their id)."""
    made = usage.ask_for_usage(path.user_id, body.month)  # type: ignore[attr-defined]
    answer = {"jobId": made.job_id, "status": "queued"}
    return json_response(answer, 202, location=f"/api/v1/reports/status/{made.job_id}")


@permits("reports.read")
def no_report(user_id: str) -> Response:
    """What is no id of a report: not found, although something may be asked for at this address."""
    raise NotFound(f"There is no report {user_id[:60]}.")


api.add_url_rule("/<string:user_id>", view_func=no_report, methods=["GET"])


@api.get("/status/<uuid:job_id>", responses={200: schemas.UsageReportStatus})
@permits("usage.read")
def status(path: JobPath) -> Response:  # type: ignore[valid-type]
    """How far a report is, in percent, and where its file is once it is there."""
    row = listing.get_report_of_job(path.job_id)  # type: ignore[attr-defined]
    return json_response(
        {
            "status": listing.status_of(row),
            "progress": listing.percent_of(row),
            "fileUrl": f"/files/{row.file_id}" if row.file_id else None,
        }
    )


saved_api = Api("saved_views", __name__, prefix="/saved-views", tag="Saved views")
ViewPath = path_of("view_id")


def present_view(row: Any) -> dict[str, Any]:
    """A saved view as the API answers it."""
    return {
        **{name: getattr(row, name) for name in ("id", "kind", "name", "filters", "is_shared", "version")},
        "is_own": row.person_id == current_actor().person_id,
        "url": href_of(row.kind, row.filters),
        "created_at": instant(row.created_at),
        "updated_at": instant(row.updated_at),
    }


@saved_api.get("/", responses={200: list_of(schemas.SavedViewOut)})
@permits("views.write")
def list_views(query: schemas.SavedViewQuery) -> Response:
    """List one's own views and those that are shared with the company, the newest first."""
    page = views.list_views(query.kind, cursor=query.cursor, limit=query.limit)
    return list_response(page, [present_view(row) for row in page.rows])


@saved_api.post("/", responses={201: schemas.SavedViewOut})
@permits("views.write")
def keep_view(body: schemas.SavedViewIn) -> Response:
    """Keep a list with its filters under a name. 409 for a name that is taken, 403 for sharing without the right."""
    view = saving.keep_view(body.kind, body.name, body.filters, is_shared=body.is_shared)
    return json_response(present_view(view), 201, etag=view.version, location=f"/api/v1/saved-views/{view.id}")


@saved_api.get("/<uuid:view_id>", responses={200: schemas.SavedViewOut})
@permits("views.write")
def show_view(path: ViewPath) -> Response:  # type: ignore[valid-type]
    """Get a saved view."""
    view = views.get_view(path.view_id)  # type: ignore[attr-defined]
    return json_response(present_view(view), etag=view.version)


@saved_api.put("/<uuid:view_id>", responses={200: schemas.SavedViewOut})
@permits("views.write")
def replace_view(path: ViewPath, body: schemas.SavedViewIn) -> Response:  # type: ignore[valid-type]
    """Change a view as a whole: its name, its filters, with whom it is shared. It stays of the same list."""
    view = views.get_view(path.view_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(view.version)
    if body.kind != view.kind:
        raise Invalid.at("kind", "A view stays with its list.")
    saving.change_view(view, body.name, body.filters, is_shared=body.is_shared)
    return json_response(present_view(view), etag=view.version)


@saved_api.delete("/<uuid:view_id>", responses={204: None})
@permits("views.write")
def delete_view(path: ViewPath) -> Response:  # type: ignore[valid-type]
    """Delete a view; the list stays."""
    view = views.get_view(path.view_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(view.version)
    saving.delete_view(view)
    return Response(status=204)
