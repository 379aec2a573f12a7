"""Pages and fragments, toasts, headers, assets, macros: by the gallery and the guide, without any area."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tracktok.web import components
from tracktok.web.errors import error_page
from tracktok.web.guide.contents import CHAPTERS, search, sections

HTMX = {"HX-Request": "true"}
GALLERY = ["", "/list", "/record", "/form", "/auth", "/progress/0"]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize("path", GALLERY)
def test_pages_hold_nothing_inline(client, path):
    page = client.get(f"/dev/components{path}").text
    assert not re.search(r"<[^>]+\sstyle=", page)
    assert not re.search(r"<[^>]+\son[a-z]+=", page)
    assert not re.search(r"<style", page)
    for attributes in re.findall(r"<script([^>]*)>", page):
        assert "src=" in attributes or 'type="application/json"' in attributes
    assert not re.search(r'(src|href)="(https?:)?//', page), "no outside host"


@pytest.mark.parametrize("path", GALLERY)
def test_ids_are_unique_and_labels_point_at_fields(client, path):
    page = client.get(f"/dev/components{path}").text
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))
    for name in re.findall(r'<label[^>]+for="([^"]+)"', page):
        assert name in ids


def test_the_same_address_gives_the_page_or_its_fragment(client):
    page = client.get("/dev/components/list")
    assert page.text.startswith("<!doctype html>")
    assert {"HX-Request", "HX-Target"} <= set(page.vary)
    fragment = client.get("/dev/components/list", headers={**HTMX, "HX-Target": "sample-list"})
    assert fragment.text.lstrip().startswith("<span hidden data-announce")
    rows = client.get("/dev/components/list?cursor=12", headers={**HTMX, "HX-Target": "sample-more"})
    assert rows.text.lstrip().startswith("<tr")
    restored = client.get("/dev/components/list", headers={**HTMX, "HX-History-Restore-Request": "true"})
    assert restored.text.startswith("<!doctype html>")


def test_a_form_that_is_refused_comes_back_with_422_and_what_was_typed(client):
    answer = client.post("/dev/components/form", data={"title": "ab", "amount": "12"}, headers=HTMX)
    assert answer.status_code == 422
    assert "<!doctype" not in answer.text
    assert 'value="ab"' in answer.text
    assert "Please look at 3 fields" in answer.text
    assert 'aria-invalid="true"' in answer.text
    whole = client.post("/dev/components/form", data={"title": "ab"})
    assert whole.status_code == 422
    assert whole.text.startswith("<!doctype html>")


def test_success_redirects_and_tells_on_the_next_page(client):
    good = {"title": "Diesel", "amount": "1.234,5", "expense_date": "today", "category": "Fuel"}
    answer = client.post("/dev/components/form", data=good)
    assert answer.status_code == 303
    assert "Expense recorded" in client.get(answer.location).text
    assert "Expense recorded" not in client.get(answer.location).text, "once"
    answer = client.post("/dev/components/form", data=good, headers=HTMX)
    assert answer.headers["HX-Redirect"] == "/dev/components/list"


@pytest.mark.parametrize("status", [400, 402, 403, 404, 409, 413, 415, 422, 429, 500, 503])
def test_error_pages_and_toasts(client, status):
    page = client.get(f"/dev/components/error/{status}")
    assert page.status_code == status
    assert page.text.count("<h1") == 1
    toast = client.get(f"/dev/components/error/{status}", headers=HTMX)
    assert toast.status_code == status
    assert toast.headers["HX-Reswap"] == "none"
    assert json.loads(toast.headers["HX-Trigger"])["toasts"][0]["tone"] == "danger"


def test_who_is_not_signed_in_is_sent_to_sign_in(client):
    page = client.get("/dev/components/error/401")
    assert page.status_code == 303
    assert "sign-in" in page.location
    assert "sign-in" in client.get("/dev/components/error/401", headers=HTMX).headers["HX-Redirect"]


def test_an_unknown_address_is_a_page_for_people(client):
    answer = client.get("/no-such-page", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text or "Not found" in answer.text


def test_headers(client):
    headers = client.get("/guide").headers
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers
    secure = client.get("/guide", base_url="https://tracktok.test").headers
    assert "max-age" in secure["Strict-Transport-Security"]


def test_assets_are_named_by_content_compressed_and_kept(client):
    page = client.get("/guide").text
    address = re.search(r'href="(/assets/[0-9a-f]+/app\.css)"', page).group(1)
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"--tt-canvas" in gzip.decompress(answer.data)
    assert client.get(address).data == gzip.decompress(answer.data)
    old = client.get("/assets/0123456789ab/app.css")
    assert old.status_code == 200
    assert old.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "name", ["../pages.py", "..%2fpages.py", "vendor/.stamp", "vendor/icons/outline.json", "css", "nothing.js"]
)
def test_assets_give_nothing_else_away(client, name):
    assert client.get(f"/assets/x/{name}").status_code == 404


def test_what_the_first_page_weighs(client):
    """Everything that a first visit fetches, compressed, with the library of charts."""
    page = client.get("/dev/components/list", headers={"Accept-Encoding": "gzip"})
    total = len(page.data)
    for address in set(re.findall(r'(?:href|src)="(/assets/[^"]+)"', gzip.decompress(page.data).decode())):
        total += len(client.get(address, headers={"Accept-Encoding": "gzip"}).data)
    assert total < 250_000


def test_every_macro_is_known_and_shown(app):
    environment = app.jinja_env
    names = {
        name
        for template in environment.list_templates()
        if template.startswith(components.FOLDER)
        for name in components.macro_names(environment, template)
    }
    assert names <= set(environment.globals)
    shown = "".join(
        environment.loader.get_source(environment, template)[0]
        for template in environment.list_templates()
        if template.startswith(("gallery/", "layouts/", "components/", "guide/"))
    )
    assert {name for name in names if shown.count(f"{name}(") < 2} <= {"lazy", "settings_layout", "hidden_field"}


def test_a_brand_colour_is_made_readable(client):
    sheet = client.get("/assets/brand/ffcc00.css")
    assert sheet.mimetype == "text/css"
    assert "--tt-accent: #7" in sheet.text
    assert client.get("/assets/brand/red.css").status_code == 404


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.slug)
def test_the_guides_chapters_open_for_anybody(client, chapter):
    page = client.get(f"/guide/{chapter.slug}")
    assert page.status_code == 200
    assert chapter.title in page.text
    own = [section for section in sections() if section.chapter == chapter]
    assert own, "a chapter has sections"
    for section in own:
        assert f'id="{section.anchor}"' in page.text


def test_the_guide_can_be_searched(client):
    assert search("alert threshold")
    assert "section" in client.get("/guide?q=budget").text
    assert "0 sections" in client.get("/guide?q=zzzz").text
    assert client.get("/guide/nothing").status_code == 404


@pytest.fixture
def guarded(app: Flask) -> Iterator[FlaskClient]:
    """A client of an application that wants CSRF tokens."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False


