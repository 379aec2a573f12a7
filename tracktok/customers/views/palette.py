"""What the palette (Ctrl-K) finds of customers."""

from __future__ import annotations

from typing import cast

from flask import Flask, url_for
from flask.blueprints import BlueprintSetupState

from tracktok.customers.queries import find_customers
from tracktok.web.frame import Hit, provide_search

from .blueprint import blueprint


def find(text: str, limit: int) -> list[Hit]:
    """Customers by part of name, code or GSTIN."""
    return [
        Hit(
            row.name,
            url_for("customers.show", customer_id=row.id),
            " · ".join(part for part in (row.code, row.city) if part),
            "building-store",
            "Customers",
        )
        for row in find_customers(text[:120], limit)
    ]


@blueprint.record_once
def _provide(state: BlueprintSetupState) -> None:
    provide_search(cast("Flask", state.app), "customers.read", find)
