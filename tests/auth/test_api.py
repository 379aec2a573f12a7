from __future__ import annotations

import time
from datetime import timedelta

import bcrypt
import jwt
import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories.notifications import deliver_mails, link_in
from tests.factories.tenants import PASSWORD, Company, add_member, make_company
from tracktok.auth.models import LoginSession, Membership, Person
from tracktok.core import clock
from tracktok.core.db import db, transaction
from tracktok.core.ids import new_id
from tracktok.core.tenancy import door, tenant_scope

GOOD = "a fine sentence 9"


def sign_up(app: Flask, name: str, /, **over):
    body = {
        "name": "Acme Ltd",
        "subdomain": name,
        "owner_email": f"kim@{name}.test",
        "owner_password": GOOD,
        "owner_first_name": "Kim",
        "owner_last_name": "Lee",
        **over,
    }
    return app.test_client().post("/api/v1/auth/register", json=body)


def post(app: Flask, path: str, bearer: str = "", /, **body):
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    return app.test_client().post(f"/api/v1/auth/{path}", json=body, headers=headers)


def login(app: Flask, company: Company, password: str = PASSWORD, **over):
    return post(app, "login", **{"email": company.owner.email, "password": password, **over})


def token_of(link: str) -> str:
    return link.partition("token=")[2]


@pytest.fixture
def name() -> str:
    return f"n{new_id().hex[-10:]}"


def test_register_makes_a_company_and_signs_its_owner_in(app, name):
    answer = sign_up(app, name)
    assert answer.status_code == 201
    made = answer.json
    assert made["tenant"]["subdomain"] == name
    assert made["tenant"]["currency"] == "INR"
    assert (made["user"]["email"], made["user"]["role"], made["user"]["name"]) == (
        f"kim@{name}.test",
        "owner",
        "Kim Lee",
    )
    assert made["user"]["email_verified"] is False
    assert made["token_type"] == "Bearer"
    assert made["expires_in"] == 3600
    me = app.test_client().get("/api/v1/auth/me", headers={"Authorization": f"Bearer {made['access_token']}"}).json
    assert me["tenant"]["id"] == made["tenant"]["id"]
    assert me["user"]["id"] == made["user"]["id"]
    assert "people.write" in me["permissions"]
    assert [t["subdomain"] for t in me["tenants"]] == [name]


@pytest.mark.parametrize(
    ("over", "status", "pointer"),
    [
        ({"owner_password": "short"}, 422, "/owner_password"),
        ({"owner_password": "Password123"}, 422, "/owner_password"),
        ({"owner_password": "aaaaaaaaaaaa"}, 422, "/owner_password"),
        ({"subdomain": "www"}, 422, "/subdomain"),
        ({"subdomain": "no spaces"}, 422, "/subdomain"),
        ({"owner_email": "kim"}, 422, "/owner_email"),
        ({"currency": "XXX"}, 422, "/currency"),
        ({"timezone": "Mars/Base"}, 422, "/timezone"),
        ({"name": " "}, 422, "/name"),
        ({"plan": "enterprise"}, 422, "/plan"),
    ],
)
def test_register_says_what_is_wrong_at_the_field(app, name, over, status, pointer):
    answer = sign_up(app, name, **over)
    assert answer.status_code == status
    assert pointer in [error["pointer"] for error in answer.json["errors"]]
    assert sign_up(app, name).status_code == 201, "nothing of the refused sign-up is left"


def test_a_password_that_holds_the_address_is_refused(app, name):
    answer = sign_up(app, name, owner_email=f"margarethe@{name}.test", owner_password="margarethe-1984")
    assert "Leave your e-mail address out" in answer.json["detail"]


def test_a_subdomain_is_given_once_whatever_its_case(app, name):
    assert sign_up(app, name).status_code == 201
    again = sign_up(app, name.upper(), owner_email=f"other@{name}.test")
    assert (again.status_code, again.json["code"]) == (409, "subdomain_taken")


