"""What pages say of sales documents."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tracktok.core.context import preferences
from tracktok.customers.rules.states import OTHER_COUNTRY, STATES
from tracktok.invoices.rules.supply import EXPORTS, KINDS, SEZ_SUPPLIES, SUPPLY_TYPES, WITHOUT_PAYMENT
from tracktok.web.filters import format_day, format_number
from tracktok.web.statuses import words_of

PLACES = [(state.code, f"{state.code} {state.name}") for state in STATES.values() if not state.is_former]
SUPPLIES = [(code, f"{label} ({code})") for code, label in SUPPLY_TYPES.items()]
_TRANSPORT = {"goods_transport", "passenger_transport"}
_DONE = {
    "issued": ("finalized it", "circle-check", "green"),
    "sent": ("marked it as sent", "send", "blue"),
    "accepted": ("noted that it was accepted", "check", "green"),
    "declined": ("noted that it was declined", "x", "red"),
    "expired": ("let it expire", "clock", "grey"),
    "invoiced": ("made an invoice of it", "file-invoice", "green"),
    "void": ("made it void", "ban", "red"),
    "uncollectible": ("gave it up as uncollectible", "gavel", "red"),
    "paid": ("paid", "cash", "green"),
    "part_paid": ("paid in part", "cash", "blue"),
    "applied": ("applied it", "arrows-exchange", "green"),
    "refunded": ("refunded it", "receipt-refund", "green"),
}


def why_of(found: Mapping[str, Any]) -> list[str]:
    """What was decided about the tax of a document under GST, and why, in sentences."""
    if found["tax_regime"] != "gst":
        return []
    customer, place, home = found["customer"], found["place_of_supply"], found["company"]["state_code"]
    where = found["place_of_supply_name"] or place
    said = [f"Place of supply: {place} {where}{_because(found, customer, place)}."]
    kind = found["supply_type"]
    if kind in EXPORTS | SEZ_SUPPLIES:
        said.append(f"{SUPPLY_TYPES[kind]}: inter-State by law.")
        if kind in WITHOUT_PAYMENT:
            said.append("No tax is charged, under your letter of undertaking.")
    elif place == home:
        second = "UTGST" if STATES[place].is_union_territory_without_legislature else "SGST"
        said.append(f"That is your own State, so the tax is CGST and {second}, half each.")
    else:
        own = STATES[home].name if home in STATES else home
        said.append(f"Your own State is {own}, so the tax is IGST.")
    if found["reverse_charge"]:
        said.append("Reverse charge: no tax is charged; the customer owes it.")
    return said


def _because(found: Mapping[str, Any], customer: Mapping[str, Any], place: str) -> str:
    kinds = {line["supply_kind"] for line in found["lines"]}
    state = customer["state_code"]
    if place == OTHER_COUNTRY:
        return ", as the customer is abroad"
    if place == (customer["gstin"] or "")[:2]:
        return ", the State of the customer's GSTIN"
    if kinds & _TRANSPORT and not customer["gstin"]:
        return ", where the transport begins"
    if place == state:
        return ", the State of the customer's address"
    return ", as chosen" if state else ", as no State of the customer is known"


def rate_of(found: Mapping[str, Any]) -> str:
    """The exchange rate with its source: "1 USD = 97.50 INR, published by ECB for 20/11/2026"."""
    base = preferences().currency
    if found["currency"] == base:
        return ""
    rate = Decimal(found["exchange_rate"])
    places = max(2, -int(rate.normalize().as_tuple().exponent))
    text = f"1 {found['currency']} = {format_number(rate, min(places, 6))} {base}"
    if found["rate_source"] == "entered":
        return f"{text}, entered by hand"
    source = f" by {found['rate_source'].partition(',')[0]}" if found["rate_source"] else ""
    day = f" for {format_day(found['rate_date'])}" if found["rate_date"] else ""
    return f"{text}, published{source}{day}"


def wants_transport(found: Mapping[str, Any] | None) -> bool:
    """Whether a document says something about a transport of goods, or should."""
    if found is None:
        return False
    return bool(found["transport"]) or any(line["supply_kind"] in _TRANSPORT for line in found["lines"])


def happening(event: Any) -> tuple[str, str, str]:
    """(words, icon, tone) of a change in the history of a document."""
    if event.action == "created":
        return "drafted it", "plus", "grey"
    if event.action == "deleted":
        return "deleted it", "trash", "red"
    changed = {name: after for name, _, after in event.fields}
    if event.action == "reminded":
        return f"sent “{changed.get('reminder', 'a reminder')}”", "bell-ringing", "amber"
    status = str(changed.get("status", ""))
    if status in _DONE:
        text, icon, tone = _DONE[status]
        number = changed.get("number")
        return (f"{text} as {number}" if number and status == "issued" else text), icon, tone
    if status:
        return f"changed its status to {words_of(status).lower()}", "point", "grey"
    if "sent_at" in changed:
        return "sent it", "send", "blue"
    if "viewed_at" in changed:
        return "opened it", "eye", "blue"
    if "disputed_at" in changed:
        return (
            ("said that it is wrong", "alert-triangle", "red")
            if changed["disputed_at"]
            else ("resolved the dispute", "check", "green")
        )
    if "reminders_stopped" in changed:
        return ("stopped reminders" if changed["reminders_stopped"] else "let reminders go again"), "bell-off", "grey"
    if "promised_on" in changed:
        return "promised to pay it", "calendar", "blue"
    if "amount_paid" in changed:
        return "changed what is paid of it", "cash", "blue"
    return "changed it", "pencil", "grey"


def kind_of_supply(code: str) -> str:
    """The kind of supply in words."""
    return KINDS.get(code, code)
