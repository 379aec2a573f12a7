"""Which customers something of metered usage names."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from tracktok.core.db import db
from tracktok.core.tenancy import current_tenant_id

_USED = """
SELECT c.id FROM unnest(%(ids)s::uuid[]) AS c (id)
 WHERE EXISTS (SELECT FROM usage_events u WHERE u.tenant_id = %(tenant)s AND u.customer_id = c.id)
    OR EXISTS (SELECT FROM usage_subscriptions s WHERE s.tenant_id = %(tenant)s AND s.customer_id = c.id)
    OR EXISTS (SELECT FROM usage_prices p WHERE p.tenant_id = %(tenant)s AND p.customer_id = c.id)
    OR EXISTS (SELECT FROM usage_quotas q WHERE q.tenant_id = %(tenant)s AND q.customer_id = c.id)"""


def customers_used(ids: Iterable[UUID]) -> set[UUID]:
    """Those of these customers who have usage, a price, a quota or a subscription."""
    given = {"tenant": current_tenant_id(), "ids": list(ids)}
    return {row.id for row in db.session.connection().exec_driver_sql(_USED, given)}
