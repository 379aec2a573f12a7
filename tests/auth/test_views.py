"""The pages of signing up and in, of one's account and of people, as a browser sees them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import update

from tests.auth.test_people import invited
from tests.factories.notifications import deliver_mails, link_in
from tests.factories.tenants import PASSWORD, Company, add_member, make_company, make_platform_admin
from tracktok.auth.models import LoginSession, Membership, Person
from tracktok.core.db import db, transaction
from tracktok.core.ids import new_id
from tracktok.core.tenancy import door, tenant_scope

GOOD = "a fine sentence 9"
BARE = "http://tracktok.test"


def at(company: Company) -> str:
    return f"http://{company.subdomain}.tracktok.test"


def path_of(location: str) -> str:
    parts = urlsplit(location)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def follow(client, answer):
    """The answer behind a redirect, on whichever of our hosts."""
    parts = urlsplit(answer.location)
    base = f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"http://{answer.request.host}"
    return client.get(path_of(answer.location), base_url=base)


PAGES = {
    "/profile": "owner admin analyst member",
    "/sessions": "owner admin analyst member",
    "/settings": "owner admin analyst member",
    "/settings/plan": "owner admin analyst member",
    "/settings/people": "owner admin analyst",
    "/settings/people/invite": "owner admin",
    "/notifications": "owner admin analyst member",
    "/notifications/preferences": "owner admin analyst member",
    "/mailbox": "owner admin",
    "/tenants": "",
}


@pytest.mark.rbac
@pytest.mark.parametrize("role", ["owner", "admin", "analyst", "member", "anonymous"])
def test_who_opens_which_page(app, company, role):
    client = app.test_client() if role == "anonymous" else company.member(role).browser()
    for path, roles in PAGES.items():
        answer = client.get(path, base_url=at(company))
        if role == "anonymous":
            assert answer.status_code == 302, path
            assert path_of(answer.location).startswith("/sign-in?next=")
        else:
            assert answer.status_code == (200 if role in roles.split() else 403), path


def test_the_start_page_shows_the_way_in(app, company):
    client = app.test_client()
    assert b"Create a company" in client.get("/", base_url=BARE).data
    assert path_of(client.get("/", base_url=at(company)).location) == "/sign-in"
    assert company.owner.browser().get("/", base_url=at(company)).status_code == 303
    assert client.get("/", base_url="http://nobody-here.tracktok.test").status_code == 404


def test_signing_in_on_the_companys_address(app, company):
    client = app.test_client()
    page = client.get("/sign-in?next=/settings", base_url=at(company))
    assert b'name="next" value="/settings"' in page.data
    wrong = client.post("/sign-in", data={"email": company.owner.email, "password": "not-it"}, base_url=at(company))
    assert wrong.status_code == 401
    assert "is not right" in wrong.text
    assert company.owner.email in wrong.text, "what was typed is kept"
    assert "not-it" not in wrong.text
    body = {"email": company.owner.email, "password": PASSWORD, "next": "/settings"}
    right = client.post("/sign-in", data=body, base_url=at(company))
    assert (right.status_code, path_of(right.location)) == (303, "/settings")
    cookie = right.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert client.get("/settings", base_url=at(company)).status_code == 200
    assert client.get("/api/v1/auth/me", base_url=at(company)).status_code == 401, "the API takes no cookie"


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "\t//e.x"]
)
def test_next_never_leads_elsewhere(app, company, target):
    body = {"email": company.owner.email, "password": PASSWORD, "next": target}
    answer = app.test_client().post("/sign-in", data=body, base_url=at(company))
    assert path_of(answer.location) == "/"


def test_the_session_is_new_at_sign_in(app, company):
    client = app.test_client()
    with client.session_transaction(base_url=at(company)) as kept:
        kept["planted"] = "by somebody else"
    client.post("/sign-in", data={"email": company.owner.email, "password": PASSWORD}, base_url=at(company))
    with client.session_transaction(base_url=at(company)) as kept:
        assert "planted" not in kept
        assert set(kept) >= {"_user_id"}


def test_signing_in_on_the_bare_domain_goes_over_to_the_company(app, company):
    client = app.test_client()
    answer = client.post("/sign-in", data={"email": company.owner.email, "password": PASSWORD}, base_url=BARE)
    answer = follow(client, answer)
    assert urlsplit(answer.location).netloc == f"{company.subdomain}.tracktok.test"
    link = answer.location
    arrived = follow(client, answer)
    assert arrived.status_code == 303
    assert client.get("/profile", base_url=at(company)).status_code == 200
    again = app.test_client().get(path_of(link), base_url=at(company))
    assert again.status_code == 400, "the link works once"


def test_choosing_between_companies_and_switching(app, company):
    other = make_company(name="Zweite GmbH")
    person = add_member(other, "analyst", email=f"two@{company.subdomain}.test")
    with tenant_scope(company.id), transaction():
        db.session.add(Membership(id=new_id(), person_id=person.person_id, role="member"))
    client = app.test_client()
    answer = client.post("/sign-in", data={"email": person.email, "password": PASSWORD}, base_url=BARE)
    page = follow(client, answer)
    assert "Zweite GmbH" in page.text
    stranger = make_company()
    assert client.post(f"/companies/{stranger.id}", base_url=BARE).status_code == 404
    over = client.post(f"/companies/{company.id}", base_url=BARE)
    follow(client, over)
    page = client.get("/profile", base_url=at(company))
    assert f"/switch/{other.id}" in page.text
    over = client.get(f"/switch/{other.id}", base_url=at(company))
    follow(client, over)
    assert "Zweite GmbH" in client.get("/profile", base_url=at(other)).text
    assert client.get(f"/switch/{stranger.id}", base_url=at(company)).status_code == 404
    link = client.get(f"/switch/{other.id}", base_url=at(company)).location
    wrong_place = client.get(path_of(link), base_url=at(company))
    assert wrong_place.status_code == 400, "a link leads to its own company only"


def test_signing_up_ends_in_the_new_company(app):
    client, name = app.test_client(), f"n{new_id().hex[-10:]}"
    body = {
        "name": "Acme & Sons",
        "subdomain": name,
        "owner_first_name": "Kim",
        "owner_email": f"kim@{name}.test",
        "owner_password": "short",
        "currency": "EUR",
        "timezone": "Europe/Berlin",
    }
    refused = client.post("/sign-up", data=body, base_url=BARE)
    assert refused.status_code == 422
    assert "at least 10 characters" in refused.text
    assert "Acme &amp; Sons" in refused.text
    made = client.post("/sign-up", data={**body, "owner_password": GOOD}, base_url=BARE)
    assert made.status_code == 303
    follow(client, made)
    page = client.get("/settings", base_url=f"http://{name}.tracktok.test")
    assert "Acme &amp; Sons" in page.text
    assert "Confirm your e-mail address" in page.text
    [mail] = deliver_mails(Company(_tenant_id(client, name), name))
    confirmed = client.get(path_of(link_in(mail)), base_url=f"http://{name}.tracktok.test")
    assert confirmed.status_code == 303
    assert "Confirm your e-mail address" not in client.get("/profile", base_url=f"http://{name}.tracktok.test").text
    anonymous = app.test_client().get(path_of(link_in(mail)), base_url=f"http://{name}.tracktok.test")
    assert "Your address is confirmed" in anonymous.text


def _tenant_id(client, name):
    with client.session_transaction(base_url=f"http://{name}.tracktok.test") as kept:
        return UUID(kept["_user_id"].partition(".")[0])


def test_forgot_and_reset_on_pages(app, company):
    client = app.test_client()
    sent = client.post("/forgot", data={"email": company.owner.email}, base_url=at(company))
    unknown = client.post("/forgot", data={"email": f"x@{company.subdomain}.test"}, base_url=at(company))
    assert "a mail with a link is on its way" in sent.text
    assert "a mail with a link is on its way" in unknown.text
    [mail] = deliver_mails(company)
    page = client.get(path_of(link_in(mail)), base_url=at(company))
    token = re.search(r'name="token" value="([^"]+)"', page.text)[1]
    weak = client.post("/reset", data={"token": token, "password": "qwertyuiop"}, base_url=at(company))
    assert weak.status_code == 422
    done = client.post("/reset", data={"token": token, "password": GOOD}, base_url=at(company))
    assert path_of(done.location) == "/sign-in"
    assert client.get(path_of(link_in(mail)), base_url=at(company)).status_code == 400
    body = {"email": company.owner.email, "password": GOOD}
    assert client.post("/sign-in", data=body, base_url=at(company)).status_code == 303


def test_an_invitation_is_accepted_on_its_page(app, company):
    email = f"noa@{new_id().hex[-10:]}.test"
    token = invited(company, email)
    client = app.test_client()
    page = client.get(f"/invite/{token}", base_url=at(company))
    assert email in page.text
    assert 'name="first_name"' in page.text
    joined = client.post(f"/invite/{token}", data={"password": GOOD, "first_name": "Noa"}, base_url=at(company))
    assert joined.status_code == 303
    assert "Noa" in client.get("/profile", base_url=at(company)).text
    assert client.get(f"/invite/{token}", base_url=at(company)).status_code == 400


def test_signing_out_and_sessions(app, company):
    here, there = company.owner.browser(), company.owner.browser()
    page = here.get("/sessions", base_url=at(company))
    assert "This one" in page.text
    here.post("/sessions/end-others", base_url=at(company))
    assert path_of(there.get("/profile", base_url=at(company)).location).startswith("/sign-in")
    assert path_of(here.post("/sign-out", base_url=at(company)).location) == "/sign-in"
    assert path_of(here.get("/profile", base_url=at(company)).location).startswith("/sign-in")
    last = company.owner.browser()
    last.post("/sign-out-everywhere", base_url=at(company))
    assert path_of(last.get("/profile", base_url=at(company)).location).startswith("/sign-in")


def test_the_profile_changes_name_and_password(company):
    client = company.owner.browser()
    client.post("/profile", data={"first_name": "Ottilie", "last_name": ""}, base_url=at(company))
    assert 'value="Ottilie"' in client.get("/profile", base_url=at(company)).text
    wrong = client.post("/profile/password", data={"current_password": "x", "password": GOOD}, base_url=at(company))
    assert wrong.status_code == 422
    assert "not your present password" in wrong.text
    done = client.post("/profile/password", data={"current_password": PASSWORD, "password": GOOD}, base_url=at(company))
    assert done.status_code == 303
    assert client.get("/profile", base_url=at(company)).status_code == 200, "this browser stays"
    assert client.post("/profile/leave", base_url=at(company)).status_code == 409


def test_people_are_managed_on_pages(company):
    client, member = company.owner.browser(), company.member("member")
    page = client.get("/settings/people", base_url=at(company))
    assert member.email in page.text
    client.post(f"/settings/people/{member.membership_id}/role", data={"role": "analyst"}, base_url=at(company))
    client.post(f"/settings/people/{member.membership_id}/deactivate", base_url=at(company))
    page = client.get(f"/settings/people/{member.membership_id}", base_url=at(company))
    assert "Analyst" in page.text
    assert "Let back in" in page.text
    client.post(f"/settings/people/{member.membership_id}/reactivate", base_url=at(company))
    email = f"noa@{new_id().hex[-10:]}.test"
    client.post("/settings/people/invite", data={"email": email, "role": "member"}, base_url=at(company))
    again = client.post("/settings/people/invite", data={"email": email, "role": "member"}, base_url=at(company))
    assert again.status_code == 409
    assert "open invitation" in again.text
    page = client.get("/settings/people", base_url=at(company))
    found = re.search(r"/settings/people/invitations/([0-9a-f-]+)/revoke", page.text)
    client.post(found[0], base_url=at(company))
    client.get("/settings/people", base_url=at(company))  # shows the toast
    assert email not in client.get("/settings/people", base_url=at(company)).text


def test_members_see_people_nowhere_and_analysts_change_nobody(company):
    analyst = company.member("analyst").browser()
    member = company.member("member")
    page = analyst.get(f"/settings/people/{member.membership_id}", base_url=at(company))
    assert "Save role" not in page.text
    assert analyst.post(f"/settings/people/{member.membership_id}/deactivate", base_url=at(company)).status_code == 403


def test_staff_change_a_plan_on_their_screen(company, other_company):
    client = make_platform_admin(other_company).browser()
    page = client.get(f"/tenants?q={company.subdomain}", base_url=at(other_company))
    assert company.subdomain in page.text
    path = f"/tenants/{company.id}"
    missing = client.post(path, data={"tier": "professional", "reason": ""}, base_url=at(other_company))
    assert missing.status_code == 422
    body = {"tier": "professional", "reason": "Paid"}
    assert client.post(path, data=body, base_url=at(other_company)).status_code == 303
    assert "Professional" in client.get(path, base_url=at(other_company)).text


def test_forms_without_their_token_are_refused(app, company):
    client = company.owner.browser()
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        refused = client.post("/profile", data={"first_name": "Eve"}, base_url=at(company))
        assert refused.status_code == 400
        page = client.get("/profile", base_url=at(company))
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
        body = {"first_name": "Ada", "csrf_token": token}
        assert client.post("/profile", data=body, base_url=at(company)).status_code == 303
        api = company.owner.api()
        assert api.patch("/auth/me", json={"first_name": "Grace"}).status_code == 200, "the API needs none"
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_an_unverified_address_is_asked_for(company):
    with door("test"), transaction():
        db.session.execute(update(Person).where(Person.id == company.owner.person_id).values(email_verified_at=None))
    client = company.owner.browser()
    assert "Confirm your e-mail address" in client.get("/settings", base_url=at(company)).text
    assert client.post("/profile/verify", base_url=at(company)).status_code == 303
    assert deliver_mails(company)[-1].subject == "Confirm your e-mail address"


@pytest.mark.parametrize("kept", ["", "x", "x.y", "01890000-0000-7000-8000-000000000000", "."])
def test_a_cookie_that_names_no_session_signs_nobody_in(company, kept):
    client = company.owner.browser()
    assert client.get("/expenses").status_code == 200
    with client.session_transaction(base_url=at(company)) as browser_session:
        browser_session["_user_id"] = kept
    answer = client.get("/expenses")
    assert answer.status_code == 302
    assert "/sign-in" in answer.headers["Location"]


def test_the_cookie_holds_the_name_of_a_session_and_no_remember_cookie_is_set(company):
    client = company.owner.browser()
    assert "remember_token" not in " ".join(client.get("/expenses").headers.getlist("Set-Cookie"))
    assert "Cookie" not in client.get("/assets/none/app.css").headers.get("Vary", "")
    with client.session_transaction(base_url=at(company)) as browser_session:
        tenant, _, own = browser_session["_user_id"].partition(".")
    assert UUID(tenant) == company.id
    with tenant_scope(company.id):
        session = db.session.get(LoginSession, (company.id, UUID(own)))
    assert session.membership_id == company.owner.membership_id
