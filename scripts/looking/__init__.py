"""Looking at every page: which there are, how they look, what is wrong with them.

`scripts/screenshots` looks at a running server; `tests/browser` looks at one of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

WIDTHS = (1440, 768, 390)
NARROWEST = 320
THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who looks. Either cookies of a session, or the credentials to sign in with."""

    name: str
    cookies: tuple[tuple[str, str], ...] = ()
    email: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """A page to look at. `endpoint` names it in the pictures' file names."""

    endpoint: str
    path: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a page."""

    page: str
    visitor: str
    setting: str
    kind: str
    detail: str

    def __str__(self) -> str:
        return f"{self.page} ({self.visitor}, {self.setting}): {self.kind}: {self.detail}"
