"""Two at once, on real connections: of each pair exactly one wins."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.auth.test_people import invited
from tests.factories.notifications import deliver_mails, link_in
from tests.factories.tenants import PASSWORD, make_company, set_tier
from tracktok.core.ids import new_id

pytestmark = pytest.mark.races


def at_once(app, path: str, bodies: list[dict]) -> list:
    """Answers of POSTs that are sent at the same moment."""
    start = threading.Barrier(len(bodies))

    def send(body: dict):
        client = app.test_client()
        start.wait(10)
        return client.post(f"/api/v1/auth/{path}", json=body)

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(send, bodies))


def test_of_two_refreshes_with_one_token_one_wins_and_the_session_ends(app, company):
    first = app.test_client().post(
        "/api/v1/auth/login", json={"email": company.owner.email, "password": PASSWORD}
    ).json  # fmt: skip
    answers = at_once(app, "refresh", [{"refresh_token": first["refresh_token"]}] * 4)
    assert sorted(a.status_code for a in answers) == [200, 401, 401, 401]
    won = next(a for a in answers if a.status_code == 200).json
    after = app.test_client().post("/api/v1/auth/refresh", json={"refresh_token": won["refresh_token"]})
    assert after.status_code == 401


def test_an_invitation_is_accepted_once(app, company):
    email = f"noa@{new_id().hex[-10:]}.test"
    token = invited(company, email)
    answers = at_once(app, "accept-invitation", [{"token": token, "password": "a fine sentence 9"}] * 3)
    assert [a.status_code for a in answers].count(200) == 1
    assert len(company.owner.api().get("/people/").json["data"]) == 2


def test_the_limit_of_users_holds_when_many_accept_at_once(app, app_context):
    company = make_company()  # enterprise: as many invitations as one likes
    tokens = [invited(company, f"p{number}@{new_id().hex[-8:]}.test") for number in range(5)]
    for _ in range(22):
        company.members.pop("member", None)
        company.member("member")
    set_tier(company, "professional")  # 25 people: 23 are there, so two of five fit
    bodies = [{"token": token, "password": "a fine sentence 9"} for token in tokens]
    answers = at_once(app, "accept-invitation", bodies)
    assert sorted(a.status_code for a in answers) == [200, 200, 402, 402, 402]


def test_a_reset_link_is_used_once(app, company):
    app.test_client().post("/api/v1/auth/forgot-password", json={"email": company.owner.email})
    token = link_in(deliver_mails(company)[-1]).partition("token=")[2]
    bodies = [{"token": token, "password": f"a fine sentence {number}"} for number in range(3)]
    answers = at_once(app, "reset-password", bodies)
    assert sorted(a.status_code for a in answers) == [200, 400, 400]


def test_a_subdomain_goes_to_one(app):
    name = f"n{new_id().hex[-10:]}"
    bodies = [
        {"name": "A", "subdomain": name, "owner_email": f"p{i}@{name}.test", "owner_password": "a fine sentence 9"}
        for i in range(3)
    ]
    answers = at_once(app, "register", bodies)
    assert sorted(a.status_code for a in answers) == [201, 409, 409]


def test_an_address_becomes_one_person(app):
    name = f"n{new_id().hex[-10:]}"
    bodies = [
        {
            "name": "A",
            "subdomain": f"{name}{i}",
            "owner_email": f"p@{name}.test",
            "owner_password": f"a sentence {i}{i}",
        }
        for i in range(3)
    ]
    answers = at_once(app, "register", bodies)
    assert sorted(a.status_code for a in answers) == [201, 409, 409]


def test_two_owners_cannot_both_leave(app, company):
    admin = company.member("admin")
    company.owner.api().patch(f"/people/{admin.membership_id}", json={"role": "owner"})
    calls = [(company.owner.api(), company.owner.membership_id), (admin.api(), admin.membership_id)]
    start = threading.Barrier(2)

    def leave(call):
        api, own = call
        start.wait(10)
        with app.app_context():
            return api.delete(f"/people/{own}").status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, calls)) == [204, 409]
