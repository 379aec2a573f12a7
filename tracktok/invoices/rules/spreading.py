"""Sharing a whole among parts so that the parts always add up to it. All amounts here are integers of minor units."""

from __future__ import annotations

from collections.abc import Sequence


def round_half_up(numerator: int, denominator: int) -> int:
    """The quotient as the nearest integer, halves away from zero. `denominator` is above zero."""
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def carried(numerators: Sequence[int], denominator: int) -> list[int]:
    """Each quotient rounded with the remainder of those before it: 0.83, 0.84, 0.83 of 2.50 in three.

    What a part gets is the rounded sum up to it less the rounded sum before it, so the parts add up to the rounded sum
    of all, and no part of a positive quotient is negative.
    """
    parts: list[int] = []
    running = before = 0
    for numerator in numerators:
        running += numerator
        upto = round_half_up(running, denominator)
        parts.append(upto - before)
        before = upto
    return parts


def carried_to(whole: int, numerators: Sequence[int], denominator: int) -> list[int]:
    """As `carried`, for a whole that may differ from the rounded sum by a unit or two: the largest part takes it."""
    parts = carried(numerators, denominator)
    if parts and (rest := whole - sum(parts)):
        largest = max(range(len(parts)), key=lambda at: (abs(parts[at]), abs(numerators[at])))
        parts[largest] += rest
    return parts


def shared(whole: int, weights: Sequence[int]) -> list[int]:
    """A whole shared in proportion to weights, with a carried remainder.

    Raises ZeroDivisionError when there is something to share and the weights add up to nothing.
    """
    total = sum(weights)
    if not whole:
        return [0] * len(weights)
    if not total:
        raise ZeroDivisionError("the weights add up to nothing")
    sign = 1 if total > 0 else -1
    return carried([whole * weight * sign for weight in weights], abs(total))


def shared_to(group: int, weights: Sequence[int], numerator: int, denominator: int) -> list[int]:
    """Share what one group got of a whole; `numerator`/`denominator` is the ratio of the whole to all its weights.

    As `shared`; the unit that the group's rounding leaves over goes where a weight has most room for it, so that no
    part passes its weight.
    """
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    parts = carried([numerator * weight for weight in weights], denominator)
    rest = group - sum(parts)
    while rest:
        step = 1 if rest > 0 else -1
        room = [
            max(0, weight) - part if step > 0 else part - min(0, weight)
            for weight, part in zip(weights, parts, strict=True)
        ]
        parts[room.index(max(room))] += step
        rest -= step
    return parts
