"""The worker is killed late in an import of trips: after its restart each trip is there once, and so is its price."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import psycopg
import pytest

from tests.kills.machine import Machine, wait_for

ROWS = 400


@pytest.mark.slow
@pytest.mark.races
@pytest.mark.integration
@pytest.mark.timeout(300)
def test_each_trip_of_an_import_is_there_once(machine: Machine):
    company = machine.register()
    vendor = company.make("/vendors/", name="Sahyadri Cabs", billing_model="trip")["id"]
    terms = {"model": "trip", "per_trip": "50", "per_distance": "12"}
    company.make("/rate-cards/", vendor_id=vendor, name="Standard", valid_from="2026-01-01", terms=terms)
    first = {"vendor_id": vendor, "external_id": "FIRST", "started_at": "2026-03-01T08:00:00", "distance_km": "10"}
    company.make("/trips/", **first)
    rows = "".join(
        f"T{number},Sahyadri Cabs,2026-03-{number % 28 + 1:02} 08:00,2026-03-{number % 28 + 1:02} 08:40,10\n"
        for number in range(ROWS)
    )
    content = f"Trip ID,Vendor,Start,End,Distance (km)\n{rows}"
    found = company.call(
        "POST", "/imports/", 201, files={"file": ("trips.csv", content.encode(), "text/csv")}, data={"kind": "trips"}
    )
    assert (found["status"], found["valid"]) == ("ready", ROWS), found
    with machine.database(autocommit=False) as blocker, machine.database() as watcher:
        # The month's statement is what the import comes to last.
        blocker.execute("SELECT 1 FROM trip_statements WHERE tenant_id = %s FOR UPDATE", [company.id])
        number = blocker.info.backend_pid
        job = company.call("POST", f"/imports/{found['id']}/commit", 202)["id"]

        def caught() -> bool:
            waiting = watcher.execute(
                "SELECT query FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))", [number]
            )
            return any("trip_statements" in query for (query,) in waiting)

        wait_for("the import to come to its last step", caught)
        assert company.count("trips") == 1
        machine.kill("worker")
        with suppress(psycopg.OperationalError):
            blocker.rollback()
    machine.start("worker")
    machine.wait_until_ready()
    machine.finish()
    assert company.get(f"/jobs/{job}")["status"] == "done"
    assert company.get(f"/imports/{found['id']}")["committed_rows"] == ROWS
    told = machine.ask(
        "SELECT count(*), count(DISTINCT t.external_id), count(c.id), sum(c.total) FROM trips t"
        " LEFT JOIN trip_charges c ON c.tenant_id = t.tenant_id AND c.trip_id = t.id AND c.superseded_at IS NULL"
        " WHERE t.tenant_id = %s",
        company.id,
    )
    assert told == [(ROWS + 1, ROWS + 1, ROWS + 1, (ROWS + 1) * Decimal(170))]
    [statement] = company.get("/statements/?month=2026-03-01")["data"]
    assert Decimal(statement["total"]) == (ROWS + 1) * 170
    [(code, said)] = machine.commands("audit verify")
    assert code == 0, said
