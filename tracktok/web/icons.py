"""Icons as inline SVG, read once from the installed icon set, so that no page asks for a font or a sprite."""

from __future__ import annotations

import json
import logging
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

log = logging.getLogger(__name__)
FOLDER = Path(__file__).parent / "static" / "vendor" / "icons"
_OUTLINE = 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'


class UnknownIcon(LookupError):
    """The icon set has no icon of this name."""


@lru_cache(maxsize=2)
def _nodes(style: str) -> dict[str, Any]:
    path = FOLDER / f"{style}.json"
    if not path.is_file():
        log.warning("The icons are not installed: run scripts/frontend.py")
        return {}
    nodes: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return nodes


def _attributes(drawn: dict[str, str]) -> str:
    return "".join(f' {key}="{escape(value)}"' for key, value in drawn.items())


@lru_cache(maxsize=1024)
def icon(name: str, size: int = 18, label: str = "", cls: str = "", *, filled: bool = False) -> Markup:
    """The icon as SVG. Without `label` it is decoration, hidden from screen readers.

    Raises UnknownIcon for a name that the installed set does not have; when no set is installed, an empty
    square of the same size stands in its place.
    """
    nodes = _nodes("filled" if filled else "outline")
    if nodes and name not in nodes:
        raise UnknownIcon(f"There is no icon {name!r}; see https://tabler.io/icons for the names")
    body = "".join(f"<{tag}{_attributes(drawn)}/>" for tag, drawn in nodes.get(name, []))
    told = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    paint = 'fill="currentColor"' if filled else _OUTLINE
    return Markup(  # noqa: S704 - made of the installed set's own shapes; what a caller gives is escaped
        f'<svg class="tt-icon {escape(cls)}" width="{size}" height="{size}" viewBox="0 0 24 24" {paint} {told}>'
        f"{body}</svg>"
    )
