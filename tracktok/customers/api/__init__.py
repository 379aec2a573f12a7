"""The JSON routes of customers and companies."""

from . import catalog, companies, customers, groups, people

APIS = (
    customers.api,
    people.api,
    groups.types_api,
    groups.managers_api,
    catalog.services_api,
    catalog.rates_api,
    catalog.lists_api,
    companies.api,
    companies.gst_api,
)
