"""Statements in figures: a draft is reckoned from its rows (and kept for an hour), what was approved is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import orjson

from tracktok.core.cache import cached_each
from tracktok.core.context import preferences
from tracktok.core.tenancy import tenant_key
from tracktok.trips.models import StatementStatus
from tracktok.trips.queries.adjustments import adjustments_of
from tracktok.trips.queries.rate_cards import card_book
from tracktok.trips.queries.rating import find_vendor, version_names
from tracktok.trips.queries.statements import card_totals, count_unpriced, get_statement
from tracktok.trips.rules.statements import Figures, figures_json, figures_of, reckon

SECONDS_KEPT = 3600


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with its figures."""

    row: Any
    vendor: Any
    figures: Figures
    cards: dict[UUID, tuple[str, date, UUID]]
    """Names of the cards of the month's parts."""


def load_statement(statement_id: UUID) -> Statement:
    """A statement with its figures; raises StatementNotFound."""
    row = get_statement(statement_id)
    figures = figures_for(row)
    return Statement(row, find_vendor(row.vendor_id), figures, version_names(one.version_id for one in figures.parts))


def figures_for(row: Any) -> Figures:
    """The figures of a statement: as approved, or reckoned. Also without Redis, a little slower."""
    return figures_of_all([row])[row.id]


def figures_of_all(rows: Iterable[Any]) -> dict[UUID, Figures]:
    """The figures of statements, by id: as `figures_for`, with one question to the cache."""
    every = list(rows)
    drafts = [row for row in every if row.status == StatementStatus.draft]
    kept = cached_all(drafts, "figures", lambda row: orjson.dumps(figures_json(reckon_now(row.vendor_id, row.month))))
    return {row.id: figures_of(orjson.loads(kept[row.id]) if row.id in kept else row.figures) for row in every}


def reckon_now(vendor_id: UUID, month: date) -> Figures:
    """The figures of a month as its rows are now."""
    totals = card_totals(vendor_id, month)
    return reckon(
        month,
        card_book(vendor_id, {one.version_id for one in totals}),
        totals,
        ((row.currency, row.amount, row.tax) for row in adjustments_of(vendor_id, month)),
        unpriced=count_unpriced(vendor_id, month),
    )


def cached(row: Any, what: str, make: Callable[[], bytes]) -> bytes:
    """What is made of a statement, kept for an hour at most.

    The key names the statement's revision, which every write of a trip or a row of the vendor and month counts up in
    its own transaction: from its commit on nobody asks for what was kept before.
    """
    return cached_all([row], what, lambda _: make())[row.id]


def cached_all(rows: Sequence[Any], what: str, make: Callable[[Any], bytes]) -> dict[UUID, bytes]:
    """What is made of each of several statements, by id: as `cached`, asked for at once."""
    prefs = preferences()
    style = f"{prefs.locale}:{prefs.date_format}:{prefs.timezone}"
    keys = {row.id: tenant_key("trip-statement", row.id, row.revision, row.version, what, style) for row in rows}
    by_id = {row.id: row for row in rows}
    found = cached_each({key: partial(make, by_id[one]) for one, key in keys.items()}, SECONDS_KEPT)
    return {one: found[key] for one, key in keys.items()}
