"""The people from outside of the demo company."""

from __future__ import annotations

from tests.factories.tenants import Company
from tests.factories.trips import make_fleet_vendor
from tracktok.auth.queries import outsiders_of
from tracktok.reports.services.demo import EMPLOYEE_CODE, _let_outsiders_in
from tracktok.trips.queries.portals import list_employees


def test_somebody_of_a_vendor_and_an_employee_can_sign_in(company: Company):
    with company.owner.acting():
        vendor = make_fleet_vendor().id
    _let_outsiders_in(company.subdomain)
    with company.owner.acting():
        [employee] = list_employees(None, None, 10).rows
        assert employee.code == EMPLOYEE_CODE
        found = [(row.email, row.role) for record in (vendor, employee.id) for row in outsiders_of(record)]
    assert found == [("vendor@acme.com", "vendor"), ("employee@acme.com", "employee")]
