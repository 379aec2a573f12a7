"""Views of lists that people keep: a name for a list with its filters.

A list says once what it is called, and shows them with two macros:

    saved_list("expenses", "expenses.index", "expenses.read", "Expenses", sort="-expense_date")

    {{ view_tabs(saved_views("expenses"), "#expenses-list") }}
    {{ filter_chips(chips, clear, "#expenses-list", saved="expenses") }}

Who keeps them is told by `provide_saved_views`: the web package has no tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from flask import Flask, current_app, request, url_for

from tracktok.core import context
from tracktok.core.permissions import may

Filters = dict[str, list[str]]
# Where one is in a list, and how it is sent, is no part of a view.
_PASSING = frozenset({"cursor", "limit", "format", "csrf_token"})
MOST_FILTERS = 40
LONGEST_FILTER = 500


@dataclass(frozen=True, slots=True)
class SavedList:
    """A list whose filters can be kept: its page, who may see it, and what it is called."""

    kind: str
    endpoint: str
    permission: str
    title: str
    sort: str = ""
    """The order that the list has by itself: it is no part of a view."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view as a list shows it. `may_change` is whether the actor may rename or delete it."""

    id: UUID
    name: str
    filters: Filters
    is_shared: bool
    may_change: bool


@dataclass(frozen=True, slots=True)
class ShownView:
    """A view in the row above a list."""

    name: str
    href: str
    is_current: bool
    is_shared: bool = False
    edit_url: str = ""


Provider = Callable[[str], Sequence[SavedView]]
_LISTS: dict[str, SavedList] = {}


def saved_list(kind: str, endpoint: str, permission: str, title: str, *, sort: str = "") -> None:
    """Say that the filters of a list can be kept. `sort` is the order that it has by itself."""
    _LISTS[kind] = SavedList(kind, endpoint, permission, title, sort)


def list_of_kind(kind: str) -> SavedList | None:
    """A list of this kind that the actor may see, or None."""
    found = _LISTS.get(kind)
    return found if found is not None and may(found.permission) else None


def kinds_seen() -> list[str]:
    """The kinds of lists that the actor may see."""
    return [kind for kind, one in _LISTS.items() if may(one.permission)]


def provide_saved_views(app: Flask, provider: Provider) -> None:
    """Say who keeps views: `provider(kind)` gives those that the actor sees of a list, in their order."""
    app.extensions["tracktok_saved_views"] = provider


def clean_filters(kind: str, given: Mapping[str, Any]) -> Filters:
    """Filters as they are kept: texts in lists, without empty ones and without the place in the list."""
    found: Filters = {}
    known = _LISTS.get(kind)
    for name, value in given.items():
        texts = [str(one) for one in (value if isinstance(value, list | tuple) else [value])]
        kept = [one[:LONGEST_FILTER] for one in texts if one != ""]
        own_order = known is not None and name == "sort" and kept == [known.sort]
        if kept and name not in _PASSING and not own_order:
            found[name] = kept
    return dict(sorted(found.items())[:MOST_FILTERS])


def read_filters(kind: str, query: str) -> Filters:
    """The filters of an address's query."""
    pairs: dict[str, list[str]] = {}
    for name, value in parse_qsl(query.lstrip("?")[:8_000]):
        pairs.setdefault(name, []).append(value)
    return clean_filters(kind, pairs)


def query_of(filters: Mapping[str, Sequence[str]]) -> str:
    """Filters as the query of an address."""
    return urlencode([(name, value) for name, values in filters.items() for value in values])


def href_of(kind: str, filters: Mapping[str, Sequence[str]]) -> str:
    """The address of a list with filters; empty for a list that is not there."""
    known = _LISTS.get(kind)
    if known is None or known.endpoint not in current_app.view_functions:
        return ""
    query = query_of(filters)
    return url_for(known.endpoint) + (f"?{query}" if query else "")


def _present(kind: str) -> Filters:
    return clean_filters(kind, dict(request.args.lists()))


def saved_views(kind: str) -> list[ShownView]:
    """The views of a list for its page, "All" first; empty when none are kept."""
    current = context.scope()
    if current is None:
        return []
    found = current.facts.setdefault(f"web.saved_views.{kind}", None)
    if not isinstance(found, list):
        current.facts[f"web.saved_views.{kind}"] = found = _shown(kind)
    return found


def _shown(kind: str) -> list[ShownView]:
    provider: Provider | None = current_app.extensions.get("tracktok_saved_views")
    kept = provider(kind) if provider else ()
    if not kept:
        return []
    here, all_of_it = _present(kind), href_of(kind, {})
    shown = [
        ShownView(
            one.name,
            href_of(kind, one.filters),
            one.filters == here,
            one.is_shared,
            url_for("saved_views.edit", view_id=one.id) if one.may_change else "",
        )
        for one in kept
    ]
    return [ShownView("All", all_of_it, not here), *shown]


def save_view_url(kind: str) -> str:
    """Where the present filters can be kept; empty when there are none, or they are a view already."""
    here = _present(kind)
    if not here or "tracktok_saved_views" not in current_app.extensions or not may("views.write"):
        return ""
    if any(one.is_current for one in saved_views(kind)):
        return ""
    return url_for("saved_views.new", kind=kind, query=query_of(here))
