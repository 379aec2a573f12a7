"""Whether the application is alive, and whether it is ready to work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from tracktok.core.permissions import public
from tracktok.core.readiness import check

from .api import Api, json_response

if TYPE_CHECKING:
    from flask import Flask

blueprint = Blueprint("health", __name__)
api = Api("health", __name__, prefix="", tag="Health", anonymous=True)


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
