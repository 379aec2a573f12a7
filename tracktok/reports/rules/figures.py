"""Figures: how they changed, and what a tree of categories comes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from .ranges import Span, Step, slice_key, slices

ZERO = Decimal(0)
NOTHING = UUID(int=0)
"""How totals name what has no category or no project."""
TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount (or a count), and what it was in the period before."""

    value: Decimal
    before: Decimal

    @property
    def change(self) -> Decimal:
        return self.value - self.before

    @property
    def percent(self) -> Decimal | None:
        """The change in percent of the period before, one decimal; None when there was nothing to compare with."""
        if self.before == 0:
            return None
        return (self.change * 100 / abs(self.before)).quantize(TENTH, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Item:
    """What one category or project came to, with all that is below it. `id` is None for what names none."""

    id: UUID | None
    name: str
    figure: Figure
    items: int
    share: Decimal
    """Of the whole, in percent with one decimal."""
    color: str = ""
    parent_id: UUID | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Sum:
    """What was summed of one thing: now and in the period before."""

    value: Decimal = ZERO
    before: Decimal = ZERO
    items: int = 0
    items_before: int = 0

    def __add__(self, other: Sum) -> Sum:
        return Sum(
            self.value + other.value,
            self.before + other.before,
            self.items + other.items,
            self.items_before + other.items_before,
        )

    @property
    def is_nothing(self) -> bool:
        return not (self.value or self.before or self.items or self.items_before)


@dataclass(frozen=True, slots=True)
class Node:
    """A category or project by its name; `parent_id` None at the top."""

    id: UUID
    name: str
    parent_id: UUID | None = None
    color: str = ""


def share_of(part: Decimal, whole: Decimal) -> Decimal:
    """A part in percent of the whole, one decimal; 0 of nothing."""
    return (part * 100 / whole).quantize(TENTH, rounding=ROUND_HALF_UP) if whole else ZERO


def roll_up(sums: Mapping[UUID, Sum], nodes: Mapping[UUID, Node]) -> dict[UUID, Sum]:
    """Each thing's sum with those of everything below it. Ids without a node (and the nil one) stand for themselves."""
    rolled: dict[UUID, Sum] = {}
    for id_, amount in sums.items():
        seen: set[UUID] = set()
        at: UUID | None = id_
        while at is not None and at not in seen:
            seen.add(at)
            rolled[at] = rolled.get(at, Sum()) + amount
            node = nodes.get(at)
            at = node.parent_id if node else None
    return rolled


def breakdown(sums: Mapping[UUID, Sum], nodes: Iterable[Node], *, nothing: str) -> list[Item]:
    """Every thing that something was spent on, as a tree in reading order: the largest first, children below.

    `nothing` names what has no category or project. The items of depth 0 add up to the whole.
    """
    by_id = {node.id: node for node in nodes}
    rolled = {id_: amount for id_, amount in roll_up(sums, by_id).items() if not amount.is_nothing}
    whole = sum((amount.value for amount in sums.values()), ZERO)
    below: dict[UUID | None, list[UUID]] = {}
    for id_ in rolled:
        node = by_id.get(id_)
        below.setdefault(node.parent_id if node and node.parent_id in rolled else None, []).append(id_)
    found: list[Item] = []

    def add(parent: UUID | None, depth: int) -> None:
        order = sorted(below.get(parent, ()), key=lambda i: (-rolled[i].value, -rolled[i].before, str(i)))
        for id_ in order:
            node, amount = by_id.get(id_), rolled[id_]
            found.append(
                Item(
                    id=None if id_ == NOTHING else id_,
                    name=node.name if node else nothing,
                    figure=Figure(amount.value, amount.before),
                    items=amount.items,
                    share=share_of(amount.value, whole),
                    color=node.color if node else "",
                    parent_id=node.parent_id if node else None,
                    depth=depth,
                )
            )
            add(id_, depth + 1)

    add(None, 0)
    return found


def top_level(items: Sequence[Item]) -> list[Item]:
    """The items of a breakdown that add up to the whole."""
    return [item for item in items if item.depth == 0]


def biggest_change(items: Sequence[Item]) -> Item | None:
    """The top-level item whose amount changed most, up or down; None when nothing did."""
    changed = [item for item in top_level(items) if item.figure.change]
    return max(changed, key=lambda item: (abs(item.figure.change), item.name), default=None)


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A slice of the trend; `before` is the slice at its place in the period before, None when that was shorter."""

    span: Span
    value: Decimal
    items: int
    before: Decimal | None


def trend(
    span: Span, before: Span, step: Step, sums: Mapping[tuple[bool, date], tuple[Decimal, int]]
) -> list[TrendPoint]:
    """The trend of a span beside that of the one before.

    `sums` is keyed by (is it of the present span, the slice's key): days may be given as keys, they are summed up.
    """
    now: dict[date, tuple[Decimal, int]] = {}
    then: dict[date, tuple[Decimal, int]] = {}
    for (is_now, key), (amount, items) in sums.items():
        kept, name = (now if is_now else then), slice_key(key, step)
        old = kept.get(name, (ZERO, 0))
        kept[name] = (old[0] + amount, old[1] + items)
    earlier = [then.get(piece.key, (ZERO, 0))[0] for piece in slices(before, step)]
    points = []
    for number, piece in enumerate(slices(span, step)):
        amount, items = now.get(piece.key, (ZERO, 0))
        points.append(TrendPoint(piece.span, amount, items, earlier[number] if number < len(earlier) else None))
    return points
