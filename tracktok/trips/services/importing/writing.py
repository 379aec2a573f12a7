"""Staged trips into the table with what they come to, and back out."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from typing import IO, Any, Final
from uuid import UUID

from sqlalchemy import select

from tracktok.core import clock, storage
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Conflict
from tracktok.core.ids import new_id
from tracktok.core.jobs import JobRun
from tracktok.core.tenancy import current_tenant_id
from tracktok.customers.schemas.customers import CustomerIn
from tracktok.customers.services.customers import create_customer
from tracktok.expenses.schemas.projects import ProjectIn
from tracktok.expenses.services.projects import create_project
from tracktok.imports.models import Import
from tracktok.imports.queries import ids_written
from tracktok.imports.services.working import staged_key
from tracktok.imports.services.writing import begin_ids, chunk_table, id_prefix, open_to_write
from tracktok.trips.models import RateCardVersion, Vendor
from tracktok.trips.queries.imports import load_names
from tracktok.trips.queries.mileage import recorded_between
from tracktok.trips.queries.rate_cards import all_books
from tracktok.trips.rules.terms import card_from
from tracktok.trips.services.bills import match_credited
from tracktok.trips.services.periods import hold_open, touch
from tracktok.trips.services.rate_cards import mark_used
from tracktok.trips.signals import trips_undoing

from .pricing import CHARGES, ChunkPricer, Prepared
from .rows import STAGED

EXISTING: Final = """
SELECT s.n, CASE left(s.external_id, 1) WHEN '#' THEN 'Recorded already: the same row was imported before.'
                 ELSE 'Recorded already: a trip of this vendor with the same ID.' END
  FROM import_staged s
  JOIN trips t ON t.tenant_id = %(tenant)s AND t.vendor_id = s.vendor_id AND t.external_id = s.external_id
   AND t.deleted_at IS NULL
UNION ALL
SELECT m.n, 'The same trip ID as row ' || m.first || ' of this file.' FROM (
  SELECT s.n, min(s.n) OVER (PARTITION BY s.vendor_id, s.external_id) AS first FROM import_staged s
    JOIN (SELECT key FROM import_staged GROUP BY key HAVING count(*) > 1) k USING (key)
   WHERE s.external_id !~ '^#') m
 WHERE m.n > m.first"""
_PIECE: Final = 4 * 1024 * 1024
"""As much is priced and written at once; one piece is priced while another is written. Emptying the tables of a piece
waits for the disk, so fewer and larger ones are better, as long as the session's memory for such tables holds one."""
_WRITE: Final = "SELECT write_trip_chunk(%(prefix)s, %(charges)s, %(id)s, %(person)s)"
_OWN: Final = "tenant_id = %(tenant)s AND id BETWEEN %(first)s AND %(last)s AND import_id = %(id)s"
_ON_CLOSED: Final = """
SELECT count(*) FROM trip_charges c JOIN trip_statements s
    ON s.tenant_id = c.tenant_id AND s.vendor_id = c.vendor_id AND s.month = c.period AND s.status <> 'draft'
 WHERE c.tenant_id = %(tenant)s AND c.trip_id BETWEEN %(first)s AND %(last)s AND c.superseded_at IS NULL"""


class CardChanged(Conflict):
    code, title = "card_changed", "A rate card was changed meanwhile"


