"""Service types, tax rates and price lists."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import Field, model_validator

from tracktok.customers.models import SupplyKind
from tracktok.tenants.schemas import Currency
from tracktok.web.api import ListQuery, Schema

from .fields import Life, Line, Percent, UnitPrice, patch_of

MOST_PERIODS, MOST_PARTS, MOST_ITEMS = 50, 8, 2_000


class TaxComponentIn(Schema):
    """One of several taxes that make up a rate, in their order. A compound one is also on the taxes before it."""

    code: Line = Field("", max_length=40, description="Made of the label when left out")
    label: Line = Field(min_length=1, max_length=40, examples=["State tax"])
    percent: Percent
    compound: bool = False


class TaxPeriodIn(Schema):
    """What a rate comes to from a day on."""

    valid_from: Life
    percent: Percent | None = Field(None, description="The sum of the components when left out")
    cess_percent: Percent = Field(Decimal(0), description="Compensation cess, of the amount")
    cess_per_unit: UnitPrice = Field(Decimal(0), description="Compensation cess, for each unit")
    components: list[TaxComponentIn] = Field([], max_length=MOST_PARTS, description="Generic regime only")

    @model_validator(mode="after")
    def _something(self) -> TaxPeriodIn:
        if self.percent is None and not self.components:
            raise ValueError("Give the percent, or the components that it is made of.")
        return self


class TaxRateIn(Schema):
    """A tax rate. Give `periods`, or just `percent` (and `valid_from`) for a rate that never changed."""

    name: Line = Field(min_length=1, max_length=80, title="Name", examples=["GST 18 %"])
    regime: Literal["gst", "generic"] | None = Field(None, title="Tax", description="As the default company's")
    description: str = Field("", max_length=500, title="Description")
    percent: Percent | None = Field(None, title="Percent")
    valid_from: Life | None = Field(None, title="From")
    periods: list[TaxPeriodIn] | None = Field(None, min_length=1, max_length=MOST_PERIODS)
    is_archived: bool = Field(False, title="Archived")

    @model_validator(mode="after")
    def _one_way(self) -> TaxRateIn:
        if self.periods is None and self.percent is None:
            raise ValueError("Give the percent of the rate, or its periods.")
        if self.periods is not None and (self.percent is not None or self.valid_from is not None):
            raise ValueError("Give either the percent or the periods.")
        return self


class TaxRatePatch(Schema):
    """What to change of a tax rate. `periods` replaces them all."""

    name: Line | None = Field(None, min_length=1, max_length=80)
    description: str | None = Field(None, max_length=500)
    periods: list[TaxPeriodIn] | None = Field(None, min_length=1, max_length=MOST_PERIODS)
    is_archived: bool | None = None


class TaxComponentOut(Schema):
    """One of several taxes that make up a rate."""

    code: str
    label: str
    percent: str
    compound: bool


class TaxPeriodOut(Schema):
    """What a rate comes to from a day on, until the next period begins."""

    valid_from: date
    percent: str
    cess_percent: str
    cess_per_unit: str
    components: list[TaxComponentOut]


class TaxRateOut(Schema):
    """A tax rate. `percent` is what holds today; null before its first period."""

    id: UUID
    name: str
    regime: str
    description: str
    percent: str | None
    cess_percent: str | None
    cess_per_unit: str | None
    periods: list[TaxPeriodOut]
    is_archived: bool
    version: int
    created_at: str
    updated_at: str


class TaxRateQuery(ListQuery):
    """Which tax rates."""

    q: str | None = Field(None, max_length=120, description="Part of the name")
    regime: Literal["gst", "generic"] | None = None
    archived: bool | None = None
    sort: str = Field("name", description="name or created_at; a minus in front turns it around")


class ServiceTypeIn(Schema):
    """Something that is sold."""

    name: Line = Field(min_length=1, max_length=120, title="Name", examples=["Cab hire with driver"])
    code: Line = Field("", max_length=30, title="Code")
    description: str = Field("", max_length=1000, title="Description")
    hsn_sac: Line = Field("", max_length=8, title="HSN or SAC", examples=["996601"])
    supply_kind: SupplyKind = Field(SupplyKind.other, title="Kind of supply", description="Decides the place of supply")
    unit: Line = Field("", max_length=20, title="Unit", examples=["day"])
    unit_price: UnitPrice = Field(Decimal(0), title="Price per unit")
    currency: Currency | None = Field(None, title="Currency", description="The company's when left out")
    tax_rate_id: UUID | None = Field(None, title="Tax rate")
    book_account_id: UUID | None = Field(None, title="Income account", description="Sales when left out")
    is_archived: bool = Field(False, title="Archived")


ServiceTypePatch = patch_of(ServiceTypeIn, "What to change of a service type.")


class ServiceTypeOut(ServiceTypeIn):
    """Something that is sold. `tax_percent` is what its tax rate comes to today."""

    id: UUID
    currency: str
    unit_price: str  # type: ignore[assignment]
    tax_rate: str | None
    tax_percent: str | None
    version: int
    created_at: str
    updated_at: str
    deleted_at: str | None


class ServiceTypeQuery(ListQuery):
    """Which service types."""

    q: str | None = Field(None, max_length=120, description="Part of the name, the code or the HSN or SAC")
    archived: bool | None = None
    supply_kind: SupplyKind | None = None
    tax_rate_id: UUID | None = None
    sort: str = Field("name", description="name or created_at; a minus in front turns it around")


class PriceListItemIn(Schema):
    """A price of a service type, for a time. Of several that hold on a day the one that began last counts."""

    service_type_id: UUID
    unit_price: UnitPrice
    valid_from: Life | None = Field(None, description="Today when left out")
    valid_to: Life | None = Field(None, description="The last day; null: until further notice")


class PriceListIn(Schema):
    """Prices of their own for some customers."""

    name: Line = Field(min_length=1, max_length=80, title="Name", examples=["Contract 2026"])
    currency: Currency | None = Field(None, title="Currency", description="The company's when left out")
    is_archived: bool = Field(False, title="Archived")
    items: list[PriceListItemIn] = Field([], max_length=MOST_ITEMS)


class PriceListPatch(Schema):
    """What to change of a price list. `items` replaces them all."""

    name: Line | None = Field(None, min_length=1, max_length=80)
    is_archived: bool | None = None
    items: list[PriceListItemIn] | None = Field(None, max_length=MOST_ITEMS)


class PriceListItemOut(Schema):
    """A price of a service type, for a time."""

    service_type_id: UUID
    service_type: str
    unit: str
    unit_price: str
    valid_from: date
    valid_to: date | None


class PriceListOut(Schema):
    """A price list with its prices and how many customers have it."""

    id: UUID
    name: str
    currency: str
    is_archived: bool
    customers: int
    items: list[PriceListItemOut]
    version: int
    created_at: str
    updated_at: str


class PriceListQuery(ListQuery):
    """Which price lists."""

    q: str | None = Field(None, max_length=120, description="Part of the name")
    archived: bool | None = None
    sort: str = Field("name", description="name or created_at; a minus in front turns it around")
