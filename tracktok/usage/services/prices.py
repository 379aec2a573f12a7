"""What changes about prices. A price that something was billed by stays: another holds from a later day."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Conflict, FieldError, Invalid, NotFound
from tracktok.core.ids import new_id
from tracktok.core.money import MINOR_UNITS
from tracktok.customers.queries import get_customer
from tracktok.usage.models import Meter, UsagePrice
from tracktok.usage.queries import meters
from tracktok.usage.queries import prices as queries
from tracktok.usage.rules.pricing import STANDARD, Model
from tracktok.usage.schemas.prices import UsagePriceIn
from tracktok.usage.schemas.pricing import read_config, to_price, to_stored


class PriceExists(Conflict):
    code, title = "price_exists", "There is a price from this day already"


class PriceBilled(Conflict):
    code, title = "price_billed", "Usage of that time is billed"


def create_price(body: UsagePriceIn) -> UsagePrice:
    """Set a price from a day on. Raises Invalid at the fields, PriceExists and PriceBilled (409)."""
    values = _values(body)
    _check_not_billed(values["meter_id"], values["customer_id"], values["currency"], values["valid_from"])
    price = UsagePrice(id=new_id(), **values)
    db.session.add(price)
    db.session.flush()
    return price


def change_price(price: UsagePrice, body: UsagePriceIn) -> UsagePrice:
    """Change a price as a whole, as long as nothing was billed by it."""
    _check_not_billed(price.meter_id, price.customer_id, price.currency, price.valid_from)
    values = _values(body, price.id)
    _check_not_billed(values["meter_id"], values["customer_id"], values["currency"], values["valid_from"])
    for name, value in values.items():
        setattr(price, name, value)
    db.session.flush()
    return price


def delete_price(price: UsagePrice) -> None:
    """Take a price away, as long as nothing was billed by it: the one before goes on."""
    _check_not_billed(price.meter_id, price.customer_id, price.currency, price.valid_from)
    db.session.delete(price)
    db.session.flush()


def _check_not_billed(meter_id: UUID, customer_id: UUID | None, currency: str, valid_from: date) -> None:
    until = queries.billed_until(meter_id, customer_id, currency)
    if until is not None and valid_from < until:
        detail = f"Usage until {until.isoformat()} is billed. Set a price that holds from that day or later."
        raise PriceBilled(detail, errors=[FieldError("/valid_from", PriceBilled.code, detail)])


def _read(body: UsagePriceIn, meter: Meter) -> tuple[str, dict[str, Any]]:
    """The model and config as a row keeps them. Raises Invalid at the fields."""
    if not isinstance(body.model, Model):
        if body.customer_id is None:
            raise Invalid.at("model", "Only a customer's own price can end; set another price for all.")
        if body.config:
            raise Invalid.at("config", "The price for all holds again: there is nothing to say here.")
        return STANDARD, {}
    read = read_config(body.model, body.config)
    if not to_price(body.model, read).fits(meter.aggregation):
        raise Invalid.at("model", f"This price looks at each event, but “{meter.name}” does not count by their sum.")
    return body.model.value, to_stored(read)


def _values(body: UsagePriceIn, itself: UUID | None = None) -> dict[str, Any]:
    try:
        meter = meters.get_meter(body.meter_id)
    except NotFound as error:
        raise Invalid.at("meter_id", "There is no such meter.", "not_found") from error
    model, config = _read(body, meter)
    currency = body.currency or preferences().currency
    if body.customer_id is not None:
        try:
            customer = get_customer(body.customer_id)
        except NotFound as error:
            raise Invalid.at("customer_id", "There is no such customer.", "not_found") from error
        currency = body.currency or customer.currency or currency
    if currency not in MINOR_UNITS:
        raise Invalid.at("currency", "Use a currency code in use, such as INR, USD or EUR.")
    same = queries.same_price(body.meter_id, body.customer_id, currency, body.valid_from)
    if same is not None and same != itself:
        detail = "There is a price of this meter from that day; change it, or choose another day."
        raise PriceExists(detail, errors=[FieldError("/valid_from", PriceExists.code, detail)])
    return {
        "meter_id": body.meter_id,
        "customer_id": body.customer_id,
        "currency": currency,
        "valid_from": body.valid_from,
        "model": model,
        "config": config,
        "note": body.note,
    }
