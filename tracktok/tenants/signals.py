"""Facts about tenants. Heard in the same transaction, inside the tenant."""

from blinker import signal

tenant_created = signal("tenant_created")
"""A tenant has been made; sent with `tenant` (a Tenant). The books and the default categories follow."""

currency_changing = signal("currency_changing")
"""A tenant's currency is about to be changed; sent with `tenant` and `currency` (the new one). Who holds amounts that
would lose their meaning raises Conflict."""

settings_changed = signal("settings_changed")
"""A tenant's settings have been changed; sent with `tenant` and `changed` (name: the value before)."""

plan_changed = signal("plan_changed")
"""Platform staff have put a tenant on a plan; sent with `tenant`, `before` (the old tier), `reason` and `link`."""
