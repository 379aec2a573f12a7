"""Every page of the application, from its own map of addresses."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from . import Page
from .samples import ARGUMENTS, FURTHER, SKIPPED, STATUSES, VARIATIONS

NOT_PAGES = ("/api/", "/docs", "/healthz", "/readyz", "/metrics", "/openapi")


class Routes:
    """The pages of an application. Those with arguments become known as links to them are found."""

    def __init__(self, app: Flask, without: tuple[str, ...] = (), closed: Collection[str] = ()) -> None:
        """`without`: beginnings of endpoints to leave out, such as `("gallery.", "guide.")`; `closed`: whole ones."""
        self.adapter = app.url_map.bind("localhost")
        self.without = without
        self.rules = [
            rule
            for rule in app.url_map.iter_rules()
            if _is_page(rule) and not rule.endpoint.startswith(without) and rule.endpoint not in closed
        ]
        self.waiting = {rule.endpoint for rule in self.rules if _needs_arguments(rule)}
        simple = {rule.endpoint for rule in self.rules if not _needs_arguments(rule)}
        self.waiting -= simple
        self._simple = sorted(simple)

    def first(self) -> list[Page]:
        """The pages that need no argument, those whose arguments are named in `samples`, and the error pages."""
        pages: list[Page] = []
        for endpoint in self._simple:
            pages.extend(self._open(endpoint, {}))
        for endpoint, arguments in ARGUMENTS.items():
            if endpoint in self.waiting:
                self.waiting.discard(endpoint)
                pages.extend(self._open(endpoint, arguments))
        pages.extend(
            Page(name, path, status)
            for name, path, status in FURTHER
            if not name.startswith(self.without) and self.endpoint_of(path)
        )
        return pages

    def found(self, links: Iterable[str]) -> list[Page]:
        """The pages that wait for arguments and that one of these links opens."""
        pages = []
        for link in links:
            path = urlsplit(link).path
            endpoint = self.endpoint_of(path)
            if endpoint in self.waiting:
                self.waiting.discard(endpoint)
                pages.append(Page(endpoint, path, STATUSES.get(endpoint, 200)))
        return pages

    def _open(self, endpoint: str, arguments: dict[str, str]) -> list[Page]:
        path = self.adapter.build(endpoint, arguments)
        status = STATUSES.get(endpoint, 200)
        varied = [
            Page(f"{endpoint}_{at}", path + more, status) for at, more in enumerate(VARIATIONS.get(endpoint, ()), 1)
        ]
        return [Page(endpoint, path, status), *varied]

    def endpoint_of(self, path: str) -> str:
        """The endpoint of a page; "" when there is none."""
        try:
            endpoint, _ = self.adapter.match(path, method="GET")
        except HTTPException:
            return ""
        return str(endpoint)


def _is_page(rule: Rule) -> bool:
    methods = rule.methods or set()
    return "GET" in methods and not rule.rule.startswith(NOT_PAGES) and rule.endpoint not in SKIPPED


def _needs_arguments(rule: Rule) -> bool:
    return bool(rule.arguments - set(rule.defaults or ()))
