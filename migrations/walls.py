"""What every table gets beside its columns: row-level security (wall 2) and the application role's grants.

A tenant's rows are seen only while `app.tenant_id` names it. Tables of the door (see `tracktok/core/tenancy.py`) are
also seen while `app.door` is set. Append-only tables are granted no UPDATE and no DELETE.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy.engine import make_url

from tracktok.config import Config

CURRENT = "NULLIF(current_setting('app.tenant_id', true), '')::uuid"
DOOR = "COALESCE(current_setting('app.door', true), '') <> ''"


def app_role() -> str:
    """The role that the application connects as, quoted."""
    name = make_url(Config.from_environment().database_url).username or "tracktok_app"
    return '"' + name.replace('"', '""') + '"'


def protect(table: str, *, door: bool = False, append_only: bool = False, column: str = "tenant_id") -> None:
    """Put wall 2 around a tenant's table and grant it to the application."""
    rule = f"{column} = {CURRENT}" + (f" OR {DOOR}" if door else "")
    guard(table, rule)
    grant(table, append_only=append_only)


def guard(table: str, rule: str) -> None:
    """Force row-level security with one policy."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} USING ({rule}) WITH CHECK ({rule})")


def grant(table: str, *, append_only: bool = False) -> None:
    """Let the application use a table; `append_only`: read and add, no more."""
    rights = "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"
    op.execute(f"GRANT {rights} ON {table} TO {app_role()}")
