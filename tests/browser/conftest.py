"""A server of the application under test, and Chromium in front of it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from tests.factories.tenants import Company, Member

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

from looking import THEMES, Visitor  # noqa: E402, F401
from looking.camera import Camera  # noqa: E402
from looking.routes import Routes  # noqa: E402

# The machine may be busy with other tests.
expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def port(app: Flask) -> Iterator[int]:
    """The port of a server that serves the application."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join(5)
    server.server_close()


def routes_of(app: Flask, *areas: str) -> Routes:
    """The pages of some areas alone."""
    names = {rule.endpoint.partition(".")[0] for rule in app.url_map.iter_rules()}
    return Routes(app, without=(*(f"{name}." for name in sorted(names - set(areas))), "error_", "saved_views"))


def visitor(member: Member) -> Visitor:
    """A person with the cookie of an open session."""
    client = member.browser()
    host = client.address.partition("//")[2].partition(":")[0]
    cookie = client.get_cookie(client.application.config["SESSION_COOKIE_NAME"], domain=host)
    assert cookie is not None
    return Visitor(member.role, cookies=((cookie.key, cookie.value),))


@pytest.fixture
def camera(app: Flask, company: Company, port: int, request: pytest.FixtureRequest) -> Iterator[Camera]:
    """Chromium on the company's address, with CSRF protection as in production."""
    app.config["WTF_CSRF_ENABLED"] = True
    # Set TRACKTOK_PICTURES to a folder to see what the tests see.
    folder = os.environ.get("TRACKTOK_PICTURES")
    pictures = Path(folder) / request.node.name if folder else None
    with Camera(f"http://{company.subdomain}.{app.config['BASE_DOMAIN']}:{port}", pictures) as one:
        yield one
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture
def tab(camera: Camera, company: Company) -> Iterator[Page]:
    """A page of the browser, signed in as the owner. Errors in the console fail the test."""
    context = camera.context(visitor(company.owner), viewport={"width": 1280, "height": 860})
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "console",
        lambda message: (
            said.append(message.text)
            if message.type == "error" and "Failed to load resource" not in message.text
            else None
        ),
    )
    yield page
    context.close()
    assert said == []
    assert camera.findings == []
