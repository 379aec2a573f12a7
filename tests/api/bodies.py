"""Bodies and queries that are right, for each operation: made from its description, or said here."""

from __future__ import annotations

from typing import Any

from tests.architecture.test_routes import BODIES, BUDGET, EXPENSE, INCENTIVE, TRIP
from tests.factories.customers import KARNATAKA
from tests.factories.tenants import PASSWORD, Member
from tests.factories.vendors import BY_TRIP
from tracktok.core.ids import new_id

Parts = dict[str, Any]
DOCUMENT = {"customer_id": str(new_id()), "lines": [{"description": "Cab hire", "unit_price": "1"}]}
DRAFTED = ("invoices/", "invoices/preview", "quotes/", "proformas/")
NOTE = {"invoice_id": str(new_id()), "reason": "Not delivered"}
MORE = {**NOTE, "lines": [{"line_id": str(new_id()), "quantity": "1"}]}
LEVEL = {"name": "Last reminder", "days": 44, "subject": "{number}", "message": "Please pay {amount_due}."}
VALUES = {"date": "2026-11-10", "date-time": "2026-11-10T10:00:00Z", "email": "kim@example.test"}


def right_parts(raw: dict[str, Any], operation: Any, endpoint: str, person: Member) -> Parts:
    """The `body` and `query` of a request that a person may make."""
    if operation.label in _said(person):
        return _said(person)[operation.label]
    if endpoint in BODIES:
        body = BODIES[endpoint]
        return {"body": {name: _unique() if name in {"name", "legal_name"} else one for name, one in body.items()}}
    definition = raw["paths"][operation.path][operation.method.lower()]
    content = definition.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    return {} if schema is None else {"body": _made_up(raw, schema)}


def _said(person: Member) -> dict[str, Parts]:
    return {
        **{f"POST /api/v1/{path}": {"body": body} for path, body in {**_of_usage(), **_of_trips()}.items()},
        **{f"GET /api/v1/statements/{one}": {"query": {"month": "2026-03-01"}} for one in ("costs", "employees")},
        "POST /api/v1/recurring-invoices/": {"body": {**DOCUMENT, "starts_on": "2027-01-31"}},
        "POST /api/v1/reminder-levels/": {"body": LEVEL},
        "PUT /api/v1/reminder-levels/{reminder_level_id}": {"body": {**LEVEL, "days": 55}},
        "POST /api/v1/auth/forgot-password": {"body": {"email": person.email}},
        "POST /api/v1/auth/login": {"body": {"email": person.email, "password": PASSWORD}},
        "POST /api/v1/auth/register": {"body": _registration()},
        "PATCH /api/v1/auth/me": {"body": {"first_name": "Kim"}},
        "POST /api/v1/budgets/": {"body": {**BUDGET, "name": _unique()}},
        "GET /api/v1/exchange-rates/": {"query": {"from": "INR", "to": "INR"}},
        "POST /api/v1/expenses/": {"body": EXPENSE},
        "POST /api/v1/expenses/bulk": {"body": {"action": "delete", "ids": [str(new_id())]}},
        "POST /api/v1/expenses/{expense_id}/status": {"body": {"action": "unpay"}},
        "POST /api/v1/invitations/": {"body": {"email": f"kim@{_unique()}.test", "role": "member"}},
        "PATCH /api/v1/imports/{import_id}": {"body": {"options": {"sign": "positive"}}},
        "PUT /api/v1/notifications/preferences": {
            "body": {"event": "report.monthly", "channel": "mail", "wanted": True}
        },
        "POST /api/v1/reports/": {"body": {}},
        **{
            f"POST /api/v1/{one}": {"body": DOCUMENT}
            for one in ("invoices/", "invoices/preview", "quotes/", "proformas/")
        },
        "POST /api/v1/debit-notes/": {"body": MORE},
        "PUT /api/v1/debit-notes/{note_id}": {"body": MORE},
        "POST /api/v1/credit-notes/": {"body": NOTE},
        "POST /api/v1/tax-rates/": {"body": {"name": _unique(), "percent": "5"}},
        "GET /api/v1/gst-returns/gstr1": {"query": {"month": "2026-11"}},
        "PUT /api/v1/number-patterns/": {"body": {"kind": "invoice", "pattern": "N-{YY}-{#####}"}},
        **{
            f"POST /api/v1/{one}/{{document_id}}/send": {"body": {"to": ["asha@example.test"]}}
            for one in ("invoices", "quotes", "proformas", "credit-notes", "debit-notes")
        },
        "PUT /api/v1/gst-settings/": {"body": {"gstin": KARNATAKA, "round_off": True}},
        "POST /api/v1/customers/{customer_id}/statement/send": {"body": {"to": ["asha@example.test"]}},
        "PUT /api/v1/tenants/me": {"body": {"date_format": "DD.MM.YYYY"}},
        "POST /api/v1/tenants/upgrade": {"body": {"tier": "professional"}},
        "PUT /api/v1/admin/tenants/{tenant_id}/tier": {"body": {"tier": "professional", "reason": "Paid by invoice"}},
    }


