"""Form, save, refuse: what every page that writes does once its form is sent.

    @blueprint.post("/projects")
    @permits("projects.write")
    def create_project() -> Response:
        return save(
            Form.read(ProjectIn),
            services.create_project,
            lambda made: go_on(f"“{made.name}” made", url_for(".project", project_id=made.id)),
            _page,
        )

`save` calls the service with what the form says. Where that works, the third argument gives the answer; where the form
or the service refuses, the fourth shows the form again, with each error at its field and all that was typed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Response, request
from pydantic import BaseModel

from tracktok.core.db import db
from tracktok.core.errors import DomainError, Stale

from .forms import Form
from .render import redirect_to, toast

M = TypeVar("M", bound=BaseModel)
R = TypeVar("R")
STALE = "Somebody else has changed this since you opened it. Open it again, and make your change anew."


def save(
    form: Form[M],
    call: Callable[[M], R],
    done: Callable[[R], Response],
    again: Callable[[Form[M]], Response],
    *,
    version: int | None = None,
) -> Response:
    """What a form that was sent leads to: `done` with what the service gave, or `again` with what is wrong.

    `version` is that of the record as it stands. A form that was opened before somebody else's change (it carries the
    version in a hidden field) is refused.
    """
    if form.data is not None:
        try:
            if version is not None:
                check_version(version)
            result = call(form.data)
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            return done(result)
    return again(form)


def go_on(
    message: str, address: str, *, another: str = "", undo: str = "", href: str = "", action: str = ""
) -> Response:
    """Say what happened and go to a page. `another` is the empty form for "Save and new"; the rest is of the toast."""
    toast(message, undo=undo, href=href, action=action)
    return redirect_to(another if another and request.form.get("then") == "new" else address)


def attempt(call: Callable[[], R], done: Callable[[R], Response], back: str) -> Response:
    """For a button without a form: `done` with what the service gave, or its refusal as a toast on the page `back`."""
    try:
        result = call()
    except DomainError as refusal:
        # The answer is a redirect, after which the edge commits: nothing half done may stay.
        db.session.rollback()
        toast(refusal.detail, "danger")
        return redirect_to(back)
    return done(result)


def check_version(version: int) -> None:
    """Raise Stale when the form was opened before somebody else's change."""
    sent = request.form.get("version")
    if sent is not None and sent != str(version):
        raise Stale(STALE)
