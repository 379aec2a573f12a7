"""The description of the API for tools (`/api/v1/openapi.json`), and a page to read and try it (`/docs`).

The viewer is Swagger UI, from a wheel. It is started by a script of our own, asks no other host, and lives under the
same Content-Security-Policy as every page.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path
from threading import Lock

from flask import Blueprint, Flask, Response, abort, current_app, render_template, request

from tracktok.core.permissions import public

from .api import JSON, to_json
from .openapi import Holders, describe

blueprint = Blueprint("docs", __name__)
VIEWER = {"swagger-ui-bundle.js": ("js", "text/javascript"), "swagger-ui.css": ("css", "text/css")}
DAY = 86_400
_making = Lock()


@cache
def _viewer(name: str) -> tuple[bytes, str]:
    import flask_openapi_swagger  # noqa: PLC0415 - needed by this page only

    folder, mimetype = VIEWER[name]
    root = Path(flask_openapi_swagger.__file__).parent / "templates" / "swagger"
    return gzip.compress((root / folder / name).read_bytes(), 6, mtime=0), mimetype


def description(app: Flask) -> tuple[bytes, str]:
    """The description as JSON, and a hash of it; made once for each application."""
    with _making:
        kept: tuple[bytes, str] | None = app.extensions.get("tracktok_openapi")
        if kept is not None:
            return kept
        body = to_json(describe(app, app.extensions["tracktok_permission_holders"]))
        kept = app.extensions["tracktok_openapi"] = (body, hashlib.sha256(body).hexdigest()[:16])
        return kept


def _send(body: bytes, mimetype: str, etag: str, *, is_compressed: bool = False) -> Response:
    accepts = "gzip" in request.headers.get("Accept-Encoding", "")
    if accepts != is_compressed:
        body = gzip.compress(body, 5, mtime=0) if accepts else gzip.decompress(body)
    response = Response(body, mimetype=mimetype)
    response.vary.add("Accept-Encoding")
    if accepts:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = f"public, max-age={DAY if is_compressed else 0}"
    response.set_etag(etag)
    response.make_conditional(request)
    return response


@blueprint.get("/api/v1/openapi.json")
@public("tools read it before they sign in")
def openapi() -> Response:
    """The description of the API."""
    body, version = description(current_app)
    return _send(body, JSON, version)


@blueprint.get("/docs")
@public("developers read it before they sign up")
def page() -> Response:
    """Read the description of the API, and try it."""
    return Response(render_template("docs/page.html", version=description(current_app)[1]))


@blueprint.get("/docs/assets/<name>")
@public("the viewer is the same for everybody")
def asset(name: str) -> Response:
    """A file of the viewer."""
    if name not in VIEWER:
        abort(404)
    body, mimetype = _viewer(name)
    return _send(body, mimetype, hashlib.sha256(body).hexdigest()[:16], is_compressed=True)


def init_app(app: Flask, holders: Holders) -> None:
    """Add the routes. `holders(permission)` names the roles that hold a permission."""
    app.extensions["tracktok_permission_holders"] = holders
    app.register_blueprint(blueprint)
