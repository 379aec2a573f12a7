#!/usr/bin/env python3
"""Make the database ready: the two roles, the database, its extensions and the newest schema.

Safe to run again; nothing is done twice. Settings come from the environment (NAME_FILE names a file with the value):

    DATABASE_URL         the application's role: it logs in, owns nothing, cannot bypass row-level security
    DATABASE_OWNER_URL   the role that owns the schema and runs the migrations
    DATABASE_ADMIN_URL   a superuser (or a role with CREATEDB and CREATEROLE); without it the roles and the database
                         must exist, and only the migrations are run

    python scripts/init_db.py              all of it
    python scripts/init_db.py --check      say whether the schema is the newest; 0 yes, 3 no
    python scripts/init_db.py --no-migrate roles, database and extensions only
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString
from urllib.parse import unquote, urlsplit

try:
    import psycopg
    from psycopg import sql
except ModuleNotFoundError:
    VENV = Path(os.environ.get("TRACKTOK_VENV") or Path(__file__).resolve().parent.parent / ".venv") / "bin" / "python"
    if VENV.exists() and Path(sys.executable) != VENV:
        os.execv(VENV, [str(VENV), *sys.argv])  # noqa: S606 - no shell is wanted
    sys.exit("init_db: psycopg is not installed: run `pip install -r requirements.txt` (scripts/start does it for you)")

ROOT = Path(__file__).resolve().parent.parent
EXTENSIONS = ("pg_trgm", "btree_gist", "btree_gin", "citext")
OLDEST_SERVER = 15
_ONE_AT_A_TIME = 727_000


class DatabaseError(Exception):
    """The database cannot be made ready; the message says why and what to do."""


def setting(name: str) -> str:
    """A setting of the environment, or the content of the file that NAME_FILE names; empty when neither is there."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise DatabaseError(f"{name}_FILE: {error}") from error
    return os.environ.get(name, "")


@dataclass(frozen=True)
class Target:
    """A role in a database, taken from a URL."""

    url: str
    role: str
    password: str
    database: str

    @classmethod
    def parse(cls, name: str, url: str) -> Target:
        """Read a URL like `postgresql+psycopg://role:password@host:port/database`."""
        scheme, separator, rest = url.partition("://")
        parts = urlsplit(f"postgresql://{rest}")
        if not separator or scheme.split("+")[0] not in {"postgresql", "postgres"} or not parts.path.strip("/"):
            raise DatabaseError(f"{name} is not like postgresql+psycopg://role:password@host:port/database")
        return cls(
            url=f"postgresql://{rest}",
            role=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            database=unquote(parts.path.strip("/")),
        )

    def connect(self, *, database: str | None = None) -> psycopg.Connection:
        """A connection that commits each statement. Raises DatabaseError."""
        try:
            return psycopg.connect(self.url, autocommit=True, dbname=database or self.database, connect_timeout=10)
        except psycopg.OperationalError as error:
            raise DatabaseError(f"cannot connect as {self.role} to {database or self.database}: {error}") from error


def make_roles(admin: psycopg.Connection, owner: Target, app: Target) -> None:
    """Create both roles, or set their passwords and take from them what they must not have."""
    if owner.role == app.role:
        raise DatabaseError(
            "DATABASE_URL and DATABASE_OWNER_URL must name two roles: the application may not own the schema"
        )
    for target in (owner, app):
        if not target.role or not target.password:
            raise DatabaseError("both URLs need a role and a password")
        known = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (target.role,)).fetchone()
        rights: LiteralString = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD {}"
        verb: LiteralString = "ALTER ROLE {} " if known else "CREATE ROLE {} "
        try:
            admin.execute(sql.SQL(verb + rights).format(sql.Identifier(target.role), sql.Literal(target.password)))
        except psycopg.errors.InsufficientPrivilege:
            # A hosting company's administrator is no superuser: it may not name the rights that it does not have.
            admin.execute(
                sql.SQL(verb + "LOGIN PASSWORD {}").format(sql.Identifier(target.role), sql.Literal(target.password))
            )
    # Nobody signs in as these: the text search of expenses runs as one, the writing of imports as the other
    # (see migrations/versions/0005_spend.py and 0010_quick_imports.py).
    for role in ("tracktok_search", "tracktok_import"):
        if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
            admin.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
        admin.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(owner.role)))
    try:
        admin.execute("GRANT SET ON PARAMETER session_replication_role TO tracktok_import")
    except psycopg.errors.InsufficientPrivilege:
        print("init_db: no superuser: imports check their references row by row, which is slower", file=sys.stderr)


