"""Tax by (component, rate) group in integers: exact until the one rounding of each group, then shared to the lines.

A component's tax on a line is `per_base` x base + `per_quantity` x quantity, also when it is compound and when prices
include tax; the two factors are exact fractions, so no order of lines and no number of them changes a group's amount.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import lcm

from .spreading import carried_to, round_half_up
from .taxes import CESS, GST_CODES, Component

Components = tuple[Component, ...]
ComponentKey = tuple[bool, bool, Decimal, int, str, str, Decimal]
QUANTITY_UNIT = 10_000


@dataclass(frozen=True, slots=True)
class TaxedLine:
    """A line as tax sees it.

    `base` is its amount after discounts in minor units, with tax when prices include it; `quantity` in ten-thousandths.
    """

    components: Components
    base: int
    quantity: int


@dataclass(slots=True)
class Group:
    """The lines (by position) that bear a component at a rate, the amount, and what each line bears of it.

    `earlier` is the tax that a compound component is a percentage of, beside the taxable amount of its lines.
    """

    component: Component
    lines: list[int]
    amount: int
    parts: list[int]
    quantity: int
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class _Factors:
    per_base: Fraction
    per_quantity: Fraction


@lru_cache(maxsize=512)
def _factors(components: Components, unit: int, *, inclusive: bool) -> tuple[_Factors, ...]:
    found: list[_Factors] = []
    for one in components:
        percent = Fraction(one.percent) / 100
        base, quantity = percent, Fraction(one.per_unit) * unit / QUANTITY_UNIT
        if one.compound:
            base += percent * sum((factor.per_base for factor in found), Fraction(0))
            quantity += percent * sum((factor.per_quantity for factor in found), Fraction(0))
        found.append(_Factors(base, quantity))
    if not inclusive:
        return tuple(found)
    whole = 1 + sum((factor.per_base for factor in found), Fraction(0))
    fixed = sum((factor.per_quantity for factor in found), Fraction(0))
    return tuple(
        _Factors(factor.per_base / whole, factor.per_quantity - factor.per_base * fixed / whole) for factor in found
    )


def group_taxes(lines: Sequence[TaxedLine], unit: int, *, inclusive: bool) -> list[Group]:
    """The groups of a document, higher rates first and cess last. `unit`: minor units in one unit of currency."""
    members: dict[Component, list[int]] = {}
    for position, line in enumerate(lines):
        for component in line.components:
            members.setdefault(component, []).append(position)
    ordered = sorted(members, key=component_key)
    return [_group(component, members[component], lines, unit, inclusive=inclusive) for component in ordered]


def exceeds_price(line: TaxedLine, unit: int) -> bool:
    """Whether taxes for each unit of quantity are more than the price of a line that includes them."""
    if not any(component.per_unit for component in line.components):
        return False
    fixed = sum((one.per_quantity for one in _factors(line.components, unit, inclusive=False)), Fraction(0))
    before = line.base - fixed * line.quantity
    return (line.base >= 0 and before < 0) or (line.base <= 0 and before > 0)


def component_key(component: Component) -> ComponentKey:
    """The order in which taxes are shown: higher rates first, a tax on a tax after them, cess last."""
    code = component.code
    return (
        code == CESS,
        component.compound,
        -component.percent,
        GST_CODES.index(code) if code in GST_CODES else len(GST_CODES),
        component.label,
        code,
        -component.per_unit,
    )


def components_key(components: Components) -> tuple[ComponentKey, ...]:
    """An order of lines' components that does not depend on which line came first."""
    return tuple(component_key(component) for component in components)


def _group(
    component: Component, positions: list[int], lines: Sequence[TaxedLine], unit: int, *, inclusive: bool
) -> Group:
    factors: dict[Components, _Factors] = {}
    for position in positions:
        components = lines[position].components
        if components not in factors:
            factors[components] = _factors(components, unit, inclusive=inclusive)[components.index(component)]
    denominator = lcm(*(part.denominator for one in factors.values() for part in (one.per_base, one.per_quantity)))
    integers = {
        components: (int(one.per_base * denominator), int(one.per_quantity * denominator))
        for components, one in factors.items()
    }
    numerators: list[int] = []
    for position in positions:
        line = lines[position]
        per_base, per_quantity = integers[line.components]
        numerators.append(per_base * line.base + per_quantity * line.quantity)
    amount, earlier = round_half_up(sum(numerators), denominator), 0
    if component.compound and not inclusive:
        amount, earlier = _compound(component, positions, lines, unit)
    return Group(
        component=component,
        lines=positions,
        amount=amount,
        parts=carried_to(amount, numerators, denominator),
        quantity=sum(lines[position].quantity for position in positions),
        earlier=earlier,
    )


def _compound(component: Component, positions: list[int], lines: Sequence[TaxedLine], unit: int) -> tuple[int, int]:
    """A compound component of what is shown: the taxable amount and the earlier taxes as they were rounded."""
    sums: dict[Components, tuple[int, int]] = {}
    for position in positions:
        line = lines[position]
        before = line.components[: line.components.index(component)]
        base, quantity = sums.get(before, (0, 0))
        sums[before] = base + line.base, quantity + line.quantity
    earlier = sum(_earlier(before, base, quantity, unit) for before, (base, quantity) in sums.items())
    base = sum(one for one, _ in sums.values())
    quantity = sum(one for _, one in sums.values())
    return _rounded(component, base + earlier, quantity, unit), earlier


def _earlier(before: Components, base: int, quantity: int, unit: int) -> int:
    taxes = 0
    for one in before:
        taxes += _rounded(one, base + taxes if one.compound else base, quantity, unit)
    return taxes


def _rounded(component: Component, base: int, quantity: int, unit: int) -> int:
    exact = Fraction(component.percent) / 100 * base + Fraction(component.per_unit) * unit / QUANTITY_UNIT * quantity
    return round_half_up(exact.numerator, exact.denominator)
