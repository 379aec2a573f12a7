"""What was spent on projects and categories, from the totals that the books keep."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from tracktok.ledger.models import BookType, Dimension
from tracktok.ledger.queries import totals_by_id

Spent = dict[UUID, tuple[Decimal, int]]


def spent_by_project(ids: Iterable[UUID]) -> Spent:
    """(amount in the tenant's currency, how many expenses) of each project that has any."""
    return _spent(Dimension.project, ids)


def spent_by_category(ids: Iterable[UUID]) -> Spent:
    """(amount in the tenant's currency, how many expenses) of each category itself that has any."""
    return _spent(Dimension.category, ids)


def _spent(dimension: Dimension, ids: Iterable[UUID]) -> Spent:
    wanted = list(ids)
    if not wanted:
        return {}
    rows = totals_by_id(BookType.expense, dimension, date.min, date.max, wanted)
    return {row.dimension_id: (row.base_amount, row.items) for row in rows if row.dimension_id is not None}
