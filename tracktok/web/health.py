"""Whether the application is alive, and whether it is ready to work."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from flask import Blueprint, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from tracktok.core import cache as redis_cache
from tracktok.core.db import own_connection
from tracktok.core.permissions import public

from .api import Api, json_response

if TYPE_CHECKING:
    from flask import Flask

blueprint = Blueprint("health", __name__)
api = Api("health", __name__, prefix="", tag="Health", anonymous=True)


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


@blueprint.get("/healthz")
@public("a load balancer asks")
def alive() -> Response:
    """The process answers."""
    return json_response({"status": "alive"})


@blueprint.get("/readyz")
@public("a load balancer asks")
def ready() -> Response:
    """The database answers and its schema is the code's."""
    ok, found = check()
    return json_response({"status": "ready" if ok else "not ready", **found}, 200 if ok else 503)


@api.get("/health", responses={200: None})
@public("clients ask before they sign in")
def health() -> Response:
    """How the parts are."""
    ok, found = check()
    return json_response({"status": "ok" if ok else "down", **found}, 200 if ok else 503)


def init_app(app: Flask) -> None:
    """Add the routes."""
    app.register_blueprint(blueprint)
