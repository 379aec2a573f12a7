from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.factories.notifications import deliver_mails
from tests.factories.tenants import Company, make_company, make_platform_admin, set_tier
from tracktok.audit.models import AuditEvent
from tracktok.core.db import db
from tracktok.core.tenancy import tenant_scope

ROUTES = [
    ("GET", "/tenants/me", None),
    ("PUT", "/tenants/me", {}),
    ("GET", "/tenants/subscription", None),
    ("POST", "/tenants/upgrade", {"tier": "basic"}),
    ("GET", "/admin/tenants/", None),
    ("GET", "/people/", None),
    ("POST", "/invitations/", {"email": "x@example.com"}),
    ("GET", "/invitations/", None),
    ("GET", "/notifications/", None),
    ("GET", "/notifications/preferences", None),
    ("GET", "/mails/", None),
    ("GET", "/auth/me", None),
    ("GET", "/auth/sessions", None),
]
# By route, in the order above: what each person gets. 0 is "let in".
ALLOWED = {
    "owner": "11110111111111",
    "admin": "11100111111111",
    "analyst": "10100101110111",
    "member": "10100000110111",
}


@pytest.mark.rbac
@pytest.mark.parametrize("role", [*ALLOWED, "anonymous"])
def test_who_may_do_what(app, company: Company, role):
    if role == "anonymous":
        client = app.test_client()
        for method, path, body in ROUTES:
            answer = client.open(f"/api/v1{path}", method=method, json=body)
            assert answer.status_code == 401, path
            assert answer.json["code"] == "unauthorized"
        return
    api = company.member(role).api()
    for (method, path, body), allowed in zip(ROUTES, ALLOWED[role], strict=False):
        answer = api.open(method, path, json=body)
        assert (answer.status_code != 403) is (allowed == "1"), f"{role} {method} {path}: {answer.status_code}"
        assert answer.status_code < 500


def test_settings_are_read_and_changed(company):
    api = company.owner.api()
    before = api.get("/tenants/me")
    answer = api.put(
        "/tenants/me",
        json={
            "currency": "eur",
            "timezone": "Europe/Berlin",
            "date_format": "DD.MM.YYYY",
            "locale": "de-DE",
            "fiscal_year_start_month": 1,
            "address_line1": "Hauptstr. 1",
            "city": "Berlin",
            "postal_code": "10999",
            "country": "de",
            "tax_id": "de 123",
            "accent_color": "#1F6FEB",
        },
        headers={"If-Match": before.headers["ETag"]},
    )
    assert answer.status_code == 200, answer.text
    after = api.get("/tenants/me").json
    assert (after["currency"], after["timezone"], after["locale"]) == ("EUR", "Europe/Berlin", "de_DE")
    assert (after["address"], after["tax_id"]) == ("Hauptstr. 1\n10999 Berlin\nGermany", "DE123")
    assert (after["accent_color"], after["name"]) == ("#1f6feb", before.json["name"])
    stale = api.put("/tenants/me", json={"name": "X"}, headers={"If-Match": before.headers["ETag"]})
    assert stale.status_code == 412


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("currency", "ZZZ"),
        ("timezone", "Nowhere"),
        ("date_format", "YY"),
        ("locale", "xx_YY"),
        ("fiscal_year_start_month", 13),
        ("accent_color", "#ffee00"),
        ("name", ""),
        ("subdomain", "other"),
        ("tier", "enterprise"),
    ],
)
def test_settings_that_cannot_be(company, name, value):
    answer = company.owner.api().put("/tenants/me", json={name: value})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == f"/{name}"


def test_branding_is_part_of_larger_plans(company):
    set_tier(company, "basic")
    answer = company.owner.api().put("/tenants/me", json={"accent_color": "#1f6feb"})
    assert (answer.status_code, answer.json["code"], answer.json["feature"]) == (402, "not_in_plan", "custom_branding")


def test_the_subscription_tells_plan_trial_and_use(app_context):
    company = make_company(tier="basic")
    held = company.owner.api().get("/tenants/subscription").json
    assert (held["tier"], held["plan"], held["status"], held["trial_days_remaining"]) == (
        "basic", "professional", "trial", 14,
    )  # fmt: skip
    assert held["is_trial_used"] is True
    users = next(limit for limit in held["limits"] if limit["name"] == "users")
    assert (users["limit"], users["used"]) == (25, 1)
    assert held["features"]["webhooks"] is True
    set_tier(company, "basic")
    held = company.owner.api().get("/tenants/subscription").json
    assert (held["plan"], held["status"], held["trial_days_remaining"]) == ("basic", "free", 0)
    assert held["features"] == {
        "api_access": True, "custom_branding": False, "webhooks": False, "scheduled_reports": False,
    }  # fmt: skip


