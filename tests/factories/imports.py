"""Imports, made through the API and run without a worker."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.factories.tenants import ApiClient, Company
from tracktok.core import jobs
from tracktok.core.tenancy import tenant_scope


def upload(api: ApiClient, content: str | bytes, name: str = "bank.csv", kind: str = "") -> Any:
    """The answer to an upload."""
    data = content.encode() if isinstance(content, str) else content
    # Written by hand: for large files the test client would leave a temporary file open.
    head = f'--tracktok\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + data + b"\r\n"
    if kind:
        body += f'--tracktok\r\nContent-Disposition: form-data; name="kind"\r\n\r\n{kind}\r\n'.encode()
    body += b"--tracktok--\r\n"
    return api.post("/imports/", data=body, content_type="multipart/form-data; boundary=tracktok")


def begin(
    api: ApiClient, content: str | bytes, name: str = "bank.csv", kind: str = "", **options: Any
) -> dict[str, Any]:
    """An import that was taken in (and its options chosen)."""
    answer = upload(api, content, name, kind)
    assert answer.status_code == 201, answer.json
    found: dict[str, Any] = answer.json
    if options:
        answer = api.patch(f"/imports/{found['id']}", json={"options": options})
        assert answer.status_code == 200, answer.json
        found = answer.json
    return found


def run_job(company: Company, job_id: str) -> bool:
    """Do a job as a worker would."""
    with tenant_scope(company.id):
        return jobs.execute(UUID(job_id))


def commit(company: Company, found: dict[str, Any]) -> dict[str, Any]:
    """The import after its commit."""
    return _ask(company, found, "commit")


def undo(company: Company, found: dict[str, Any]) -> dict[str, Any]:
    """The import after its undo."""
    return _ask(company, found, "undo")


def _ask(company: Company, found: dict[str, Any], what: str) -> dict[str, Any]:
    api = company.owner.api()
    answer = api.post(f"/imports/{found['id']}/{what}")
    assert answer.status_code == 202, answer.json
    assert answer.json["status_url"] == f"/api/v1/jobs/{answer.json['id']}"
    run_job(company, answer.json["id"])
    job = api.get(f"/jobs/{answer.json['id']}").json
    assert job["status"] == "done", job
    after: dict[str, Any] = api.get(f"/imports/{found['id']}").json
    return after
