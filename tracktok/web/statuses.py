"""The colour and the words of every status. Grey draft, blue open, amber warning, red refused, green done."""

from __future__ import annotations

_BY_TONE: dict[str, str] = {
    "grey": "draft archived inactive expired closed cancelled void undone skipped",
    "blue": "open submitted sent issued queued running active trial planned confirmed in_progress mapped invited new"
    " finalized part_paid part_allocated valid uploaded checking committing undoing ready",
    "amber": "pending mapping due_soon warning near on_hold duplicate partially_paid ended grace unverified"
    " unallocated no_show over_km rate_drift",
    "red": "overdue uncollectible declined rejected refused failed over suspended invalid disputed exceeded revoked"
    " missing",
    "green": "paid approved accepted applied refunded invoiced reimbursed done completed committed verified on_track"
    " posted succeeded finished allocated"
    " agreed credited matched",
}
TONES = {status: tone for tone, statuses in _BY_TONE.items() for status in statuses.split()}


def tone_of(status: object) -> str:
    """grey, blue, amber, red or green; grey for a status that is not listed."""
    return TONES.get(str(getattr(status, "value", status)).lower(), "grey")


def words_of(status: object) -> str:
    """The status in words: "Due soon" for `due_soon`; an enum's own `label` when it has one."""
    label = getattr(status, "label", None)
    if isinstance(label, str):
        return label
    return str(getattr(status, "value", status)).replace("_", " ").capitalize()
