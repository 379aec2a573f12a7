"""What the application stands on, and whether it is there: the database, its schema, Redis."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from . import cache as redis_cache
from .db import own_connection


@cache
def head_revision() -> str | None:
    """The newest migration in the code."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).resolve().parents[2] / "migrations"))
    return ScriptDirectory.from_config(config).get_current_head()


def check() -> tuple[bool, dict[str, Any]]:
    """(ready, what was found). Redis is told but not needed: without it limits are per process and caches are off."""
    found: dict[str, Any] = {"database": "down", "schema": "unknown", "redis": "down"}
    try:
        with own_connection() as connection:
            at = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        found["database"] = "up"
        found["schema"] = "at head" if at == head_revision() else f"at {at}, code wants {head_revision()}"
    except SQLAlchemyError:
        pass
    if redis_cache.is_up():
        found["redis"] = "up"
    else:
        found["degraded"] = ["rate limits are counted per process", "caches are off", "jobs wait for the next sweep"]
    return found["database"] == "up" and found["schema"] == "at head", found
