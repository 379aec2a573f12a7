"""A browser without scripts, for pages of a machine: it keeps cookies, follows forms, and sends what they hold."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.kills.machine import PASSWORD, Company


class _Forms(HTMLParser):
    """The forms of a page: their address, and the fields with what stands in them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self._fields: dict[str, str] = {}
        self._select = self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "form":
            self._fields = {}
            self.found.append((given.get("action", ""), self._fields))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and (self._select not in self._fields or "selected" in given):
            self._fields[self._select] = value
        elif tag == "textarea":
            self._textarea = name
            self._fields[name] = ""
        elif tag == "input" and name and (given.get("type") not in {"checkbox", "radio", "file"} or "checked" in given):
            self._fields[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._fields[self._textarea] += data


class Browser:
    """On the subdomain of a company."""

    def __init__(self, company: Company) -> None:
        self.company, self.session = company, requests.Session()
        host = f"{company.subdomain}.tracktok.test"
        self.session.headers.update({"Host": host, "X-Forwarded-For": company.headers["X-Forwarded-For"]})
        self.session.trust_env = False

    def open(self, path: str) -> requests.Response:
        """A page."""
        return self.session.get(self.company.machine.address + path, allow_redirects=False, timeout=60)

    def send(self, path: str, to: str, *, files: dict[str, Any] | None = None, **fields: str) -> requests.Response:
        """Fill in and send the form of a page that goes to an address ending in `to`; where it leads is not opened."""
        page = self.open(path)
        assert page.status_code == 200, f"{path}: {page.status_code} {page.text[:300]}"
        forms = _Forms()
        forms.feed(page.text)
        [action, kept] = next(one for one in forms.found if urlsplit(one[0]).path.rstrip("/").endswith(to))
        return self.session.post(
            self.company.machine.address + action,
            data={**kept, **fields}, files=files, allow_redirects=False, timeout=60,
        )  # fmt: skip

    def sign_in(self) -> None:
        answer = self.send("/sign-in", "/sign-in", email=self.company.email, password=PASSWORD)
        assert answer.status_code == 303, answer.text[:600]


def links_in(page: str) -> set[str]:
    """The paths that a page leads to, shows, or puts into itself."""
    ours = re.findall(r'(?:href|src|hx-get)="(?:https?://[\w.-]+\.tracktok\.test(?::\d+)?)?(/[^"]*)"', page)
    return {urlsplit(link).path for link in ours}
