"""Projects as a kind of import: rows to projects, written, taken back, and the handler."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from flask import url_for

from tracktok.core import clock
from tracktok.core.db import db
from tracktok.core.jobs import JobRun
from tracktok.core.tenancy import current_tenant_id
from tracktok.expenses.queries.projects import count_projects
from tracktok.expenses.rules.imports.projects import MEANINGS, PROJECTS, SKIP, problems_of
from tracktok.imports.models import Import
from tracktok.imports.queries import ids_written
from tracktok.imports.rules.cells import Left
from tracktok.imports.rules.columns import Kind, Meanings
from tracktok.imports.services.building import Reasons, RowBuilder
from tracktok.imports.services.kinds import SKIP as SKIP_DUPLICATES
from tracktok.imports.services.kinds import Handler, Link
from tracktok.imports.services.telling import tells_commit, tells_undo
from tracktok.imports.services.writing import ID_OF_ROW, begin_ids, chunk_table, open_to_write, staged_chunks
from tracktok.tenants.services import reserve
from tracktok.web.filters import plural

STAGED: Final = """
name text NOT NULL, code text NOT NULL, client_name text NOT NULL, description text NOT NULL, status text NOT NULL,
start_date date, end_date date, budget_amount numeric"""
_COLUMNS: Final = "name, code, client_name, description, status, start_date, end_date, budget_amount"
EXISTING: Final = """
SELECT s.n, 'There is a project of this name already.' FROM import_staged s
 WHERE EXISTS (SELECT FROM projects p
                WHERE p.tenant_id = %(tenant)s AND p.deleted_at IS NULL AND lower(p.name) = lower(s.name))
UNION ALL
SELECT m.n, 'The same project as row ' || m.first || ' of this file.' FROM (
  SELECT s.n, min(s.n) OVER (PARTITION BY lower(s.name)) AS first FROM import_staged s
   WHERE NOT EXISTS (SELECT FROM import_repeated r WHERE r.n = s.n)) m
 WHERE m.n > m.first"""
# A project of the same name that was made meanwhile stays as it is.
_INSERT: Final = f"""
INSERT INTO projects (tenant_id, id, {_COLUMNS})
SELECT %(tenant)s, {ID_OF_ROW}, {_COLUMNS} FROM import_chunk s ORDER BY s.p ON CONFLICT DO NOTHING"""  # noqa: S608 - constants
_OWN: Final = "p.tenant_id = %(tenant)s AND p.id BETWEEN %(first)s AND %(last)s AND p.deleted_at IS NULL"
_FREE: Final = """
p.version = 1 AND NOT EXISTS (
  SELECT FROM expenses e WHERE e.tenant_id = p.tenant_id AND e.project_id = p.id AND e.deleted_at IS NULL)"""
_MOST_NAMES: Final = 20


class ProjectBuilder(RowBuilder):
    """Rows to staged projects."""

    kind: ClassVar[Kind] = PROJECTS
    meanings: ClassVar[tuple[Meanings, ...]] = (MEANINGS,)
    columns: ClassVar[tuple[str, ...]] = tuple(_COLUMNS.split(", "))

    def key(self, values: Any) -> Any:
        """Names are of one project, however they are spelt."""
        return values["name"].lower()

    def row(self, values: dict[str, Any]) -> dict[str, Any] | Reasons:
        """The project of a row."""
        if values["status"] == SKIP:
            return [("status", Left("Left out, as chosen for this word."))]
        bad: Reasons = [*problems_of(values, self.currency)]
        return bad or {**values, "status": values["status"] or "active"}


def write_projects(run: JobRun, found: Import) -> dict[str, Any]:
    """Write the staged projects in one transaction. Raises PlanLimit (402)."""
    cursor = open_to_write(found)
    reserve("projects", count_projects, adding=found.valid)
    cursor.execute(chunk_table(STAGED))
    parameters = {"tenant": current_tenant_id(), "prefix": begin_ids(found)}
    written, staged = 0, 0
    for count in staged_chunks(cursor, found):
        staged += count
        cursor.execute(_INSERT, parameters)
        written += cursor.rowcount
        run.progress(staged, found.valid, "Writing projects")
    cursor.close()
    found.committed_rows = written
    return {"written": written, "duplicates_meanwhile": staged - written}


def undo_projects(run: JobRun, found: Import) -> dict[str, Any]:
    """Delete the projects of an import that nobody has used or changed since; the others stay, and are named."""
    run.progress(0, found.committed_rows or 1, "Taking projects back")
    cursor = open_to_write(found)
    keys = _keys(found)
    cursor.execute(f"SELECT 1 FROM projects p WHERE {_OWN} ORDER BY p.id FOR UPDATE", keys)  # noqa: S608 - constants
    live = cursor.rowcount
    cursor.execute(
        f"UPDATE projects p SET deleted_at = %(now)s, updated_at = %(now)s, version = version + 1"  # noqa: S608
        f" WHERE {_OWN} AND {_FREE}",
        {**keys, "now": clock.now()},
    )
    removed = cursor.rowcount
    cursor.execute(f"SELECT p.name FROM projects p WHERE {_OWN} ORDER BY lower(p.name) LIMIT {_MOST_NAMES}", keys)  # noqa: S608
    kept_names = [name for (name,) in cursor.fetchall()]
    cursor.close()
    deleted_before = found.committed_rows - live
    found.committed_rows = 0
    return {"removed": removed, "kept": live - removed, "kept_names": kept_names, "deleted_before": deleted_before}


def _keys(found: Import) -> dict[str, Any]:
    first, last = ids_written(found)
    return {"tenant": current_tenant_id(), "first": first, "last": last}


def _written(found: Import) -> Link:
    return Link("See the projects", url_for("expenses.projects", import_id=found.id))


def _undo_means(found: Import) -> str:
    return (
        f"Its {plural(found.committed_rows, 'project')} will be deleted, except those that were changed since or that "
        "expenses name: they stay."
    )


def _undo_refused(found: Import) -> str:
    statement = db.text(
        f"SELECT EXISTS (SELECT FROM projects p WHERE {_OWN} AND {_FREE})".replace("%(", ":").replace(")s", "")  # noqa: S608
    )
    if db.session.execute(statement, _keys(found)).scalar_one():
        return ""
    return "All of its projects were changed since, are named by expenses, or were deleted: nothing can be taken back."


PROJECT_HANDLER: Final = Handler(
    kind=PROJECTS,
    permission="projects.import",
    staged=STAGED,
    existing=EXISTING,
    builder=ProjectBuilder,
    write=write_projects,
    undo=undo_projects,
    written=_written,
    commit_told=tells_commit("project", "projects of these names were made meanwhile"),
    undo_told=tells_undo("project", "Changed since or named by expenses"),
    undo_means=_undo_means,
    undo_refused=_undo_refused,
    meanings=(MEANINGS,),
    repeats=((SKIP_DUPLICATES, "Leave them out"),),
    shown=("name", "code", "client_name", "status", "start_date", "end_date", "budget_amount"),
    file_help="A list of projects with a name in each row; code, client, dates, status and budget where there are any",
    position=20,
)
