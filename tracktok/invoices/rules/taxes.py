"""Which taxes a line bears: the components of its rate, by the regime of the company.

A regime turns what a line carries (`TaxSpec`) and where the supply goes (`Supply`) into components; `computing` makes
amounts of them. Rates are percentages (18 means 18 %); specific cess is an amount of currency for each unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from tracktok.customers.rules.states import levies_utgst

from .supply import Supply

ZERO = Decimal(0)
CGST, SGST, UTGST, IGST, CESS = "cgst", "sgst", "utgst", "igst", "cess"
GST_LABELS = {CGST: "CGST", SGST: "SGST", UTGST: "UTGST", IGST: "IGST", CESS: "Cess"}
GST_CODES = tuple(GST_LABELS)
LARGEST_RATE = Decimal(100)
LARGEST_CESS = Decimal(1000)
"""Cess on tobacco reached 290 %; beyond a thousand it is a slip of the finger."""
LARGEST_PER_UNIT = Decimal(1_000_000_000)
RATE_PLACES = 4
PER_UNIT_PLACES = 6


@dataclass(frozen=True, slots=True)
class Component:
    """One tax at one rate: `percent` of the taxable amount, and `per_unit` for each unit of quantity.

    A `compound` component is a percentage of the taxable amount and the components before it in the line's tuple.
    `code` is cgst, sgst, utgst, igst or cess, or the slug of a generic tax.
    """

    code: str
    label: str
    percent: Decimal
    per_unit: Decimal = ZERO
    compound: bool = False


@dataclass(frozen=True, slots=True)
class TaxSpec:
    """What a line says about tax: a GST rate (and cess), or the named components of the generic regime."""

    rate: Decimal = ZERO
    cess_percent: Decimal = ZERO
    cess_per_unit: Decimal = ZERO
    components: tuple[Component, ...] = ()


NO_TAX = TaxSpec()


class Regime(Protocol):
    """How a company taxes what it sells."""

    name: str

    def components(self, spec: TaxSpec, supply: Supply) -> tuple[Component, ...]:
        """The components a line bears, in the order they are shown; () when it bears none.

        Under reverse charge they are those that the recipient owes: `computing` charges nothing for them.
        """


class GstRegime:
    """India: CGST with SGST or UTGST in equal halves inside a State, IGST between States, and cess beside them.

    Sections 8 and 9 of the CGST Act, section 5 of the IGST Act, section 7 of the UTGST Act, section 8 of the GST
    (Compensation to States) Act, all of 2017. Cess by value and cess by quantity are two components of one code.
    """

    name = "gst"

    def components(self, spec: TaxSpec, supply: Supply) -> tuple[Component, ...]:
        """See `Regime`. A rate of 0 bears no component; neither does a supply without payment of tax."""
        if not supply.bears_tax:
            return ()
        found: list[Component] = []
        if spec.rate:
            if supply.inter_state:
                found.append(Component(IGST, GST_LABELS[IGST], spec.rate))
            else:
                half = spec.rate / 2
                local = UTGST if levies_utgst(supply.place_of_supply or supply.supplier_state) else SGST
                found += [Component(CGST, GST_LABELS[CGST], half), Component(local, GST_LABELS[local], half)]
        if spec.cess_percent:
            found.append(Component(CESS, GST_LABELS[CESS], spec.cess_percent))
        if spec.cess_per_unit:
            found.append(Component(CESS, GST_LABELS[CESS], ZERO, spec.cess_per_unit))
        return tuple(found)


class GenericRegime:
    """Elsewhere: the components a line names (VAT; state and city tax; a tax on a tax), or one named "Tax"."""

    name = "generic"

    def components(self, spec: TaxSpec, supply: Supply) -> tuple[Component, ...]:
        """See `Regime`. Components at 0 % are left away."""
        if not supply.bears_tax:
            return ()
        named = spec.components or (Component("tax", "Tax", spec.rate),)
        return tuple(one for one in named if one.percent or one.per_unit)


class NoTax:
    """A company that is not registered for any tax: nothing is charged, whatever a line says."""

    name = "none"

    def components(self, spec: TaxSpec, supply: Supply) -> tuple[Component, ...]:  # noqa: ARG002
        """Never any."""
        return ()


_REGIMES: dict[str, Regime] = {regime.name: regime for regime in (GstRegime(), GenericRegime(), NoTax())}


def regime_of(name: str) -> Regime:
    """The regime "gst", "generic" or "none". Raises KeyError for another name."""
    return _REGIMES[name]


def spec_problem(spec: TaxSpec) -> str | None:
    """What is wrong with the rates a line carries, or None."""
    percents = [(spec.rate, LARGEST_RATE), (spec.cess_percent, LARGEST_CESS)]
    percents += [(one.percent, LARGEST_CESS) for one in spec.components]
    for percent, largest in percents:
        if not percent.is_finite() or not 0 <= percent <= largest:
            return f"A tax rate is between 0 and {largest} %."
        if percent != round(percent, RATE_PLACES):
            return f"A tax rate has {RATE_PLACES} decimal places at most."
    for per_unit in (spec.cess_per_unit, *(one.per_unit for one in spec.components)):
        if not per_unit.is_finite() or not 0 <= per_unit <= LARGEST_PER_UNIT:
            return f"A tax for each unit is between 0 and {LARGEST_PER_UNIT:,f}."
        if per_unit != round(per_unit, PER_UNIT_PLACES):
            return f"A tax for each unit has {PER_UNIT_PLACES} decimal places at most."
    codes = [one.code for one in spec.components]
    if len(codes) != len(set(codes)):
        return "A line bears each tax once."
    return None
