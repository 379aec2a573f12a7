"""Every read of the audit trail."""

from .checks import SealState, latest_check, seal_of, seal_state, seals_of
from .exports import export_events
from .sealing import head_seal, range_end, stream_events, unsealed
from .trail import actions, entities, events_together, get_event, list_events, people
from .verifying import has_hash, verify_chain
from .words import Change, Told, tell, who_of

__all__ = [
    "Change",
    "SealState",
    "Told",
    "actions",
    "entities",
    "events_together",
    "export_events",
    "get_event",
    "has_hash",
    "head_seal",
    "latest_check",
    "list_events",
    "people",
    "range_end",
    "seal_of",
    "seal_state",
    "seals_of",
    "stream_events",
    "tell",
    "unsealed",
    "verify_chain",
    "who_of",
]
