"""What people are told about, and by which channels unless they choose otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """How a person is told."""

    in_app = "in_app"
    mail = "mail"

    @property
    def label(self) -> str:
        return {"in_app": "In the app", "mail": "By e-mail"}[self.value]


@dataclass(frozen=True, slots=True)
class Event:
    """A kind of news. `always`: channels that cannot be turned off."""

    name: str
    label: str
    channels: frozenset[Channel] = frozenset(Channel)
    always: frozenset[Channel] = frozenset()


_APP = frozenset({Channel.in_app})
EVENTS: dict[str, Event] = {
    event.name: event
    for event in (
        Event("budget.threshold", "A budget passes a threshold"),
        Event("budget.forecast", "A budget is forecast to be passed"),
        Event("report.monthly", "The monthly report"),
        Event("report.ready", "A report or export that you asked for is ready", _APP),
        Event("import.finished", "An import that you began has ended", _APP),
        Event("expense.approval", "An expense waits for you, or yours was decided"),
        Event("invoice.dispute", "A customer says that an invoice is wrong"),
        Event("quote.answer", "A customer accepts or declines a quote"),
        Event("invoice.payment", "A customer pays online, or promises to pay"),
        Event("invoice.attention", "A reminder or a recurring invoice could not go out"),
        Event("usage.quota", "A customer reaches a threshold of a usage quota"),
        Event("trips.dispute", "A dispute over a trip is opened, answered or settled"),
        Event("people.joined", "Somebody joins the company", _APP),
        Event("people.role", "Your role is changed"),
        Event("tenant.plan", "The plan is changed"),
        Event("security", "Your password or your sign-ins change", always=frozenset({Channel.mail})),
    )
}


def event_named(name: str) -> Event:
    """The event of a name; one that is not in the table is told by every channel."""
    return EVENTS.get(name) or Event(name, name.replace(".", ": ").replace("_", " ").capitalize())


def wanted_by_default(name: str, channel: Channel) -> bool:
    """Whether an event is told by a channel to a person who has chosen nothing."""
    return channel in event_named(name).channels


def can_be_refused(name: str, channel: Channel) -> bool:
    """Whether a person may turn an event off in a channel."""
    return channel not in event_named(name).always
