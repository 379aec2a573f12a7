"""The camera sees what is wrong with a page, also where it leaves out what it has found in order before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page

from .conftest import Axe, Camera, Memory, Shown, Visitor, routes_of

ROW = '<tr><td>{name}</td><td><a class="{look}" href="/there">Open {name}</a></td></tr>'
PAGE = """<!doctype html><html lang="en"><head><title>Trips</title>
<style>body {{ background: #fff; color: #222 }}
a {{ color: #00c; padding: 6px; display: inline-block; min-width: 30px }}
.faint {{ color: #ccc }}</style></head>
<body><header><nav aria-label="Main">{nav}</nav></header>
<main><h1>{title}</h1><table><thead><tr><th>Name</th><th>Page</th></tr></thead><tbody>{rows}</tbody></table>{more}</main>
</body></html>"""


def page(*, title: str = "Trips", nav: str = '<a href="/">Home</a>', looks: str = "plain " * 5, more: str = "") -> str:
    rows = "".join(ROW.format(name=f"{title} {at}", look=look) for at, look in enumerate(looks.split()))
    return PAGE.format(title=title, nav=nav, rows=rows, more=more)


@pytest.fixture
def shown(camera: Camera, tmp_path: Path) -> Iterator[Page]:
    camera.axe = Axe(Memory(tmp_path))
    context = camera.context(viewport={"width": 1000, "height": 800})
    yield context.new_page()
    context.close()


def told(camera: Camera, tab: Page, text: str, setting: str = "light, 1000 px") -> set[str]:
    """The rules that axe finds broken."""
    tab.goto("about:blank")
    tab.set_content(text)
    return {words.partition(" ")[0] for words in camera.axe.complaints(tab, setting)}


def test_a_page_that_is_in_order_is_judged_once(camera: Camera, shown: Page, monkeypatch: pytest.MonkeyPatch):
    assert told(camera, shown, page()) == set()
    monkeypatch.setattr(camera.axe, "source", "throw new Error('judged again')")
    assert told(camera, shown, page(title="Bills", looks="plain " * 7)) == set()  # differs in words, and in how many
    with pytest.raises(Exception, match="judged again"):
        told(camera, shown, page(), "dark, 1000 px")
    with pytest.raises(Exception, match="judged again"):
        told(camera, shown, page(more="<p>News</p>"))


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        ({"more": '<p class="faint">Nothing is called so</p>'}, "color-contrast"),
        ({"nav": '<a href="/" class="faint">Home</a>'}, "color-contrast"),
        ({"looks": "plain plain plain plain faint"}, "color-contrast"),
        ({"more": '<button style="width: 9px; height: 9px; padding: 0" title="a"></button>' * 2}, "target-size"),
        ({"more": "<input>"}, "label"),
        ({"more": '<input aria-labelledby="gone">'}, "label"),
        ({"more": '<a href="/x"><svg width="24" height="24"></svg></a>'}, "link-name"),
        ({"more": "<h4>Of May</h4>"}, "heading-order"),
        ({"more": '<div role="buton">Save</div>'}, "aria-roles"),
        ({"more": "<ul><div>x</div></ul>"}, "list"),
        ({"more": "<main>x</main>"}, "landmark-no-duplicate-main"),
        ({"nav": "<a href='/'></a>"}, "link-name"),
    ],
)
def test_what_is_wrong_is_found_beside_what_is_known(camera: Camera, shown: Page, broken: dict[str, str], rule: str):
    assert told(camera, shown, page()) == set()
    for _ in range(2):  # what is wrong is never taken for known
        assert rule in told(camera, shown, page(title="Bills", **broken))


def test_what_else_is_wrong_is_noted(app: Flask, camera: Camera, monkeypatch: pytest.MonkeyPatch):
    """Words in the console, a request to another host, a page that is too wide, a text that is cut off."""
    more = """<div style="width: 2000px">wide</div>
      <div style="width: 40px; overflow: hidden; white-space: nowrap">cut off here</div>
      <img alt="" src="http://elsewhere.example/x.png">"""
    served = page(more=more).replace("</body>", "<script>console.error('broken')</script></body>")
    context = camera.context()
    context.route(re.compile(r".*/sign-in$"), lambda route: route.fulfill(body=served, content_type="text/html"))
    routes = routes_of(app, "auth")
    monkeypatch.setattr(routes, "first", lambda: [Shown("wrong", "/sign-in")])
    monkeypatch.setattr(camera, "context", lambda _visitor: context)
    assert camera.look(routes, Visitor("nobody"), widths=(1440, 390), every_setting=False) == 1
    kinds = {finding.kind for finding in camera.findings}
    assert kinds >= {"console", "asks another host", "scrolls sideways", "text is cut off"}
