"""The worked trip and month of a page, priced while terms are typed; what is wrong with them at their fields."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.errors import DomainError
from tracktok.trips.rules.cards import Card
from tracktok.trips.rules.months import price_month
from tracktok.trips.rules.pricing import price_trip
from tracktok.trips.rules.terms import card_from
from tracktok.trips.schemas.rate_cards import (
    MonthIn,
    WorkedTripIn,
)
from tracktok.trips.schemas.terms import TermsIn
from tracktok.trips.services import pricing
from tracktok.trips.services import rate_cards as services
from tracktok.web.forms import Form, sentence_of
from tracktok.web.inputs import plain_date

from .reading import month_of, take_terms, trip_of

WORKED = {
    "trip-distance": "18.4", "trip-start": "21:30", "trip-end": "22:40", "trip-waiting_minutes": "15",
    "trip-tolls": "60",
    "month-trips": "60", "month-distance": "1500", "month-hours": "160", "month-vehicles": "1",
}  # fmt: skip


def today() -> date:
    """Today where the company is."""
    return clock.today(preferences().timezone)


def _read(schema: type[BaseModel], said: dict[str, Any], form: Form[Any], prefix: str) -> Any:
    try:
        return schema.model_validate(said)
    except ValidationError as refused:
        for error in refused.errors(include_url=False):
            name = f"{prefix}-{'-'.join(map(str, error['loc']))}"
            at_time = error["loc"] and error["loc"][0] in {"start", "end"}
            form.add(name, "Write a time such as 21:30." if at_time else sentence_of(error))
    return None


def worked_by(form: Form[Any], card: Card, day: date) -> dict[str, Any]:
    """What the trip and the month of a form cost under a card; errors go to the form."""
    out: dict[str, Any] = {"day": day, "trip": None, "month": None, "currency": card.currency}
    if card.has_fare and (trip := _read(WorkedTripIn, trip_of(form.values, day), form, "trip")) is not None:
        try:
            out["trip"] = price_trip(card, pricing.facts_of(trip, card.distance_unit))
        except DomainError as refusal:
            form.refuse(refusal)
    if (card.monthly or card.minimum_month) and (
        month := _read(MonthIn, month_of(form.values, day.replace(day=1)), form, "month")
    ) is not None:
        if not month.amount and out["trip"] is not None:
            each = out["trip"]
            amount = (each.amount - each.passed_on) * month.trips
            month = month.model_copy(update={"amount": max(amount, 0), "tax": max(each.tax * month.trips, 0)})
            out["reckoned"] = amount
        out["month"] = price_month(card, pricing.totals_of(month, card))
    return out


def _take(values: MultiDict[str, str]) -> tuple[Form[Any], dict[str, Any]]:
    """The form that was sent, and the terms in it."""
    form: Form[Any] = Form.of(values)
    return form, take_terms(form.values)


def plain_names(form: Form[Any]) -> Form[Any]:
    """Errors of terms stand at the fields of the form, which have no prefix."""
    for name in [name for name in form.errors if name.startswith("terms-")]:
        form.errors[name.removeprefix("terms-")] = form.errors.pop(name)
    for name in [name for name in form.errors if name in {"packages-options", "terms"}]:
        form.errors["packages"] = form.errors.pop(name)
    form.labels |= {name: _label(name) for name in form.errors if name not in form.labels}
    return form


def _label(name: str) -> str:
    info: Any = None
    fields: Any = TermsIn.model_fields
    said: list[str] = []
    for part in name.split("-"):
        if part.isdigit():
            said[-1:] = [f"{said[-1]} {int(part) + 1}"] if said else []
            continue
        info = fields.get(part) if fields else None
        said.append(info.title if info is not None and info.title else part.replace("_", " ").capitalize())
        fields = _below(info)
    first, *rest = said or [name]
    return ", ".join([first, *(word[:1].lower() + word[1:] for word in rest if word not in {"Steps", "Options"})])


def _below(info: Any) -> Any:
    if info is None:
        return None
    for kind in (info.annotation, *getattr(info.annotation, "__args__", ())):
        if hasattr(kind, "model_fields"):
            return kind.model_fields
    return None


def preview_of(values: MultiDict[str, str], currency: str) -> tuple[Form[Any], dict[str, Any] | None]:
    """The form with all that is wrong in it, and the worked trip where the terms allow one."""
    form, terms = _take(values)
    read = _read(TermsIn, terms, form, "terms")
    worked = None
    if read is not None:
        try:
            card = card_from(services.checked_terms(read, currency))
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            prefs = preferences()
            said = plain_date(form.text("valid_from"), prefs.date_format, today())
            worked = worked_by(form, card, said or today())
    return plain_names(form), worked
