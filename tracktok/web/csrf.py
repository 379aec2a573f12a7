"""Writes from pages carry a token of the session, so that another site cannot make a browser send them.

The API takes no cookie (see `auth.services.identity`), and webhooks are signed: neither needs one.
"""

from __future__ import annotations

from flask import Flask, current_app, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError

from tracktok.core.errors import BadRequest

_WRITES = {"POST", "PUT", "PATCH", "DELETE"}
_WITHOUT_COOKIE = ("/api/", "/webhooks/")
_protection = CSRFProtect()


class FormOutdated(BadRequest):
    """The token is missing, or belongs to another session."""

    code, title = "form_outdated", "This page has been open for too long"


def _check() -> None:
    if (
        request.method not in _WRITES
        or request.path.startswith(_WITHOUT_COOKIE)
        or request.routing_exception is not None
    ):
        return
    if not current_app.config["WTF_CSRF_ENABLED"]:
        return
    try:
        _protection.protect()
    except CSRFError as error:
        raise FormOutdated("You have signed in or out since it was opened. Reload the page and try again.") from error


def init_app(app: Flask) -> None:
    """Check the token of each write from a page. Tests of views leave it away; those of the browser do not."""
    app.config.setdefault("WTF_CSRF_ENABLED", app.config.get("TRACKTOK_ENV") != "testing")
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # we ask, after the edge has said who is there
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # as long as the session: a form may stay open over lunch
    _protection.init_app(app)
    app.before_request(_check)
