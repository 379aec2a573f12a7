"""Money: a decimal amount with its currency, rounded once to the currency's own minor unit.

Minor units are those of ISO 4217 (2 unless listed here). Amounts are stored as NUMERIC(19,4),
unit prices and rates as NUMERIC(28,12).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

# ISO 4217, active currencies whose minor unit is not 2.
_EXCEPTIONS: dict[str, int] = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
_TWO = """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP
CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR
JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG""".split()

MINOR_UNITS: dict[str, int] = {**dict.fromkeys(_TWO, 2), **_EXCEPTIONS}
_QUANTA = {places: Decimal(1).scaleb(-places) for places in range(5)}
# What a stored amount ends with beyond the places of its currency, and where to cut it off; never for four places.
_NOUGHTS = ("0000", "000", "00", "0", "none")
_LENGTHS = (-5, -3, -2, -1, None)

LARGEST_AMOUNT = Decimal("999999999999999.9999")  # NUMERIC(19,4)


def minor_unit(currency: str) -> int:
    """How many decimal places a currency has. Raises KeyError for what is no active ISO 4217 code."""
    return MINOR_UNITS[currency]


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the currency's minor unit (GST and most tax laws round so)."""
    return amount.quantize(_QUANTA[MINOR_UNITS[currency]], rounding=ROUND_HALF_UP)


def fits_minor_unit(amount: Decimal, currency: str) -> bool:
    """Whether an amount has no more decimal places than its currency."""
    return amount == round_amount(amount, currency)


def places_problem(amount: Decimal, currency: str) -> str | None:
    """What is wrong with the decimal places of an amount in a currency, or None."""
    if fits_minor_unit(amount, currency):
        return None
    places = minor_unit(currency)
    if places == 0:
        return f"{currency} has no decimal places; enter a whole number."
    return f"{currency} has {places} decimal places at most."


def format_amount(amount: Decimal, currency: str) -> str:
    """The amount as the API writes it: a plain decimal string with the currency's places, "125.50"."""
    places = MINOR_UNITS[currency]
    text = str(amount)
    # A stored amount has four places and the last ones are noughts: a list formats hundreds of them.
    if text[-5:-4] == "." and text.endswith(_NOUGHTS[places]):
        return text[: _LENGTHS[places]]
    return format(amount.quantize(_QUANTA[places], rounding=ROUND_HALF_UP), "f")


def plain(value: Decimal) -> str:
    """A number without noughts behind it and without an exponent: "12.5", "100"."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency. Arithmetic refuses to mix currencies."""

    amount: Decimal
    currency: str

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Money:
        """Make money rounded half up to the currency's minor unit."""
        return cls(round_amount(Decimal(amount), currency), currency)

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def convert(self, rate: Decimal, currency: str) -> Money:
        """This money in another currency: amount x rate, rounded once. `rate` is units of `currency` for one unit."""
        return Money.of(self.amount * rate, currency)

    def __str__(self) -> str:
        return f"{format_amount(self.amount, self.currency)} {self.currency}"
