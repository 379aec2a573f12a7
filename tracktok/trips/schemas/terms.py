"""The shape of a card's terms as they are sent. What contradicts itself is told by `rules.terms.card_problems`."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from tracktok.customers.schemas.fields import Line
from tracktok.trips.rules.cards import (
    EXEMPTIONS,
    MOST_BANDS,
    MOST_PACKAGES,
    MOST_STEPS,
    MOST_SURCHARGES,
    SURCHARGE_BASES,
    BillingModel,
    Card,
    DistanceUnit,
    SlabMode,
    minutes_of,
)
from tracktok.trips.rules.terms import card_from
from tracktok.web.api import Schema

Amount = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=4, examples=["150.00"])]
UnitRate = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=6, examples=["12.50"])]
Quantity = Annotated[Decimal, Field(ge=0, max_digits=10, decimal_places=3, examples=["80"])]
Share = Annotated[Decimal, Field(ge=0, le=1000, max_digits=8, decimal_places=4, examples=["5"])]


def _clock(value: str) -> str:
    minutes_of(value)
    return value.zfill(5)


TimeOfDay = Annotated[str, Field(max_length=5, examples=["22:00"]), AfterValidator(_clock)]


class StepIn(Schema):
    """A slab up to and with `up_to` (null: all above it)."""

    up_to: Annotated[Decimal, Field(gt=0, max_digits=10, decimal_places=3)] | None = Field(None, title="Up to")
    rate: UnitRate = Field(Decimal(0), title="Rate")
    flat: Amount = Field(Decimal(0), title="Flat price", description="Of slabs that are paid as a whole")


class SlabsIn(Schema):
    """Rates by how far or how long a trip was."""

    mode: SlabMode = Field(SlabMode.graduated, title="Slabs")
    steps: list[StepIn] = Field(min_length=1, max_length=MOST_STEPS)


class PackageIn(Schema):
    """So many hours and so much distance for one price."""

    amount: Amount = Field(title="Price")
    hours: Quantity | None = Field(None, title="Hours", description="Null: as long as it takes")
    distance: Quantity | None = Field(None, title="Distance", description="Null: as far as it goes")
    name: Line = Field("", max_length=60, title="Name", description="8 h / 80 km when left out")


class PackagesIn(Schema):
    """The packages of a card; a trip is priced by the one that comes cheapest."""

    options: list[PackageIn] = Field(min_length=1, max_length=MOST_PACKAGES)
    extra_distance: UnitRate = Field(Decimal(0), title="Each further km or mile")
    extra_hour: UnitRate = Field(Decimal(0), title="Each further hour")


class MonthlyIn(Schema):
    """A fixed fee for a month, what it includes, and the rates of what goes beyond."""

    fee: Amount = Field(title="Monthly fee")
    per_vehicle: bool = Field(False, title="For each vehicle")
    included_trips: Quantity | None = Field(None, title="Trips included")
    included_distance: Quantity | None = Field(None, title="Distance included")
    included_hours: Quantity | None = Field(None, title="Hours included")
    extra_trip: UnitRate = Field(Decimal(0), title="Each further trip")
    extra_distance: UnitRate = Field(Decimal(0), title="Each further km or mile")
    extra_hour: UnitRate = Field(Decimal(0), title="Each further hour")
    prorate: bool = Field(True, title="Part months by days")


class DeadIn(Schema):
    """Empty distance beyond what is included."""

    rate: UnitRate = Field(title="Rate")
    included: Quantity = Field(Decimal(0), title="Included for each trip")


class NightIn(Schema):
    """A charge for trips that touch a window of the local clock; it may go over midnight."""

    starts: TimeOfDay = Field(title="From")
    ends: TimeOfDay = Field(title="To")
    amount: Amount = Field(Decimal(0), title="Amount for each night")
    percent: Share = Field(Decimal(0), title="Percent of the fare")


class WaitingIn(Schema):
    """Waiting beyond the free minutes."""

    rate: UnitRate = Field(title="Rate")
    free_minutes: int = Field(0, ge=0, le=1440, title="Free minutes")
    per: Literal["minute", "hour"] = Field("minute", title="For each")


class ChargeIn(Schema):
    """A fixed amount, or a percentage of the fare that the trip would have had."""

    amount: Amount = Field(Decimal(0), title="Amount")
    percent: Share = Field(Decimal(0), title="Percent of the fare")


class CancelledIn(ChargeIn):
    """What is paid for a cancelled trip or, with `deduct`, taken off."""

    deduct: bool = Field(False, title="Taken from the vendor")


class LateBandIn(Schema):
    """What is taken off when a trip was late by more than so many minutes."""

    after_minutes: int = Field(ge=0, le=10_000, title="Late by more than")
    amount: Amount = Field(Decimal(0), title="Amount")
    percent: Share = Field(Decimal(0), title="Percent of the fare")


class PassThroughIn(Schema):
    """Whether tolls and parking are paid on top, and with how much added."""

    tolls: bool = Field(True, title="Tolls")
    parking: bool = Field(True, title="Parking")
    markup_percent: Share = Field(Decimal(0), title="Added to them")


class SurchargeIn(Schema):
    """A percentage on some parts."""

    name: Line = Field(min_length=1, max_length=60, title="Name", examples=["Fuel"])
    percent: Annotated[Decimal, Field(gt=0, le=1000, max_digits=8, decimal_places=4)] = Field(title="Percent")
    on: list[Literal[*SURCHARGE_BASES]] = Field(["fare"], min_length=1, title="Of")  # type: ignore[valid-type]


class TaxIn(Schema):
    """What the vendor charges as tax: on top of the card's prices, or within them."""

    percent: Share = Field(title="Percent")
    inclusive: bool = Field(False, title="Within the prices")
    exempt: list[Literal[*EXEMPTIONS]] = Field(["tolls", "parking"], title="Not on")  # type: ignore[valid-type]
    name: Line = Field("Tax", min_length=1, max_length=40, title="Name")


