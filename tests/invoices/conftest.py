"""A company that bills under GST, and short ways to its documents by the API."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest

from tests.factories.invoices import invoice_values, make_biller, make_buyer
from tests.factories.tenants import Company


@dataclass
class Billing:
    """A company and one of its customers, through the API."""

    company: Company
    customer: str

    @cached_property
    def api(self) -> Any:
        """The owner's client."""
        return self.company.owner.api()

    def call(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        """One call that must answer with a status; its JSON."""
        answer = self.api.open(method, path, **options)
        assert answer.status_code == status, answer.json
        return answer.json

    def draft(self, **over: Any) -> dict[str, Any]:
        """A draft invoice: of 1,180.00 unless `line` or `lines` say otherwise."""
        body = invoice_values(**{"customer_id": self.customer, **over})
        return self.call("POST", "/invoices/", 201, json=body)  # type: ignore[no-any-return]

    def issued(self, **over: Any) -> dict[str, Any]:
        """An issued invoice."""
        return self.call("POST", f"/invoices/{self.draft(**over)['id']}/finalize")  # type: ignore[no-any-return]

    def credit(self, invoice: dict[str, Any], *lines: dict[str, Any], status: int = 201, **over: Any) -> dict[str, Any]:
        """A credit note over lines (all that is left without any), issued at once."""
        body = {"invoice_id": invoice["id"], "reason": "Not delivered", "finalize": True, "date": "2026-11-25", **over}
        if lines:
            body["lines"] = list(lines)
        return self.call("POST", "/credit-notes/", status, json=body)  # type: ignore[no-any-return]


@pytest.fixture
def billing(company: Company) -> Billing:
    """A company under GST in Karnataka, with a registered customer there."""
    with company.owner.acting():
        make_biller()
        return Billing(company, str(make_buyer().id))


def line(quantity: str, price: str, rate: str, **over: Any) -> dict[str, Any]:
    """A line of an invoice."""
    return {"description": "Cab hire", "hsn_sac": "996601", "quantity": quantity, "unit_price": price, "tax_rate": rate,
            **over}  # fmt: skip
