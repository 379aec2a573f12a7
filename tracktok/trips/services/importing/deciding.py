"""What files of trips and of bills have to be asked: whose they are, and what distances are measured in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tracktok.core.context import preferences
from tracktok.imports.rules.plan import Choice, Plan, Question
from tracktok.trips.queries.imports import vendor_choices
from tracktok.trips.rules.trip_import import UNITS, unit_in

_MOST_OFFERED: Final = 100


def decide(plan: Plan, *, unit: Sequence[str], zone: bool = True) -> None:
    """Decide or ask for the vendor and, of the fields `unit`, for the unit of distance."""
    _decide_vendor(plan)
    _decide_unit(plan, unit)
    if not zone:
        return
    chosen = plan.options.get("timezone")
    told = f"{chosen}, as chosen" if chosen else f"{preferences().timezone}, the company's time zone"
    plan.note("started_at", f"Times are read as those of {told}.")


def _decide_vendor(plan: Plan) -> None:
    if plan.column("vendor") is not None or plan.options.get("vendor_id"):
        return
    offered = vendor_choices()[:_MOST_OFFERED]
    text = "No column names the vendor. Whose file is this?"
    if not offered:
        text += " There is no vendor yet: make one, or map the column that names them."
    suggestion = str(offered[0][0]) if len(offered) == 1 else ""
    plan.questions.append(
        Question("vendor_id", text, tuple(Choice(str(one), name) for one, name in offered), suggestion)
    )


def _decide_unit(plan: Plan, fields: Sequence[str]) -> None:
    columns = [column for name in fields if (column := plan.column(name)) is not None]
    if not columns:
        return
    if plan.options.get("distance_unit") in UNITS:
        plan.note("distance", f"Distances are in {UNITS[plan.options['distance_unit']].lower()}, as chosen.")
        return
    for column in columns:
        unit = unit_in(str(column["name"]))
        if unit:
            plan.options["distance_unit"] = unit
            plan.note("distance", f"“{column['name']}” is in {UNITS[unit].lower()}, as its name says.")
            return
    name = columns[0]["name"]
    examples = ", ".join(str(one) for one in columns[0]["samples"][:3])
    text = f"Is “{name}” in kilometres or miles? Nothing says so; the first are {examples}."
    plan.questions.append(Question("distance_unit", text, tuple(Choice(*one) for one in UNITS.items()), "km"))
