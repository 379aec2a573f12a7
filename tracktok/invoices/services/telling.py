"""People of the company are told of what goes on by itself and needs them."""

from __future__ import annotations

from tracktok.auth.queries import holders
from tracktok.notifications.queries import wants
from tracktok.notifications.services import notify, send_template
from tracktok.tenants.queries import get_current
from tracktok.web.links import tenant_link

ATTENTION = "invoice.attention"


def tell_people(permission: str, event: str, title: str, body: str, path: str, once_key: str) -> None:
    """Tell those who hold a permission, in the app and by mail as they wish, once for a key."""
    tenant = get_current()
    for person in holders(permission):
        key = f"{once_key}:{person.person_id}"
        notify(person.person_id, event, title, body, path, key)
        if wants(person.person_id, event, "mail"):
            send_template(
                "invoices/attention", person.email, once_key=key, title=title, said=body,
                link=tenant_link(tenant.subdomain, path),
            )  # fmt: skip
