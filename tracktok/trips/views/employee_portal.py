"""What an employee sees: their own trips and incentives of a month."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from tracktok.core.permissions import permits
from tracktok.trips.queries.portals import MOST_TRIPS
from tracktok.trips.rules.cards import plain
from tracktok.trips.rules.trips import last_day, local_of, month_of
from tracktok.trips.services.portals import own_month
from tracktok.web.addresses import address
from tracktok.web.filters import today
from tracktok.web.render import render

from .trips import duration_of

blueprint = Blueprint("employee_portal", __name__, url_prefix="/employee", template_folder="../templates")


@blueprint.get("/")
@permits("employee_portal.use")
def index() -> Response:
    """A month: totals, incentives with how they come about, the trips."""
    try:
        month = month_of(date.fromisoformat(request.args.get("month", "")[:7] + "-01"))
    except ValueError:
        month = month_of(today())
    before, after = date.fromordinal(month.toordinal() - 1), date.fromordinal(last_day(month).toordinal() + 1)
    return render(
        "outsiders/employee.html", found=own_month(month), month=month, duration=duration_of,
        shown=lambda value: Decimal(plain(value)),
        clock_of=lambda row: f"{local_of(row.started_at, ZoneInfo(row.timezone)):%H:%M}",
        most=MOST_TRIPS, before=address({"month": f"{before:%Y-%m}"}), after=address({"month": f"{after:%Y-%m}"}),
        is_now=month == month_of(today()),
    )  # fmt: skip
