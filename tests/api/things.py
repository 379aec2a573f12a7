"""Things of a company for requests to name: each request that is right gets ids that exist and that its sender may see.

An operation that changes or removes what its address names gets a new thing for each of its first requests, made as
the operation needs it (in the bin for a restore, committed for an undo).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from tests.api.billing_things import make_billing
from tests.api.trips_things import make_trips
from tests.api.usage_things import make_usage
from tests.architecture.test_routes import make_everything
from tests.factories.budgets import make_budget
from tests.factories.documents import make_pdf
from tests.factories.expenses import make_account, make_category, make_expense, make_project, make_tag
from tests.factories.imports import begin, run_job
from tests.factories.tenants import Company, Member, add_member
from tracktok.auth.models import Invitation, LoginSession
from tracktok.core import jobs
from tracktok.core.db import db
from tracktok.core.ids import new_id
from tracktok.core.tenancy import tenant_scope
from tracktok.ledger.services import create_book_account
from tracktok.notifications.services import notify
from tracktok.reports.services.saved_views import keep_view

Ids = dict[str, str]
# Headers of its own: what another request has said of files with the same ones is remembered.
FILE = "Date,Title,Amount,{0}\n2026-11-02,Tea {0},12.50,\n"
# What a field of a body names, where it is not called as in an address.
REFERENCES = {
    "parent_id": "category_id",
    "to_account_id": "account_id",
    "to_budget_id": "budget_id",
}


class Things:
    """What one person of a company can name. The rest of the company's things are there as `everything`."""

    def __init__(self, company: Company, member: Member, everything: Ids, shared: dict[str, Ids] | None = None) -> None:
        """`shared`: what operations that only read name of the company's own things, for everybody who may see it."""
        self.company, self.member, self.everything = company, member, everything
        self._named: Ids = {}
        self._billing: dict[str, Ids] = {}
        self._shared = {} if shared is None else shared

    @classmethod
    def of_company(cls, company: Company) -> Ids:
        """One of each thing of a company, by the names that addresses have for them."""
        return {name: str(value) for name, value in make_everything(company).items()}

    def fresh(self, label: str, names: set[str]) -> Ids:
        """New things for the address of an operation."""
        self._billing.pop(label, None)
        ids: Ids = dict(self._billing_of(label))
        for name, make in self._makers().items():
            if name in names and name not in ids:
                ids |= make(self)
        unknown = names - ids.keys() - self.everything.keys()
        assert not unknown, f"{label}: say in tests/api/things.py what {sorted(unknown)} is"
        ids = {name: ids.get(name) or self.everything[name] for name in names}
        if prepare := PREPARED.get(label):
            prepare(self, ids)
        return ids

    def known(self, names: set[str]) -> Ids:
        """Things that were there before, for who is refused whatever the address names."""
        return {name: self.everything.get(name) or str(new_id()) for name in names}

    def reference(self, label: str, field: str) -> str | None:
        """The id of a thing for a field of a body; None when the field names none."""
        if field == "into_id":
            field = "tag_id" if "/tags/" in label else "category_id"
        name = REFERENCES.get(field, field)
        if name in self._billing_of(label):
            return self._billing_of(label)[name]
        if name == "person_id":
            return str(self.member.person_id)
        if name not in self._named and name in self._makers():
            self._named |= self._makers()[name](self)
        return self._named.get(name) or self.everything.get(name)

    def _billing_of(self, label: str) -> Ids:
        """What an operation names of an area that has a file here; made once until new ones are asked for."""
        kept = self._shared if label.startswith("GET ") else self._billing
        if label not in kept:
            with self.company.owner.acting():
                made = make_billing(label) or make_usage(label) or make_trips(label)
            kept[label] = {name: str(value) for name, value in made.items()}
        return kept[label]

    def _own(self, permission: str) -> Member:
        """This person if they may make such things themselves, else the owner."""
        return self.member if self.member.actor.may(permission) else self.company.owner

    @staticmethod
    def _makers() -> dict[str, Callable[[Things], Ids]]:
        return {
            "receipt_id": Things._receipt,
            "expense_id": lambda me: {"expense_id": me._expense()},
            "account_id": lambda me: {"account_id": me._made(make_account)},
            "budget_id": lambda me: {"budget_id": me._made(make_budget)},
            "category_id": lambda me: {"category_id": me._made(make_category)},
            "project_id": lambda me: {"project_id": me._made(make_project)},
            "tag_id": lambda me: {"tag_id": me._made(make_tag)},
            "book_account_id": lambda me: {
                "book_account_id": me._made(lambda: create_book_account(f"Account {new_id()}", "asset"))
            },
            "import_id": lambda me: {"import_id": me._import()},
            "job_id": Things._job,
            "report_id": lambda me: {"report_id": me._report()},
            "notification_id": Things._notification,
            "session_id": Things._session,
            "membership_id": lambda me: {"membership_id": str(add_member(me.company, "member").membership_id)},
            "invitation_id": Things._invitation,
            "view_id": Things._view,
        }

    def _made(self, make: Callable[[], Any]) -> str:
        with self.company.owner.acting():
            return str(make().id)

    def _expense(self) -> str:
        with self._own("expenses.write").acting():
            return str(make_expense().id)

    def _receipt(self) -> Ids:
        expense, api = self._expense(), self._own("expenses.write").api()
        answer = api.post(f"/expenses/{expense}/receipts", data={"files": (make_pdf(), "bill.pdf")})
        assert answer.status_code == 201, answer.json
        [receipt] = api.get(f"/expenses/{expense}/receipts").json["data"]
        return {"expense_id": expense, "receipt_id": receipt["id"]}

    def _import(self) -> str:
        found = begin(self._own("expenses.import").api(), FILE.format(new_id()))
        return str(found["id"])

    def _report(self) -> str:
        answer = self._own("reports.read").api().post("/reports/", json={})
        assert answer.status_code == 202, answer.json
        return str(answer.json["id"])

    def _job(self) -> Ids:
        """A job of one's own that waits."""
        with self.member.acting():
            job_id, _ = jobs.start("reports.monthly", {"run_date": "2026-11-01"}, run_key=f"asked:{new_id()}")
        return {"job_id": str(job_id)}

    def _notification(self) -> Ids:
        with self.company.owner.acting():
            return {"notification_id": str(notify(self.member.person_id, "import_done", "Done"))}

    def _session(self) -> Ids:
        self.member.headers  # noqa: B018 - signs in once more
        with tenant_scope(self.company.id):
            statement = select(LoginSession.id).where(LoginSession.person_id == self.member.person_id)
            newest = statement.order_by(LoginSession.created_at.desc(), LoginSession.id.desc()).limit(1)
            return {"session_id": str(db.session.execute(newest).scalar_one())}

    def _view(self) -> Ids:
        with self.member.acting():
            return {"view_id": str(keep_view("expenses", f"View {new_id()}", {"status": "paid"}).id)}

    def _invitation(self) -> Ids:
        answer = self.company.owner.api().post("/invitations/", json={"email": f"{new_id()}@example.test"})
        assert answer.status_code == 201, answer.json
        with tenant_scope(self.company.id):
            newest = select(Invitation.id).order_by(Invitation.created_at.desc(), Invitation.id.desc()).limit(1)
            return {"invitation_id": str(db.session.execute(newest).scalar_one())}


