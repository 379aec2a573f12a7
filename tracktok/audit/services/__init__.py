"""Every write of the audit trail."""

from .recording import install, record
from .sealing import seal_next, seal_tenant

__all__ = ["install", "record", "seal_next", "seal_tenant"]
