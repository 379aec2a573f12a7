"""A trip as it was received, read again: what was changed of it by hand since is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from tracktok.core.db import raw_connection
from tracktok.core.errors import Conflict, Invalid
from tracktok.imports.queries import get_import
from tracktok.imports.services.checking import plan_of
from tracktok.imports.services.writing import chunk_table
from tracktok.trips.models import Trip
from tracktok.trips.rules.trips import shown_id
from tracktok.trips.schemas.trips import TripIn

from .importing.rows import STAGED, TripBuilder
from .trips import change_trip, errors_of

_NAMES = tuple(part.split()[0] for part in STAGED.replace("\n", " ").split(","))


class CannotReplay(Conflict):
    code, title = "cannot_be_replayed", "What was received cannot be read again"


def replay_trip(trip: Trip) -> Trip:
    """Make a trip (locked by the caller) what its record said when it came, and price it again.

    A row of a file is read with the columns and meanings of its import. Raises CannotReplay (409), and what a change
    of the trip raises.
    """
    payload = trip.payload
    if not payload:
        raise CannotReplay("Nothing is kept of how this trip was received.")
    values = payload if isinstance(payload, dict) else _row(trip, payload)
    try:
        body = TripIn.model_validate(values)
    except ValidationError as refused:
        errors = errors_of(refused)
        raise Invalid(errors[0].detail, errors=errors) from refused
    return change_trip(trip, body)


def _row(trip: Trip, cells: Sequence[str]) -> dict[str, Any]:
    """A row of a file as the API would take it."""
    if trip.import_id is None:
        raise CannotReplay("It came with a file of which nothing is known any more.")
    plan = plan_of(get_import(trip.import_id))
    if plan.questions:
        raise CannotReplay(f"The file leaves something open: {plan.questions[0].text}")
    builder = TripBuilder(plan)
    line, _, flaws = builder.stage([["1", *cells]])
    if flaws:
        raise CannotReplay(flaws[0][2][0]["message"])
    if made := [one["name"] for names in builder.found()["made"].values() for one in names.values()]:
        raise CannotReplay(f"It names “{made[0]}”, which is not there any more.")
    cursor = raw_connection().cursor()
    cursor.execute("DROP TABLE IF EXISTS pg_temp.import_chunk")
    cursor.execute(chunk_table(STAGED))
    with cursor.copy("COPY import_chunk FROM STDIN") as copy:
        copy.write(line)
    cursor.execute(f"SELECT {', '.join(_NAMES)} FROM import_chunk")  # noqa: S608 - constants
    values = dict(zip(_NAMES, cursor.fetchone(), strict=True))
    cursor.execute("DROP TABLE import_chunk")
    cursor.close()
    for name in ("trip_date", "seconds", "payload"):
        del values[name]
    # The id of a row that tells none is reckoned from its cells; it stays what it is.
    return {**values, "external_id": shown_id(values["external_id"])}


__all__ = ["CannotReplay", "replay_trip"]
