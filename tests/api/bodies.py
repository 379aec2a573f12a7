"""Bodies and queries that are right, for each operation: made from its description, or said here."""

from __future__ import annotations

from typing import Any

from tests.architecture.test_routes import BODIES, BUDGET, EXPENSE
from tests.factories.tenants import PASSWORD, Member
from tracktok.core.ids import new_id

Parts = dict[str, Any]
DOCUMENT = {"customer_id": str(new_id()), "lines": [{"description": "Cab hire", "unit_price": "1"}]}
DRAFTED = ("invoices/", "invoices/preview", "quotes/", "proformas/")
NOTE = {"invoice_id": str(new_id()), "reason": "Not delivered"}
MORE = {**NOTE, "lines": [{"line_id": str(new_id()), "quantity": "1"}]}
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
        "PUT /api/v1/tenants/me": {"body": {"date_format": "DD.MM.YYYY"}},
        "POST /api/v1/tenants/upgrade": {"body": {"tier": "professional"}},
        "PUT /api/v1/admin/tenants/{tenant_id}/tier": {"body": {"tier": "professional", "reason": "Paid by invoice"}},
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
