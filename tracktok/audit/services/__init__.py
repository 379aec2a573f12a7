"""Every write of the audit trail."""

from .adding import Adding
from .checking import KIND, check_trail, start_check
from .recording import install, record
from .sealing import seal_next, seal_tenant

__all__ = ["KIND", "Adding", "check_trail", "install", "record", "seal_next", "seal_tenant", "start_check"]
