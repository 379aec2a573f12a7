"""What pages say of metered usage."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tracktok.core.money import plain
from tracktok.usage.rules.metering import Aggregation, unit_for
from tracktok.usage.rules.periods import Period
from tracktok.usage.rules.pricing import STANDARD, Model
from tracktok.usage.rules.quotas import QuotaPeriod
from tracktok.web.filters import format_day, format_number, format_quantity

AGGREGATIONS = [
    (Aggregation.sum.value, "Sum", "All quantities added up: calls, hours, messages"),
    (Aggregation.max.value, "Maximum", "The largest quantity of a period: seats at the busiest moment"),
    (Aggregation.latest.value, "Latest", "The quantity that was told last: seats at the end"),
    (Aggregation.unique.value, "Unique values", "How many different values a property has: active users"),
    (Aggregation.weighted_average.value, "Weighted average", "A level, by how long it lasted: storage"),
]
MODELS = [
    (Model.per_unit.value, "Per unit", "Each unit costs the same"),
    (Model.graduated.value, "Graduated", "Each unit costs what its tier says"),
    (Model.volume.value, "Volume", "All units cost what the tier of the whole quantity says"),
    (Model.package.value, "Package", "Units by the package; one that is begun counts whole"),
    (Model.flat_overage.value, "Flat fee and overage", "A fee for so many units, a price for each beyond"),
    (Model.percentage.value, "Percentage", "Of the amounts of events, such as payments"),
    (Model.graduated_percentage.value, "Graduated percentage", "Tiers of the total amount, each with its percentage"),
    (STANDARD, "The price for all again", "Ends a customer's own price: from that day on the price for all holds"),
]
PERIODS = [(one.value, one.label) for one in Period]
QUOTA_PERIODS = [(one.value, one.label) for one in QuotaPeriod]
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def tidy(value: Decimal | str | None) -> str:
    """A number without noughts behind it, as the company writes numbers."""
    if value is None:
        return "–"  # noqa: RUF001 - an en dash
    return format_number(plain(Decimal(value)))


def quantity(value: Decimal, unit: str) -> str:
    """A quantity with its unit: "15,000 calls"."""
    return f"{tidy(value)} {unit_for(value, unit)}".strip()


def price_words(row: Any) -> str:
    """A price in one line."""
    config, unit = row.config, row.unit or "unit"
    if row.model == STANDARD:
        return "As for all customers"
    match Model(row.model):
        case Model.per_unit:
            said = f"{tidy(config['per_unit'])} for each {unit}"
        case Model.package:
            said = f"{tidy(config['package_amount'])} for each {tidy(config['package_size'])} × {unit}"  # noqa: RUF001
        case Model.flat_overage:
            said = (
                f"{tidy(config['flat_amount'])} with {tidy(config.get('included_units', 0))} included,"
                f" {tidy(config['per_unit'])} for each beyond"
            )
        case Model.percentage:
            said = f"{tidy(config['rate_percent'])} %"
            if config.get("fixed_amount"):
                said += f" and {tidy(config['fixed_amount'])} for each event"
        case _:
            tiers = config["tiers"]
            name = "rate_percent" if row.model == Model.graduated_percentage else "per_unit"
            end = " %" if name == "rate_percent" else ""
            said = f"{len(tiers)} tiers, {tidy(tiers[0][name])}{end} to {tidy(tiers[-1][name])}{end}"
    if config.get("free_units"):
        said += f", {tidy(config['free_units'])} free"
    return said


def period_words(row: Any) -> str:
    """When periods begin: "Monthly, from the 31st or the last day"."""
    period = Period(row.period)
    if period == Period.week:
        return f"Weekly, from {WEEKDAYS[row.anchor_day - 1]}"
    day = ordinal(row.anchor_day) + (" or the last day" if row.anchor_day > 28 else "")
    if period == Period.month:
        return f"Monthly, from the {day}"
    return f"{period.label}, from {day} of {_MONTHS[row.anchor_month - 1]}"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th."""
    end = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{end}"


def span(start: Any, last: Any) -> str:
    """From the first to the last day."""
    return f"{format_day(start)} to {format_day(last)}"


def last_of(bill: Any) -> Any:
    """The last day of a bill's period."""
    return bill.period_end - timedelta(days=1)


def part_words(part: Any) -> str:
    """How a part of a charge came about: a quantity times its price."""
    get = part.get if isinstance(part, dict) else lambda name: getattr(part, name)
    if get("quantity") is None or get("unit_price") is None:
        return ""
    if get("per") == "percent":
        return f"{tidy(get('unit_price'))} % of {format_quantity(get('quantity'))}"
    return f"{format_quantity(get('quantity'))} × {tidy(get('unit_price'))}"  # noqa: RUF001 - a sign of multiplication
