"""What a company on a machine bills by itself: metered usage, and invoices that repeat."""

from __future__ import annotations

from datetime import date, timedelta

from tests.kills.machine import Company


def make_usage(found: Company, today: date, customer: str) -> None:
    """A meter with its price, a subscription whose last week is billed, an event, and a quota."""
    meter = found.make("/meters/", code="messages", name="Messages", unit="message")["id"]
    week = timedelta(days=7)
    began = (today - week - timedelta(days=2)).isoformat()
    found.make("/prices/", meter_id=meter, valid_from=began, model="per_unit", config={"per_unit": "2"})
    found.make("/usage-subscriptions/", customer_id=customer, meters=[meter], start_date=began, period="week")
    used = f"{(today - week).isoformat()}T12:00:00+05:30"
    found.make("/usage/", event="messages", quantity="3", customer_id=customer, timestamp=used, event_id="e1")
    found.make("/quotas/", meter_id=meter, limit="1000")
    done = found.call("POST", "/usage-billing/run", 200, json={"customer_id": customer})
    assert len(done["bills"]) == 1, done


def make_repeating(found: Company, today: date, customer: str) -> None:
    """An invoice that repeats and one that was paused; a level of reminders; a deposit."""
    line = {"description": "Parking {month}", "hsn_sac": "996743", "quantity": "10", "unit_price": "100.00",
            "tax_rate": "18"}  # fmt: skip
    begins = (today + timedelta(days=10)).isoformat()
    for name in ("Parking", "Paused"):
        made = found.make(
            "/recurring-invoices/", name=name, customer_id=customer, starts_on=begins, unit="month", lines=[line]
        )
    found.call("POST", f"/recurring-invoices/{made['id']}/pause", 200)
    words = {"subject": "{number}", "message": "Please pay {amount_due}."}
    found.make("/reminder-levels/", name="Third reminder", days=30, **words)
    deposit = {"description": "Cabs of the annual day", "hsn_sac": "996601", "tax_rate": "18"}
    found.make("/receipts/", customer_id=customer, amount="1180.00", receipt_date=today.isoformat(), deposit=deposit)
