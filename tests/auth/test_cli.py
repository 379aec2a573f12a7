from __future__ import annotations

import json

from tests.auth.test_api import post
from tracktok.core.ids import new_id


def run(app, *arguments: str):
    return app.test_cli_runner().invoke(args=list(arguments))


def made(app, name: str, *more: str):
    return run(
        app, "tenants", "create", name, "--name", "Acme", "--owner", f"kim@{name}.test", "--json", *more
    )  # fmt: skip


def test_a_company_is_made_and_its_owner_can_sign_in(app):
    name = f"n{new_id().hex[-10:]}"
    done = made(app, name)
    assert done.exit_code == 0, done.output
    facts = json.loads(done.output.splitlines()[-1])
    assert facts["url"] == f"http://{name}.tracktok.test/"
    assert post(app, "login", email=f"kim@{name}.test", password=facts["password"]).status_code == 200
    again = made(app, name, "--password", facts["password"])
    assert again.exit_code == 1
    assert "taken" in again.stderr
    listed = run(app, "tenants", "list", "--search", name, "--json")
    assert json.loads(listed.stdout.splitlines()[-1])["users"] == 1


def test_what_cannot_be_is_refused_in_words(app):
    refused = made(app, "www")
    assert refused.exit_code == 1
    assert "kept for the product" in refused.stderr
    assert run(app, "plans", "set", "nowhere-at-all", "basic").exit_code == 2


def test_people_are_put_into_a_company(app, company):
    email = f"noa@{company.subdomain}.test"
    done = run(app, "users", "create", company.subdomain, email, "--role", "analyst", "--password", "a fine sentence 9")
    assert done.exit_code == 0, done.output
    assert f"{email} is analyst of {company.subdomain}." in done.output
    assert post(app, "login", email=email, password="a fine sentence 9").json["user"]["role"] == "analyst"
    assert run(app, "users", "create", company.subdomain, email).exit_code == 1
    weak = run(app, "users", "create", company.subdomain, f"x{email}", "--password", "1234567890")
    assert weak.exit_code == 1


def test_plans_and_staff(app, company):
    done = run(app, "plans", "set", company.subdomain, "professional", "--reason", "Paid", "--json")
    assert json.loads(done.stdout.splitlines()[-1]) == {"subdomain": company.subdomain, "tier": "professional"}
    assert company.owner.api().get("/tenants/subscription").json["tier"] == "professional"
    assert company.owner.api().get("/admin/tenants/").status_code == 403
    assert run(app, "users", "platform-admin", company.owner.email).exit_code == 0
    assert company.owner.api().get("/admin/tenants/").status_code == 200
    assert run(app, "users", "platform-admin", company.owner.email, "--remove").exit_code == 0
    assert company.owner.api().get("/admin/tenants/").status_code == 403
    assert run(app, "users", "platform-admin", "nobody@example.com").exit_code == 1


def test_a_test_mail_tells_whether_a_server_is_set(app):
    done = run(app, "mail", "test", "kim@example.com", "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout.splitlines()[-1])["sent"] is False
    app.config["SMTP_URL"] = "smtp://127.0.0.1:1"
    try:
        assert run(app, "mail", "test", "kim@example.com").exit_code == 1
    finally:
        app.config["SMTP_URL"] = ""
