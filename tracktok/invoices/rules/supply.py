"""Where a supply takes place and what kind it is: the decision that splits the tax and words the document.

Law: sections 7 to 13 and 16 of the IGST Act, 2017 (place of supply, inter-State, zero-rated), section 9(3) of the CGST
Act, 2017 (reverse charge), Rule 46 of the CGST Rules, 2017 (what the invoice says).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.numbers import format_decimal

from tracktok.core import money
from tracktok.core.errors import Invalid
from tracktok.customers.rules.identity import gstin_problem, gstin_state
from tracktok.customers.rules.states import INDIA, OTHER_COUNTRY, state_name, state_problem

from .law import UNREGISTERED_DETAILS_FROM, in_force

B2B, B2C, SEZWP, SEZWOP, EXPWP, EXPWOP = "B2B", "B2C", "SEZWP", "SEZWOP", "EXPWP", "EXPWOP"
SUPPLY_TYPES: dict[str, str] = {
    B2B: "To a registered business",
    B2C: "To a customer without GSTIN",
    SEZWP: "To an SEZ, with payment of tax",
    SEZWOP: "To an SEZ, without payment of tax",
    EXPWP: "Export, with payment of tax",
    EXPWOP: "Export, without payment of tax",
}
EXPORTS, SEZ_SUPPLIES, WITHOUT_PAYMENT = {EXPWP, EXPWOP}, {SEZWP, SEZWOP}, {EXPWOP, SEZWOP}

REGISTERED, UNREGISTERED, SEZ, OVERSEAS = "registered", "unregistered", "sez", "overseas"
GST_CATEGORIES: dict[str, str] = {
    REGISTERED: "Registered business",
    UNREGISTERED: "Unregistered or consumer",
    SEZ: "SEZ unit or developer",
    OVERSEAS: "Overseas",
}
GOODS_TRANSPORT, PASSENGER_TRANSPORT, OTHER, GOODS = "goods_transport", "passenger_transport", "other", "goods"
KINDS: dict[str, str] = {
    GOODS_TRANSPORT: "Transport of goods",
    PASSENGER_TRANSPORT: "Transport of passengers",
    OTHER: "Other services",
    GOODS: "Goods",
}

STATEMENTS: dict[str, str] = {
    EXPWP: "SUPPLY MEANT FOR EXPORT ON PAYMENT OF INTEGRATED TAX",
    EXPWOP: "SUPPLY MEANT FOR EXPORT UNDER BOND OR LETTER OF UNDERTAKING WITHOUT PAYMENT OF INTEGRATED TAX",
    SEZWP: "SUPPLY TO SEZ UNIT OR SEZ DEVELOPER FOR AUTHORISED OPERATIONS ON PAYMENT OF INTEGRATED TAX",
    SEZWOP: "SUPPLY TO SEZ UNIT OR SEZ DEVELOPER FOR AUTHORISED OPERATIONS UNDER BOND OR LETTER OF UNDERTAKING"
    " WITHOUT PAYMENT OF INTEGRATED TAX",
}
"""The endorsements of Rule 46, third proviso, of the CGST Rules, 2017."""
REVERSE_CHARGE_STATEMENT = "TAX IS PAYABLE ON REVERSE CHARGE BASIS"
"""Rule 46(p): whether the tax is payable on reverse charge basis."""


class SupplyProblem(Invalid):
    """What is said about a supply contradicts itself; names the field at which to mend it."""

    code = "supply_problem"

    def __init__(self, field: str, detail: str) -> None:
        refusal = Invalid.at(field, detail)
        super().__init__(detail, errors=refusal.errors)
        self.field = field


@dataclass(frozen=True, slots=True)
class Supply:
    """Where a supply goes and how it is taxed. States are two-digit codes, "" where there is none (other regimes).

    `charged`: tax is charged on the document. It is not under reverse charge (the recipient owes it) and not when an
    export or a supply to an SEZ goes without payment of tax (nobody owes it). `statement` is the sentence of the law.
    """

    supplier_state: str = ""
    place_of_supply: str = ""
    inter_state: bool = False
    supply_type: str = ""
    reverse_charge: bool = False
    charged: bool = True
    statement: str = ""

    @property
    def bears_tax(self) -> bool:
        """Whether anybody owes tax on it: the supplier, or by reverse charge the recipient."""
        return self.charged or self.reverse_charge


PLAIN = Supply()
"""The supply of a regime that knows no States: taxed as the line says."""


def place_of_supply(
    *,
    kind: str = OTHER,
    buyer_registered: bool,
    buyer_state: str = "",
    origin_state: str = "",
    supplier_state: str,
    buyer_country: str = INDIA,
) -> str:
    """The State code of the place of supply; 96 for a buyer outside India.

    `origin_state` is where goods are handed over or the passenger embarks, "" when it is not known: then the supplier's
    State stands for it. So it does for other services where no address is on record (section 12(2)(b)). Sections 10(1),
    12(2), 12(8), 12(9) of the IGST Act, 2017. A passenger who lives abroad and embarks in India is supplied where they
    embark (section 13(10)); that is no export.
    """
    if buyer_country != INDIA or buyer_state == OTHER_COUNTRY:
        return origin_state if kind == PASSENGER_TRANSPORT and origin_state else OTHER_COUNTRY
    if kind in {GOODS_TRANSPORT, PASSENGER_TRANSPORT} and not buyer_registered:
        return origin_state or supplier_state
    return buyer_state or supplier_state


def decide_supply(
    *,
    supplier_state: str,
    gst_category: str,
    buyer_gstin: str = "",
    buyer_state: str = "",
    buyer_country: str = INDIA,
    kind: str = OTHER,
    origin_state: str = "",
    lut: bool = False,
    reverse_charge: bool = False,
    supply_type: str = "",
    place: str = "",
    supplier_is_sez: bool = False,
) -> Supply:
    """Decide a supply under GST from who sells to whom. Raises SupplyProblem for what contradicts itself.

    `supplier_state`: State code of the supplier's GSTIN. `gst_category`: of the customer, see GST_CATEGORIES. `lut`:
    the supplier has a letter of undertaking that holds on the day, so exports and supplies to SEZs go without payment
    of tax unless `supply_type` says otherwise. `supply_type` and `place` (a State code) override what follows from the
    rest. Fields of problems: supplier_state, gst_category, gstin, buyer_state, buyer_country, supply_type,
    place_of_supply, reverse_charge.
    """
    if problem := state_problem(supplier_state):
        raise SupplyProblem("supplier_state", f"The State of your GSTIN is needed to tax this. {problem}")
    _check_buyer(gst_category, buyer_gstin, buyer_state, buyer_country)
    state = gstin_state(buyer_gstin) or buyer_state
    where = place or place_of_supply(
        kind=kind, buyer_registered=bool(buyer_gstin), buyer_state=state, origin_state=origin_state,
        supplier_state=supplier_state, buyer_country=buyer_country,
    )  # fmt: skip
    if problem := state_problem(where, overseas=gst_category == OVERSEAS):
        raise SupplyProblem("place_of_supply", problem)
    wanted = supply_type or _usual_type(gst_category, where, lut=lut)
    _check_type(wanted, gst_category, where, lut=lut)
    if reverse_charge and wanted != B2B:
        raise SupplyProblem("reverse_charge", _no_reverse_charge(wanted))
    return Supply(
        supplier_state=supplier_state,
        place_of_supply=where,
        inter_state=supplier_is_sez or wanted in EXPORTS | SEZ_SUPPLIES or where != supplier_state,
        supply_type=wanted,
        reverse_charge=reverse_charge,
        charged=not reverse_charge and wanted not in WITHOUT_PAYMENT,
        statement=REVERSE_CHARGE_STATEMENT if reverse_charge else STATEMENTS.get(wanted, ""),
    )


def _check_buyer(category: str, gstin: str, state: str, country: str) -> None:
    if category not in GST_CATEGORIES:
        raise SupplyProblem("gst_category", "Say whether the customer is registered, unregistered, an SEZ or overseas.")
    if gstin and (problem := gstin_problem(gstin)):
        raise SupplyProblem("gstin", problem)
    if category in {REGISTERED, SEZ} and not gstin:
        who = "A registered business" if category == REGISTERED else "An SEZ unit or developer"
        raise SupplyProblem("gstin", f"{who} has a GSTIN; enter it, or change the customer's GST category.")
    if category in {UNREGISTERED, OVERSEAS} and gstin:
        raise SupplyProblem("gstin", "A customer with a GSTIN is registered; change the customer's GST category.")
    if category == OVERSEAS:
        if country == INDIA:
            raise SupplyProblem("buyer_country", "An overseas customer has an address outside India.")
        return
    if country != INDIA:
        raise SupplyProblem("buyer_country", "A customer with an address outside India is overseas.")
    if state and not gstin and (problem := state_problem(state)):
        raise SupplyProblem("buyer_state", problem)


def _usual_type(category: str, place: str, *, lut: bool) -> str:
    if category == SEZ:
        return SEZWOP if lut else SEZWP
    if category == OVERSEAS and place == OTHER_COUNTRY:
        return EXPWOP if lut else EXPWP
    return B2B if category == REGISTERED else B2C


def _check_type(supply_type: str, category: str, place: str, *, lut: bool) -> None:
    if supply_type not in SUPPLY_TYPES:
        raise SupplyProblem("supply_type", f"A supply is of one of these kinds: {', '.join(SUPPLY_TYPES)}.")
    if supply_type in EXPORTS:
        if category != OVERSEAS:
            raise SupplyProblem("supply_type", "An export goes to an overseas customer; this customer is in India.")
        if place != OTHER_COUNTRY:
            raise SupplyProblem(
                "place_of_supply", f"The place of supply of an export is outside India, not in {state_name(place)}."
            )
    elif place == OTHER_COUNTRY:
        raise SupplyProblem("supply_type", "What is supplied outside India is an export (EXPWP or EXPWOP).")
    if (supply_type in SEZ_SUPPLIES) != (category == SEZ):
        detail = (
            "Supplies to an SEZ are SEZWP or SEZWOP."
            if category == SEZ
            else "Only a customer that is an SEZ unit or developer is supplied as SEZWP or SEZWOP."
        )
        raise SupplyProblem("supply_type", detail)
    if supply_type == B2B and category != REGISTERED:
        raise SupplyProblem("gstin", "A B2B supply needs the customer's GSTIN.")
    if supply_type == B2C and category == REGISTERED:
        raise SupplyProblem("supply_type", "This customer has a GSTIN, so the supply is B2B.")
    if supply_type in WITHOUT_PAYMENT and not lut:
        raise SupplyProblem(
            "supply_type",
            "Without payment of tax you need a letter of undertaking that is valid on the invoice's date.",
        )


def _no_reverse_charge(supply_type: str) -> str:
    if supply_type == B2C:
        return "A customer without GSTIN cannot pay tax under reverse charge."
    return "An export or a supply to an SEZ is zero-rated; reverse charge does not apply to it."


def reverse_charge_note(taxes: Mapping[str, Decimal], currency: str, labels: Mapping[str, str] | None = None) -> str:
    """The note that names what the recipient owes, such as "CGST 2,411.25 + SGST 2,411.25".

    `taxes` are amounts by code (`Computed.reverse_charge_taxes`); `labels` names codes other than GST's.
    """
    pattern = f"#,##,##0.{'0' * money.minor_unit(currency)}".rstrip(".")
    named = [
        f"{(labels or {}).get(code) or code.upper()} {format_decimal(amount, format=pattern, locale='en_IN')}"
        for code, amount in taxes.items()
        if amount
    ]
    if not named:
        return "Tax on this supply is payable by the recipient under reverse charge."
    return f"Tax payable by the recipient under reverse charge: {' + '.join(named)}."


def details_required(supply_type: str, value: Decimal, day: date) -> bool:
    """Whether name, address and State of a buyer without GSTIN must stand on the invoice of a day (Rule 46(e)).

    `value` is the taxable value in rupees.
    """
    limit = in_force(UNREGISTERED_DETAILS_FROM, day)
    return supply_type == B2C and limit is not None and value >= limit
