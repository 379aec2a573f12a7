"""People from outside: bound to one record, and shut out from all that is not theirs."""

from __future__ import annotations

import re

import pytest

from tests.auth.test_people import accept
from tests.factories.notifications import deliver_mails, link_in
from tests.factories.tenants import Company
from tracktok.auth.rules import PERMISSIONS, Outsider, Role, may_manage
from tracktok.auth.services import invitations, people
from tracktok.core.ids import new_id
from tracktok.core.permissions import ANY_PERSON, access_of

OUTSIDERS = [role.value for role in Outsider]


@pytest.mark.parametrize("role", OUTSIDERS)
def test_an_outsider_is_invited_for_a_record_and_takes_no_seat(app, company: Company, role: str):
    record, address = new_id(), f"kim@{new_id().hex[-10:]}.test"
    with company.owner.acting():
        seats = invitations.count_seats()
        invitations.invite(address, role, record)
        assert invitations.count_seats() == seats
    token = link_in([mail for mail in deliver_mails(company) if mail.to_address == address][-1]).rpartition("/")[2]
    joined = accept(app, token)
    assert joined.status_code == 200, joined.text
    assert joined.json["user"]["role"] == role
    with company.owner.acting():
        assert (invitations.count_seats(), people.count_users()) == (seats, seats)
    assert [row["role"] for row in company.owner.api().get("/people/").json["data"]] == ["owner"]


@pytest.mark.parametrize("role", OUTSIDERS)
def test_nobody_becomes_an_outsider_by_the_ordinary_ways(company: Company, role: str):
    api = company.owner.api()
    refused = api.post("/invitations/", json={"email": "kim@vendor.test", "role": role})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/role")
    member = company.member("member")
    assert api.patch(f"/people/{member.membership_id}", json={"role": role}).status_code == 422
    outside = company.outsider(role, new_id())
    changed = api.patch(f"/people/{outside.membership_id}", json={"role": "admin"})
    assert changed.status_code == 409, "and no outsider becomes one of the company"


def test_who_may_let_outsiders_in_and_go():
    for outsider in Outsider:
        assert [role.value for role in Role if may_manage(role, outsider)] == ["owner", "admin"]
        assert not any(may_manage(outsider, role) for role in (*Role, *Outsider))


def test_an_outsider_can_be_let_go_and_back_in(company: Company):
    outside = company.outsider("vendor", new_id())
    api = outside.api()
    assert api.get("/auth/me").status_code == 200
    owner = company.owner.api()
    assert owner.patch(f"/people/{outside.membership_id}", json={"status": "deactivated"}).status_code == 200
    assert api.get("/auth/me").status_code == 401
    assert owner.patch(f"/people/{outside.membership_id}", json={"status": "active"}).status_code == 200
    assert outside.api().get("/auth/me").status_code == 200


@pytest.mark.parametrize("role", OUTSIDERS)
def test_an_outsider_is_refused_wherever_a_permission_is_asked_that_is_not_theirs(app, company: Company, role: str):
    outside = company.outsider(role, new_id())
    api, browser = outside.api(), outside.browser()
    own = {name for name, (roles, _) in PERMISSIONS.items() if role in roles}
    asked = 0
    for rule in app.url_map.iter_rules():
        access = access_of(app.view_functions.get(rule.endpoint))
        if access is None or access.public_because or access.permission in {ANY_PERSON, *own}:
            continue
        path = re.sub(r"<(?:\w+:)?\w+>", str(new_id()), rule.rule)
        for method in rule.methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}:
            if path.startswith("/api/v1"):
                answer = api.open(method, path.removeprefix("/api/v1"))
            else:
                answer = browser.open(path, method=method)
            asked += 1
            assert answer.status_code in {400, 403, 404}, (method, path, answer.status_code)
            assert answer.status_code != 400 or method != "GET", (method, path)
    assert asked > 400


@pytest.mark.parametrize("role", OUTSIDERS)
def test_the_frame_of_an_outsider_shows_no_way_to_what_they_may_not_see(company: Company, role: str):
    page = company.outsider(role, new_id()).browser().get("/profile").text
    for path in ("/expenses", "/invoices", "/ledger", "/settings/people", "/customers"):
        assert f'href="{path}"' not in page
