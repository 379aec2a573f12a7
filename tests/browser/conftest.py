"""A server of the application under test, and Chromium in front of it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser as Chrome
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from tests.factories.tenants import Browser, Company, Member
from tracktok.core.permissions import ANY_PERSON, access_of

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

from looking import THEMES, Visitor  # noqa: E402, F401
from looking import Page as Shown  # noqa: E402, F401
from looking.axe import Axe, Memory  # noqa: E402
from looking.camera import Camera, Chromium  # noqa: E402
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


def routes_for(app: Flask, company: Company, role: str | None, without: tuple[str, ...] = ()) -> Routes:
    """The pages that somebody of the company (or nobody) may open; of the others it is seen here that they are refused.

    That takes a browser ten times as long, and shows the same page each time.
    """
    every, member = Routes(app, without), company.member(role) if role else None
    closed = {rule.endpoint: rule for rule in every.rules if not _may_open(app, rule.endpoint, member)}
    address = f"http://{company.subdomain}.{app.config['BASE_DOMAIN']}"
    client = member.browser() if member else Browser(app, Response, address=address)
    for rule in closed.values():
        if not rule.arguments:
            status = client.get(rule.rule).status_code
            assert status in ({403} if member else {302, 401}), f"{rule.rule}: {status}"
    return Routes(app, without, closed)


def _may_open(app: Flask, endpoint: str, member: Member | None) -> bool:
    access = access_of(app.view_functions[endpoint])
    if access is None or access.public_because:
        return True
    return member is not None and (access.permission == ANY_PERSON or member.actor.may(access.permission))


def visitor(member: Member) -> Visitor:
    """A person with the cookie of an open session."""
    client = member.browser()
    host = client.address.partition("//")[2].partition(":")[0]
    cookie = client.get_cookie(client.application.config["SESSION_COOKIE_NAME"], domain=host)
    assert cookie is not None
    return Visitor(member.role, cookies=((cookie.key, cookie.value),))


@pytest.fixture(scope="package")
def chromium(app: Flask, port: int) -> Iterator[Chrome]:
    """One browser for the tests of this folder; each has windows of its own, which share nothing."""
    with Chromium(f"http://everybody.{app.config['BASE_DOMAIN']}:{port}") as browser:
        yield browser


@pytest.fixture(scope="session")
def axe(worker_id_or_master: str, tmp_path_factory: pytest.TempPathFactory) -> Axe:
    """One memory of what axe has found in order, for all processes of the run: it looks once at what is alike."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id_or_master == "master" else base.parent) / "approved by axe"
    folder.mkdir(exist_ok=True)
    return Axe(Memory(folder))


@pytest.fixture
def camera(
    app: Flask, company: Company, port: int, chromium: Chrome, axe: Axe, request: pytest.FixtureRequest
) -> Iterator[Camera]:
    """Chromium on the company's address, with CSRF protection as in production."""
    app.config["WTF_CSRF_ENABLED"] = True
    # Set TRACKTOK_PICTURES to a folder to see what the tests see.
    folder = os.environ.get("TRACKTOK_PICTURES")
    pictures = Path(folder) / request.node.name if folder else None
    address = f"http://{company.subdomain}.{app.config['BASE_DOMAIN']}:{port}"
    with Camera(address, pictures, browser=chromium, axe=axe) as one:
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
