"""The sums of a document: lines, taxes by group, totals. Everything adds up, to the last minor unit, always.

Order of rounding: each line (quantity x price, half up), its discount, the document's discount shared over the lines,
each tax once for each (component, rate) group and then shared back to the lines with a carried remainder, and last
the whole to the rupee if the company wants that. Section 170 of the CGST Act, 2017 and Rule 46 ask for half up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import takewhile

from tracktok.core import money
from tracktok.core.errors import FieldError, Invalid

from .grouping import QUANTITY_UNIT, Components, Group, TaxedLine, components_key, exceeds_price, group_taxes
from .spreading import round_half_up, shared, shared_to
from .supply import PLAIN, Supply
from .taxes import RATE_PLACES, ZERO, NoTax, Regime, TaxSpec, spec_problem

QUANTITY_PLACES = 4
PRICE_PLACES = 4
LARGEST_QUANTITY = Decimal(1_000_000_000_000)
LARGEST_PRICE = Decimal(1_000_000_000_000)
LARGEST_TOTAL = Decimal("999999999999.9999")
"""A document of a million millions is a slip of the finger; sums of a million such documents still fit the columns."""
_ONE = Decimal(1)
_ALL = Decimal(100)
_ROUNDABLE_PLACES = 2


class ComputingProblem(Invalid):
    """A document that cannot be computed; `field` names the place, `lines/2/discount_amount` for a line (from 0)."""

    code = "cannot_compute"

    def __init__(self, at: str, detail: str) -> None:
        super().__init__(detail, errors=[FieldError(f"/{at}", self.code, detail)])
        self.field = at


@dataclass(frozen=True, slots=True)
class LineInput:
    """A line as it is entered. `quantity` and `unit_price` to 4 places; either may be negative (a deduction).

    `unit_price` includes tax when the document does. The discount is a percentage of the line and then an amount, both
    of the sign of the line. A `pure_agent` line passes on what was paid for the buyer (Rule 33 of the CGST Rules): it
    bears no tax, no discount of the document, and is no part of the taxable value.
    """

    quantity: Decimal
    unit_price: Decimal
    tax: TaxSpec = field(default_factory=TaxSpec)
    discount_percent: Decimal = ZERO
    discount_amount: Decimal = ZERO
    pure_agent: bool = False


@dataclass(frozen=True, slots=True)
class DocumentInput:
    """A document as it is entered. Its discount (a percentage, then an amount) is shared over the lines.

    `tax_inclusive`: prices and discounts include the tax that is charged. Where none is charged (reverse charge,
    without payment) the price is what it is, and reverse charge is reckoned on top of it.
    """

    currency: str
    lines: Sequence[LineInput]
    regime: Regime = field(default_factory=NoTax)
    supply: Supply = PLAIN
    tax_inclusive: bool = False
    discount_percent: Decimal = ZERO
    discount_amount: Decimal = ZERO
    round_to_unit: bool = False


@dataclass(frozen=True, slots=True)
class LineTax:
    """One component on one line, with its rates: what an e-invoice lists for each item."""

    code: str
    label: str
    percent: Decimal
    per_unit: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ComputedLine:
    """A line in amounts of the document's currency.

    `gross` is quantity x price; `discount` is all of it, the line's own and `document_discount`, its share of the
    document's. `taxable_amount` is before tax, 0 for a pure-agent line, which has `pure_agent_amount` instead.
    `taxes` are charged, by code; `tax_amount` is their sum; `total` is what the line adds to the document.
    `reverse_charge_taxes` is what the recipient owes for it. `parts` are the single components, charged or owed.
    """

    gross: Decimal
    discount: Decimal
    taxable_amount: Decimal
    taxes: Mapping[str, Decimal]
    tax_amount: Decimal
    total: Decimal
    document_discount: Decimal = ZERO
    pure_agent_amount: Decimal = ZERO
    reverse_charge_taxes: Mapping[str, Decimal] = field(default_factory=dict)
    parts: tuple[LineTax, ...] = ()


@dataclass(frozen=True, slots=True)
class TaxGroup:
    """A tax at a rate over the whole document.

    `taxable` is what it is a percentage of (for a compound tax the taxes before it are part of that); `quantity` is
    what `per_unit` is counted by. `amount` is rounded once.
    """

    code: str
    label: str
    percent: Decimal
    taxable: Decimal
    amount: Decimal
    per_unit: Decimal = ZERO
    quantity: Decimal = ZERO
    compound: bool = False


@dataclass(frozen=True, slots=True)
class Computed:
    """The sums of a document.

    Always: `total` = `taxable_total` + `pure_agent_total` + `tax_total` + `round_off`, each of them is the sum of the
    lines', `tax_total` is the sum of `groups`, and `subtotal` (gross) less `discount_total` is the total before tax or,
    when prices include tax, with it. `reverse_charge_groups` and `reverse_charge_taxes` are owed by the recipient and
    no part of the total.
    """

    lines: tuple[ComputedLine, ...]
    groups: tuple[TaxGroup, ...]
    subtotal: Decimal
    discount_total: Decimal
    taxable_total: Decimal
    tax_total: Decimal
    taxes_by_code: Mapping[str, Decimal]
    round_off: Decimal
    total: Decimal
    reverse_charge_taxes: Mapping[str, Decimal]
    reverse_charge_groups: tuple[TaxGroup, ...] = ()
    pure_agent_total: Decimal = ZERO

    @property
    def reverse_charge_total(self) -> Decimal:
        """All that the recipient owes by reverse charge."""
        return sum(self.reverse_charge_taxes.values(), ZERO)


@dataclass(slots=True)
class _Line:
    """A line on the way, in minor units; `quantity` in ten-thousandths."""

    source: LineInput
    components: Components
    gross: int
    quantity: int
    own_discount: int
    document_discount: int = 0
    parts: list[LineTax] = field(default_factory=list)
    charged: int = 0

    @property
    def before_document(self) -> int:
        return self.gross - self.own_discount

    @property
    def net(self) -> int:
        return self.before_document - self.document_discount


def compute(document: DocumentInput) -> Computed:
    """Compute a document. Raises ComputingProblem, with the field, for what cannot be billed.

    That is: an unknown currency, more places than allowed, a discount above what it is taken from, a total below zero.
    """
    if document.currency not in money.MINOR_UNITS:
        raise ComputingProblem("currency", "Use a currency code in use, such as INR, USD or EUR.")
    places = money.minor_unit(document.currency)
    unit: int = 10**places
    lines = [_enter(at, line, document, unit) for at, line in enumerate(document.lines)]
    _share_discount(lines, document)
    inclusive = document.tax_inclusive and document.supply.charged
    taxed = [TaxedLine(line.components, line.net, line.quantity) for line in lines]
    if inclusive:
        for at, one in enumerate(taxed):
            if exceeds_price(one, unit):
                detail = "The taxes for each unit are more than the price that includes them."
                raise ComputingProblem(f"lines/{at}/unit_price", detail)
    groups = group_taxes(taxed, unit, inclusive=inclusive)
    _give_parts(lines, groups, places, charged=document.supply.charged)
    return _assemble(document, lines, groups, places, inclusive=inclusive)


def _enter(at: int, line: LineInput, document: DocumentInput, unit: int) -> _Line:
    """Check a line and round its gross and its own discount."""
    where = f"lines/{at}"
    quantity = _scaled(line.quantity, LARGEST_QUANTITY, QUANTITY_PLACES, f"{where}/quantity", "A quantity")
    price = _scaled(line.unit_price, LARGEST_PRICE, PRICE_PLACES, f"{where}/unit_price", "A unit price")
    if problem := spec_problem(line.tax):
        raise ComputingProblem(f"{where}/tax", problem)
    gross = round_half_up(quantity * price * unit, QUANTITY_UNIT * 10**PRICE_PLACES)
    if abs(gross) > LARGEST_TOTAL * unit:
        raise ComputingProblem(f"{where}/quantity", "This line is too large.")
    discount = _discount(gross, line.discount_percent, line.discount_amount, document.currency, f"{where}/")
    components = () if line.pure_agent else document.regime.components(line.tax, document.supply)
    return _Line(line, components, gross, quantity, discount)


def _scaled(value: Decimal, largest: Decimal, places: int, at: str, what: str) -> int:
    if not value.is_finite() or abs(value) > largest:
        raise ComputingProblem(at, f"{what} is a number, at most {largest:,f}.")
    if value != round(value, places):
        raise ComputingProblem(at, f"{what} has {places} decimal places at most.")
    return int(value.scaleb(places))


def _discount(whole: int, percent: Decimal, amount: Decimal, currency: str, where: str) -> int:
    """A discount of a whole in minor units: the percentage, rounded, and the amount.

    Not above the whole, and not against its sign.
    """
    unit: int = 10 ** money.minor_unit(currency)
    if not percent.is_finite() or not 0 <= percent <= _ALL:
        raise ComputingProblem(f"{where}discount_percent", "A discount is between 0 and 100 %.")
    if percent != round(percent, RATE_PLACES):
        raise ComputingProblem(f"{where}discount_percent", f"A discount has {RATE_PLACES} decimal places at most.")
    at = f"{where}discount_amount"
    if not amount.is_finite() or abs(amount) > LARGEST_TOTAL:
        raise ComputingProblem(at, "Enter an amount such as 125.50.")
    if not money.fits_minor_unit(amount, currency):
        raise ComputingProblem(at, f"{currency} has {money.minor_unit(currency)} decimal places at most.")
    share = Fraction(percent) / 100 * whole
    found = round_half_up(share.numerator, share.denominator) + int(amount * unit)
    if amount and (amount < 0) != (whole < 0) and whole:
        raise ComputingProblem(at, "A discount has the sign of what it is taken from.")
    if abs(found) > abs(whole):
        raise ComputingProblem(at, "A discount cannot be more than what it is taken from.")
    return found


def _share_discount(lines: list[_Line], document: DocumentInput) -> None:
    """Share the document's discount over its lines: first among lines taxed alike, then line by line.

    In two steps, and the first in an order that does not depend on the lines', so that no order of lines changes a sum.
    """
    alike: dict[Components, list[_Line]] = {}
    for line in lines:
        if not line.source.pure_agent:
            alike.setdefault(line.components, []).append(line)
    kinds = sorted(alike, key=components_key)
    weights = [sum(line.before_document for line in alike[kind]) for kind in kinds]
    whole = sum(weights)
    discount = _discount(whole, document.discount_percent, document.discount_amount, document.currency, "")
    if not discount:
        return
    for kind, share in zip(kinds, shared(discount, weights), strict=True):
        members = alike[kind]
        parts = shared_to(share, [line.before_document for line in members], discount, whole)
        for line, part in zip(members, parts, strict=True):
            line.document_discount = part


def _give_parts(lines: list[_Line], groups: list[Group], places: int, *, charged: bool) -> None:
    found: dict[int, list[tuple[int, LineTax]]] = {}
    for group in groups:
        one = group.component
        for position, amount in zip(group.lines, group.parts, strict=True):
            part = LineTax(one.code, one.label, one.percent, one.per_unit, _decimal(amount, places))
            found.setdefault(position, []).append((lines[position].components.index(one), part))
            lines[position].charged += amount if charged else 0
    for position, parts in found.items():
        lines[position].parts = [part for _, part in sorted(parts, key=lambda pair: pair[0])]


def _assemble(
    document: DocumentInput, lines: list[_Line], groups: list[Group], places: int, *, inclusive: bool
) -> Computed:
    charged = document.supply.charged
    computed = tuple(_computed_line(line, places, charged=charged, inclusive=inclusive) for line in lines)
    found = tuple(_tax_group(group, computed, places, inclusive=inclusive) for group in groups)
    by_code = _by_code((group.code, group.amount) for group in found)
    taxable = _sum(line.taxable_amount for line in computed)
    pure_agent = _sum(line.pure_agent_amount for line in computed)
    tax = _sum(by_code.values()) if charged else ZERO
    exact = taxable + pure_agent + tax
    if exact < 0:
        raise ComputingProblem("lines", "The deductions are more than the rest; a document cannot be below zero.")
    if exact > LARGEST_TOTAL:
        raise ComputingProblem("lines", "This document is too large.")
    nothing = _decimal(0, places)
    round_off = nothing
    if document.round_to_unit and places == _ROUNDABLE_PLACES:
        round_off = exact.quantize(_ONE, rounding=ROUND_HALF_UP) - exact
    return Computed(
        lines=computed,
        groups=found if charged else (),
        subtotal=_sum((line.gross for line in computed), nothing),
        discount_total=_sum((line.discount for line in computed), nothing),
        taxable_total=taxable + nothing,
        tax_total=tax + nothing,
        taxes_by_code=by_code if charged else {},
        round_off=round_off,
        total=exact + round_off + nothing,
        reverse_charge_taxes={} if charged else by_code,
        reverse_charge_groups=() if charged else found,
        pure_agent_total=pure_agent + nothing,
    )


def _computed_line(line: _Line, places: int, *, charged: bool, inclusive: bool) -> ComputedLine:
    taxable = line.net - line.charged if inclusive else line.net
    by_code = _by_code((part.code, part.amount) for part in line.parts)
    is_agent = line.source.pure_agent
    return ComputedLine(
        gross=_decimal(line.gross, places),
        discount=_decimal(line.own_discount + line.document_discount, places),
        taxable_amount=_decimal(0 if is_agent else taxable, places),
        taxes=by_code if charged else {},
        tax_amount=_decimal(line.charged, places),
        total=_decimal(taxable + line.charged, places),
        document_discount=_decimal(line.document_discount, places),
        pure_agent_amount=_decimal(line.net if is_agent else 0, places),
        reverse_charge_taxes={} if charged else by_code,
        parts=tuple(line.parts),
    )


def _tax_group(group: Group, lines: tuple[ComputedLine, ...], places: int, *, inclusive: bool) -> TaxGroup:
    one = group.component
    taxable = _sum(lines[position].taxable_amount for position in group.lines) + _decimal(group.earlier, places)
    if one.compound and inclusive:
        taxable += _sum(_before(one.code, lines[position].parts) for position in group.lines)
    return TaxGroup(
        code=one.code,
        label=one.label,
        percent=one.percent,
        taxable=taxable,
        amount=_decimal(group.amount, places),
        per_unit=one.per_unit,
        quantity=Decimal(group.quantity).scaleb(-QUANTITY_PLACES),
        compound=one.compound,
    )


def _before(code: str, parts: tuple[LineTax, ...]) -> Decimal:
    """The taxes of a line before one of them."""
    return _sum(part.amount for part in takewhile(lambda part: part.code != code, parts))


def _by_code(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for code, amount in amounts:
        found[code] = found.get(code, ZERO) + amount
    return found


def _sum(amounts: Iterable[Decimal], start: Decimal = ZERO) -> Decimal:
    return sum(amounts, start)


def _decimal(minor: int, places: int) -> Decimal:
    return Decimal(minor).scaleb(-places)
