"""Metered usage for requests to name: of a customer and a meter of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from tests.factories.customers import make_customer
from tests.factories.usage import make_meter, make_price, make_subscription, make_usage_ids, use
from tracktok.reports.services.usage import ask_for_usage
from tracktok.usage.schemas.quotas import QuotaIn
from tracktok.usage.services.quotas import create_quota

Made = dict[str, UUID]
IN_APRIL = datetime(2026, 4, 10, tzinfo=UTC)


def make_usage(label: str) -> Made:
    """What an operation of metered usage names; empty for the operations of other areas. Call it as the owner."""
    method, path = label.split(" ")
    area, _, rest = path.removeprefix("/api/v1/").partition("/")
    if area == "reports" and "{user_id}" in rest:
        customer = make_customer()
        use(customer.id, event=make_meter().code, timestamp=IN_APRIL)
        return {"user_id": customer.id}
    if area == "reports" and rest.startswith("status/"):
        asked = ask_for_usage(str(make_customer().id), IN_APRIL.date())
        assert asked.job_id is not None
        return {"job_id": asked.job_id}
    if area not in AREAS:
        return {}
    customer_id = make_customer().id
    if method == "GET":
        return {**make_usage_ids(customer_id), "customer_id": customer_id}
    meter = make_meter()  # Nothing is used of it: what was used or billed may not be changed.
    made = {"customer_id": customer_id, "meter_id": meter.id}
    match area if rest.startswith("{") else "":
        case "prices":
            made["price_id"] = make_price(meter.code).id
        case "quotas":
            made["quota_id"] = create_quota(QuotaIn.model_validate({"meter_id": meter.id, "limit": "1000"})).id
        case "usage-subscriptions":
            made["subscription_id"] = make_subscription(customer_id, meter.code).id
    return made


AREAS = {"meters", "usage", "prices", "quotas", "usage-subscriptions", "usage-billing"}
