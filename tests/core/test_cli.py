"""Commands of the operator: runs by hand."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from tests.factories.tenants import Company
from tracktok.core.db import db
from tracktok.core.tables import Job
from tracktok.core.tenancy import tenant_scope

AT = "2031-04-01T06:00:00+05:30"


def run(app, *arguments: str):
    return app.test_cli_runner().invoke(args=["jobs", "run", *arguments])


def runs(company: Company, kind: str) -> list[str]:
    with tenant_scope(company.id):
        return list(db.session.execute(select(Job.run_key).where(Job.kind == kind)).scalars())


def test_a_run_is_started_by_hand_as_if_it_were_its_time_and_only_once(app, company: Company):
    early = run(app, "reports.monthly", "--at", "2031-04-01T05:59:00+05:30", "--json")
    assert (early.exit_code, runs(company, "reports.monthly")) == (0, [])
    first = run(app, "reports.monthly", "--at", AT, "--json")
    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout.splitlines()[-1])["started"] >= 1
    assert runs(company, "reports.monthly") == ["reports.monthly:2031-04"]
    assert run(app, "reports.monthly", "--at", AT).exit_code == 0
    assert runs(company, "reports.monthly") == ["reports.monthly:2031-04"]
    assert runs(company, "budgets.alerts") == [], "no other run was asked for"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["reports.weekly"], "use one of audit.verify, budgets.alerts,"), (["budgets.alerts", "--at", "noon"], "noon")],
)
def test_what_cannot_be_run_is_said_and_nothing_is_started(app, company: Company, arguments, said):
    done = run(app, *arguments)
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())
    with tenant_scope(company.id):
        assert db.session.execute(select(func.count()).select_from(Job)).scalar_one() == 0
