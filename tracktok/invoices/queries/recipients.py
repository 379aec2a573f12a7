"""Who gets a customer's mail: the contacts that do, else the customer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from tracktok.customers.models import Customer
from tracktok.customers.queries import contacts_of_many

REMINDERS, DOCUMENTS = "gets_reminders", "gets_documents"


def recipients_of(customer: Customer, what: str = DOCUMENTS) -> list[str]:
    """The addresses of a customer for documents or reminders."""
    return recipients_of_many([customer], what)[customer.id]


def recipients_of_many(customers: Collection[Customer], what: str = DOCUMENTS) -> Mapping[UUID, list[str]]:
    """The addresses of customers, in one statement."""
    contacts = contacts_of_many(one.id for one in customers)
    found = {}
    for customer in customers:
        named = [one.email for one in contacts.get(customer.id, ()) if getattr(one, what) and one.email]
        found[customer.id] = list(dict.fromkeys(named or ([customer.email] if customer.email else [])))
    return found
