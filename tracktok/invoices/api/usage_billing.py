"""The routes /api/v1/usage-billing."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Response
from pydantic import Field

from tracktok.core import clock
from tracktok.core.db import db
from tracktok.core.money import format_amount
from tracktok.core.permissions import permits
from tracktok.customers.queries import get_customer
from tracktok.invoices.services.usage_billing import bill_customer
from tracktok.web.api import Api, Schema, json_response

api = Api("usage_billing", __name__, prefix="/usage-billing", tag="Usage")


class BillUsageIn(Schema):
    """Whose usage is billed now."""

    customer_id: UUID
    at_once: bool = Field(
        False, description="Bill what came late for closed periods by itself, without waiting for the next period"
    )
    dry_run: bool = Field(False, description="Only show what would be billed; keep nothing")


class BilledPeriod(Schema):
    """A period that was billed."""

    subscription_id: UUID
    period_start: date
    period_end: date = Field(description="The first day behind it")
    currency: str
    amount: str
    document_id: UUID | None = Field(description="The draft; none when nothing is owed")


class BillUsageOut(Schema):
    """What a run has done."""

    bills: list[BilledPeriod]
    changed: int = Field(description="Open bills that late usage has changed")
    closed: int
    issued: int
    problems: list[str]


@api.post("/run", responses={200: BillUsageOut})
@permits("prices.write")
def run(body: BillUsageIn) -> Response:
    """Bill what is due of a customer's metered usage. It also runs by itself; each period is billed once."""
    customer = get_customer(body.customer_id)
    done = bill_customer(customer.id, clock.now(), at_once=body.at_once)
    answer = {
        "bills": [
            {
                "subscription_id": one.subscription_id,
                "period_start": one.period_start,
                "period_end": one.period_end,
                "currency": one.currency,
                "amount": format_amount(one.amount, one.currency),
                "document_id": None if body.dry_run else one.document_id,
            }
            for one in done.opened
        ],
        **{name: getattr(done, name) for name in ("changed", "closed", "issued", "problems")},
    }
    if body.dry_run:
        db.session.rollback()
    return json_response(answer)
