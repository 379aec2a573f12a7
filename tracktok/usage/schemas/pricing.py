"""Prices as they are written: a model and its config, checked, with the field that is wrong named."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AliasChoices, Field, ValidationError, field_validator, model_validator

from tracktok.core.errors import FieldError, Invalid
from tracktok.usage.rules import pricing
from tracktok.usage.rules.pricing import Model
from tracktok.web.api import Schema

MOST_TIERS = 100
MOST_EVENTS = 10_000
Units = Annotated[Decimal, Field(ge=0, max_digits=28, decimal_places=12, examples=["1000"])]
UnitPrice = Annotated[Decimal, Field(ge=0, max_digits=28, decimal_places=12, examples=["0.0015"])]
Money = Annotated[Decimal, Field(ge=0, max_digits=19, decimal_places=4, examples=["25.00"])]
Percent = Annotated[Decimal, Field(ge=0, le=1000, max_digits=16, decimal_places=12, examples=["1.2"])]


class Limits(Schema):
    """What every price may have beside its model."""

    minimum: Money = Field(Decimal(0), description="The least for a period, whatever is used")
    maximum: Money | None = Field(None, description="The most for a period")

    @model_validator(mode="after")
    def _in_order(self) -> Limits:
        if self.maximum is not None and self.maximum < self.minimum:
            raise ValueError("The maximum is below the minimum.")
        return self


class Free(Limits):
    """A price with free units."""

    free_units: Units = Field(Decimal(0), description="Units of a period that cost nothing")


class PerUnitConfig(Free):
    """Each unit costs the same."""

    per_unit: UnitPrice


class PriceTierIn(Schema):
    """A step of a tiered price."""

    from_: Units | None = Field(
        None, validation_alias=AliasChoices("from_", "from"), description="First unit; follows from the tier before"
    )
    to: Annotated[Decimal, Field(gt=0, max_digits=28, decimal_places=12)] | None = Field(
        None, description="Last unit, inclusive; none in the last tier"
    )
    flat: Money = Field(Decimal(0), description="Once, when the tier is reached")


class UnitTierIn(PriceTierIn):
    """A step with a price for each unit."""

    per_unit: UnitPrice


class PercentTierIn(PriceTierIn):
    """A step with a percentage."""

    rate_percent: Percent


def _check_tiers(tiers: list[Any]) -> None:
    before = Decimal(0)
    for number, tier in enumerate(tiers):
        last = number == len(tiers) - 1
        if last and tier.to is not None:
            raise ValueError("The last tier has no end: leave its “to” empty.")
        if not last and tier.to is None:
            raise ValueError(f"Tier {number + 1} has no end, and another follows.")
        if tier.to is not None and tier.to <= before:
            raise ValueError(f"Tier {number + 1} ends before it begins.")
        if tier.from_ is not None and tier.from_ not in {before, before + 1}:
            raise ValueError(f"Tier {number + 1} begins at {tier.from_:f}; the tier before ends at {before:f}.")
        before = tier.to if tier.to is not None else before


class TieredConfig(Free):
    """Tiers, each with a price for a unit and a flat amount."""

    tiers: list[UnitTierIn] = Field(min_length=1, max_length=MOST_TIERS)

    @field_validator("tiers")
    @classmethod
    def _contiguous(cls, tiers: list[UnitTierIn]) -> list[UnitTierIn]:
        _check_tiers(tiers)
        return tiers


class GraduatedPercentageConfig(Free):
    """Tiers of a total amount, each with its percentage."""

    tiers: list[PercentTierIn] = Field(min_length=1, max_length=MOST_TIERS)

    @field_validator("tiers")
    @classmethod
    def _contiguous(cls, tiers: list[PercentTierIn]) -> list[PercentTierIn]:
        _check_tiers(tiers)
        return tiers


class PackageConfig(Free):
    """Units by the package; a package that is begun counts whole."""

    package_size: Annotated[Decimal, Field(gt=0, max_digits=28, decimal_places=12)]
    package_amount: UnitPrice


class FlatOverageConfig(Free):
    """A flat fee for so many units, and a price for each beyond."""

    flat_amount: Money
    included_units: Units = Decimal(0)
    per_unit: UnitPrice = Field(description="For each unit beyond those included")


class PercentageConfig(Limits):
    """A percentage of the amounts of events."""

    rate_percent: Percent
    fixed_amount: UnitPrice = Field(Decimal(0), description="For each event that is charged")
    free_events: int | None = Field(None, ge=0, le=1_000_000, description="So many of a period's events are free")
    free_total: Money | None = Field(None, description="So much in total is free")
    event_minimum: Money | None = Field(None, description="The least for an event")
    event_maximum: Money | None = Field(None, description="The most for an event")

    @model_validator(mode="after")
    def _event_in_order(self) -> PercentageConfig:
        least, most = self.event_minimum, self.event_maximum
        if least is not None and most is not None and most < least:
            raise ValueError("The most for an event is below the least.")
        return self


CONFIGS: dict[Model, type[Limits]] = {
    Model.per_unit: PerUnitConfig,
    Model.graduated: TieredConfig,
    Model.volume: TieredConfig,
    Model.package: PackageConfig,
    Model.percentage: PercentageConfig,
    Model.graduated_percentage: GraduatedPercentageConfig,
    Model.flat_overage: FlatOverageConfig,
}


def problems_of(error: ValidationError, under: str) -> list[FieldError]:
    """What Pydantic found wrong, as errors of fields under a pointer such as `/config`."""
    found = []
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        place = "/".join(str(part) for part in one["loc"])
        detail = one["msg"].removeprefix("Value error, ")
        found.append(FieldError(f"{under}/{place}" if place else under, one["type"], detail))
    return found


def read_config(model: Model, config: dict[str, Any]) -> Limits:
    """A config that is right for its model. Raises Invalid (422) with the fields, under /config."""
    try:
        return CONFIGS[model].model_validate(config)
    except ValidationError as error:
        errors = problems_of(error, "/config")
        raise Invalid(errors[0].detail if len(errors) == 1 else None, errors=errors) from error


def to_price(model: Model, config: Limits) -> pricing.Price:
    """A checked config as the rules take it."""
    values = {name: getattr(config, name) for name in type(config).model_fields if name != "tiers"}
    tiers = tuple(
        pricing.Tier(tier.to, tier.per_unit if isinstance(tier, UnitTierIn) else tier.rate_percent, tier.flat)
        for tier in getattr(config, "tiers", ())
    )
    return pricing.Price(model=model, tiers=tiers, **values)


def stored_price(model: str, config: dict[str, Any]) -> pricing.Price:
    """The price of a row, which was checked when it was written."""
    kind = Model(model)
    return to_price(kind, CONFIGS[kind].model_validate(config))


def to_stored(config: Limits) -> dict[str, Any]:
    """A config as a row keeps it: JSON with decimals as text, without what is not said."""
    return config.model_dump(mode="json", exclude_defaults=True)


class EstimateIn(Schema):
    """What a price would come to for a quantity, or for the amounts of events."""

    model: Model = Field(examples=["graduated"])
    config: dict[str, Any] = Field(
        description="What the model takes: `per_unit`; `tiers` of {from_, to, per_unit, flat}; `package_size` and"
        " `package_amount`; `rate_percent`, `fixed_amount`, `free_events`, `free_total`, `event_minimum` and"
        " `event_maximum`; `tiers` of {from_, to, rate_percent, flat}; `flat_amount`, `included_units` and `per_unit`."
        " All take `minimum` and `maximum`; all but percentage take `free_units`.",
        examples=[{"tiers": [{"to": "1000", "per_unit": "0.10"}, {"to": None, "per_unit": "0.05"}]}],
    )
    units: Units | None = None
    events: list[Units] | None = Field(
        None,
        max_length=MOST_EVENTS,
        description="The amount of each event; `event_amounts` is read too",
        validation_alias=AliasChoices("events", "event_amounts"),
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> EstimateIn:
        if (self.units is None) == (self.events is None):
            raise ValueError("Give units, or events.")
        return self


class ChargePartOut(Schema):
    """A part of a charge."""

    label: str
    quantity: str | None
    unit_price: str | None
    per: str = Field(description="What the price is for: unit, package, event, tier, period, percent")
    amount: str


class EstimateOut(Schema):
    """What a price comes to; the amounts of the breakdown add up to it exactly. Nothing is rounded."""

    amount: str = Field(examples=["107"])
    breakdown: list[ChargePartOut]
