"""Every operation answers everybody whose role may use it with 2xx, when it is asked rightly."""

from __future__ import annotations

import re
from typing import Any

import pytest
import schemathesis
from flask import Flask

from tests.api.asking import (
    KEPT,
    Asker,
    Told,
    configuration,
    endpoint_of,
    listening,
    may_use,
    permission_of,
    send_again,
)
from tests.api.bodies import right_parts
from tests.api.things import Things
from tests.factories.tenants import Company, Member, make_platform_admin
from tracktok.core.ids import new_id

TAKES_A_FILE = {
    "POST /api/v1/imports/": "each import here is made by it",
    "POST /api/v1/expenses/{expense_id}/receipts": "each receipt here is made by it",
    "POST /api/v1/bank-statements/": "tests/invoices",
    "POST /api/v1/bank-statements/preview": "tests/invoices",
    "PUT /api/v1/tenants/me/logo": "tests/tenants",
    "POST /api/v1/vendors/{vendor_id}/files": "tests/trips",
}
NEEDS_A_PROVIDER = {
    "POST /api/v1/receipts/{customer_receipt_id}/refund-online": "what a provider has to be asked for: tests/invoices",
}
_TRIPS = "a trip that waits to be billed: tests/invoices/test_trips.py"
_MILEAGE = "a rate of mileage on the day of a trip: tests/trips/test_mileage.py"
_PEOPLE = "somebody from outside: tests/trips/test_portals.py"
NEEDS_MORE = {
    "GET /api/v1/invoices/billable-trips": _TRIPS,
    "POST /api/v1/invoices/from-trips": _TRIPS,
    "POST /api/v1/invoices/from-trips/preview": _TRIPS,
    "POST /api/v1/trips/mileage-expenses": _MILEAGE,
    "POST /api/v1/trips/{trip_id}/mileage-expense": _MILEAGE,
    "DELETE /api/v1/trips/{trip_id}/mileage-expense": _MILEAGE,
    "GET /api/v1/employees/{employee_id}/people": _PEOPLE,
    "POST /api/v1/employees/{employee_id}/people": _PEOPLE,
    "DELETE /api/v1/employees/{employee_id}/people/{outsider_id}": _PEOPLE,
    "DELETE /api/v1/vendors/{vendor_id}/people/{outsider_id}": _PEOPLE,
    "POST /api/v1/employees/{employee_id}/people/{outsider_id}/let-back": _PEOPLE,
    "POST /api/v1/vendors/{vendor_id}/people/{outsider_id}/let-back": _PEOPLE,
}
EXCEPTIONS = {**KEPT, **TAKES_A_FILE, **NEEDS_A_PROVIDER, **NEEDS_MORE}
"""What is not asked here, and why."""


@pytest.mark.rbac
@pytest.mark.timeout(300)
@pytest.mark.parametrize("role", ["owner", "admin", "analyst", "member", "staff"])
def test_every_operation_answers_everybody_who_may_use_it(app: Flask, company: Company, role: str):
    told: Told = {}
    person = make_platform_admin(company) if role == "staff" else company.member(role)
    asker = Asker(app)
    with listening(app) as address, asker.listening():
        schema = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json", config=configuration(company))
        asker.begin(role, person, Things(company, person, Things.of_company(company)))
        for operation in (result.ok() for result in schema.get_all_operations()):
            label = operation.label
            if label in EXCEPTIONS or not may_use(app, operation, person):
                continue
            if role == "staff" and not permission_of(app, operation).startswith("platform."):
                continue
            send_again(role, [right_case(app, schema, operation, company, person)], address, person.headers, told)
            if not asker.was_good(role, label):
                told.setdefault(label, []).append(f"answered {dict(asker.counts[role, label])} ({asker.last_words})")
    assert not told, "\n".join(f"{what}: {said[-1]}" for what, said in told.items())
    assert asker.by_status(role).total() >= (3 if role == "staff" else 25), asker.table()


def right_case(app: Flask, schema: Any, operation: Any, company: Company, person: Member) -> Any:
    """A request that is right but for the ids in it, which are filled in when it is sent."""
    names = re.findall(r"{(\w+)}", operation.path)
    parts = right_parts(schema.raw_schema, operation, endpoint_of(app, operation), person)
    if "body" in parts:
        parts["media_type"] = "application/json"
    return operation.Case(
        path_parameters={name: str(new_id()) for name in names}, headers={"X-Tenant-Id": str(company.id)}, **parts
    )


def test_the_exceptions_are_operations(app: Flask, company: Company):
    with listening(app) as address:
        schema = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json", config=configuration(company))
        labels = {result.ok().label for result in schema.get_all_operations()}
    assert EXCEPTIONS.keys() <= labels