def test_a_write_from_a_page_needs_the_sessions_token(guarded):
    assert guarded.post("/dev/components/undo").status_code == 400
    token = re.search(r'name="csrf-token" content="([^"]+)"', guarded.get("/dev/components/form").text).group(1)
    assert guarded.post("/dev/components/undo", data={"csrf_token": token}).status_code == 303
    assert guarded.post("/dev/components/undo", headers={**HTMX, "X-CSRFToken": token}).status_code == 200
    other = guarded.application.test_client()
    refused = other.post("/dev/components/undo", data={"csrf_token": token})
    assert refused.status_code == 400
    assert "Reload the page" in refused.text


def test_the_api_wants_no_token(guarded):
    assert guarded.post("/api/v1/auth/login", json={}).status_code == 422


def test_an_error_page_is_drawn_even_when_the_frame_cannot_be(app, client, monkeypatch):
    def broken():
        raise RuntimeError("the database is away")

    monkeypatch.setattr(app.extensions["tracktok_frame"], "frame", broken)
    answer = client.get("/dev/components/error/503")
    assert answer.status_code == 503
    assert "Not available at the moment" in answer.text


def test_an_error_says_when_to_try_again(app):
    with app.test_request_context("/"):
        answer = error_page(429, headers={"Retry-After": "30"})
    assert "Try again in 30 seconds." in answer.get_data(as_text=True)
    assert answer.headers["Retry-After"] == "30"
