"""The pages of customers and of the settings of billing."""

from tracktok.web.saved import saved_list

from . import actions, companies, customers, forms, groups, palette, people, price_lists, service_types, taxes
from .blueprint import blueprint

saved_list("customers", "customers.index", "customers.read", "Customers", sort="name")

__all__ = [
    "actions",
    "blueprint",
    "companies",
    "customers",
    "forms",
    "groups",
    "palette",
    "people",
    "price_lists",
    "service_types",
    "taxes",
]
