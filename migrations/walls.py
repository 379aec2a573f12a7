"""What every table gets beside its columns: row-level security (wall 2) and the application role's grants.

A tenant's rows are seen only while `app.tenant_id` names it. Tables of the door (see `tracktok/core/tenancy.py`) are
also seen while `app.door` is set. Append-only tables are granted no UPDATE and no DELETE.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy.engine import Connection, make_url

from tracktok.config import Config

# Numbers of transactions that go on rising when the data moves to another cluster, whose own begin anew: each cluster
# is an epoch. `note_cluster` counts it on when migrations run; see docs/decisions/0005-*.
TRANSACTION_NUMBERS = """
CREATE FUNCTION transaction_epoch() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT 0::bigint';
CREATE FUNCTION transaction_number(xid8 DEFAULT pg_current_xact_id()) RETURNS bigint LANGUAGE sql STABLE
  AS 'SELECT transaction_epoch() * 1099511627776 + $1::text::bigint';
"""
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


def note_cluster(connection: Connection) -> bool:
    """Begin a new epoch of transaction numbers when the data has come to another cluster; returns whether it has.

    Run as the owner after migrations. The cluster that an epoch belongs to is written in its function's comment,
    which a dump carries along.
    """
    found = connection.exec_driver_sql("SELECT to_regproc('transaction_epoch')").scalar_one()
    if found is None:
        return False
    here = str(connection.exec_driver_sql("SELECT system_identifier FROM pg_control_system()").scalar_one())
    noted = connection.exec_driver_sql("SELECT obj_description('transaction_epoch'::regproc)").scalar_one()
    if noted == here:
        return False
    if noted is not None:
        epoch = int(connection.exec_driver_sql("SELECT transaction_epoch()").scalar_one()) + 1
        connection.exec_driver_sql(
            "CREATE OR REPLACE FUNCTION transaction_epoch() RETURNS bigint LANGUAGE sql STABLE"
            f" AS 'SELECT {epoch}::bigint'"
        )
    connection.exec_driver_sql(f"COMMENT ON FUNCTION transaction_epoch() IS '{here}'")
    return noted is not None
