"""Looking at the seals: what was found is kept, so that the pages can say it."""

from __future__ import annotations

from sqlalchemy import text

from tracktok.audit import queries
from tracktok.audit.models import AuditCheck
from tracktok.audit.queries import checks
from tracktok.core import jobs
from tracktok.core.db import db
from tracktok.core.ids import new_id

KIND = "audit.verify"


def check_trail(*, whole: bool) -> AuditCheck | None:
    """Make the seals of the current tenant anew and keep what was found; None when there is nothing new to look at.

    Those that were found sound are taken for good, unless the `whole` trail is asked for or the latest look found
    something wrong.
    """
    latest = checks.latest_check()
    begin = 1 if whole or latest is None or latest.faults else latest.to_seal + 1
    if queries.head_seal()[0] < begin:
        return None
    db.session.execute(text("SET LOCAL statement_timeout = 0"))
    found = queries.verify_chain(begin)
    check = AuditCheck(
        id=new_id(),
        from_seal=begin,
        to_seal=found.head_number,
        head=found.head,
        events=found.events,
        faults=[{"seal": one.seal, "kind": one.kind, "detail": one.detail} for one in found.faults],
    )
    db.session.add(check)
    db.session.flush()
    return check


def start_check() -> None:
    """Have the whole trail looked at by a worker."""
    jobs.start(KIND, {"whole": True}, run_key=f"{KIND}:{new_id()}")
