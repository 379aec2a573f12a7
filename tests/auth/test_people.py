"""Who belongs to a company: inviting, roles, leaving, and the owner."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.factories.notifications import deliver_mails, link_in
from tests.factories.tenants import PASSWORD, Company, make_company, set_tier
from tracktok.auth.models import Invitation
from tracktok.core import clock
from tracktok.core.db import db
from tracktok.core.ids import new_id

GOOD = "a fine sentence 9"


def invited(company: Company, email: str, role: str = "member", by: str = "owner") -> str:
    """The token of a new invitation."""
    answer = company.member(by).api().post("/invitations/", json={"email": email, "role": role})
    assert answer.status_code == 201, answer.text
    mails = [mail for mail in deliver_mails(company) if mail.to_address == email]
    return link_in(mails[-1]).rpartition("/")[2]


def accept(app, token: str, **over):
    body = {"token": token, "password": GOOD, "first_name": "Noa", "last_name": "New", **over}
    return app.test_client().post("/api/v1/auth/accept-invitation", json=body)


@pytest.fixture
def email() -> str:
    return f"noa@{new_id().hex[-10:]}.test"


def test_an_invitation_makes_a_person_and_signs_them_in(app, company, email):
    token = invited(company, email, "analyst")
    answer = accept(app, token)
    assert answer.status_code == 200
    assert answer.json["user"]["role"] == "analyst"
    assert answer.json["user"]["email_verified"] is True
    assert answer.json["tenant"]["id"] == str(company.id)
    assert accept(app, token).json["code"] == "invitation_invalid", "once"
    people = company.owner.api().get("/people/").json["data"]
    assert [(row["name"], row["role"], row["status"]) for row in people] == [
        ("Olga Owner", "owner", "active"),
        ("Noa New", "analyst", "active"),
    ]
    assert company.owner.api().get("/notifications/").json["data"][0]["title"] == "Noa New has joined"


def test_an_invited_person_with_an_account_gives_their_own_password(app, company, other_company):
    owner = other_company.owner
    token = invited(company, owner.email)
    wrong = accept(app, token)
    assert (wrong.status_code, wrong.json["code"]) == (403, "wrong_password")
    right = accept(app, token, password=PASSWORD)
    assert right.status_code == 200
    assert right.json["user"]["id"] == str(owner.person_id)
    assert right.json["user"]["name"] == "Olga Owner", "the name stays theirs"


def test_weak_passwords_and_ended_invitations_are_refused(app, company, email):
    token = invited(company, email)
    assert accept(app, token, password="1234567890").status_code == 422
    with company.owner.acting():
        db.session.execute(update(Invitation).values(expires_at=clock.now() - timedelta(seconds=1)))
    assert accept(app, token).json["code"] == "invitation_invalid"
    api = company.owner.api()
    [row] = api.get("/invitations/").json["data"]
    assert row["status"] == "ended"
    again = invited(company, email)
    assert accept(app, again).status_code == 200
    for nonsense in ("x", f"{new_id().hex}.abc"):
        assert accept(app, nonsense).status_code == 400


def test_invitations_can_be_sent_again_and_taken_back(app, company, email):
    first = invited(company, email)
    api = company.owner.api()
    again = api.post("/invitations/", json={"email": email.upper()})
    assert (again.status_code, again.json["code"]) == (409, "already_invited")
    [row] = api.get("/invitations/").json["data"]
    assert api.post(f"/invitations/{row['id']}/send").status_code == 200
    second = link_in(deliver_mails(company)[-1]).rpartition("/")[2]
    assert first != second
    assert accept(app, first).status_code == 400
    assert api.delete(f"/invitations/{row['id']}").status_code == 204
    assert accept(app, second).status_code == 400
    assert api.delete(f"/invitations/{row['id']}").status_code == 404
    member = company.member("member")
    known = api.post("/invitations/", json={"email": member.email})
    assert (known.status_code, known.json["code"]) == (409, "already_member")


def test_roles_are_given_by_those_who_may(company, email):
    admin, owner = company.member("admin").api(), company.owner.api()
    member = company.member("member").membership_id
    assert admin.patch(f"/people/{member}", json={"role": "analyst"}).json["role"] == "analyst"
    for path, body in (
        (f"/people/{member}", {"role": "owner"}),
        (f"/people/{company.owner.membership_id}", {"role": "member"}),
        (f"/people/{company.owner.membership_id}", {"status": "deactivated"}),
    ):
        refused = admin.patch(path, json=body)
        assert (refused.status_code, refused.json["code"]) == (403, "role_not_yours")
    assert admin.post("/invitations/", json={"email": email, "role": "owner"}).status_code == 403
    assert owner.patch(f"/people/{member}", json={"role": "boss"}).status_code == 422
    told = company.members["member"].api().get("/notifications/").json["data"]
    assert told[0]["title"] == "Your role is now analyst"


def test_the_last_owner_cannot_leave(company):
    api, own = company.owner.api(), company.owner.membership_id
    for answer in (
        api.patch(f"/people/{own}", json={"role": "admin"}),
        api.patch(f"/people/{own}", json={"status": "deactivated"}),
        api.delete(f"/people/{own}"),
    ):
        assert (answer.status_code, answer.json["code"]) == (409, "last_owner")
    second = company.member("admin").membership_id
    assert api.patch(f"/people/{second}", json={"role": "owner"}).status_code == 200
    assert api.patch(f"/people/{own}", json={"role": "admin"}).status_code == 200


def test_ownership_is_handed_over(company):
    admin = company.member("admin")
    assert admin.api().post(f"/people/{admin.membership_id}/transfer-ownership").status_code == 403
    answer = company.owner.api().post(f"/people/{admin.membership_id}/transfer-ownership")
    assert answer.json["role"] == "owner"
    assert company.owner.api().get("/auth/me").json["user"]["role"] == "admin"


def test_deactivating_signs_out_at_once_and_can_be_undone(company):
    member, owner = company.member("member"), company.owner.api()
    theirs = member.api()
    assert theirs.get("/auth/me").status_code == 200
    assert owner.delete(f"/people/{member.membership_id}").status_code == 204
    assert theirs.get("/auth/me").status_code == 401
    [row] = owner.get("/people/?status=deactivated").json["data"]
    assert row["id"] == str(member.membership_id)
    back = owner.patch(f"/people/{member.membership_id}", json={"status": "active"})
    assert back.json["status"] == "active"
    assert theirs.get("/auth/me").status_code == 401, "old sessions stay ended"
    assert member.api().get("/auth/me").status_code == 200


def test_if_match_guards_against_overwriting(company):
    api, member = company.owner.api(), company.member("member").membership_id
    etag = api.get(f"/people/{member}").headers["ETag"]
    assert api.patch(f"/people/{member}", json={"role": "admin"}, headers={"If-Match": etag}).status_code == 200
    stale = api.patch(f"/people/{member}", json={"role": "member"}, headers={"If-Match": etag})
    assert stale.status_code == 412


def test_the_plan_limits_people_and_open_invitations(app_context, email):
    company = make_company(tier="professional")
    set_tier(company, "basic")
    refused = company.owner.api().post("/invitations/", json={"email": email})
    assert refused.status_code == 402
    assert refused.json["limit"] == 1
    assert refused.json["used"] == 1
    assert refused.json["upgrade_url"].endswith("/settings/plan")


def test_a_downgrade_does_not_let_people_back_in(company):
    member = company.member("member").membership_id
    api = company.owner.api()
    api.delete(f"/people/{member}")
    set_tier(company, "basic")
    assert api.patch(f"/people/{member}", json={"status": "active"}).status_code == 402


@pytest.mark.tenancy
def test_people_of_others_are_not_found(company, other_company):
    api, theirs = company.owner.api(), other_company.member("member").membership_id
    for method, path in (
        ("GET", f"/people/{theirs}"),
        ("DELETE", f"/people/{theirs}"),
        ("POST", f"/people/{theirs}/transfer-ownership"),
        ("POST", f"/invitations/{new_id()}/send"),
        ("DELETE", f"/invitations/{new_id()}"),
    ):
        assert api.open(method, path).status_code == 404
    assert api.patch(f"/people/{theirs}", json={"role": "admin"}).status_code == 404


def test_a_mail_of_an_invitation_reads_well(company, email):
    invited(company, email, "analyst")
    mail = deliver_mails(company)[-1]
    name = f"Company {company.subdomain[1:]}"
    assert mail.subject == f"Olga Owner invites you to {name} on TrackTok"
    assert "as analyst" in mail.text_body
    assert "<strong>Accept the invitation</strong>" in mail.html_body
    assert mail.is_personal
