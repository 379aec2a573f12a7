"""Every read of the audit trail."""

from .sealing import head_seal, range_end, stream_events, unsealed
from .verifying import has_hash, verify_chain

__all__ = ["has_hash", "head_seal", "range_end", "stream_events", "unsealed", "verify_chain"]