def write_trips(run: JobRun, found: Import) -> dict[str, Any]:
    """Write the staged trips of an import with what they come to, in one transaction. Returns what was written."""
    started = time.monotonic()
    cursor = open_to_write(found)
    made = make_names(found)
    books = all_books()
    closed = hold_open(_vendors(found, made))
    pricer = ChunkPricer(
        {str(vendor): book for vendor, book in books.items()},
        {str(vendor): months for vendor, months in closed.items()},
        {placeholder.encode(): str(own).encode() for placeholder, own in made.items()},
    )
    cursor.execute(f"{chunk_table(STAGED)}; CREATE TEMP TABLE import_charges ({CHARGES}) ON COMMIT DROP")
    cursor.execute("GRANT SELECT ON import_chunk TO tracktok_import")
    cursor.execute("GRANT SELECT, DELETE ON import_charges TO tracktok_import")
    parameters = {"id": found.id, "prefix": begin_ids(found), "charges": id_prefix(), "person": found.person_id}
    written, staged, priced, known = 0, 0, 0, 0
    totals: dict[str, Any] = {}
    for chunk in _prepared(found, pricer):
        staged += chunk.count
        if len(pricer.versions) > known:
            _use(pricer)
            known = len(pricer.versions)
        cursor.execute("TRUNCATE import_chunk, import_charges")
        with cursor.copy("COPY import_chunk FROM STDIN") as copy:
            copy.write(chunk.rows)
        with cursor.copy("COPY import_charges FROM STDIN") as copy:
            copy.write(chunk.charges)
        cursor.execute(_WRITE, parameters)
        written += cursor.fetchone()[0]
        cursor.execute("SELECT currency, count(*), sum(total) FROM import_charges GROUP BY currency")
        for currency, count, total in cursor.fetchall():
            priced += count
            totals[currency] = totals.get(currency, 0) + total
        run.progress(staged, found.valid, "Writing trips")
    touch(_told(pricer.months), _told(pricer.bare))
    cursor.close()
    match_credited({vendor for vendor, _ in _told(pricer.months)})
    found.committed_rows = written
    return {
        "written": written,
        "priced": priced,
        "totals": {currency: format(total, "f") for currency, total in sorted(totals.items())},
        "duplicates_meanwhile": staged - written,
        "made": {kind: [one["name"] for one in names.values()] for kind, names in found.facts.get("made", {}).items()},
        "seconds": round(time.monotonic() - started, 2),
    }


def _vendors(found: Import, made: dict[str, UUID]) -> Iterable[UUID]:
    """Whose trips a file has; nobody else waits for its import."""
    uses = found.facts.get("uses", {}).get("vendor")
    return [made.get(one) or UUID(one) for one in uses] if uses is not None else load_names()["vendor"]


def _told(months: Iterable[tuple[str, date]]) -> set[tuple[UUID, date]]:
    return {(UUID(vendor), month) for vendor, month in months}


def undo_trips(run: JobRun, found: Import) -> dict[str, Any]:
    """Take back what an import wrote: its trips are deleted, their billing rows marked as superseded."""
    run.progress(0, found.committed_rows or 1, "Taking trips back")
    cursor = open_to_write(found)
    keys = _keys(found)
    cursor.execute(f"SELECT DISTINCT vendor_id FROM trips WHERE {_OWN}", keys)  # noqa: S608 - constants
    hold_open(vendor for (vendor,) in cursor.fetchall())
    if refusal := undo_refused(found):
        raise Conflict(refusal)
    now = {**keys, "now": clock.now()}
    cursor.execute(
        "WITH marked AS (UPDATE trip_charges SET superseded_at = %(now)s WHERE tenant_id = %(tenant)s"
        " AND trip_id BETWEEN %(first)s AND %(last)s AND superseded_at IS NULL RETURNING vendor_id, period)"
        " SELECT DISTINCT vendor_id, period FROM marked",
        now,
    )
    months = cursor.fetchall()
    cursor.execute(
        "WITH gone AS ("  # noqa: S608 - constants
        "UPDATE trips SET deleted_at = %(now)s, updated_at = %(now)s, version = version + 1"
        f" WHERE {_OWN} AND deleted_at IS NULL RETURNING vendor_id, trip_date)"
        " SELECT vendor_id, date_trunc('month', trip_date)::date, count(*) FROM gone GROUP BY 1, 2",
        now,
    )
    gone = cursor.fetchall()
    removed = sum(count for _, _, count in gone)
    cursor.close()
    if refusal := _in_use(found):  # asked again: who bills a trip locks it, and was waited for
        raise Conflict(refusal)
    touch(months, ((vendor, month) for vendor, month, _ in gone))
    deleted_before = found.committed_rows - removed
    found.committed_rows = 0
    return {"removed": removed, "deleted_before": deleted_before}


