"""The blueprint that every page of spending belongs to."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, current_app

blueprint = Blueprint("expenses", "tracktok.expenses", template_folder="templates")


@blueprint.context_processor
def _has_page() -> dict[str, Callable[[str], bool]]:
    """Whether a page exists in this application, by the name of its endpoint."""
    return {"has_page": lambda name: name in current_app.view_functions}
