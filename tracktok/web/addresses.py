"""Addresses made from the present one: sorted otherwise, a filter less, the next page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.urls import iri_to_uri

CURSOR = "cursor"


def address(changes: dict[str, Any] | None = None, *, drop: tuple[str, ...] = ()) -> str:
    """This page's address with some of its query changed; a value of None leaves the name away.

    The cursor is dropped unless it is among the changes: another filter or order begins at the first page.
    """
    query: MultiDict[str, str] = MultiDict(request.args)
    for name in (CURSOR, *drop):
        query.poplist(name)
    for name, value in (changes or {}).items():
        query.poplist(name)
        if value not in (None, ""):
            query.setlist(name, [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)])
    pairs = [(name, value) for name, value in query.items(multi=True) if value != ""]
    return iri_to_uri(request.path) + (f"?{urlencode(pairs)}" if pairs else "")


def sort_href(name: str, now: str | None = None) -> str:
    """The address that sorts by a column: ascending at first, descending when it is sorted by it already."""
    now = request.args.get("sort", "") if now is None else now
    return address({"sort": f"-{name}" if now == name else name})


def without(name: str, value: str | None = None) -> str:
    """The address without a filter, or without one of its values."""
    if value is None:
        return address(drop=(name,))
    return address({name: [one for one in request.args.getlist(name) if one != value] or None})
