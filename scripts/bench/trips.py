"""Trips: real files held against an independent computation, and a million of them imported, priced and billed.

    .venv/bin/python scripts/bench/trips.py --files FOLDER      # the real files, and a million trips
    .venv/bin/python scripts/bench/trips.py --rows 200000

FOLDER holds `nyc_yellow_2019H1_50k.csv.gz` and `uber_drives_2016_us_dates_totals_row.csv`; without it that part is left
out. It never fails for a figure: machines differ; but it ends at once when a sum is wrong.
"""

from __future__ import annotations

import argparse
import csv
import gc
import gzip
import io
import json
import os
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

sys.path[:0] = [str(Path(__file__).resolve().parent)]

from ground import Ground  # noqa: E402
from spend import Company, Table, run_job, run_job_apart, vacuum  # noqa: E402

CENT = Decimal("0.01")
NEW_YORK = ZoneInfo("America/New_York")
TAX = {"percent": "8.875", "name": "Sales tax"}
BY_MILE: dict[str, Any] = {
    "model": "trip", "currency": "USD", "distance_unit": "mi", "per_trip": "2.50", "per_distance": "2.50", "tax": TAX,
}  # fmt: skip
BY_SLAB: dict[str, Any] = {
    "model": "trip", "currency": "USD", "distance_unit": "mi", "minimum_fare": "6", "tax": TAX,
    "distance_slabs": {"mode": "graduated", "steps": [
        {"up_to": "2", "rate": "4"}, {"up_to": "10", "rate": "2.75"}, {"rate": "2.25"}]},
    "night": {"starts": "20:00", "ends": "06:00", "amount": "1"},
}  # fmt: skip
BY_PACKAGE: dict[str, Any] = {
    "model": "package", "currency": "USD", "distance_unit": "km", "tax": TAX,
    "packages": {"options": [{"hours": "1", "distance": "10", "amount": "14"},
                             {"hours": "2", "distance": "40", "amount": "40"}],
                 "extra_distance": "1.40", "extra_hour": "18"},
}  # fmt: skip
CARDS = {"1": ("Creative Mobile", BY_MILE), "2": ("Curb Mobility", BY_SLAB), "4": ("Helix Cabs", BY_PACKAGE)}
DAILY: dict[str, Any] = {
    "model": "trip", "currency": "INR", "distance_unit": "km", "per_trip": "60", "per_distance": "11.5",
    "waiting": {"rate": "1.5", "free_minutes": 10}, "night": {"starts": "22:00", "ends": "06:00", "amount": "75"},
    "tax": {"percent": "5", "name": "GST"},
}  # fmt: skip
PACKED: dict[str, Any] = {
    "model": "package", "currency": "INR", "distance_unit": "km", "tax": {"percent": "5", "name": "GST"},
    "packages": {"options": [{"hours": "4", "distance": "40", "amount": "1100"},
                             {"hours": "8", "distance": "80", "amount": "1900"}],
                 "extra_distance": "13", "extra_hour": "150"},
}  # fmt: skip
MIXED: dict[str, Any] = {
    "model": "hybrid", "currency": "INR", "distance_unit": "km", "per_trip": "25", "per_distance": "8",
    "monthly": {"fee": "450000", "included_trips": "50000", "extra_trip": "12"}, "tax": {"percent": "5", "name": "GST"},
}  # fmt: skip


# -- what prices ought to be, computed without the product


