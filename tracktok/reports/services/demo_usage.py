"""The metered customer of a demo company: two months of usage, priced, one bill drafted, one period under way."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from tracktok.core import clock
from tracktok.core.schedule import instant_of
from tracktok.customers.schemas.customers import CustomerIn
from tracktok.customers.services import create_customer
from tracktok.invoices.services.usage_billing import bill_customer
from tracktok.reports.rules.ranges import first_of_month, shift_months
from tracktok.usage.queries.meters import by_codes
from tracktok.usage.rules.pricing import Model
from tracktok.usage.schemas.events import UsageIn
from tracktok.usage.schemas.prices import UsagePriceIn
from tracktok.usage.schemas.quotas import QuotaIn
from tracktok.usage.schemas.subscriptions import UsageSubscriptionIn
from tracktok.usage.services.prices import create_price
from tracktok.usage.services.quotas import create_quota
from tracktok.usage.services.recording import record_usage
from tracktok.usage.services.subscriptions import create_subscription

CUSTOMER = {"name": "Saffron Fleet Analytics", "email": "accounts@saffronfleet.example"}
CALLS = {"tiers": [{"to": "10000", "per_unit": "0.40"}, {"to": "50000", "per_unit": "0.25"}, {"per_unit": "0.15"}]}
STORAGE = {"per_unit": "18", "free_units": "25"}
USERS = ("dispatch", "billing", "mobile-app")
STEP = timedelta(hours=6)


def meter(today: date, timezone: str) -> UUID:
    """Make a customer whose use of the tracking API and storage is billed by the month."""
    customer = create_customer(CustomerIn.model_validate(CUSTOMER)).customer
    meters = by_codes(["api_calls", "data_storage"])
    ids = [meters["api_calls"].id, meters["data_storage"].id]
    begins = shift_months(first_of_month(today), -1)
    for meter_id, model, config in zip(
        ids, (Model.graduated, Model.per_unit), ({"minimum": "2500", **CALLS}, STORAGE), strict=True
    ):
        create_price(UsagePriceIn(meter_id=meter_id, valid_from=shift_months(begins, -12), model=model, config=config))
    create_subscription(
        UsageSubscriptionIn(
            customer_id=customer.id, name="Tracking API", meters=ids, start_date=begins, timezone=timezone,
            grace_hours=48,
        )
    )  # fmt: skip
    create_quota(QuotaIn(meter_id=ids[0], customer_id=customer.id, limit=Decimal(60_000)))
    record_usage(_events(customer.id, instant_of(begins, time(0), timezone), clock.now()))
    bill_customer(customer.id, clock.now())
    return customer.id


def _events(customer_id: UUID, start: datetime, now: datetime) -> list[UsageIn]:
    """Four times a day, more on working days, with a level of storage that grows."""
    found: list[UsageIn] = []
    number, at = 0, start + timedelta(hours=1)
    while at < now:
        busy = 3 if at.astimezone(UTC).weekday() < 5 else 1
        calls = Decimal(busy * (110 + number * 37 % 83))
        for event, quantity in (("api_calls", calls), ("data_storage", Decimal(40 + number // 6))):
            found.append(
                UsageIn(
                    event=event, quantity=quantity, customer_id=customer_id, timestamp=at,
                    user_id=USERS[number % len(USERS)], source="tracking-gateway", event_id=f"{event}-{number}",
                )
            )  # fmt: skip
        number, at = number + 1, at + STEP
    return found