class TermsIn(Schema):
    """The terms of a card. `model` decides which parts it may have.

    trip: no packages, no monthly fee. package: packages or a monthly package, no rates for trips. hybrid: a monthly
    fee, and rates or packages for trips.
    """

    model: BillingModel = Field(title="Billing model")
    distance_unit: DistanceUnit = Field(DistanceUnit.km, title="Distances in")
    per_trip: Amount = Field(Decimal(0), title="Base fare")
    per_distance: UnitRate = Field(Decimal(0), title="For each km or mile")
    per_hour: UnitRate = Field(Decimal(0), title="For each hour")
    distance_slabs: SlabsIn | None = Field(None, title="Slabs by distance")
    hour_slabs: SlabsIn | None = Field(None, title="Slabs by hours")
    minimum_fare: Amount = Field(Decimal(0), title="Minimum fare")
    packages: PackagesIn | None = Field(None, title="Packages")
    monthly: MonthlyIn | None = Field(None, title="Monthly fee")
    minimum_month: Amount = Field(Decimal(0), title="Guaranteed for a month")
    dead: DeadIn | None = Field(None, title="Dead distance")
    night: NightIn | None = Field(None, title="Night charge")
    waiting: WaitingIn | None = Field(None, title="Waiting")
    escort: Amount = Field(Decimal(0), title="Escort")
    no_show: ChargeIn | None = Field(None, title="No-show")
    cancelled: CancelledIn | None = Field(None, title="Cancelled")
    late: list[LateBandIn] = Field([], max_length=MOST_BANDS, title="Late")
    pass_through: PassThroughIn = Field(PassThroughIn(), title="Tolls and parking")
    surcharges: list[SurchargeIn] = Field([], max_length=MOST_SURCHARGES, title="Surcharges")
    tax: TaxIn | None = Field(None, title="Tax")
    distance_step: Annotated[Decimal, Field(ge=0, le=1000, max_digits=7, decimal_places=3)] = Field(
        Decimal(0), title="Distance up to whole", description="1 counts 7.2 km as 8; 0 counts exactly"
    )
    minute_step: int = Field(0, ge=0, le=1440, title="Time up to whole", description="Minutes; 0 counts exactly")

    def card(self, currency: str) -> Card:
        """The card that these terms make."""
        given: dict[str, Any] = self.model_dump(mode="json", exclude_none=True)
        return card_from({**given, "currency": currency})