def undo_refused(found: Import) -> str:
    """Why an import cannot be undone; empty when it can."""
    statement = _ON_CLOSED.replace("%(", ":").replace(")s", "")
    keys = {name: value for name, value in _keys(found).items() if name != "id"}
    count = db.session.execute(db.text(statement), keys).scalar_one()
    if not count:
        return _in_use(found)
    stand = "trip stands" if count == 1 else "trips stand"
    return f"{count:,} {stand} on statements that were approved: what was closed is changed by adjustments only."


def _in_use(found: Import) -> str:
    """Why trips of an import stay: they are mileage expenses, or areas above need them."""
    first, last = ids_written(found)
    if count := recorded_between(first, last):
        trips = "1 of its trips is a mileage expense" if count == 1 else f"{count:,} of its trips are mileage expenses"
        return f"{trips}. Undo the expenses first."
    answers = (answer for _, answer in trips_undoing.send(None, first=first, last=last))
    return next((answer for answer in answers if answer), "")


def _keys(found: Import) -> dict[str, Any]:
    first, last = ids_written(found)
    return {"tenant": current_tenant_id(), "first": first, "last": last, "id": found.id}


def _prepared(found: Import, pricer: ChunkPricer) -> Iterator[Prepared]:
    """The chunks in their order; the next one is priced while the database writes the one before."""
    with (
        storage.storage().open(staged_key(found.id)) as stream,
        _quick_turns(),
        ThreadPoolExecutor(1, thread_name_prefix="pricing") as pool,
    ):
        ahead = None
        for piece in _whole_lines(stream):
            following = pool.submit(pricer.prepare, piece)
            if ahead is not None:
                yield ahead.result()
            ahead = following
        if ahead is not None:
            yield ahead.result()


@contextmanager
def _quick_turns() -> Iterator[None]:
    """Let the thread that feeds the database have its turn at once: it works little, but the database waits for it."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.0002)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def _whole_lines(stream: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while piece := stream.read(_PIECE):
        piece = rest + piece
        end = piece.rfind(b"\n") + 1
        rest = piece[end:]
        if end:
            yield piece[:end]
    if rest:
        yield rest + b"\n"


def _use(pricer: ChunkPricer) -> None:
    """Hold the versions that price these trips as they are; refuse when one was changed since it was read."""
    versions = dict(pricer.versions)
    mark_used(list(versions))
    rows = db.session.execute(
        select(RateCardVersion.id, RateCardVersion.valid_from, RateCardVersion.terms).where(
            RateCardVersion.id.in_(list(versions))
        )
    ).all()
    if len(rows) < len(versions) or any(
        row.valid_from != versions[row.id].valid_from or card_from(row.terms) != versions[row.id].card for row in rows
    ):
        raise CardChanged("A rate card was changed while the trips were priced. Import them again.")


def make_names(found: Import) -> dict[str, UUID]:
    """Make the vendors, customers and projects that rows name and that are not there; placeholder: id."""
    made: dict[str, UUID] = {}
    wanted: dict[str, dict[str, dict[str, Any]]] = found.facts.get("made", {})
    if not wanted:
        return made
    known = {
        kind: {name.lower(): one for one, names in rows.items() for name in names if name}
        for kind, rows in load_names().items()
    }
    for kind, names in wanted.items():
        for placeholder, one in names.items():
            own = known[kind].get(one["name"].lower())
            made[placeholder] = own if own is not None else _MAKERS[kind](one["name"])
    return made


def _make_vendor(name: str) -> UUID:
    vendor = Vendor(id=new_id(), name=name, billing_model="trip", currency=preferences().currency)
    db.session.add(vendor)
    db.session.flush()
    return vendor.id


_MAKERS: Final[dict[str, Callable[[str], UUID]]] = {
    "vendor": _make_vendor,
    "customer": lambda name: create_customer(CustomerIn(name=name)).customer.id,
    "project": lambda name: create_project(ProjectIn(name=name)).id,
}