def test_an_upgrade_is_asked_for_and_decided_by_staff(company, other_company):
    set_tier(company, "basic")
    staff = make_platform_admin(other_company)
    asked = company.owner.api().post("/tenants/upgrade", json={"tier": "professional", "message": "We grow."})
    assert (asked.status_code, asked.json["requested_tier"], asked.json["tier"]) == (202, "professional", "basic")
    written = [mail for mail in deliver_mails(company) if mail.to_address == staff.email]
    assert "We grow." in written[0].text_body
    api = staff.api()
    [row] = api.get(f"/admin/tenants/?q={company.subdomain}&requested=true").json["data"]
    assert (row["requested_tier"], row["users"]) == ("professional", 1)
    decided = api.put(f"/admin/tenants/{company.id}/tier", json={"tier": "professional", "reason": "Paid by invoice"})
    assert (decided.json["tier"], decided.json["requested_tier"]) == ("professional", None)
    with tenant_scope(company.id):
        told = db.session.execute(select(AuditEvent).where(AuditEvent.action == "plan changed")).scalar_one()
    assert (told.actor_kind, told.actor_id) == ("platform", staff.person_id)
    assert told.after == {"tier": "professional", "reason": "Paid by invoice"}
    again = api.put(f"/admin/tenants/{company.id}/tier", json={"tier": "professional", "reason": "Again"})
    assert (again.status_code, again.json["code"]) == (409, "same_plan")
    assert company.owner.api().get("/tenants/subscription").json["plan"] == "professional"
    assert company.owner.api().get("/notifications/").json["data"][0]["title"].endswith("on the Professional plan")
    assert any(mail.subject.endswith("is now on the Professional plan") for mail in deliver_mails(company))


def test_only_staff_see_tenants(company, other_company):
    for role in ("owner", "admin", "member"):
        api = company.member(role).api()
        assert api.get(f"/admin/tenants/{other_company.id}").status_code == 403
        body = {"tier": "enterprise", "reason": "I want it"}
        assert api.put(f"/admin/tenants/{company.id}/tier", json=body).status_code == 403


def test_staff_get_404_for_no_tenant(company):
    from tracktok.core.ids import new_id

    api = make_platform_admin(company).api()
    assert api.get(f"/admin/tenants/{new_id()}").status_code == 404
    assert api.put(f"/admin/tenants/{new_id()}/tier", json={"tier": "basic", "reason": "None"}).status_code == 404


def test_the_search_takes_signs_of_patterns_as_they_are(company):
    api = make_platform_admin(company).api()
    assert api.get("/admin/tenants/?q=%25%5F%5C").json["data"] == []


def test_the_currency_is_fixed_by_a_draft_too(company):
    api = company.owner.api()
    draft = {"title": "Train", "amount": "12.50", "status": "draft"}
    made = api.post("/expenses/", json=draft).json
    refused = api.put("/tenants/me", json={"currency": "USD"})
    assert (refused.status_code, refused.json["code"]) == (409, "currency_fixed")
    api.delete(f"/expenses/{made['id']}")
    assert api.put("/tenants/me", json={"currency": "USD"}).status_code == 409, "it may come back from the bin"


def test_the_currency_is_free_until_something_is_posted(company):
    api = company.owner.api()
    assert api.put("/tenants/me", json={"currency": "EUR"}).status_code == 200
    accounts = api.get("/accounts/").json["data"]
    assert {account["currency"] for account in accounts} == {"EUR"}, "accounts without movements follow"
    body = {"title": "Train", "amount": "12.50", "expense_date": "2026-11-02", "account_id": accounts[0]["id"]}
    body["category_id"] = api.get("/categories/").json["data"][0]["id"]
    made = api.post("/expenses/", json=body)
    assert made.status_code == 201, made.text
    refused = api.put("/tenants/me", json={"currency": "USD"})
    assert (refused.status_code, refused.json["code"]) == (409, "currency_fixed")
    assert refused.json["errors"][0]["pointer"] == "/currency"
    assert api.put("/tenants/me", json={"currency": "EUR", "name": "Same money"}).status_code == 200
