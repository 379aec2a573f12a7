"""Trips as a kind of import: what is decided and asked about them, what can be chosen, and the handler."""

from __future__ import annotations

from functools import cache, partial
from typing import Any, Final
from zoneinfo import available_timezones

from flask import url_for

from tracktok.core.context import preferences
from tracktok.imports.models import Import
from tracktok.imports.rules.plan import Plan
from tracktok.imports.services.kinds import SKIP, Handler, Link, Option, Reference, Told
from tracktok.trips.queries.imports import customer_choices, is_there, project_choices, vendor_choices
from tracktok.trips.rules.trip_import import STATUS_MEANINGS, TRIPS, TYPE_MEANINGS, UNITS
from tracktok.web.filters import format_money, plural

from .deciding import decide
from .rows import STAGED, TripBuilder
from .writing import EXISTING, undo_refused, undo_trips, write_trips


def _decide(plan: Plan) -> None:
    decide(plan, unit=("distance", "odometer_end", "dead_km"))


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(one for one in available_timezones() if "/" in one or one == "UTC"))


def _written(found: Import) -> Link:
    return Link("See the trips", url_for("trips.index", import_id=found.id))


def _commit_told(found: Import) -> Told:
    done: dict[str, Any] = found.result["commit"]
    sums = " and ".join(format_money(total, currency) for currency, total in done["totals"].items())
    text = f"{plural(done['priced'], 'trip')} priced by rate cards, {sums} with tax." if sums else ""
    bare = done["written"] - done["priced"]
    if bare:
        text += f" {plural(bare, 'trip')} without a price: planned, or no rate card of the vendor holds on the day."
    meanwhile = done.get("duplicates_meanwhile", 0)
    if meanwhile:
        text += f" {plural(meanwhile, 'row')} had been recorded meanwhile and left out."
    return Told(f"{plural(done['written'], 'trip')} imported", text.strip())


def _undo_told(found: Import) -> Told:
    done: dict[str, Any] = found.result["undo"]
    text = f"{plural(done['removed'], 'trip')} removed."
    if done.get("deleted_before"):
        text += f" {plural(done['deleted_before'], 'trip')} had been deleted before."
    return Told("The import was undone", text)


def _undo_means(found: Import) -> str:
    return (
        f"Its {plural(found.committed_rows, 'trip')} will be deleted, and no longer stand on any draft of a statement. "
        "The file can be imported again."
    )


HANDLER: Final = Handler(
    kind=TRIPS,
    permission="trips.import",
    staged=STAGED,
    existing=EXISTING,
    within=False,
    order="trip_date",
    compared=("vendor_id", "external_id"),
    decide=_decide,
    builder=TripBuilder,
    write=write_trips,
    undo=undo_trips,
    written=_written,
    commit_told=_commit_told,
    undo_told=_undo_told,
    undo_means=_undo_means,
    undo_refused=undo_refused,
    options=(
        Option(
            "distance_unit", "Distances are in", UNITS.items, place="writing",
            empty=lambda: "As the header says", allowed=tuple(UNITS),
        ),
        Option(
            "timezone", "Times are those of", lambda: [(one, one) for one in _zones()], place="writing",
            empty=lambda: f"The company's zone ({preferences().timezone})", searched=True, allowed=_zones,
            refusal="Use a time zone such as Asia/Kolkata or America/New_York.",
        ),
        Option(
            "vendor_id", "Vendor", vendor_choices, place="defaults", empty=lambda: "Choose the vendor of the file",
            searched=True, find=partial(is_there, "vendor"),
        ),
        Option(
            "customer_id", "Customer", customer_choices, place="defaults", empty=lambda: "None", searched=True,
            find=partial(is_there, "customer"),
        ),
        Option(
            "project_id", "Project", project_choices, place="defaults", empty=lambda: "None", searched=True,
            find=partial(is_there, "project"),
        ),
    ),
    meanings=(TYPE_MEANINGS, STATUS_MEANINGS),
    references=(
        Reference("vendor", "vendors", partial(is_there, "vendor")),
        Reference("customer", "customers", partial(is_there, "customer")),
        Reference("project", "projects", partial(is_there, "project")),
    ),
    repeats=((SKIP, "Leave them out"),),
    repeat_help="A trip of the same vendor with the same ID or, where the file has none, the same row again.",
    shown=("external_id", "vendor", "started_at", "ended_at", "distance", "vehicle", "type", "status"),
    file_help="An export of a fleet, taxi or transport desk: a start in each row, and the end, distance, vehicle, "
    "tolls and trip ID where there are any",
    position=40,
)  # fmt: skip
