"""What the palette (Ctrl-K) finds of vendors."""

from __future__ import annotations

from typing import cast

from flask import Flask, url_for
from flask.blueprints import BlueprintSetupState

from tracktok.trips.queries.vendors import find_vendors
from tracktok.web.frame import Hit, provide_search

from .blueprint import vendors as blueprint


def find(text: str, limit: int) -> list[Hit]:
    """Vendors by part of name, code or GSTIN."""
    return [
        Hit(
            row.name,
            url_for("vendors.show", vendor_id=row.id),
            " · ".join(part for part in (row.code, row.city) if part),
            "steering-wheel",
            "Vendors",
        )
        for row in find_vendors(text[:120], limit)
    ]


@blueprint.record_once
def _provide(state: BlueprintSetupState) -> None:
    provide_search(cast("Flask", state.app), "vendors.read", find)
