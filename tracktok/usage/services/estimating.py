"""What a price would come to."""

from __future__ import annotations

from tracktok.core.errors import Invalid
from tracktok.usage.rules.pricing import Charge, NeedsEvents, Usage, price
from tracktok.usage.schemas.pricing import EstimateIn, read_config, to_price


def estimate(body: EstimateIn) -> Charge:
    """The charge of a quantity or of events under a price. Raises Invalid (422) at the fields."""
    given = to_price(body.model, read_config(body.model, body.config))
    usage = Usage.of_units(body.units) if body.units is not None else Usage.of_events(body.events or [])
    try:
        return price(given, usage)
    except NeedsEvents as error:
        raise Invalid.at("events", "This price looks at each event: give the amounts of the events.") from error
