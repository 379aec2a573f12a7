"""Files of the list of customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response
from sqlalchemy import Select, case, select

from tracktok.core.pagination import split_sort
from tracktok.core.tenancy import TENANT
from tracktok.customers.models import AccountManager, ClientType, Customer
from tracktok.customers.rules.states import STATES
from tracktok.customers.schemas.customers import CustomerQuery
from tracktok.tenants.queries import get_current
from tracktok.web.exporting import ExportColumn, export_name, export_response

from .customers import SORTS, filters_of, where, with_names

_STATE = case({code: state.name for code, state in STATES.items()}, value=Customer.state_code, else_="")
_COLUMNS = (
    ExportColumn("Name", Customer.name),
    ExportColumn("Code", Customer.code),
    ExportColumn("Kind", Customer.kind, "word"),
    ExportColumn("Client type", ClientType.name),
    ExportColumn("Account manager", AccountManager.name),
    ExportColumn("E-mail", Customer.email),
    ExportColumn("Phone", Customer.phone),
    ExportColumn("Website", Customer.website),
    ExportColumn("GST category", Customer.gst_category, "word"),
    ExportColumn("GSTIN", Customer.gstin),
    ExportColumn("PAN", Customer.pan),
    ExportColumn("Tax id", Customer.tax_id),
    ExportColumn("Address", Customer.address_line1),
    ExportColumn("Address, second line", Customer.address_line2),
    ExportColumn("City", Customer.city),
    ExportColumn("Postal code", Customer.postal_code),
    ExportColumn("State code", Customer.state_code),
    ExportColumn("State", _STATE),
    ExportColumn("Country", Customer.country, "word"),
    ExportColumn("Currency", Customer.currency, "word"),
    ExportColumn("Payment terms (days)", Customer.payment_terms_days, "number"),
    ExportColumn("Credit limit", Customer.credit_limit, "amount", Customer.currency),
    ExportColumn("Notes", Customer.notes),
    ExportColumn("Archived", Customer.is_archived, "flag"),
    ExportColumn("Id", Customer.id, "word"),
)


def export_customers(query: CustomerQuery, file_format: str) -> Response:
    """The live customers that fit, all of them, as a CSV or XLSX file."""
    shape, given = filters_of(query)
    name, descending = split_sort(query.sort, SORTS)
    order = [one.desc() if descending else one.asc() for one in (SORTS[name].column, Customer.id)]

    def statement_of(columns: Sequence[Any]) -> Select[Any]:
        chosen = where(with_names(select(*columns).select_from(Customer)), shape)
        return chosen.where(Customer.tenant_id == TENANT).order_by(*order)

    return export_response(_COLUMNS, statement_of, given, file_format, export_name("customers", get_current().name))