def test_signing_up_with_a_known_address_never_takes_the_account_over(app, name):
    sign_up(app, name)
    thief = sign_up(app, f"{name}x", owner_email=f"KIM@{name}.test", owner_password="another sentence 1")
    assert (thief.status_code, thief.json["code"]) == (409, "email_taken")
    assert post(app, "login", email=f"kim@{name}.test", password="another sentence 1").status_code == 401
    second = sign_up(app, f"{name}y", owner_email=f"Kim@{name}.test")
    assert second.status_code == 201, "with their own password a person adds a company"
    both = post(app, "login", email=f"kim@{name}.test", password=GOOD)
    assert (both.status_code, both.json["code"]) == (409, "choose_tenant")
    assert {t["subdomain"] for t in both.json["tenants"]} == {name, f"{name}y"}
    chosen = post(app, "login", email=f"kim@{name}.test", password=GOOD, tenant=f"{name}y")
    assert chosen.json["tenant"]["subdomain"] == f"{name}y"
    by_header = app.test_client().post(
        "/api/v1/auth/login",
        json={"email": f"kim@{name}.test", "password": GOOD},
        headers={"X-Tenant-Id": name},
    )
    assert by_header.json["tenant"]["subdomain"] == name


def test_login_answers_like_register_and_needs_no_tenant(app, company):
    answer = login(app, company)
    assert answer.status_code == 200
    assert set(answer.json) == {
        "tenant", "user", "access_token", "refresh_token", "token_type", "expires_in",
    }  # fmt: skip
    assert answer.json["tenant"]["id"] == str(company.id)
    assert login(app, company, email=company.owner.email.upper()).status_code == 200


def test_login_refuses_alike_for_unknown_addresses_and_wrong_passwords(app, company):
    wrong = login(app, company, "not the password")
    unknown = post(app, "login", email=f"nobody@{company.subdomain}.test", password="not the password")
    for answer in (wrong, unknown):
        assert answer.status_code == 401
    assert {**wrong.json, "request_id": ""} == {**unknown.json, "request_id": ""}


def test_the_tenant_must_exist_and_be_the_persons_own(app, company, other_company):
    client = app.test_client()
    body = {"email": company.owner.email, "password": PASSWORD}
    elsewhere = client.post("/api/v1/auth/login", json=body, headers={"X-Tenant-Id": other_company.subdomain})
    assert (elsewhere.status_code, elsewhere.json["code"]) == (403, "not_a_member")
    nowhere = client.post("/api/v1/auth/login", json=body, headers={"X-Tenant-Id": "nowhere-at-all"})
    assert (nowhere.status_code, nowhere.json["code"]) == (404, "tenant_not_found")
    assert client.post("/api/v1/auth/login", json={**body, "tenant": "nowhere-at-all"}).status_code == 404
    disagree = client.post(
        "/api/v1/auth/login",
        json=body,
        headers={"X-Tenant-Id": str(company.id)},
        base_url=f"http://{other_company.subdomain}.tracktok.test",
    )
    assert (disagree.status_code, disagree.json["code"]) == (403, "tenant_mismatch")
    token = login(app, company).json["access_token"]
    foreign = client.get(
        "/api/v1/auth/me",
        headers={"Authorization": f"Bearer {token}"},
        base_url=f"http://{other_company.subdomain}.tracktok.test",
    )
    assert (foreign.status_code, foreign.json["code"]) == (403, "tenant_mismatch")


def test_a_suspended_company_lets_nobody_in(app, company):
    from tracktok.tenants.models import Tenant

    token = login(app, company).json["access_token"]
    with tenant_scope(company.id), transaction():
        db.session.execute(update(Tenant).where(Tenant.id == company.id).values(status="suspended"))
    assert login(app, company).json["code"] == "tenant_suspended"
    me = app.test_client().get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert (me.status_code, me.json["code"]) == (403, "tenant_suspended")


def test_somebody_deactivated_belongs_nowhere(app, company):
    member = company.member("member")
    token = post(app, "login", email=member.email, password=PASSWORD).json["access_token"]
    with company.owner.acting():
        db.session.execute(update(Membership).where(Membership.id == member.membership_id).values(status="deactivated"))
    assert post(app, "login", email=member.email, password=PASSWORD).json["code"] == "not_a_member"
    assert post(app, "logout", token).status_code == 401


