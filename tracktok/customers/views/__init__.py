"""The pages of customers and of the settings of billing."""

from . import actions, companies, customers, forms, groups, palette, people, price_lists, service_types, taxes
from .blueprint import blueprint

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
