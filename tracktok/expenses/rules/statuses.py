"""Where an expense stands, and where it may go."""

from __future__ import annotations

DRAFT, APPROVED, PAID = "draft", "approved", "paid"

TRANSITIONS: dict[tuple[str, str], str] = {
    (DRAFT, "approve"): APPROVED,
    (DRAFT, "pay"): PAID,
    (APPROVED, "pay"): PAID,
    (APPROVED, "withdraw"): DRAFT,
    (PAID, "unpay"): APPROVED,
    (PAID, "withdraw"): DRAFT,
}
"""(from, action): to. What was paid may be taken back as long as nothing closes the books."""

ACTION_LABELS = {
    "approve": "Approve",
    "pay": "Mark as paid",
    "withdraw": "Back to draft",
    "unpay": "Mark as unpaid",
}


def actions_from(status: str) -> list[str]:
    """What may be done with an expense in a status, likeliest first."""
    return [action for (origin, action) in TRANSITIONS if origin == status]


def move(status: str, action: str) -> str | None:
    """The status after an action, or None when it may not be done."""
    return TRANSITIONS.get((status, action))


def may_become(status: str, wanted: str) -> bool:
    """Whether some action leads from a status to another (staying is always allowed)."""
    return status == wanted or any(origin == status and target == wanted for (origin, _), target in TRANSITIONS.items())
