from __future__ import annotations

import io

import pytest

from tests.factories.notifications import deliver_mails
from tests.factories.tenants import Company
from tracktok.core.storage import file_key, storage
from tracktok.notifications.services import notify, send_mail


def at(company: Company) -> str:
    return f"http://{company.subdomain}.tracktok.test"


def test_messages_are_read_where_they_lead(company):
    with company.owner.acting():
        message = notify(company.owner.person_id, "budget.threshold", "80 % of Travel", body="Rs 80", link="/settings")
        outside = notify(company.owner.person_id, "budget.threshold", "Elsewhere", link="https://evil.example/")
    client = company.owner.browser()
    page = client.get("/notifications", base_url=at(company))
    assert "80 % of Travel" in page.text
    assert "2 messages are not read" in page.text
    assert "Notifications, 2 unread" in page.text, "the bell tells"
    assert client.get(f"/notifications/{message}", base_url=at(company)).location == "/settings"
    assert client.get(f"/notifications/{outside}", base_url=at(company)).location == "/notifications"
    assert "Everything is read" in client.get("/notifications", base_url=at(company)).text
    client.post(f"/notifications/{message}/unread", base_url=at(company))
    assert "80 % of Travel" in client.get("/notifications?unread=1", base_url=at(company)).text
    client.post("/notifications/read-all", base_url=at(company))
    assert "Nothing new" in client.get("/notifications?unread=1", base_url=at(company)).text


@pytest.mark.tenancy
def test_messages_of_others_are_not_found(company, other_company):
    with company.owner.acting():
        message = notify(company.owner.person_id, "budget.threshold", "Ours")
    for client, place in (
        (other_company.owner.browser(), other_company),
        (company.member("admin").browser(), company),
    ):
        assert client.get(f"/notifications/{message}", base_url=at(place)).status_code == 404
        assert client.post(f"/notifications/{message}/unread", base_url=at(place)).status_code == 404


def test_what_one_is_told_is_chosen_by_event_and_channel(company):
    client = company.owner.browser()
    page = client.get("/notifications/preferences", base_url=at(company))
    assert 'value="budget.threshold:mail" checked' in page.text
    client.post("/notifications/preferences", data={"wanted": ["budget.threshold:in_app"]}, base_url=at(company))
    chosen = {row["event"]: row for row in company.owner.api().get("/notifications/preferences").json["data"]}
    assert (chosen["budget.threshold"]["in_app"], chosen["budget.threshold"]["mail"]) == (True, False)
    assert chosen["security"]["mail"] is True, "some things are always told"
    api = company.owner.api()
    answer = api.put(
        "/notifications/preferences", json={"event": "budget.threshold", "channel": "mail", "wanted": True}
    )
    assert answer.status_code == 200
    refused = api.put("/notifications/preferences", json={"event": "security", "channel": "mail", "wanted": False})
    assert refused.status_code == 422


def test_messages_by_the_api(company):
    with company.owner.acting():
        for number in range(3):
            notify(company.owner.person_id, "budget.threshold", f"Message {number}")
    api = company.owner.api()
    first = api.get("/notifications/?limit=2").json
    assert [row["title"] for row in first["data"]] == ["Message 2", "Message 1"]
    rest = api.get(f"/notifications/?limit=2&cursor={first['next_cursor']}").json
    assert [row["title"] for row in rest["data"]] == ["Message 0"]
    assert rest["has_more"] is False
    assert api.get("/notifications/unread-count").json == {"unread": 3}
    one = first["data"][0]["id"]
    assert api.patch(f"/notifications/{one}", json={}).json["read_at"]
    assert len(api.get("/notifications/?unread=true").json["data"]) == 2
    assert api.patch(f"/notifications/{one}", json={"read": False}).json["read_at"] is None
    assert api.post("/notifications/read-all").json == {"unread": 0}
    assert company.member("admin").api().patch(f"/notifications/{one}", json={}).status_code == 404


def test_the_mailbox_shows_mails_safely(company, other_company):
    with company.owner.acting():
        key = file_key("reports", "r1")
        storage().put(key, io.BytesIO(b"%PDF-1.7"), "application/pdf")
        send_mail(
            "kim@example.com", "A <b>subject</b>", "Read https://example.com/x?a=1 <script>alert(1)</script>",
            "<html><head></head><body><script>alert(1)</script><p>Hi</p></body></html>", attachment=(key, "r 1.pdf"),
        )  # fmt: skip
    [mail] = deliver_mails(company)
    client = company.owner.browser()
    listed = client.get("/mailbox", base_url=at(company)).text
    assert "A &lt;b&gt;subject&lt;/b&gt;" in listed
    page = client.get(f"/mailbox/{mail.id}", base_url=at(company))
    assert "&lt;script&gt;alert(1)" in page.text
    assert 'href="https://example.com/x?a=1"' in page.text
    as_html = client.get(f"/mailbox/{mail.id}?view=html", base_url=at(company))
    assert "frame-src 'self'" in as_html.headers["Content-Security-Policy"]
    assert 'sandbox="allow-popups' in as_html.text
    body = client.get(f"/mailbox/{mail.id}/body", base_url=at(company))
    policy = body.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    file = client.get(f"/mailbox/{mail.id}/attachment", base_url=at(company))
    assert file.data == b"%PDF-1.7"
    assert file.headers["Content-Disposition"].startswith("attachment")
    theirs = other_company.owner.browser()
    for path in ("", "/body", "/attachment"):
        assert theirs.get(f"/mailbox/{mail.id}{path}", base_url=at(other_company)).status_code == 404
        assert company.member("analyst").browser().get(f"/mailbox/{mail.id}{path}").status_code == 403
    assert company.owner.api().get(f"/mails/{mail.id}").json["text"].startswith("Read https://")
    assert other_company.owner.api().get(f"/mails/{mail.id}").status_code == 404