def cents(amount: Decimal) -> Decimal:
    """An amount rounded half up to cents."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def taxed(fare: Decimal, tolls: Decimal) -> Decimal:
    """A fare with its tax and the tolls, which bear none."""
    return fare + tolls + cents(fare * Decimal("0.08875"))


def expect_miles(row: dict[str, str]) -> Decimal:
    """By the mile."""
    return taxed(
        Decimal("2.50") + cents(Decimal(row["trip_distance"]) * Decimal("2.5")), cents(Decimal(row["tolls_amount"]))
    )


def expect_slabs(row: dict[str, str]) -> Decimal:
    """By slabs of miles, with a night charge and a minimum."""
    miles, fare = Decimal(row["trip_distance"]), Decimal(0)
    for low, high, rate in ((0, 2, "4"), (2, 10, "2.75"), (10, 10**6, "2.25")):
        if miles > low:
            fare += cents((min(miles, Decimal(high)) - low) * Decimal(rate))
    fare = max(fare, Decimal(6))
    start, end = (datetime.fromisoformat(row[name]) for name in ("pickup_datetime", "dropoff_datetime"))
    end = max(end, start + timedelta(seconds=1))
    day = start.replace(hour=0, minute=0, second=0) - timedelta(days=1)
    while day <= end:
        if start < day + timedelta(hours=30) and end > day + timedelta(hours=20):
            fare += 1
        day += timedelta(days=1)
    return taxed(fare, cents(Decimal(row["tolls_amount"])))


def expect_package(row: dict[str, str]) -> Decimal:
    """By the cheaper of two packages."""
    km = (Decimal(row["trip_distance"]) * Decimal("1.609344")).quantize(Decimal("0.001"), ROUND_HALF_UP)
    start, end = (
        datetime.fromisoformat(row[name]).replace(tzinfo=NEW_YORK).astimezone(UTC)
        for name in ("pickup_datetime", "dropoff_datetime")
    )
    hours = (Decimal(int((end - start).total_seconds())) / 3600).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    best: tuple[Decimal, Decimal] | None = None
    for most_hours, most_km, price in ((1, 10, 14), (2, 40, 40)):
        over_km, over_hours = max(Decimal(0), km - most_km), max(Decimal(0), hours - most_hours)
        exact = price + over_km * Decimal("1.4") + over_hours * 18
        fare = price + cents(over_km * Decimal("1.4")) + cents(over_hours * 18)
        best = min(best or (exact, fare), (exact, fare))
    return taxed(best[1] if best else Decimal(0), cents(Decimal(row["tolls_amount"])))


EXPECTED = {"1": expect_miles, "2": expect_slabs, "4": expect_package}


# -- the product


def make_cards(company: Company, cards: dict[str, tuple[str, dict[str, Any]]]) -> dict[str, str]:
    """Vendors with a card each, by code."""
    from tests.factories.trips import make_card, make_fleet_vendor

    made = {}
    with company.ground.app.app_context(), company.company.owner.acting():
        for code, (name, terms) in cards.items():
            vendor = make_fleet_vendor(name, code=code, currency=terms["currency"], billing_model=terms["model"])
            make_card(vendor, terms)
            made[code] = str(vendor.id)
    return made


def upload(company: Company, content: bytes | Path, name: str, **options: Any) -> dict[str, Any]:
    """An import of trips, checked."""
    stream: Any = content.open("rb") if isinstance(content, Path) else io.BytesIO(content)
    with stream:
        answer = company.call(
            "POST",
            "/api/v1/imports",
            data={"file": (stream, name), "kind": "trips"},
            content_type="multipart/form-data",
        )
    made: dict[str, Any] = answer.json
    if options:
        made = company.call("PATCH", f"/api/v1/imports/{made['id']}", json={"options": options}).json
    if made["status"] == "checking":
        made["cpu"] = run_job_apart(company, made["job_id"])
        made = {**company.call("GET", f"/api/v1/imports/{made['id']}").json, "cpu": made["cpu"]}
    if made["status"] != "ready":
        raise SystemExit(json.dumps(made)[:1500])
    return made


def commit(company: Company, made: dict[str, Any]) -> dict[str, float]:
    """The commit, in a process of its own."""
    job = company.call("POST", f"/api/v1/imports/{made['id']}/commit").json
    return run_job_apart(company, job["id"])


def real_files(ground: Ground, folder: Path, table: Table) -> None:
    """The two real files: sums to the last cent, what is left out, and nothing by the second import."""
    company = Company(ground, "Files")
    vendors = make_cards(company, CARDS)
    with gzip.open(folder / "nyc_yellow_2019H1_50k.csv.gz", "rb") as file:
        content = file.read()
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    options = {"timezone": "America/New_York", "distance_unit": "mi"}
    made = upload(company, content, "nyc.csv", **options)
    told = commit(company, made)
    vacuum(ground)
    good = [row for row in rows if Decimal(row["total_amount"]) >= 0]
    if made["valid"] != len(good):
        raise SystemExit(f"{made['valid']} of {len(good)} good rows are taken: {json.dumps(made)[:1500]}")
    for code, expect in EXPECTED.items():
        own = [row for row in good if row["vendor_id"] == code]
        wanted = sum((expect(row) for row in own), Decimal(0))
        found = company.call("GET", f"/api/v1/trips/summary?vendor_id={vendors[code]}").json
        if not found["totals"]:
            raise SystemExit(f"vendor {code}: {found}")
        got = Decimal(found["totals"][0]["total"])
        if (found["trips"], got) != (len(own), wanted):
            raise SystemExit(f"vendor {code}: {found['trips']} trips and {got}; expected {len(own)} and {wanted}")
        table.add(
            f"NYC, vendor {code} ({CARDS[code][0]})", f"{len(own):,} trips, USD {got:,}", "equal to the last cent"
        )
    again = upload(company, content, "nyc.csv", **options)
    if again["valid"]:
        raise SystemExit(f"the same file again would add {again['valid']} rows")
    table.add(
        "NYC, 50,000 rows",
        f"{made['valid']:,} trips, {made['invalid']} negative totals named; again adds nothing"
        f" ({again['duplicates']:,} known)",
        f"commit {len(good) / told['seconds']:,.0f}/s",
    )
    uber = (folder / "uber_drives_2016_us_dates_totals_row.csv").read_bytes()
    chosen = {"vendor_id": vendors["1"], "timezone": "America/New_York"}
    made = upload(company, uber, "uber.csv", **chosen)
    commit(company, made)
    after = company.call("GET", f"/api/v1/imports/{made['id']}").json
    again = upload(company, uber, "uber.csv", **chosen)
    skipped = company.call("GET", f"/api/v1/imports/{made['id']}/rows?status=skipped").json["data"]
    table.add(
        "Uber 2016",
        f"{after['committed_rows']:,} trips; left out: {skipped[0]['errors'][0]['message']}"
        f" again adds {again['valid']}",
        "asked: 1,155 and not 1,156",
    )
    if after["committed_rows"] != 1155 or again["valid"]:
        raise SystemExit(json.dumps(after)[:1500])


def write_file(path: Path, rows: int) -> None:
    """A file as a transport desk would send it: three vendors over a hundred days, and 10,000 trips of a fourth."""
    chance = random.Random(rows)
    first = date(2026, 5, 1)
    names = ("Daily Cabs", "Package Travels", "Mixed Fleet")
    sites = ("Whitefield", "Electronic City", "Hebbal", "Koramangala", "Manyata", "Bellandur")
    small = min(10_000, rows // 20)
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["Trip ID", "Vendor", "Start", "End", "Distance (km)", "Vehicle No", "Driver", "Employees", "From",
                      "To", "Trip Type", "Status", "Toll", "Waiting Minutes"])  # fmt: skip
        for number in range(rows):
            few = number >= rows - small
            day = first + timedelta(days=number * 100 // rows) if not few else first + timedelta(days=number % 30)
            start = datetime.combine(day, datetime.min.time()) + timedelta(minutes=chance.randrange(1440))
            km = chance.randrange(20, 600) / 10
            end = start + timedelta(minutes=int(km * 2) + chance.randrange(5, 30))
            out.writerow([
                f"T{number:07}", "Small Cabs" if few else names[number % 3], f"{start:%Y-%m-%d %H:%M}",
                f"{end:%Y-%m-%d %H:%M}", km, f"KA{number % 50 + 1:02} {number % 900 + 1000}", f"Driver {number % 700}",
                f"E{number % 3000}", sites[number % 6], sites[(number // 6) % 6], ("Pickup", "Drop")[number % 2],
                "Completed" if number % 50 else "No show", "45" if number % 9 == 0 else "",
                number % 25 if number % 7 == 0 else "",
            ])  # fmt: skip


def million(ground: Ground, rows: int, table: Table) -> Company:
    """Upload, check, price and write a file; the jobs in processes of their own, whose memory is told."""
    company = Company(ground, "Fleet")
    make_cards(
        company,
        {
            "D": ("Daily Cabs", DAILY),
            "P": ("Package Travels", PACKED),
            "M": ("Mixed Fleet", MIXED),
            "S": ("Small Cabs", DAILY),
        },
    )
    path = ground.folder / "trips.csv"
    write_file(path, rows)
    begun, own, database = time.perf_counter(), time.process_time(), ground.database_seconds()
    made = upload(company, path, path.name)
    looked = time.perf_counter() - begun
    own = time.process_time() - own
    database = ground.database_seconds() - database
    check = made.get("cpu", {"cpu": 0.0, "megabytes": 0.0})
    if made["valid"] != rows:
        raise SystemExit(f"{made['valid']} of {rows} rows are taken: {json.dumps(made)[:1500]}")
    table.add(
        f"{rows:,} trips: read, check, find repeated ones",
        f"{rows / looked:,.0f}/s; CPU {(own + check['cpu']) / rows * 1e6:.0f}"
        f" + PostgreSQL {database / rows * 1e6:.0f} µs a row; {check['megabytes']:.0f} MB",
    )
    before = ground.database_seconds()
    told = commit(company, made)
    database = ground.database_seconds() - before
    table.add(
        f"{rows:,} trips: price and write",
        f"{rows / told['seconds']:,.0f}/s; CPU {told['cpu'] / rows * 1e6:.0f}"
        f" + PostgreSQL {database / rows * 1e6:.0f} µs a row; {told['megabytes']:.0f} MB",
    )
    table.add(
        "all of it, one after the other", f"{rows / (looked + told['seconds']):,.0f}/s", "asked: 15,000/s, 400 MB"
    )
    return company


def statements(company: Company, table: Table) -> None:
    """A statement of a large month as CSV, cold and kept; one of 10,000 trips as PDF."""
    rows = company.call("GET", "/api/v1/statements/?limit=100").json["data"]
    large = max(rows, key=lambda row: row["trips"])
    address = f"/api/v1/statements/{large['id']}?format=csv"
    took = list(timed(company, address, 4))
    table.add(
        f"statement of {large['trips']:,} trips as CSV",
        f"{took[0][0]:.2f} s cold, {min(one for one, _ in took[1:]) * 1000:.1f} ms kept; {took[0][1] / 1e6:.1f} MB",
        "asked: 3 s for 100,000, 20 ms kept",
    )
    small = max((row for row in rows if row["vendor"] == "Small Cabs"), key=lambda row: row["trips"])
    [(seconds, size)] = timed(company, f"/api/v1/statements/{small['id']}?format=pdf", 1)
    table.add(
        f"statement of {small['trips']:,} trips as PDF",
        f"{seconds:.2f} s, {size / 1e3:.0f} kB",
        "asked: 5 s for 10,000",
    )
    [(seconds, size)] = timed(company, f"/api/v1/statements/{small['id']}?format=xlsx", 1)
    table.add(f"statement of {small['trips']:,} trips as XLSX", f"{seconds:.2f} s, {size / 1e3:.0f} kB")
    [(seconds, _)] = timed(company, "/api/v1/trips/?limit=50", 1)
    took = list(timed(company, "/api/v1/trips/?limit=50", 5))
    table.add("list of 50 trips", f"{min(one for one, _ in took) * 1000:.1f} ms")


def timed(company: Company, address: str, times: int) -> Iterator[tuple[float, int]]:
    """Seconds and bytes of each of some calls."""
    for _ in range(times):
        begun = time.perf_counter()
        answer = company.call("GET", address)
        yield time.perf_counter() - begun, len(answer.data)


def main() -> None:
    """Run what is asked for, and show the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--files", type=Path)
    parser.add_argument("--run-job", nargs=2, metavar=("TENANT", "JOB"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run_job:
        run_job(*given.run_job)
        return
    table = Table()
    with Ground() as ground:
        os.environ["RATE_LIMITS_ENABLED"] = "false"
        gc.freeze()  # as wsgi.py does
        if given.files:
            real_files(ground, given.files, table)
        if given.rows:
            company = million(ground, given.rows, table)
            vacuum(ground)
            statements(company, table)
    table.show()


if __name__ == "__main__":
    main()
