"""Facts about tenants. Heard in the same transaction, inside the tenant."""

from blinker import signal

tenant_created = signal("tenant_created")
"""A tenant has been made; sent with `tenant` (a Tenant). The books and the default categories follow."""
