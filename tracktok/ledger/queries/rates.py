"""Exchange rates: published against the euro, crossed where neither side is the euro."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Date, Text, bindparam, select
from sqlalchemy.orm import aliased

from tracktok.core.db import db
from tracktok.ledger.models import ExchangeRate

OLDEST_RATE = timedelta(days=10)
"""Rates are not published at weekends and on holidays; one that is older than this is no rate of the day."""
_PLACES = Decimal(1).scaleb(-12)
_BASE = "EUR"


@dataclass(frozen=True, slots=True)
class ConversionRate:
    """Units of the wanted currency for one unit of the given one, and where the figure is from.

    `rate_date` is the day of publication: before the day asked for when nothing was published on that day (weekends),
    and `source` then says so.
    """

    rate: Decimal
    rate_date: date
    source: str


_from, _to = aliased(ExchangeRate), aliased(ExchangeRate)
_day, _oldest = bindparam("day", type_=Date()), bindparam("oldest", type_=Date())
_given, _wanted = bindparam("given", type_=Text()), bindparam("wanted", type_=Text())

_CROSS = (
    select(_from.per_euro, _to.per_euro, _from.rate_date, _from.source)
    .join(_to, _to.rate_date == _from.rate_date)
    .where(_from.currency == _given, _to.currency == _wanted, _from.rate_date <= _day, _from.rate_date >= _oldest)
    .order_by(_from.rate_date.desc())
    .limit(1)
)
_ONE = (
    select(ExchangeRate.per_euro, ExchangeRate.rate_date, ExchangeRate.source)
    .where(ExchangeRate.currency == _wanted, ExchangeRate.rate_date <= _day, ExchangeRate.rate_date >= _oldest)
    .order_by(ExchangeRate.rate_date.desc())
    .limit(1)
)


def rate_between(from_currency: str, to_currency: str, day: date) -> ConversionRate | None:
    """The reference rate of a day: the last one published on or before it, at most ten days old.

    None when there is none: a currency that is not published, a day before the first or far behind the last rates.
    Of two currencies that are not the euro the cross rate of one same day.
    """
    if from_currency == to_currency:
        return ConversionRate(Decimal(1), day, "same currency")
    limits = {"day": day, "oldest": day - OLDEST_RATE}
    if _BASE in {from_currency, to_currency}:
        other = to_currency if from_currency == _BASE else from_currency
        one = db.session.execute(_ONE, {**limits, "wanted": other}).one_or_none()
        if one is None:
            return None
        per_euro, rate_date, source = one
        rate = per_euro if from_currency == _BASE else 1 / per_euro
    else:
        cross = db.session.execute(_CROSS, {**limits, "given": from_currency, "wanted": to_currency}).one_or_none()
        if cross is None:
            return None
        given, wanted, rate_date, source = cross
        rate = wanted / given
    name = source if rate_date == day else f"{source}, last published before {day.isoformat()}"
    return ConversionRate(rate.quantize(_PLACES), rate_date, name)
