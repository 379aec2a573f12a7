"""The guide's pages."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from tracktok.core.permissions import public
from tracktok.web.render import render

from .contents import BY_SLUG, CHAPTERS, search

blueprint = Blueprint("guide", __name__, url_prefix="/guide")
WHY = "the guide explains the product to anybody, before and after signing in"


@blueprint.get("")
@public(WHY)
def index() -> Response:
    """The table of contents; `?q=` lists the sections that speak of it."""
    text = request.args.get("q", "").strip()
    return render(
        "guide/index.html",
        block={"guide-results": "results"},
        chapters=CHAPTERS,
        text=text,
        hits=search(text) if text else [],
    )


@blueprint.get("/<slug>")
@public(WHY)
def page(slug: str) -> Response:
    """A chapter."""
    chapter = BY_SLUG.get(slug)
    if chapter is None:
        abort(404)
    at = CHAPTERS.index(chapter)
    return render(
        f"guide/{slug.replace('-', '_')}.html",
        chapter=chapter,
        chapters=CHAPTERS,
        before=CHAPTERS[at - 1] if at else None,
        after=CHAPTERS[at + 1] if at + 1 < len(CHAPTERS) else None,
    )