def test_guesses_are_slowed_down_and_the_right_password_forgives(app, company):
    for _ in range(3):
        assert login(app, company, "wrong").status_code == 401
    slowed = login(app, company)
    assert slowed.status_code == 429
    assert 1 <= int(slowed.headers["Retry-After"]) <= 2
    other = company.member("member")
    assert post(app, "login", email=other.email, password=PASSWORD).status_code == 200, "others are not slowed"
    time.sleep(1.1)
    assert login(app, company).status_code == 200
    assert login(app, company, "wrong").status_code == 401
    assert login(app, company).status_code == 200


def test_an_old_bcrypt_hash_is_taken_and_made_anew(app, company):
    old = bcrypt.hashpw(b"an old sentence", bcrypt.gensalt(4)).decode()
    with door("test"), transaction():
        db.session.execute(update(Person).where(Person.id == company.owner.person_id).values(password_hash=old))
    assert login(app, company, "an old sentence").status_code == 200
    with door("test"):
        now = db.session.execute(select(Person.password_hash).where(Person.id == company.owner.person_id)).scalar_one()
    assert now.startswith("$argon2id$")
    assert login(app, company, "an old sentence").status_code == 200


def test_refresh_rotates_and_reuse_ends_the_session(app, company):
    first = login(app, company).json
    second = post(app, "refresh", refresh_token=first["refresh_token"])
    assert second.status_code == 200
    assert set(second.json) == {"access_token", "refresh_token", "token_type", "expires_in"}
    third = post(app, "refresh", refresh_token=second.json["refresh_token"]).json
    stolen = post(app, "refresh", refresh_token=first["refresh_token"])
    assert (stolen.status_code, stolen.json["code"]) == (401, "refresh_invalid")
    assert post(app, "refresh", refresh_token=third["refresh_token"]).status_code == 401
    assert post(app, "logout", third["access_token"]).status_code == 401
    for nonsense in ("x", "x.y", f"{new_id().hex}.abc", first["access_token"][:190]):
        assert post(app, "refresh", refresh_token=nonsense).status_code == 401


def test_logout_ends_this_session_and_logout_all_every_one(app, company):
    here, there = login(app, company).json, login(app, company).json
    assert post(app, "logout", here["access_token"]).status_code == 204
    assert post(app, "logout", here["access_token"]).status_code == 401
    assert post(app, "refresh", refresh_token=here["refresh_token"]).status_code == 401
    third = login(app, company).json
    ended = post(app, "logout-all", third["access_token"])
    assert ended.json["ended"] >= 2
    assert post(app, "logout", there["access_token"]).status_code == 401


def test_sessions_are_listed_and_ended_one_by_one(app, company, other_company):
    api = company.owner.api()
    other = login(app, company).json
    listed = api.get("/auth/sessions").json["data"]
    assert [row["current"] for row in listed].count(True) == 1
    victim = next(row for row in listed if not row["current"])
    assert other_company.owner.api().delete(f"/auth/sessions/{victim['id']}").status_code == 404
    assert api.delete(f"/auth/sessions/{victim['id']}").status_code == 204
    assert api.delete(f"/auth/sessions/{victim['id']}").status_code == 404
    assert post(app, "logout", other["access_token"]).status_code == 401


def test_verify_email_works_once_and_says_so_kindly(app, name):
    made = sign_up(app, name).json
    company = Company(made["tenant"]["id"], name)
    [mail] = deliver_mails(company)
    assert mail.to_address == f"kim@{name}.test"
    token = token_of(link_in(mail))
    assert post(app, "verify-email", token="x" * 40).status_code == 400
    assert post(app, "verify-email", token=token).status_code == 200
    assert post(app, "verify-email", token=token).status_code == 200, "confirmed already"
    headers = {"Authorization": f"Bearer {made['access_token']}"}
    assert app.test_client().get("/api/v1/auth/me", headers=headers).json["user"]["email_verified"] is True
    assert post(app, "verify-email/send", made["access_token"]).json["detail"] == "The address is confirmed already."


