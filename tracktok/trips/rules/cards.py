"""The terms of a rate card: what a vendor is paid for, by trip, by package or by month.

Terms are stored as plain JSON (`terms.to_terms`, `card_from`); which card prices a trip is found by `book.CardBook`.
All amounts are in the card's currency, all distances in its unit (km or mi), all times in hours or minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from .trips import TripStatus

ZERO = Decimal(0)
MOST_STEPS, MOST_PACKAGES, MOST_BANDS, MOST_SURCHARGES = 20, 12, 10, 10


class BillingModel(StrEnum):
    """How a vendor is paid: for each trip, by packages, or a fixed monthly part and a part for each trip."""

    trip = "trip"
    package = "package"
    hybrid = "hybrid"

    @property
    def label(self) -> str:
        return {"trip": "By trip", "package": "Package", "hybrid": "Hybrid"}[self.value]


class DistanceUnit(StrEnum):
    """What a card measures distances in."""

    km = "km"
    mi = "mi"

    @property
    def label(self) -> str:
        return {"km": "Kilometres", "mi": "Miles"}[self.value]


class SlabMode(StrEnum):
    """Whether each slab's rate is for what lies in it, or for the whole of what reaches it."""

    graduated = "graduated"
    whole = "whole"

    @property
    def label(self) -> str:
        return {"graduated": "Each slab at its own rate", "whole": "All at the rate of the slab reached"}[self.value]


class TripType(StrEnum):
    """What a trip is for."""

    pickup = "pickup"
    drop = "drop"
    spot = "spot"
    airport = "airport"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class DrivenStatus(StrEnum):
    """How a trip ended, as far as its price is concerned."""

    completed = "completed"
    cancelled = "cancelled"
    no_show = "no_show"

    @property
    def label(self) -> str:
        return TripStatus(self.value).label


SURCHARGE_BASES: dict[str, str] = {
    "fare": "Fare",
    "distance": "Distance only",
    "time": "Time only",
    "dead": "Dead kilometres",
    "waiting": "Waiting",
    "night": "Night charge",
    "escort": "Escort",
    "monthly": "Monthly fee and overage",
}
"""What a surcharge may be reckoned on. The fare is base fare, distance, time, package and the top-up to its minimum."""
EXEMPTIONS: dict[str, str] = {"tolls": "Tolls", "parking": "Parking"}
"""What a card's tax may leave out: what is passed on at cost bears none as a rule."""


@dataclass(frozen=True, slots=True)
class Step:
    """A slab up to and with `up_to` (None: all above), at `rate` a unit; `flat` is a price of the slab as such."""

    up_to: Decimal | None
    rate: Decimal = ZERO
    flat: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Slabs:
    """Rates by how far or how long a trip was."""

    steps: tuple[Step, ...]
    mode: str = SlabMode.graduated


@dataclass(frozen=True, slots=True)
class Package:
    """So many hours and so much distance for one price: 8 h / 80 km. None: as much as it takes."""

    amount: Decimal
    hours: Decimal | None = None
    distance: Decimal | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Packages:
    """The packages of a card. A trip is priced by the one that comes cheapest with its extra distance and hours.

    What has no rate for going beyond does not go beyond: a larger package is taken while there is one.
    """

    options: tuple[Package, ...]
    extra_distance: Decimal = ZERO
    extra_hour: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Monthly:
    """A fixed fee for a month with what it includes, and the rates of what goes beyond.

    With `per_vehicle` fee and included quantities are for each vehicle that ran. What is not included at all (None) is
    not counted; part months are prorated by days.
    """

    fee: Decimal
    per_vehicle: bool = False
    included_trips: Decimal | None = None
    included_distance: Decimal | None = None
    included_hours: Decimal | None = None
    extra_trip: Decimal = ZERO
    extra_distance: Decimal = ZERO
    extra_hour: Decimal = ZERO
    prorate: bool = True


@dataclass(frozen=True, slots=True)
class Dead:
    """Empty kilometres: the rate of what goes beyond the included limit of a trip."""

    rate: Decimal
    included: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Night:
    """A charge for trips that touch a window of the local day, in minutes; over midnight when it ends before it starts.

    `amount` is paid for each night touched, `percent` of the fare once.
    """

    starts: int
    ends: int
    amount: Decimal = ZERO
    percent: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Waiting:
    """Waiting beyond the free minutes, at `rate` a minute or an hour."""

    rate: Decimal
    free_minutes: int = 0
    per: str = "minute"


@dataclass(frozen=True, slots=True)
class Charge:
    """A fixed amount, or a percentage of the fare; with `deduct` it is taken from the vendor."""

    amount: Decimal = ZERO
    percent: Decimal = ZERO
    deduct: bool = False


@dataclass(frozen=True, slots=True)
class LateBand:
    """What is taken off when a trip was late by more than `after_minutes`: an amount, or a percentage of the fare."""

    after_minutes: int
    amount: Decimal = ZERO
    percent: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class PassThrough:
    """Whether tolls and parking are paid on top, and with how much added."""

    tolls: bool = True
    parking: bool = True
    markup_percent: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Surcharge:
    """A percentage on some parts, such as fuel on the distance."""

    name: str
    percent: Decimal
    on: tuple[str, ...] = ("fare",)


@dataclass(frozen=True, slots=True)
class Tax:
    """What the vendor charges as tax: on top, or within the card's prices."""

    percent: Decimal
    inclusive: bool = False
    exempt: tuple[str, ...] = ("tolls", "parking")
    name: str = "Tax"


@dataclass(frozen=True)
class Card:
    """A rate card's terms at one time. What is None, zero or empty is not part of it.

    `distance_step` and `minute_step` count up to whole steps (1 km, 15 minutes); 0 counts exactly.
    """

    model: str
    currency: str
    distance_unit: str = DistanceUnit.km
    per_trip: Decimal = ZERO
    per_distance: Decimal = ZERO
    per_hour: Decimal = ZERO
    distance_slabs: Slabs | None = None
    hour_slabs: Slabs | None = None
    minimum_fare: Decimal = ZERO
    packages: Packages | None = None
    monthly: Monthly | None = None
    minimum_month: Decimal = ZERO
    dead: Dead | None = None
    night: Night | None = None
    waiting: Waiting | None = None
    escort: Decimal = ZERO
    no_show: Charge | None = None
    cancelled: Charge | None = None
    late: tuple[LateBand, ...] = ()
    pass_through: PassThrough = field(default_factory=PassThrough)
    surcharges: tuple[Surcharge, ...] = ()
    tax: Tax | None = None
    distance_step: Decimal = ZERO
    minute_step: int = 0

    @property
    def has_fare(self) -> bool:
        """Whether a trip costs something by itself."""
        return bool(
            self.per_trip or self.per_distance or self.per_hour or self.distance_slabs or self.hour_slabs
            or self.packages
        )  # fmt: skip


def plain(value: Decimal) -> str:
    """A number without noughts at its end: 12.5, 100."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def minutes_of(text: str) -> int:
    """Minutes since midnight of "22:30". Raises ValueError for what is no time of day."""
    hours, _, minutes = text.partition(":")
    if not (
        text.isascii()
        and hours.isdigit()
        and minutes.isdigit()
        and len(minutes) == 2
        and int(hours) < 24
        and int(minutes) < 60
    ):
        raise ValueError("Write a time such as 22:00.")
    return int(hours) * 60 + int(minutes)


def clock_of(minutes: int) -> str:
    """The time of day of minutes since midnight: "22:30"."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
