"""Form, save, refuse: one shape for every page that writes."""

from __future__ import annotations

import pytest
from flask import Flask, Response
from pydantic import BaseModel, Field

from tracktok.core.errors import Conflict, Invalid
from tracktok.web import render
from tracktok.web.forms import Form
from tracktok.web.saving import attempt, go_on, save


class TagIn(BaseModel):
    name: str = Field(min_length=3)


@pytest.fixture
def page():
    app = Flask(__name__)
    app.secret_key = "for this test"
    render.init_app(app)
    taken = {"fuel"}

    def make(data: TagIn) -> str:
        if data.name in taken:
            raise Invalid.at("name", "This name is taken.")
        if data.name == "locked":
            raise Conflict("Tags are locked.")
        return data.name

    @app.post("/tags")
    def create() -> Response:
        return save(
            Form.read(TagIn),
            make,
            lambda name: go_on(f"{name} made", "/tags", another="/tags/new"),
            lambda form: Response(f"{form.text('name')}|{form.error('name')}|{' '.join(form.general)}", form.status),
            version=3,
        )

    @app.post("/tags/<name>/delete")
    def delete(name: str) -> Response:
        return attempt(lambda: make(TagIn(name=name)), lambda done: go_on(f"{done} gone", "/tags"), f"/tags/{name}")

    return app.test_client()


def said(page) -> list[str]:
    with page.session_transaction() as session:
        return [text for _, text in session.get("_flashes", [])]


@pytest.mark.parametrize(
    ("sent", "status", "shown"),
    [
        ({"name": "ab"}, 422, "ab|Write at least 3 characters.|"),
        ({"name": "fuel"}, 422, "fuel|This name is taken.|"),
        ({"name": "locked"}, 409, "locked||Tags are locked."),
        ({"name": "tolls", "version": "2"}, 412, "tolls||Somebody else has changed this"),
    ],
)
def test_what_is_refused_comes_back_as_it_was_typed(page, sent, status, shown):
    answer = page.post("/tags", data=sent)
    assert answer.status_code == status
    assert answer.text.startswith(shown)
    assert not said(page)


@pytest.mark.parametrize(
    ("sent", "where"),
    [
        ({"name": "tolls"}, "/tags"),
        ({"name": "tolls", "version": "3"}, "/tags"),
        ({"name": "tolls", "then": "new"}, "/tags/new"),
    ],
)
def test_what_is_saved_is_told_on_the_next_page(page, sent, where):
    answer = page.post("/tags", data=sent)
    assert (answer.status_code, answer.location) == (303, where)
    assert "tolls made" in said(page)[0]


def test_a_button_that_is_refused_says_why_where_it_was_pressed(page):
    answer = page.post("/tags/fuel/delete")
    assert (answer.status_code, answer.location) == (303, "/tags/fuel")
    assert '"tone": "danger"' in said(page)[0]
    assert page.post("/tags/tolls/delete").location == "/tags"
