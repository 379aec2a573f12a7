"""What areas above show on a customer's pages: cards, tabs, buttons, balances.

Customers know nothing of documents. Whoever does says here, in its `receivers.py`, what a customer's page shows of it:

    provide_card(Card("Open invoices", "invoices/customer_card.html", open_invoices_of, permission="invoices.read"))
    provide_tab(Tab("Invoices", "invoices.of_customer", "invoices.read"))       # a page with `customer_id`
    provide_action(Action("New invoice", "invoices.new", "file-plus", "invoices.write"))  # `?customer_id=`
    provide_balances("invoices.read", balances_of)                              # {customer's id: what is open}

A card's template is included with `card_values` (what `values` gave) and `customer` (a row); it draws its own
`{% call card(...) %}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from tracktok.core.permissions import may


@dataclass(frozen=True, slots=True)
class Card:
    """A block on a customer's overview. `place` is "main" (under the details) or "side"."""

    name: str
    template: str
    values: Callable[[Any], Mapping[str, Any] | None]
    """What the template is given, from the customer's row; None for nothing to show."""
    permission: str
    place: str = "main"


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of a customer beside the overview: an endpoint that takes `customer_id`."""

    label: str
    endpoint: str
    permission: str
    count: Callable[[UUID], int] | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """A button on a customer's page: an endpoint that takes `customer_id` in its path or query."""

    label: str
    endpoint: str
    icon: str
    permission: str
    primary: bool = False


Balances = Callable[[Iterable[UUID]], Mapping[UUID, Decimal]]
_cards: dict[str, Card] = {}
_tabs: dict[str, Tab] = {}
_actions: dict[str, Action] = {}
_balances: list[tuple[str, Balances]] = []


def provide_card(card: Card) -> None:
    """Show a card on every customer's overview."""
    _cards[card.name] = card


def provide_tab(tab: Tab) -> None:
    """Show a tab on every customer's page."""
    _tabs[tab.endpoint] = tab


def provide_action(action: Action) -> None:
    """Show a button on every customer's page."""
    _actions[action.endpoint] = action


def provide_balances(permission: str, find: Balances) -> None:
    """Say what customers owe, in their own currency; shown in the list and on top of a customer's page."""
    _balances[:] = [(permission, find)]


def cards_of(customer: Any) -> list[tuple[Card, Mapping[str, Any]]]:
    """The cards that the actor may see of a customer, with what their templates are given."""
    found = [(card, card.values(customer)) for card in _cards.values() if may(card.permission)]
    return [(card, values) for card, values in found if values is not None]


def tabs_of(customer_id: UUID) -> list[tuple[Tab, int | None]]:
    """The tabs that the actor may open of a customer, with their counts."""
    mine = [tab for tab in _tabs.values() if may(tab.permission)]
    return [(tab, tab.count(customer_id) if tab.count is not None else None) for tab in mine]


def actions() -> list[Action]:
    """The buttons that the actor may press."""
    return [action for action in _actions.values() if may(action.permission)]


def balances_of(ids: Iterable[UUID]) -> Mapping[UUID, Decimal] | None:
    """What customers owe, by id; None when nobody says so, or the actor may not know."""
    for permission, find in _balances:
        if may(permission):
            return find(ids)
    return None