def _of_usage() -> dict[str, Parts]:
    """Bodies of POST, by what follows /api/v1/."""
    price = {"model": "per_unit", "config": {"per_unit": "1"}}
    meter, customer = {"meter_id": str(new_id())}, {"customer_id": str(new_id())}
    return {
        "meters/": {"code": _unique(), "name": "Messages"},
        "usage/": {"event": "api_calls", "quantity": "3"},
        "prices/": {**meter, "valid_from": "2026-01-01", **price},
        "prices/estimate": {**price, "units": "10"},
        "quotas/": {**meter, "limit": "5"},
        "usage-subscriptions/": {**customer, "meters": [str(new_id())], "start_date": "2026-01-01"},
        "usage-billing/run": customer,
        "reports/{user_id}": {"month": "2026-04-01"},
    }


def _of_trips() -> dict[str, Parts]:
    """Bodies of POST, by what follows /api/v1/."""
    vendor = {"vendor_id": str(new_id())}
    trip = {**vendor, "started_at": "2026-03-10T08:00:00", "ended_at": "2026-03-10T09:00:00", "distance_km": "20"}
    span = {"date_from": "2026-03-01", "date_to": "2026-03-31"}
    return {
        "vendors/": {"name": _unique(), "billing_model": "trip"},
        "rate-cards/": {**vendor, "name": _unique(), "valid_from": "2026-01-01", "terms": BY_TRIP},
        "rate-cards/price": {"currency": "INR", "terms": BY_TRIP, "trip": TRIP},
        "incentive-rules/": {**INCENTIVE, "name": _unique()},
        "trips/": trip,
        "trips/bulk": {"trips": [trip]},
        "trips/what-if": {**vendor, **span},
        "trips/rerate": {**vendor, **span},
        "statements/": {**vendor, "month": "2026-03-01"},
    }


def _registration() -> dict[str, str]:
    unique = _unique()
    return {
        "name": "New",
        "subdomain": unique,
        "owner_email": f"kim@{unique}.test",
        "owner_password": PASSWORD,
    }


def _unique() -> str:
    return f"t{new_id().hex[-12:]}"


def _made_up(raw: dict[str, Any], schema: dict[str, Any]) -> Any:
    """The smallest value that a schema describes: what is required, or else the first that may be given."""
    if "$ref" in schema:
        found: Any = raw
        for name in schema["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return _made_up(raw, found)
    for group in ("anyOf", "oneOf", "allOf"):
        if group in schema:
            return _made_up(raw, next(one for one in schema[group] if one.get("type") != "null"))
    for given in ("examples", "enum"):
        if schema.get(given):
            return schema[given][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            names = schema.get("required") or list(fields)[:1]
            return {name: _unique() if name == "name" else _made_up(raw, fields[name]) for name in names}
        case "array":
            return [_made_up(raw, schema["items"])] * schema.get("minItems", 0)
        case "boolean":
            return True
        case "integer" | "number":
            return schema.get("minimum", 1)
    if schema.get("format") == "uuid":
        return str(new_id())
    return VALUES.get(schema.get("format", ""), "x" * max(1, schema.get("minLength", 1)))
