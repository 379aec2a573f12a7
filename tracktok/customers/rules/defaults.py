"""What a new company finds for its billing: tax rates with their days, a few service types, client types.

Rates of GST: notification 11/2017-Central Tax (Rate) and its amendments, of which 20/2017 (22 August 2017) and 31/2017
(13 October 2017) gave goods transport and cab hire with credit 12 %, and 15/2025 made that 18 % from 22 September 2025.
SAC: the scheme of classification of services annexed to the same notification, headings 9964 to 9967.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

GST_BEGAN = date(2017, 7, 1)
TRANSPORT_AT_12_FROM = date(2017, 10, 13)
TRANSPORT_AT_18_FROM = date(2025, 9, 22)


@dataclass(frozen=True, slots=True)
class DefaultRate:
    """A tax rate: what it comes to, each from a day on."""

    name: str
    regime: str
    periods: tuple[tuple[date, Decimal], ...]
    description: str = ""


@dataclass(frozen=True, slots=True)
class DefaultService:
    """A service type; `rate` is the name of its tax rate."""

    name: str
    hsn_sac: str
    supply_kind: str
    unit: str
    rate: str = ""
    description: str = ""


GST_NIL, GST_5, GST_18, GST_TRANSPORT = "GST 0 %", "GST 5 %", "GST 18 %", "GST 18 % (transport with credit)"

GST_RATES: tuple[DefaultRate, ...] = (
    DefaultRate(GST_NIL, "gst", ((GST_BEGAN, Decimal(0)),), "Exempt or nil rated"),
    DefaultRate(
        GST_5,
        "gst",
        ((GST_BEGAN, Decimal(5)),),
        "Cab hire, passenger transport and goods transport agencies that do not take input tax credit",
    ),
    DefaultRate(GST_18, "gst", ((GST_BEGAN, Decimal(18)),), "Most services"),
    DefaultRate(
        GST_TRANSPORT,
        "gst",
        ((TRANSPORT_AT_12_FROM, Decimal(12)), (TRANSPORT_AT_18_FROM, Decimal(18))),
        "Cab hire and goods transport with input tax credit: 12 % until 21 September 2025, 18 % since",
    ),
)

TRANSPORT_SERVICES: tuple[DefaultService, ...] = (
    DefaultService("Cab hire with driver", "996601", "other", "day", GST_5, "Rental of a car with its driver"),
    DefaultService("Taxi trip", "996412", "passenger_transport", "trip", GST_5, "From door to door"),
    DefaultService("Bus or coach charter", "996413", "passenger_transport", "trip", GST_5),
    DefaultService(
        "Goods transport by road", "996791", "goods_transport", "trip", GST_TRANSPORT, "With consignment note"
    ),
    DefaultService("Truck hire with driver", "996601", "other", "day", GST_18),
    DefaultService("Loading and unloading", "996719", "other", "job", GST_18),
    DefaultService("Warehousing", "996729", "other", "month", GST_18),
)
"""The usual ones of a transport business in India; prices are for the company to fill in."""

PLAIN_SERVICES: tuple[DefaultService, ...] = (
    DefaultService("Consulting", "", "other", "hour"),
    DefaultService("Transport", "", "other", "trip"),
)

CLIENT_TYPES: tuple[tuple[str, str], ...] = (
    ("Corporate", "Companies with a contract"),
    ("Small business", ""),
    ("Government", "Departments and public bodies"),
    ("Individual", "Private persons"),
)

# Standard rates elsewhere, with the day since which they hold; an example to begin with, checked by whoever uses it.
_ELSEWHERE: dict[str, tuple[str, str, date]] = {
    "AE": ("VAT", "5", date(2018, 1, 1)),
    "AU": ("GST", "10", date(2000, 7, 1)),
    "CH": ("VAT", "8.1", date(2024, 1, 1)),
    "DE": ("VAT", "19", date(2021, 1, 1)),
    "ES": ("VAT", "21", date(2012, 9, 1)),
    "FR": ("VAT", "20", date(2014, 1, 1)),
    "GB": ("VAT", "20", date(2011, 1, 4)),
    "IE": ("VAT", "23", date(2021, 3, 1)),
    "IT": ("VAT", "22", date(2013, 10, 1)),
    "NL": ("VAT", "21", date(2012, 10, 1)),
    "NZ": ("GST", "15", date(2010, 10, 1)),
    "SG": ("GST", "9", date(2024, 1, 1)),
}


def rates_elsewhere(country: str) -> tuple[DefaultRate, ...]:
    """The standard rate of a country outside India, and a zero rate; nothing where none is known."""
    if country not in _ELSEWHERE:
        return ()
    tax, percent, since = _ELSEWHERE[country]
    return (
        DefaultRate(f"{tax} {percent} %", "generic", ((since, Decimal(percent)),), "Standard rate"),
        DefaultRate(f"{tax} 0 %", "generic", ((since, Decimal(0)),), "Zero rated or exempt"),
    )


_WORD = re.compile(r"[A-Za-z0-9]+")
_FORMS = frozenset("private limited pvt ltd llp inc llc gmbh co company corporation the and of".split())
SHORTEST_CODE, LONGEST_CODE = 3, 10


def org_code_of(name: str) -> str:
    """A short code for a company in numbers of documents: `ACME` for Acme Logistics Pvt Ltd; 3 to 6 of A-Z 0-9."""
    words = [word.upper() for word in _WORD.findall(name)]
    own = [word for word in words if word.lower() not in _FORMS] or words
    code = own[0][:6] if own and len(own[0]) >= SHORTEST_CODE else "".join(own)[:6]
    return code.ljust(SHORTEST_CODE, "X") if code else "ORG"
