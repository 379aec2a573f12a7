"""An issued document as the tax authority sees it: what GSTR-1 and the e-invoice are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
PAISA = Decimal("0.01")
INVOICE, CREDIT_NOTE, DEBIT_NOTE = "invoice", "credit_note", "debit_note"


@dataclass(frozen=True, slots=True)
class GstParty:
    """A supplier or recipient as it stood when the document was issued."""

    gstin: str
    name: str
    trade_name: str = ""
    address_line1: str = ""
    address_line2: str = ""
    city: str = ""
    postal_code: str = ""
    state_code: str = ""
    country: str = "IN"
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class GstLine:
    """A line in the document's currency, before tax. Rates are percents; `cess_flat` is the part of the cess by unit.

    Under reverse charge the taxes are what the recipient owes; `total` is what is charged, always.
    """

    description: str
    hsn_sac: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    gross: Decimal
    taxable: Decimal
    tax_rate: Decimal
    cgst: Decimal = ZERO
    sgst: Decimal = ZERO
    igst: Decimal = ZERO
    cess: Decimal = ZERO
    cess_rate: Decimal = ZERO
    cess_flat: Decimal = ZERO
    total: Decimal = ZERO

    @property
    def is_service(self) -> bool:
        """Services have codes that begin with 99 (notification 11/2017, annexure)."""
        return self.hsn_sac.startswith("99")


@dataclass(frozen=True, slots=True)
class GstDocument:
    """An issued invoice or note. Amounts are in `currency`; `exchange_rate` is rupees for one unit of it."""

    id: str
    kind: str
    number: str
    day: date
    supplier: GstParty
    buyer: GstParty
    supply_type: str
    place_of_supply: str
    inter_state: bool
    reverse_charge: bool
    lines: tuple[GstLine, ...]
    total: Decimal
    round_off: Decimal = ZERO
    currency: str = "INR"
    exchange_rate: Decimal = Decimal(1)
    is_void: bool = False
    original_number: str = ""
    original_day: date | None = None
    original_total: Decimal = ZERO
    irn: str = ""

    def rupees(self, amount: Decimal) -> Decimal:
        """An amount of the document in rupees, rounded half up to the paisa."""
        return (amount * self.exchange_rate).quantize(PAISA, rounding=ROUND_HALF_UP)

    @property
    def value(self) -> Decimal:
        """The document's value in rupees."""
        return self.rupees(self.total)

    @property
    def is_export(self) -> bool:
        return self.supply_type in {"EXPWP", "EXPWOP"}

    @property
    def is_to_registered(self) -> bool:
        """Whether the recipient has a GSTIN (also an SEZ's)."""
        return bool(self.buyer.gstin)


def month_after(month: date) -> date:
    """The first day of the month that follows."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class TaxSum:
    """What was taxed at a rate, and the taxes, in rupees."""

    taxable: Decimal = ZERO
    igst: Decimal = ZERO
    cgst: Decimal = ZERO
    sgst: Decimal = ZERO
    cess: Decimal = ZERO

    def __add__(self, other: TaxSum) -> TaxSum:
        return TaxSum(
            self.taxable + other.taxable,
            self.igst + other.igst,
            self.cgst + other.cgst,
            self.sgst + other.sgst,
            self.cess + other.cess,
        )

    def __neg__(self) -> TaxSum:
        return TaxSum(-self.taxable, -self.igst, -self.cgst, -self.sgst, -self.cess)


def sum_of(document: GstDocument, line: GstLine) -> TaxSum:
    """A line's amounts in rupees."""
    return TaxSum(*(document.rupees(amount) for amount in (line.taxable, line.igst, line.cgst, line.sgst, line.cess)))


def by_rate(document: GstDocument) -> dict[Decimal, TaxSum]:
    """The document's lines summed by rate, the lowest rate first.

    Each sum is converted as a whole, so that in another currency no line's rounding adds to it.
    """
    found: dict[Decimal, list[GstLine]] = {}
    for line in document.lines:
        found.setdefault(line.tax_rate.normalize() if line.tax_rate else ZERO, []).append(line)
    return {
        rate: TaxSum(
            *(
                document.rupees(sum((getattr(line, name) for line in lines), ZERO))
                for name in ("taxable", "igst", "cgst", "sgst", "cess")
            )
        )
        for rate, lines in sorted(found.items())
    }


def taxed_by_rate(document: GstDocument) -> dict[Decimal, TaxSum]:
    """As `by_rate`, for the sections by document: nil-rated lines inside India are told in a section of their own.

    Exports without payment have no rate, whatever the lines would be taxed at here.
    """
    found = by_rate(document)
    if document.supply_type == "EXPWOP":
        return {ZERO: sum(found.values(), TaxSum())}
    if document.is_export or document.supply_type.startswith("SEZ"):
        return found
    return {rate: part for rate, part in found.items() if rate}


_UNITS: Mapping[str, str] = {
    "": "OTH", "bag": "BAG", "bags": "BAG", "box": "BOX", "boxes": "BOX", "bundle": "BDL", "carton": "CTN",
    "cartons": "CTN", "day": "OTH", "days": "OTH", "dozen": "DOZ", "drum": "DRM", "g": "GMS", "gm": "GMS",
    "gram": "GMS", "grams": "GMS", "hour": "OTH", "hours": "OTH", "hr": "OTH", "kg": "KGS", "kgs": "KGS", "kl": "KLR",
    "km": "KME", "kms": "KME", "l": "LTR", "litre": "LTR", "litres": "LTR", "ltr": "LTR", "m": "MTR", "metre": "MTR",
    "month": "OTH", "no": "NOS", "nos": "NOS", "number": "NOS", "pack": "PAC", "pair": "PRS", "pc": "PCS",
    "pcs": "PCS", "piece": "PCS", "pieces": "PCS", "quintal": "QTL", "roll": "ROL", "set": "SET", "sqft": "SQF",
    "sqm": "SQM", "t": "TON", "ton": "TON", "tonne": "MTS", "tonnes": "MTS", "trip": "OTH", "trips": "OTH",
    "unit": "UNT", "units": "UNT",
}  # fmt: skip
_KNOWN = frozenset(
    """BAG BAL BDL BKL BOU BOX BTL BUN CAN CBM CCM CMS CTN DOZ DRM GGK GMS GRS GYD KGS KLR KME LTR MLT MTR MTS NOS OTH
    PAC PCS PRS QTL ROL SET SQF SQM SQY TBS TGM THD TON TUB UGS UNT YDS""".split()
)


def unit_code(unit: str, *, service: bool) -> str:
    """The unique quantity code of a unit; services have NA in returns, and unknown units are OTH."""
    if service:
        return "NA"
    plain = unit.strip().rstrip(".")
    return plain.upper() if plain.upper() in _KNOWN else _UNITS.get(plain.lower(), "OTH")


def einvoice_unit(unit: str) -> str:
    """The unit code of the e-invoice, which services may have too."""
    return unit_code(unit, service=False)
