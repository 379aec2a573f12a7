"""Seals what was recorded, every minute, tenant by tenant."""

from __future__ import annotations

import structlog
from sqlalchemy import text

from tracktok.core.companies import every_company
from tracktok.core.db import lock_key, own_connection
from tracktok.core.tenancy import tenant_scope
from tracktok.core.worker import celery

from . import services

log = structlog.get_logger(__name__)
_LOCK = text("SELECT pg_try_advisory_xact_lock(:key)")


@celery.task(name="audit.seal")
def seal() -> None:
    """Seal the trail of every tenant; does nothing while another worker does it. One's trouble is logged only."""
    with own_connection() as guard:
        if not guard.execute(_LOCK, {"key": lock_key("audit.seal.all")}).scalar_one():
            return
        for company in every_company("seal the audit trails"):
            try:
                with tenant_scope(company.id):
                    services.seal_tenant()
            except Exception:
                log.exception("audit_not_sealed", tenant_id=str(company.id))
