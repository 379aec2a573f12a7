"""The settings that the programs get: those of the environment, completed by what this machine provides."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from . import ProblemError

OWNER, APP, DATABASE = "tracktok_owner", "tracktok_app", "tracktok"


def given(environment: MutableMapping[str, str], name: str) -> bool:
    """Whether a setting is made, as itself or as a file; the content of the file becomes the setting."""
    if path := environment.get(f"{name}_FILE"):
        try:
            environment[name] = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ProblemError(f"{name}_FILE: {error}") from error
        # One of the two is enough, and programs that know no files get it as well.
        del environment[f"{name}_FILE"]
    return bool(environment.get(name))


def is_production(environment: MutableMapping[str, str]) -> bool:
    """Whether this is a production run."""
    return environment.get("TRACKTOK_ENV", "development") == "production"


def check(environment: MutableMapping[str, str], *, demo: bool) -> None:
    """Raise ProblemError for settings that cannot work together."""
    if environment.get("TRACKTOK_ENV", "development") not in {"development", "testing", "production"}:
        raise ProblemError(f"TRACKTOK_ENV is {environment['TRACKTOK_ENV']!r}: use development or production")
    if not is_production(environment):
        return
    if demo:
        raise ProblemError("the demo company is not for production: add --no-demo")
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "JWT_SECRET", "BASE_DOMAIN"):
        if not given(environment, name):
            raise ProblemError(f"production needs {name} (or {name}_FILE)")


def use_local_database(environment: MutableMapping[str, str], secrets: dict[str, str], port: int) -> None:
    """Point the settings at the PostgreSQL that we run."""
    place = f"127.0.0.1:{port}"
    environment["DATABASE_ADMIN_URL"] = _url("postgres", secrets["postgres_password"], place, "postgres")
    environment["DATABASE_OWNER_URL"] = _url(OWNER, secrets["owner_password"], place, DATABASE)
    environment["DATABASE_URL"] = _url(APP, secrets["app_password"], place, DATABASE)


def use_given_database(environment: MutableMapping[str, str], secrets: dict[str, str]) -> None:
    """Complete the settings of a PostgreSQL that somebody else runs.

    When only DATABASE_URL is given it is taken for an administrator's: the two roles are made with its help.
    """
    given(environment, "DATABASE_ADMIN_URL")
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ADMIN_URL"):
        if given(environment, name):
            environment[name] = _for_psycopg(name, environment[name])
    if environment.get("DATABASE_OWNER_URL"):
        return
    if environment.get("DATABASE_ADMIN_URL"):
        raise ProblemError(
            "DATABASE_ADMIN_URL needs DATABASE_OWNER_URL beside DATABASE_URL: they name the roles to make"
        )
    whole = environment["DATABASE_URL"]
    parts = urlsplit(whole)
    place, database = parts.netloc.rpartition("@")[2], parts.path.strip("/") or DATABASE
    environment["DATABASE_ADMIN_URL"] = urlunsplit(parts._replace(path="/postgres"))
    # Roles belong to the whole server: those of another database there keep their passwords.
    owner, app = f"{database}_owner", f"{database}_app"
    environment["DATABASE_OWNER_URL"] = _url(owner, secrets["owner_password"], place, database, parts.query)
    environment["DATABASE_URL"] = _url(app, secrets["app_password"], place, database, parts.query)


def use_local_valkey(environment: MutableMapping[str, str], secrets: dict[str, str], port: int) -> None:
    """Point the settings at the Valkey that we run."""
    environment["REDIS_URL"] = f"redis://:{quote(secrets['valkey_password'], safe='')}@127.0.0.1:{port}/0"


def complete(environment: MutableMapping[str, str], secrets: dict[str, str], folder: Path, port: int) -> None:
    """Fill in what is not set: secrets, the domain, the folder of files."""
    for name in ("SECRET_KEY", "JWT_SECRET"):
        if not given(environment, name):
            environment[name] = secrets[name.lower()]
    environment.setdefault("TRACKTOK_ENV", "development")
    environment.setdefault("BASE_DOMAIN", f"localhost:{port}")
    environment.setdefault("DATA_DIR", str(folder))


def cores() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def _url(role: str, password: str, place: str, database: str, query: str = "") -> str:
    return f"postgresql+psycopg://{role}:{quote(password, safe='')}@{place}/{database}{f'?{query}' if query else ''}"


def _for_psycopg(name: str, url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.partition("+")[0] not in {"postgres", "postgresql"}:
        raise ProblemError(f"{name} is not like postgresql://role:password@host:port/database")
    return f"postgresql+psycopg://{rest}"
