"""Checking an import: every row parsed, the good ones staged, repeated ones found, the others named with their reasons.

The good rows go into a file that is ready for COPY, in the order in which they will be written; committing reads that
file and parses nothing. What finds repeated rows goes into a temporary table beside it. (COPY is refused on tables with
row-level security, so rows that are written always pass a temporary table.)
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from operator import itemgetter
from typing import Any, Final

import orjson
from sqlalchemy import delete

from tracktok.core import storage
from tracktok.core.db import db, raw_connection
from tracktok.core.jobs import JobRun
from tracktok.core.tenancy import current_tenant_id
from tracktok.imports.models import Import, ImportRow, ImportStatus
from tracktok.imports.rules.cells import escape
from tracktok.imports.rules.plan import Plan, make_plan

from .kinds import SKIP, Flaw, Handler, handler_of
from .spool import Repeated, Spool
from .working import read_working, staged_key

MOST_FLAWS: Final = 100_000
"""So many rows are kept with their reasons; of more only the numbers are told."""

_WITHIN = """
INSERT INTO import_repeated
SELECT s.n, 'The same as row ' || f.first || ' of this file, in every cell.', NULL FROM import_staged s
  JOIN (SELECT raw, min(n) AS first FROM import_staged GROUP BY raw HAVING count(*) > 1) f USING (raw)
 WHERE s.n > f.first"""
_EXISTING = """
INSERT INTO import_repeated
SELECT x.n, x.message, s.key FROM ({existing}) AS x (n, message) JOIN import_staged s USING (n)"""
_KEEP_REPEATED = """
INSERT INTO import_rows (tenant_id, import_id, row_number, status, errors)
SELECT %(tenant)s, %(id)s, n, 'duplicate',
       jsonb_build_array(jsonb_build_object('column', '', 'code', 'duplicate', 'message', min(message)))
  FROM import_repeated GROUP BY n ORDER BY n LIMIT %(most)s"""
_KEEP_FLAWS = """
INSERT INTO import_rows (tenant_id, import_id, row_number, status, errors)
SELECT %(tenant)s, %(id)s, n, status, errors FROM import_flaws"""


def plan_of(found: Import) -> Plan:
    """How the file of an import will be read, by its mapping and options; with questions where something is open."""
    handler = handler_of(found.kind)
    plan = make_plan(handler.kind, found.columns, found.mapping, found.options, handler.meanings)
    handler.decide(plan)
    return plan


def check(found: Import, run: JobRun | None = None) -> None:
    """Check all rows of an import (locked by the caller) anew, by its mapping and options. Flushes."""
    db.session.execute(
        delete(ImportRow).where(ImportRow.tenant_id == current_tenant_id(), ImportRow.import_id == found.id)
    )
    plan = plan_of(found)
    handler = handler_of(found.kind)
    counts = {"valid": 0, "invalid": 0, "duplicates": 0, "skipped": 0}
    facts: dict[str, Any] = {
        **found.facts,
        "questions": [question.as_dict() for question in plan.questions],
        "notes": plan.notes,
        "decided": {name: plan.options[name] for name in plan.options if name not in found.options},
        "made": {},
    }
    facts.pop("error", None)
    if not plan.questions:
        told = _Staging(found, handler, plan, run).go(counts)
        facts["made"] = told.get("made", {})
        facts["uses"] = told.get("uses", {})
        facts["notes"] = [*plan.notes, *told.get("notes", [])]
    found.status = ImportStatus.mapping if plan.questions else ImportStatus.ready
    found.facts = facts
    for name, count in counts.items():
        setattr(found, name, count)
    db.session.flush()


class _Staging:
    """One check of one import."""

    def __init__(self, found: Import, handler: Handler, plan: Plan, run: JobRun | None) -> None:
        self.found, self.handler, self.plan, self.run = found, handler, plan, run
        self.cursor: Any = raw_connection().cursor()
        self.keys = {"tenant": current_tenant_id(), "id": found.id}
        definitions = (part.strip() for part in handler.staged.replace("\n", " ").split(","))
        self.columns = {one.split()[0]: one for one in definitions}

    def go(self, counts: dict[str, int]) -> dict[str, Any]:
        execute = self.cursor.execute
        execute("SET LOCAL statement_timeout = 0")
        execute("DROP TABLE IF EXISTS pg_temp.import_staged, pg_temp.import_repeated, pg_temp.import_flaws")
        defined = [self.columns[name] for name in self.handler.compared or self.columns]
        execute(
            "CREATE TEMP TABLE import_staged (n int NOT NULL, key bigint NOT NULL, raw bigint NOT NULL,"
            f" {', '.join(defined)}) ON COMMIT DROP"
        )
        execute("CREATE TEMP TABLE import_repeated (n int NOT NULL, message text NOT NULL, key bigint) ON COMMIT DROP")
        execute("CREATE TEMP TABLE import_flaws (n int NOT NULL, status text NOT NULL, errors jsonb) ON COMMIT DROP")
        with tempfile.TemporaryFile() as file:
            order = self.handler.order
            spool = Spool(file, self._place(order) if order else None)
            told = self._stage(counts, spool)
            execute("ANALYZE import_staged")
            if self.handler.within:
                execute(_WITHIN)
            execute(_EXISTING.format(existing=self.handler.existing), self.keys)
            execute("SELECT count(DISTINCT n) FROM import_repeated")
            counts["duplicates"] = self.cursor.fetchone()[0]
            skipping = self.plan.options.get("duplicates", self.handler.repeats[0][0]) == SKIP
            if skipping:
                counts["valid"] -= counts["duplicates"]
            execute(_KEEP_REPEATED, {**self.keys, "most": MOST_FLAWS})
            execute(_KEEP_FLAWS, self.keys)
            self._keep_staged(spool, self._repeated(skipping=skipping) if counts["duplicates"] else Repeated())
        execute("DROP TABLE import_staged, import_repeated, import_flaws")
        self.cursor.close()
        return told

    def _place(self, name: str) -> int:
        """Where a staged column stands in a line."""
        return list(self.columns).index(name) + 3

    def _stage(self, counts: dict[str, int], spool: Spool) -> dict[str, Any]:
        builder = self.handler.builder(self.plan)
        kept = {"invalid": 0, "skipped": 0}
        done = 0
        for chunk in read_working(self.found.id):
            lines, good, flaws = builder.stage(chunk)
            if lines:
                each = lines.split("\n")
                each.pop()
                spool.add(each)
                with self.cursor.copy("COPY import_staged FROM STDIN") as copy:
                    copy.write(self._compared(each) if self.handler.compared else lines)
            counts["valid"] += good
            to_keep: list[Flaw] = []
            for flaw in flaws:
                counts[flaw[1]] += 1
                if kept[flaw[1]] < MOST_FLAWS:
                    kept[flaw[1]] += 1
                    to_keep.append(flaw)
            if to_keep:
                with self.cursor.copy("COPY import_flaws FROM STDIN") as copy:
                    copy.write(
                        "".join(f"{n}\t{status}\t{escape(orjson.dumps(e).decode())}\n" for n, status, e in to_keep)
                    )
            done += len(chunk)
            if self.run is not None:
                self.run.progress(done, self.found.rows, "Checking rows")
        return builder.found()

    def _compared(self, lines: list[str]) -> str:
        """The lines with those columns only that find repeated rows."""
        places = [self._place(name) for name in self.handler.compared]
        pick = itemgetter(0, 1, 2, *places)
        upto = max(places) + 1
        return "\n".join(["\t".join(pick(line.split("\t", upto))) for line in lines]) + "\n"

    def _repeated(self, *, skipping: bool) -> Repeated:
        left_out = self._streamed("SELECT DISTINCT n FROM import_repeated") if skipping else ()
        known = self._streamed(
            "SELECT key, count(*) FROM import_repeated WHERE key IS NOT NULL GROUP BY key ORDER BY key"
        )
        return Repeated((number for (number,) in left_out), known)

    def _streamed(self, query: str) -> Iterator[Any]:
        with raw_connection().cursor("import_repeated") as cursor:
            cursor.itersize = 10_000
            cursor.execute(query)
            yield from cursor

    def _keep_staged(self, spool: Spool, repeated: Repeated) -> None:
        with tempfile.TemporaryFile() as file:
            for piece in spool.ready(repeated):
                file.write(piece)
            file.seek(0)
            storage.storage().put(staged_key(self.found.id), file, "text/plain")