def make_database(admin: psycopg.Connection, owner: Target, app: Target) -> None:
    """Create the database, owned by the owner's role; let nobody else but the application in."""
    name, owner_name, app_name = sql.Identifier(owner.database), sql.Identifier(owner.role), sql.Identifier(app.role)
    if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (owner.database,)).fetchone():
        superuser = admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        if superuser != (True,):
            # Only a member may give a database to a role.
            admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(owner_name))
        admin.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(name, owner_name)
        )
    admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    # Bulk work (imports, large postings) goes through temporary tables: COPY may not write under row-level security.
    admin.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(name, app_name))


def make_extensions(admin: psycopg.Connection, owner: Target, app: Target) -> None:
    """Add the extensions, give the schema to the owner, and let the application use but not change it."""
    for extension in EXTENSIONS:
        admin.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
    admin.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(owner.role)))
    admin.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    admin.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sql.Identifier(app.role)))


def prepare(admin_url: str, owner: Target, app: Target) -> None:
    """Everything that needs the administrator."""
    admin = Target.parse("DATABASE_ADMIN_URL", admin_url)
    with admin.connect() as connection:
        if connection.info.server_version // 10_000 < OLDEST_SERVER:
            raise DatabaseError(f"PostgreSQL {OLDEST_SERVER} or newer is needed")
        # Two that start at once must not create the same role.
        connection.execute("SELECT pg_advisory_lock(%s)", (_ONE_AT_A_TIME,))
        make_roles(connection, owner, app)
        make_database(connection, owner, app)
        with admin.connect(database=owner.database) as inside:
            make_extensions(inside, owner, app)


def check_application_role(app: Target) -> None:
    """Refuse an application role that row-level security would not hold."""
    with app.connect() as connection:
        row = connection.execute(
            "SELECT rolsuper OR rolbypassrls,"
            " EXISTS (SELECT 1 FROM pg_class WHERE relkind IN ('r', 'p') AND relowner = pg_roles.oid)"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    if row is None or row[0] or row[1]:
        raise DatabaseError(
            f"the application's role {app.role} is a superuser, bypasses row-level security or owns tables: "
            "tenants would not be kept apart. Set DATABASE_URL to a plain role and DATABASE_OWNER_URL to another, "
            "or give a superuser in DATABASE_ADMIN_URL and this script makes both"
        )


def newest_revision() -> str:
    """The head of the migrations in this tree. Raises DatabaseError when there is not exactly one."""
    from alembic.script import ScriptDirectory

    sys.path.insert(0, str(ROOT))  # The migrations import from one another.
    heads = ScriptDirectory(str(ROOT / "migrations")).get_heads()
    if len(heads) != 1:
        raise DatabaseError(f"the migrations have {len(heads)} heads: there must be one")
    return str(heads[0])


def current_revision(target: Target) -> str:
    """The revision that the database is at, or an empty string."""
    with target.connect() as connection:
        there = connection.execute("SELECT to_regclass('public.alembic_version') IS NOT NULL").fetchone()
        if not there or not there[0]:
            return ""
        row = connection.execute("SELECT version_num FROM public.alembic_version").fetchone()
    return str(row[0]) if row else ""


def migrate() -> None:
    """Bring the schema to the newest revision, as the owner."""
    done = subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"], cwd=ROOT, check=False)
    if done.returncode:
        raise DatabaseError("the migrations failed (see above); nothing of the failed one was kept")


def identity(target: Target) -> str:
    """What tells this database from one of the same name that is made anew later."""
    with target.connect() as connection:
        row = connection.execute("SELECT oid::text FROM pg_database WHERE datname = current_database()").fetchone()
    return f"{urlsplit(target.url).hostname}/{target.database}/{row[0] if row else ''}"


def main(argv: list[str] | None = None) -> int:
    """Run from the command line; 0 ready, 1 a problem, 3 (`--check`) the schema is not the newest."""
    parser = argparse.ArgumentParser(description="Make the database ready.")
    parser.add_argument("--check", action="store_true", help="only say whether the schema is the newest")
    parser.add_argument("--no-migrate", action="store_true", help="roles, database and extensions only")
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
    options = parser.parse_args(argv)
    try:
        owner, app = (Target.parse(name, setting(name)) for name in ("DATABASE_OWNER_URL", "DATABASE_URL"))
        if options.check:
            at, newest = current_revision(owner), newest_revision()
            print(f"the schema is at {at or 'nothing'}, the newest is {newest}")
            return 0 if at == newest else 3
        if admin_url := setting("DATABASE_ADMIN_URL"):
            prepare(admin_url, owner, app)
        if not options.no_migrate and current_revision(owner) != newest_revision():
            migrate()
        check_application_role(app)
        if options.json:
            print(json.dumps({"database": identity(owner)}))
    except (DatabaseError, psycopg.Error) as error:
        print(f"init_db: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