def _delete(path: str) -> Callable[[Things, Ids], None]:
    def prepare(things: Things, ids: Ids) -> None:
        assert things.company.owner.api().delete(path.format(**ids)).status_code == 204

    return prepare


def _commit(things: Things, ids: Ids) -> None:
    answer = things.company.owner.api().post(f"/imports/{ids['import_id']}/commit")
    assert answer.status_code == 202, answer.json
    run_job(things.company, answer.json["id"])


def _match(things: Things, ids: Ids) -> None:
    body = {"customer_id": things.everything["customer_id"]}
    answer = things.company.owner.api().post(f"/bank-lines/{ids['bank_line_id']}/match", json=body)
    assert answer.status_code in {200, 201}, answer.json


PREPARED: dict[str, Callable[[Things, Ids], None]] = {
    "POST /api/v1/expenses/{expense_id}/restore": _delete("/expenses/{expense_id}"),
    "POST /api/v1/budgets/{budget_id}/restore": _delete("/budgets/{budget_id}"),
    "POST /api/v1/imports/{import_id}/undo": _commit,
    "POST /api/v1/bank-lines/{bank_line_id}/unmatch": _match,
    "POST /api/v1/service-types/{service_type_id}/restore": _delete("/service-types/{service_type_id}"),
}
"""What a thing must have been through for an operation."""
