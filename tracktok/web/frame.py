"""What the frame around each page shows: company, person, companies to switch to, unread counts.

The web package knows nothing of people or tenants: the area that does registers a function with `provide_frame`,
and others add to the palette's search with `provide_search`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from flask import Flask, current_app, g

from tracktok.core.context import actor


@dataclass(frozen=True, slots=True)
class Company:
    """A tenant that the person can switch to."""

    name: str
    url: str
    current: bool = False
    role: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """The figures and names around a page. `accent` is the tenant's colour as `#rrggbb`, or empty."""

    signed_in: bool = False
    tenant: str = ""
    logo_url: str = ""
    accent: str = ""
    person: str = ""
    email: str = ""
    role: str = ""
    companies: tuple[Company, ...] = ()
    unread: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    notice: str = ""
    notice_tone: str = "blue"
    notice_href: str = ""
    notice_action: str = ""
    sign_in_url: str = ""
    sign_out_url: str = ""
    notifications_url: str = ""
    person_links: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that the palette found. `note` stands beside the label in grey."""

    label: str
    href: str
    note: str = ""
    icon: str = "arrow-right"
    group: str = "Records"


def plain_frame() -> Frame:
    """What can be told without the help of any area: who acts."""
    who = actor()
    return Frame() if who is None else Frame(signed_in=True, person=who.name, email=who.email, role=who.role)


FrameProvider = Callable[[], Frame]
SearchProvider = Callable[[str, int], Iterable[Hit]]


@dataclass(slots=True)
class _Providers:
    frame: FrameProvider = plain_frame
    searches: list[tuple[str, SearchProvider]] = field(default_factory=list)


def _providers(app: Flask) -> _Providers:
    return app.extensions.setdefault("tracktok_frame", _Providers())


def provide_frame(app: Flask, provider: FrameProvider) -> None:
    """Say who fills in the frame; called once per request, when a full page is drawn."""
    _providers(app).frame = provider


def provide_search(app: Flask, permission: str, provider: SearchProvider) -> None:
    """Add a search to the palette: `provider(text, limit)`, asked only when the actor holds the permission."""
    _providers(app).searches.append((permission, provider))


def searches() -> list[tuple[str, SearchProvider]]:
    """The registered searches with the permission that each asks for."""
    return _providers(current_app).searches


def frame() -> Frame:
    """The frame of this request."""
    if "frame" not in g:
        g.frame = _providers(current_app).frame()
    return g.frame
