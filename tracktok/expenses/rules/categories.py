"""The shape of the category tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

DEEPEST = 4


@dataclass(frozen=True, slots=True)
class TreeProblem:
    """Why a category may not stand where it is put."""

    code: str
    detail: str


def ancestors(category_id: UUID | None, parents: Mapping[UUID, UUID | None]) -> list[UUID]:
    """The category and those above it, from the bottom to the top; stops at a cycle."""
    found: list[UUID] = []
    while category_id is not None and category_id not in found:
        found.append(category_id)
        category_id = parents.get(category_id)
    return found


def with_those_below(
    own: Mapping[UUID, tuple[Decimal, int]], parents: Mapping[UUID, UUID | None]
) -> dict[UUID, tuple[Decimal, int]]:
    """(amount, count) of each category together with everything below it."""
    found = {category_id: (Decimal(0), 0) for category_id in parents}
    for category_id, (amount, count) in own.items():
        for above in ancestors(category_id, parents):
            held = found.get(above, (Decimal(0), 0))
            found[above] = (held[0] + amount, held[1] + count)
    return found


def descendants(category_id: UUID, parents: Mapping[UUID, UUID | None]) -> set[UUID]:
    """The category and everything below it."""
    children: dict[UUID | None, list[UUID]] = {}
    for child, parent in parents.items():
        children.setdefault(parent, []).append(child)
    found: set[UUID] = set()
    waiting = [category_id]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(children.get(current, []))
    return found


def height(category_id: UUID, parents: Mapping[UUID, UUID | None]) -> int:
    """How many levels a category and those below it take: 1 for a leaf."""
    below = descendants(category_id, parents)
    return max(ancestors(one, parents).index(category_id) + 1 for one in below)


def move_problem(
    category_id: UUID | None, parent_id: UUID | None, parents: Mapping[UUID, UUID | None]
) -> TreeProblem | None:
    """Why a category (None: a new one) may not go below a parent (None: to the top), or None when it may."""
    if parent_id is None:
        return None
    if category_id is not None and parent_id in descendants(category_id, parents):
        return TreeProblem("cycle", "A category cannot be below itself.")
    levels = len(ancestors(parent_id, parents)) + (height(category_id, parents) if category_id is not None else 1)
    if levels > DEEPEST:
        return TreeProblem("too_deep", f"Categories go {DEEPEST} levels deep at most.")
    return None
