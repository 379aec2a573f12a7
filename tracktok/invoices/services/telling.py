"""People of the company are told of what goes on by itself and needs them."""

from __future__ import annotations

from typing import Any

from tracktok.auth.queries import holders
from tracktok.notifications.queries import who_wants
from tracktok.notifications.rules import Channel
from tracktok.notifications.services import notify_all, send_template
from tracktok.tenants.queries import get_current
from tracktok.web.links import tenant_link

ATTENTION = "invoice.attention"


def tell_people(
    permission: str, event: str, title: str, body: str, path: str, once_key: str,
    *, template: str = "invoices/attention", **said: Any,
) -> None:  # fmt: skip
    """Tell those who hold a permission, in the app and by mail as they wish, once for a key.

    A mail says the body too, unless its values (`said`) name another. Where everybody was told before it takes a few
    statements, and no mail is drawn.
    """
    people = {one.person_id: one for one in holders(permission)}
    in_app, by_mail = (who_wants(people, event, channel) for channel in (Channel.in_app, Channel.mail))
    fresh = notify_all(in_app, event, title, body, path, once_key)
    for person_id in by_mail:
        if person_id in in_app and person_id not in fresh:
            continue
        values = {"title": title, "said": body, "link": tenant_link(get_current().subdomain, path), **said}
        send_template(template, people[person_id].email, once_key=f"{once_key}:{person_id}", **values)
