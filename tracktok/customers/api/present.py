"""Rows as the API answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from tracktok.core.money import format_amount
from tracktok.customers.rules.catalog import format_price, format_rate
from tracktok.customers.rules.states import state_name
from tracktok.customers.schemas.companies import CompanyIn
from tracktok.web.api import instant

_CUSTOMER = (
    "id", "name", "code", "kind", "client_type_id", "client_type", "account_manager_id", "account_manager",
    "price_list_id", "email", "phone", "website", "gst_category", "gstin", "pan", "tax_id", "state_code",
    "address_line1", "address_line2", "city", "postal_code", "country", "currency", "language", "payment_terms_days",
    "notes", "custom_fields", "reminders_stopped", "import_id", "is_archived",
)  # fmt: skip
_CONTACT = ("id", "name", "email", "phone", "role", "gets_documents", "gets_reminders")
_ADDRESS = ("id", "label", "address_line1", "address_line2", "city", "postal_code", "state_code", "country")
_GST = (
    "gstin", "legal_name", "trade_name", "state_code", "pan", "tax_regime", "registered", "round_off", "lut",
    "lut_reference", "hsn_digits", "e_invoicing", "is_body_corporate",
)  # fmt: skip


def stamps(row: Any) -> dict[str, Any]:
    """The members that everything has which can be changed."""
    return {"version": row.version, "created_at": instant(row.created_at), "updated_at": instant(row.updated_at)}


def customer(row: Any) -> dict[str, Any]:
    """A customer of a list. `row` has the columns of `queries.customers.COLUMNS`."""
    return {
        **{name: getattr(row, name) for name in _CUSTOMER},
        "state": state_name(row.state_code),
        "credit_limit": None if row.credit_limit is None else format_amount(row.credit_limit, row.currency),
        **stamps(row),
        "deleted_at": instant(row.deleted_at),
    }


def contact(row: Any) -> dict[str, Any]:
    """A person at a customer."""
    return {**{name: getattr(row, name) for name in _CONTACT}, "created_at": instant(row.created_at)}


def address(row: Any) -> dict[str, Any]:
    """A further address of a customer."""
    return {**{name: getattr(row, name) for name in _ADDRESS}, "created_at": instant(row.created_at)}


def whole_customer(row: Any, contacts: Sequence[Any], addresses: Sequence[Any]) -> dict[str, Any]:
    """A customer with contacts and further addresses."""
    return {
        **customer(row),
        "contacts": [contact(one) for one in contacts],
        "addresses": [address(one) for one in addresses],
    }


def client_type(row: Any, counts: Mapping[Any, int]) -> dict[str, Any]:
    """A client type with how many customers are of it."""
    plain = {"id": row.id, "name": row.name, "description": row.description}
    return {**plain, "customers": counts.get(row.id, 0), **stamps(row)}


def account_manager(row: Any, counts: Mapping[Any, int]) -> dict[str, Any]:
    """An account manager with how many customers they look after."""
    plain = {name: getattr(row, name) for name in ("id", "name", "email", "phone", "person_id", "is_archived")}
    return {**plain, "customers": counts.get(row.id, 0), **stamps(row)}


def company(row: Any) -> dict[str, Any]:
    """A company that bills."""
    plain = {name: getattr(row, name) for name in CompanyIn.model_fields}
    return {"id": row.id, "is_default": row.is_default, **plain, **stamps(row)}


def gst_settings(row: Any) -> dict[str, Any]:
    """The GST settings of a company."""
    plain = {name: getattr(row, name) for name in _GST}
    return {
        "company_id": row.id,
        **plain,
        "state": state_name(row.state_code),
        "version": row.version,
        "updated_at": instant(row.updated_at),
    }


def _or_none(value: Decimal | None) -> str | None:
    return None if value is None else format_rate(value)


def tax_rate(row: Any, periods: Sequence[Any], now: Any | None) -> dict[str, Any]:
    """A tax rate with its periods; `now` is what holds today."""
    return {
        **{name: getattr(row, name) for name in ("id", "name", "regime", "description", "is_archived")},
        "percent": _or_none(now.percent if now else None),
        "cess_percent": _or_none(now.cess_percent if now else None),
        "cess_per_unit": _or_none(now.cess_per_unit if now else None),
        "periods": [
            {
                "valid_from": one.valid_from,
                "percent": format_rate(one.percent),
                "cess_percent": format_rate(one.cess_percent),
                "cess_per_unit": format_rate(one.cess_per_unit),
                "components": one.components,
            }
            for one in periods
        ],
        **stamps(row),
    }


def service_type(row: Any, taxes: Mapping[Any, Any]) -> dict[str, Any]:
    """A service type; `taxes` is what tax rates come to today."""
    tax = taxes.get(row.tax_rate_id)
    plain = (
        "id", "name", "code", "description", "hsn_sac", "supply_kind", "unit", "currency", "tax_rate_id", "tax_rate",
        "book_account_id", "is_archived",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in plain},
        "unit_price": format_price(row.unit_price, row.currency),
        "tax_percent": _or_none(tax.percent if tax else None),
        **stamps(row),
        "deleted_at": instant(row.deleted_at),
    }


def price_list(row: Any, items: Sequence[Any], customers: int) -> dict[str, Any]:
    """A price list with its prices."""
    return {
        **{name: getattr(row, name) for name in ("id", "name", "currency", "is_archived")},
        "customers": customers,
        "items": [
            {
                "service_type_id": one.service_type_id,
                "service_type": one.service_type,
                "unit": one.unit,
                "unit_price": format_price(one.unit_price, row.currency),
                "valid_from": one.valid_from,
                "valid_to": one.valid_to,
            }
            for one in items
        ],
        **stamps(row),
    }
