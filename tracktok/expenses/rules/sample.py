"""Sample data: three months of spending as a small company has it, as a file to import."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Final

NAME: Final = "sample-data.csv"
DAYS: Final = 90
_HEADER: Final = ("Date", "Title", "Amount", "Category", "Merchant", "Tags")
# (every how many days, title, whole amounts one after another, category, merchant, tags)
_SPENT: Final = (
    (30, "Office rent", (48000,), "Rent", "Prestige Estates", ""),
    (30, "Internet", (2360,), "Telephone and internet", "ACT Fibernet", ""),
    (30, "Cloud hosting", (7150, 7480, 7825), "Software and subscriptions", "Hetzner", ""),
    (30, "Electricity", (6420, 5980, 7110), "Electricity and water", "BESCOM", ""),
    (7, "Diesel", (3850, 4120, 3640, 4400), "Fuel", "Bharat Petroleum", "fleet"),
    (5, "Toll, Hoskote to Kolar", (185, 185, 240), "Tolls and parking", "NHAI", "fleet"),
    (9, "Taxi to a customer", (640, 415, 520), "Taxis and local transport", "Meru", ""),
    (11, "Lunch with a customer", (1860, 2240, 1475), "Meals and entertainment", "Third Wave", "sales"),
    (23, "Flight to Pune", (6890, 7450), "Flights and trains", "IndiGo", "sales"),
    (24, "Hotel in Pune", (5400, 4950), "Hotels", "Lemon Tree", "sales"),
    (17, "Paper and toner", (1320, 980), "Supplies", "Staples", ""),
    (41, "Tyres", (22600,), "Repairs and maintenance", "Apollo Tyres", "fleet"),
)


def sample_rows(today: date) -> list[tuple[str, ...]]:
    """The header and the rows, the oldest first; none of a day that has not come."""
    rows = []
    for number, (every, title, amounts, category, merchant, tags) in enumerate(_SPENT):
        days = range((number * 2) % every, DAYS, every)
        for at, ago in enumerate(days):
            day = (today - timedelta(days=ago)).isoformat()
            rows.append((day, title, str(amounts[at % len(amounts)]), category, merchant, tags))
    return [_HEADER, *sorted(rows)]


def sample_csv(today: date) -> bytes:
    """The same as a file."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(sample_rows(today))
    return text.getvalue().encode()
