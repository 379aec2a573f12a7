"""What a company on a machine pays its vendors for: one of each thing that has a page of its own."""

from __future__ import annotations

from datetime import date, timedelta

from tests.kills.machine import Company

BEGAN = "2026-01-01"


def make_fleet(found: Company, today: date) -> None:
    """A vendor with a rate card of two versions, trips with their statement, a bill with a dispute, and a rule."""
    contact = {"name": "Ravi", "email": f"ravi@{found.subdomain}.test"}
    vendor = found.make("/vendors/", name="Sahyadri Cabs", billing_model="trip")["id"]
    found.make(f"/vendors/{vendor}/contacts", **contact)
    found.make("/employees/", name="Asha Rao")
    paper = ("terms.txt", b"Diesel is theirs.", "text/plain")
    found.call("POST", f"/vendors/{vendor}/files", 201, files={"files": paper})
    terms = {"model": "trip", "per_trip": "50", "per_distance": "12"}
    card = found.make("/rate-cards/", vendor_id=vendor, name="Standard", valid_from=BEGAN, terms=terms)["id"]
    dearer = {**terms, "per_distance": "13"}
    later = (today + timedelta(days=30)).isoformat()
    found.make(f"/rate-cards/{card}/versions", valid_from=later, note="Fuel went up", terms=dearer)
    tiers = [{"over": "0", "rate": "150"}]
    found.make("/incentive-rules/", name="Extra pickups", measure="trips", ordinary="44", valid_from=BEGAN, tiers=tiers)
    day = (today - timedelta(days=1)).isoformat()
    for number in (1, 2):
        found.make(
            "/trips/", vendor_id=vendor, external_id=f"T{number}", started_at=f"{day}T0{number}:00:00",
            ended_at=f"{day}T0{number}:40:00", distance_km="10", vehicle="KA 01 AB 1234", employees=["Asha"],
        )  # fmt: skip
    rows = f"T1,{day},KA 01 AB 1234,10,170.00\nT2,{day},KA 01 AB 1234,14,218.00\n"
    content = f"Trip ID,Date,Vehicle No,Total KM,Amount\n{rows}".encode()
    file = ("bill.csv", content, "text/csv")
    bill = found.call("POST", "/imports/", 201, files={"file": file}, data={"kind": "vendor_bills"})
    bill = found.call("PATCH", f"/imports/{bill['id']}", 200, json={"options": {"vendor_id": vendor}})
    assert bill["status"] == "ready", bill
    found.call("POST", f"/imports/{bill['id']}/commit", 202)
    found.machine.finish()
    [kept] = found.get("/vendor-bills/")["data"]
    [too_far] = found.get(f"/vendor-bills/{kept['id']}/lines?verdict=over_km")["data"]
    found.make(f"/vendor-bills/{kept['id']}/lines/{too_far['id']}/dispute")
