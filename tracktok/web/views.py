"""The palette's entries and search."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for

from tracktok.core.permissions import may, signed_in

from .frame import searches
from .guide.contents import CHAPTERS
from .icons import icon
from .navigation import palette_entries

blueprint = Blueprint("web", __name__, template_folder="templates")
FEW = 6


def _help() -> list[dict[str, str]]:
    return [
        {
            "group": "How to use TrackTok",
            "label": chapter.title,
            "href": url_for("guide.page", slug=chapter.slug),
            "words": f"help guide {chapter.about.lower()}",
            "icon": chapter.icon,
        }
        for chapter in CHAPTERS
    ]


@blueprint.get("/palette")
@signed_in
def palette() -> dict[str, Any]:
    """Pages to open, and with `?q=` the records whose name matches; for the palette's script."""
    text = request.args.get("q", "").strip()
    if len(text) < 2:
        return {"entries": [{**entry, "icon": str(icon(entry["icon"]))} for entry in (*palette_entries(), *_help())]}
    hits = [hit for permission, find in searches() if may(permission) for hit in find(text, FEW)]
    return {
        "entries": [
            {"group": hit.group, "label": hit.label, "href": hit.href, "note": hit.note, "icon": str(icon(hit.icon))}
            for hit in hits
        ]
    }
