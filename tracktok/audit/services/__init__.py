"""Every write of the audit trail."""

from .recording import install, record

__all__ = ["install", "record"]
