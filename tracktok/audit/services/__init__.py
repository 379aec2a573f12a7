"""Every write of the audit trail."""

from .checking import KIND, check_trail, start_check
from .recording import install, record
from .sealing import seal_next, seal_tenant

__all__ = ["KIND", "check_trail", "install", "record", "seal_next", "seal_tenant", "start_check"]
