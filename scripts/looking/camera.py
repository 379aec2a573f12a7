"""Chromium, opening pages, taking pictures and noting what is wrong."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

from playwright.sync_api import Browser, BrowserContext, Playwright, Request, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page as Tab

from . import NARROWEST, THEMES, WIDTHS, Finding, Page, Visitor
from .axe import Axe
from .routes import Routes

CHECKS = (Path(__file__).parent / "checks.js").read_text(encoding="utf-8")
HEIGHT = 900
# Resolves when what was asked of the page (another width, another theme) has been drawn.
AT_REST = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const ends = document.getAnimations().filter((one) => one.effect?.getTiming().iterations !== Infinity);
  const late = new Promise((done) => setTimeout(done, 800));
  await Promise.race([Promise.allSettled(ends.map((one) => one.finished)), late]);
  for (let tries = 0; tries < 40 && document.querySelector("[data-chart]:not([data-drawn])"); tries += 1)
    await new Promise((done) => setTimeout(done, 50));
}"""


def chromium() -> str:
    """The path of Chromium. Raises RuntimeError when there is none."""
    for name in (os.environ.get("TRACKTOK_CHROMIUM"), "chromium", "chromium-browser", "google-chrome-stable"):
        if name and (path := shutil.which(name)):
            return path
    raise RuntimeError("Chromium is not installed: `apt install chromium`, or name one in TRACKTOK_CHROMIUM")


class Chromium:
    """A running browser that reaches one server and nothing else. Use it as a context manager; cameras may share it."""

    def __init__(self, url: str) -> None:
        """`url`: an address of the server, on this machine. Names beside its own lead there too."""
        parts = urlsplit(url)
        self.host = parts.hostname or ""
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb", "--hide-scrollbars=false"]
        # Other hosts are refused by their names. (To refuse them by a route would turn the browser's cache off.)
        nowhere = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        if self.host != "127.0.0.1":
            domain = self.host.partition(".")[2] or self.host
            arguments.append(f"--host-resolver-rules=MAP {self.host} 127.0.0.1, MAP *.{domain} 127.0.0.1, {nowhere}")
            # Without this a host that is not `localhost` gets no secure context, and Chromium complains of headers.
            trusted = f"{parts.scheme}://{parts.netloc},*.{domain}"
            arguments.append(f"--unsafely-treat-insecure-origin-as-secure={trusted}")
        else:
            arguments.append(f"--host-resolver-rules={nowhere}")
        self._arguments = arguments

    def __enter__(self) -> Browser:
        self._playwright: Playwright = sync_playwright().start()
        self.browser = self._playwright.chromium.launch(executable_path=chromium(), args=self._arguments)
        return self.browser

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.browser.close()
        self._playwright.stop()


