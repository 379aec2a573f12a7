"""The blueprint that every page of metered usage belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from tracktok.core.permissions import permits
from tracktok.customers.queries import find_customers, names_of

blueprint = Blueprint("usage", "tracktok.usage", template_folder="templates", url_prefix="/usage")


@blueprint.get("/find-customers")
@permits("usage.read")
def customers_found() -> Response:
    """Customers by part of their name: for fields that search."""
    rows = find_customers(request.args.get("q", "").strip()[:120], 20)
    return jsonify([{"value": str(row.id), "label": row.name, "note": row.city or row.code} for row in rows])


def named_customers(given: Iterable[str | UUID | None]) -> list[tuple[str, str]]:
    """(id, name) of customers that a field names already."""
    ids = []
    for one in given:
        try:
            ids.append(one if isinstance(one, UUID) else UUID(str(one)))
        except ValueError:
            continue
    return [(str(key), name) for key, name in names_of(ids).items()] if ids else []


def first_customers() -> list[Any]:
    """(id, name, note) of some customers, for a field that searches as one types."""
    return [(str(row.id), row.name, row.city or row.code) for row in find_customers("", 20)]


def choices(chosen: Iterable[str | UUID | None]) -> list[Any]:
    """The customers that a field offers at first, those that it names among them."""
    offered = first_customers()
    there = {one[0] for one in offered}
    return [*offered, *((key, name, "") for key, name in named_customers(chosen) if key not in there)]
