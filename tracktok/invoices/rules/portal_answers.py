"""The answer of the invoice registration portal, as people paste it: whole, wrapped, or the IRN alone."""

from __future__ import annotations

import json
from typing import Any

NAMES = {"irn": "irn", "ackno": "ack_number", "ackdt": "ack_date", "signedqrcode": "signed_qr"}
"""Names of the portal in lower case, and what they are called here."""
_WRAPPERS = ("data", "result", "govt_response")
_DEEPEST = 4


def read_answer(pasted: str) -> dict[str, str]:
    """What stands in the portal's answer: irn and, where told, ack_number, ack_date, signed_qr.

    Takes the JSON of the portal, that of its bulk tool (a list of one), either of them wrapped in `Data`, and an IRN
    alone. Raises ValueError with a sentence for a person.
    """
    text = pasted.strip()
    if not text.startswith(("{", "[", '"')):
        return {"irn": text}
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("This is not the whole answer: paste the JSON from its first to its last bracket.") from error
    found = _find(told, 0)
    if found is None:
        raise ValueError("There is no IRN in this answer.")
    return found


def _find(told: Any, depth: int) -> dict[str, str] | None:
    if depth > _DEEPEST:
        return None
    if isinstance(told, str) and told.lstrip().startswith("{"):
        try:
            told = json.loads(told)
        except (ValueError, RecursionError):
            return None
    if isinstance(told, list):
        if len(told) > 1:
            raise ValueError("This is the answer for several documents. Paste that of this one.")
        return _find(told[0], depth + 1) if told else None
    if not isinstance(told, dict):
        return None
    named = {str(name).lower(): value for name, value in told.items()}
    if isinstance(named.get("irn"), str):
        return {
            ours: str(named[theirs]).strip()
            for theirs, ours in NAMES.items()
            if isinstance(named.get(theirs), (str, int)) and not isinstance(named.get(theirs), bool)
        }
    return next((found for name in _WRAPPERS if (found := _find(named.get(name), depth + 1))), None)