def test_forgot_and_reset(app, company):
    token = login(app, company).json["access_token"]
    assert post(app, "forgot-password", email=company.owner.email).status_code == 202
    assert post(app, "forgot-password", email=company.owner.email).status_code == 202
    older, newer = (token_of(link_in(mail)) for mail in deliver_mails(company))
    assert post(app, "reset-password", token=older, password=GOOD).json["code"] == "link_invalid"
    assert post(app, "reset-password", token=newer, password="1234567890").status_code == 422
    assert post(app, "reset-password", token=newer, password=GOOD).status_code == 200
    assert post(app, "reset-password", token=newer, password=GOOD + "x").status_code == 400, "single use"
    assert post(app, "logout", token).status_code == 401, "all sessions ended"
    assert login(app, company).status_code == 401
    assert login(app, company, GOOD).status_code == 200
    assert deliver_mails(company)[-1].subject == "Your password was changed"


def test_reset_links_live_for_an_hour(app, company):
    from tracktok.auth.models import PersonToken

    post(app, "forgot-password", email=company.owner.email)
    [mail] = deliver_mails(company)
    with door("test"), transaction():
        db.session.execute(
            update(PersonToken)
            .where(PersonToken.person_id == company.owner.person_id)
            .values(expires_at=PersonToken.expires_at - timedelta(minutes=60))
        )
    assert post(app, "reset-password", token=token_of(link_in(mail)), password=GOOD).json["code"] == "link_invalid"


def test_forgot_tells_nobody_whether_an_address_exists(app, company):
    def timed(email: str):
        begun = time.perf_counter()
        answer = post(app, "forgot-password", email=email)
        return answer.status_code, answer.json, time.perf_counter() - begun

    known = timed(company.owner.email)
    unknown = timed(f"nobody@{company.subdomain}.test")
    assert known[:2] == unknown[:2]
    assert known[2] >= 0.25
    assert unknown[2] >= 0.25
    assert abs(known[2] - unknown[2]) < 0.1


def test_changing_the_password_wants_the_present_one_and_ends_other_sessions(app, company):
    here, there = login(app, company).json, login(app, company).json
    wrong = post(app, "change-password", here["access_token"], current_password="wrong", password=GOOD)
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "/current_password")
    weak = post(app, "change-password", here["access_token"], current_password=PASSWORD, password="qwertyuiop")
    assert weak.status_code == 422
    done = post(app, "change-password", here["access_token"], current_password=PASSWORD, password=GOOD)
    assert done.status_code == 200
    assert post(app, "logout", there["access_token"]).status_code == 401
    assert post(app, "logout", here["access_token"]).status_code == 204
    assert login(app, company, GOOD).status_code == 200


def test_ones_own_name(company):
    api = company.owner.api()
    answer = api.patch("/auth/me", json={"first_name": "Ottilie"})
    assert answer.json["user"]["name"] == "Ottilie Owner"


def test_access_tokens_end_and_cannot_be_forged(app, company):
    token = login(app, company).json["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    ended = jwt.encode({**claims, "exp": clock.now() - timedelta(seconds=1)}, app.config["JWT_SECRET"], "HS256")
    forged = jwt.encode(claims, "another secret that is long enough", "HS256")
    unsigned = jwt.encode(claims, "", "none")
    for bad in (ended, forged, unsigned, "nonsense", ""):
        answer = app.test_client().get("/api/v1/auth/me", headers={"Authorization": f"Bearer {bad}"})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_session_notes_when_it_was_last_used(app, company):
    api = company.owner.api()
    long_ago = clock.now() - timedelta(hours=1)
    with tenant_scope(company.id), transaction():
        db.session.execute(update(LoginSession).values(last_seen_at=long_ago))
    [row] = [row for row in api.get("/auth/sessions").json["data"] if row["current"]]
    assert row["last_seen_at"] > long_ago.isoformat()


def test_a_person_of_two_companies_has_each_role_in_its_place(app, company):
    other = make_company()
    both = add_member(other, "analyst", email=f"two@{company.subdomain}.test")
    with tenant_scope(company.id), transaction():
        db.session.add(Membership(id=new_id(), person_id=both.person_id, role="member"))
    for place, role in ((company, "member"), (other, "analyst")):
        answer = post(app, "login", email=both.email, password=PASSWORD, tenant=place.subdomain)
        assert answer.json["user"]["role"] == role