class Camera:
    """Looks at one company. Use it as a context manager."""

    def __init__(
        self, url: str, pictures: Path | None = None, *, browser: Browser | None = None, axe: Axe | None = None
    ) -> None:
        """`url`: where the company's pages are, on this machine. `pictures`: the folder for them; None draws none.

        `browser`: one that runs and reaches the company, else the camera starts its own.
        """
        self.url = url.rstrip("/")
        self.host = urlsplit(url).hostname or ""
        self.pictures = pictures
        self.axe = axe or Axe()
        self.findings: list[Finding] = []
        self._given = browser

    def __enter__(self) -> Self:
        self._own = None if self._given else Chromium(self.url)
        self.browser = self._given or self._own.__enter__()  # type: ignore[union-attr]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._own:
            self._own.__exit__(kind, error, trace)

    def context(self, visitor: Visitor | None = None, **options: Any) -> BrowserContext:
        """A new private window, signed in as the visitor; requests to other hosts are refused and noted."""
        options.setdefault("viewport", {"width": WIDTHS[0], "height": HEIGHT})
        options.setdefault("reduced_motion", "reduce")
        context = self.browser.new_context(base_url=self.url, **options)
        context.set_default_timeout(15_000)
        context.on("request", self._see)
        if visitor and visitor.cookies:
            context.add_cookies([{"name": name, "value": value, "url": self.url} for name, value in visitor.cookies])
        elif visitor and visitor.email:
            self._sign_in(context, visitor)
        return context

    def look(
        self,
        routes: Routes,
        visitor: Visitor,
        *,
        widths: Sequence[int] = WIDTHS,
        themes: Sequence[str] = THEMES,
        only: str = "",
        every_setting: bool = True,
    ) -> int:
        """Open every page that the visitor may open, and those that it links to; how many were looked at.

        `only` is a regular expression that the endpoint must match. axe takes its time: without `every_setting` it
        looks once at the first theme and width (when there are two themes) and once at the last ones, else at each
        theme's widest and narrowest.
        """
        self._every_setting = every_setting
        context = self.context(visitor)
        tab = context.new_page()
        said: list[str] = []
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        waiting, links, looked = routes.first(), set[str](), 0
        while waiting:
            page = waiting.pop(0)
            said.clear()
            if not self._opens(tab, page, visitor):
                continue
            if not only or re.search(only, page.endpoint):
                self._look_at(tab, page, visitor, widths, themes)
                looked += 1
                for text in dict.fromkeys(said):
                    if page.status < 400 or "Failed to load resource" not in text:
                        self._note(page.endpoint, visitor.name, page.path, "console", text)
            links.update(tab.eval_on_selector_all("a[href]", "all => all.map(one => one.getAttribute('href'))"))
            waiting.extend(routes.found(sorted(links)))
        context.close()
        return looked

    def sign_up(self) -> Visitor:
        """Make a company that holds nothing; its owner. The camera looks at that company from then on."""
        word = f"empty-{uuid4().hex[:8]}"
        owner = Visitor("empty", email=f"{word}@example.com", password=uuid4().hex)
        context = self.context()
        tab = context.new_page()
        tab.goto("/sign-up")
        for name, text in (("name", "Empty company"), ("subdomain", word), ("owner_email", owner.email)):
            tab.fill(f"[name={name}]", text)
        tab.fill("[name=owner_password]", owner.password)
        tab.press("[name=owner_password]", "Enter")
        tab.wait_for_url(lambda address: "sign-up" not in address)
        self.url = "{0.scheme}://{0.netloc}".format(urlsplit(tab.url))
        self.host = urlsplit(tab.url).hostname or ""
        context.close()
        return owner

    def _sign_in(self, context: BrowserContext, visitor: Visitor) -> None:
        tab = context.new_page()
        tab.goto("/sign-in")
        tab.fill("input[type=email]", visitor.email)
        tab.fill("input[type=password]", visitor.password)
        tab.press("input[type=password]", "Enter")
        tab.wait_for_url(lambda address: "sign-in" not in address)
        tab.close()

    def _is_here(self, host: str | None) -> bool:
        """Whether a host is the company's, or the one that companies' addresses end in."""
        return host is None or host == self.host or host.endswith("." + (self.host.partition(".")[2] or self.host))

    def _see(self, request: Request) -> None:
        if not self._is_here(urlsplit(request.url).hostname):
            self._note("", "", "", "asks another host", request.url)

    def _opens(self, tab: Tab, page: Page, visitor: Visitor) -> bool:
        """Go there; whether it is a page. A refusal (401, 403), a file or another place is in order."""
        tab.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
        try:
            answer = tab.goto(page.path, wait_until="load")
        except PlaywrightError as error:
            if "ERR_ABORTED" in error.message or "Download is starting" in error.message:
                return False
            raise
        if answer is None or urlsplit(tab.url).path != urlsplit(page.path).path:
            return False
        if answer.status == page.status:
            return answer.headers.get("content-type", "").startswith("text/html")
        if answer.status not in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            self._note(page.endpoint, visitor.name, page.path, "answers with an error", f"status {answer.status}")
        return False

    def _look_at(self, tab: Tab, page: Page, visitor: Visitor, widths: Sequence[int], themes: Sequence[str]) -> None:
        for theme, width in self._settings(widths, themes):
            tab.evaluate("theme => window.ttTheme?.set(theme)", theme)
            tab.set_viewport_size({"width": width, "height": HEIGHT})
            tab.evaluate(AT_REST)
            setting = f"{theme}, {width} px"
            for kind, detail in tab.evaluate(CHECKS):
                self._note(page.endpoint, visitor.name, setting, kind, detail)
            if self._wants_axe(theme, width, widths, themes):
                for detail in self.axe.complaints(tab, setting):
                    self._note(page.endpoint, visitor.name, setting, "axe", detail)
            if self.pictures and width in widths:
                self._picture(tab, page, visitor, theme, width)

    def _settings(self, widths: Sequence[int], themes: Sequence[str]) -> list[tuple[str, int]]:
        """Each theme and width; without `every_setting` the themes after the first at their last width alone.

        Another theme is other colours and nothing else (tests/web/test_themes.py), so it cannot cut a text.
        """
        narrowest = [] if NARROWEST in widths else [NARROWEST]
        first, *further = themes
        if self._every_setting or self.pictures:
            return [(theme, width) for theme in themes for width in (*widths, *narrowest)]
        # The last width comes last: the next theme is looked at as the window is then.
        return [(first, width) for width in (*widths[:-1], *narrowest, widths[-1])] + [
            (theme, widths[-1]) for theme in further
        ]

    def _wants_axe(self, theme: str, width: int, widths: Sequence[int], themes: Sequence[str]) -> bool:
        corners = {(themes[-1], widths[-1]), *([(themes[0], widths[0])] if len(themes) > 1 else [])}
        return (theme, width) in corners or (self._every_setting and width in (widths[0], widths[-1]))

    def _picture(self, tab: Tab, page: Page, visitor: Visitor, theme: str, width: int) -> None:
        assert self.pictures is not None  # noqa: S101 - the caller has looked
        folder = self.pictures / visitor.name
        folder.mkdir(parents=True, exist_ok=True)
        tab.screenshot(path=folder / f"{page.endpoint}-{width}-{theme}.png", full_page=True)

    def _note(self, page: str, visitor: str, setting: str, kind: str, detail: str) -> None:
        finding = Finding(page, visitor, setting, kind, detail)
        if finding not in self.findings:
            self.findings.append(finding)
