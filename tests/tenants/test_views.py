from __future__ import annotations

from tests.factories.tenants import Company, make_company, set_tier


def at(company: Company) -> str:
    return f"http://{company.subdomain}.tracktok.test"


def form(company: Company, **over):
    return {
        "name": "Acme",
        "currency": "INR",
        "timezone": "Asia/Kolkata",
        "date_format": "DD/MM/YYYY",
        "locale": "en_IN",
        "fiscal_year_start_month": "4",
        "country": "IN",
        "tax_id": "",
        **over,
    }


def test_settings_are_saved_and_obeyed(company):
    client = company.owner.browser()
    saved = client.post(
        "/settings",
        data=form(company, timezone="Europe/Berlin", date_format="YYYY-MM-DD", tax_id="X"),
        base_url=at(company),
    )
    assert saved.status_code == 303
    assert client.post("/settings/brand", data={"accent_color": "#1f6feb"}, base_url=at(company)).status_code == 303
    page = client.get("/settings", base_url=at(company))
    assert 'data-date-format="YYYY-MM-DD"' in page.text
    assert "/assets/brand/1f6feb.css" in page.text
    client.post("/settings", data=form(company), base_url=at(company))
    assert company.owner.api().get("/tenants/me").json["tax_id"] == "", "an emptied field is empty"


def test_settings_say_what_is_wrong_at_the_field(company):
    client = company.owner.browser()
    answer = client.post("/settings", data=form(company, name="", country="ZZ"), base_url=at(company))
    assert answer.status_code == 422
    assert "two letters" in answer.text
    assert 'id="name-error"' in answer.text
    answer = client.post("/settings/brand", data={"accent_color": "#ffff00"}, base_url=at(company))
    assert answer.status_code == 422
    assert "contrast of" in answer.text
    assert 'value="Company' in answer.text, "the rest of the page stands"


def test_only_managers_save(company):
    client = company.member("analyst").browser()
    assert "Save settings" not in client.get("/settings", base_url=at(company)).text
    assert client.post("/settings", data=form(company), base_url=at(company)).status_code == 403


def test_the_plan_page_tells_the_trial_and_takes_a_wish(app_context):
    company = make_company(tier="basic")
    client = company.owner.browser()
    page = client.get("/settings/plan", base_url=at(company))
    assert "for 14 more days" in page.text
    assert "1 of 25" in page.text
    client.post("/settings/plan", data={"tier": "enterprise", "message": "Big"}, base_url=at(company))
    assert "You asked for the Enterprise plan" in client.get("/settings/plan", base_url=at(company)).text
    same = client.post("/settings/plan", data={"tier": "basic"}, base_url=at(company))
    assert same.status_code == 409
    assert client.post("/settings/plan", data={"tier": "gold"}, base_url=at(company)).status_code == 422
    set_tier(company, "basic")
    assert "1 of 1" in client.get("/settings/plan", base_url=at(company)).text
