from __future__ import annotations

import pytest

from tests.factories.notifications import deliver_mails
from tests.factories.tenants import Company
from tracktok.core.errors import Invalid
from tracktok.core.outbox import HANDLERS
from tracktok.core.tenancy import tenant_scope
from tracktok.notifications import queries
from tracktok.notifications.services import mark_all_read, mark_read, notify, send_mail, set_preference


def test_a_message_is_told_once_and_counted_until_it_is_read(company: Company):
    person = company.owner.person_id
    with company.owner.acting():
        assert notify(person, "budget.threshold", "80 % of Travel", link="/budgets/1", once_key="b1:80")
        assert notify(person, "budget.threshold", "80 % of Travel", once_key="b1:80") is None
        assert notify(person, "budget.threshold", "90 % of Travel")
        assert queries.count_unread(person) == 2
        [newest, oldest] = queries.list_messages(person).rows
        assert (newest.title, oldest.link) == ("90 % of Travel", "/budgets/1")
        mark_read(person, newest.id)
        assert [row.id for row in queries.list_messages(person, unread=True).rows] == [oldest.id]
        assert mark_all_read(person) == 1
        assert queries.count_unread(person) == 0


def test_what_a_person_does_not_want_is_not_told(company: Company):
    person = company.owner.person_id
    with company.owner.acting():
        set_preference(person, "budget.threshold", "in_app", wanted=False)
        assert notify(person, "budget.threshold", "80 %") is None
        assert queries.wants(person, "budget.threshold", "mail")
        set_preference(person, "budget.threshold", "in_app", wanted=True)
        assert notify(person, "budget.threshold", "80 %")
        with pytest.raises(Invalid, match="always"):
            set_preference(person, "security", "mail", wanted=False)
        for event, channel in (("nothing", "mail"), ("security", "pigeon")):
            with pytest.raises(Invalid):
                set_preference(person, event, channel, wanted=True)


@pytest.mark.tenancy
def test_messages_of_others_are_not_seen(company: Company, other_company: Company):
    with company.owner.acting():
        notify(company.owner.person_id, "budget.threshold", "ours")
    with other_company.owner.acting():
        assert queries.list_messages(company.owner.person_id).rows == []


def test_a_mail_is_kept_once_for_its_outbox_message(company: Company):
    with company.owner.acting():
        outbox_id = send_mail("kim@example.com", "Two\nlines", "Hello", "<p>Hello</p>", once_key="a")
        assert send_mail("kim@example.com", "Two lines", "Hello", once_key="a") is None
    [mail] = deliver_mails(company)
    assert (mail.subject, mail.to_address, mail.html_body) == ("Two lines", "kim@example.com", "<p>Hello</p>")
    assert mail.outbox_id == outbox_id
    assert mail.sent_at is None
    with tenant_scope(company.id):
        HANDLERS["mail"](outbox_id, {"to": "kim@example.com", "subject": "again", "text": ""})
        assert len(queries.list_mails().rows) == 1


@pytest.mark.parametrize("address", ["", "kim", "a@b.c\nBcc: x@y.z", "a@b.c, d@e.f", "<a@b.c>"])
def test_a_mail_to_what_is_no_address_is_a_defect(company: Company, address: str):
    with tenant_scope(company.id), pytest.raises(ValueError, match="not an address"):
        send_mail(address, "s", "t")
