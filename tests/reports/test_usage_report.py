"""The PDF of a month's usage: asked for, made by a job, fetched by those who may."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from pypdf import PdfReader

from tests.factories.tenants import Company
from tests.factories.usage import make_customer, make_price, make_subscription, use
from tracktok.core import jobs
from tracktok.invoices.services.usage_billing import bill_customer


def run(company: Company, job_id: str) -> None:
    with company.owner.acting():
        jobs.execute(UUID(job_id))


@pytest.fixture
def customer_id(company: Company) -> UUID:
    with company.owner.acting():
        customer = make_customer(name="Nimbus Labs")
        make_price(config={"per_unit": "2"})
        make_price("data_storage", config={"per_unit": "3"})
        make_subscription(customer.id, "api_calls", "data_storage")
        for day in range(31):
            at = datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(days=day)
            use(customer.id, 100 + day * day % 37, timestamp=at, user_id="u-1")
            use(customer.id, 10 + day, "data_storage", timestamp=at)
        bill_customer(customer.id, datetime(2026, 4, 1, 1, tzinfo=UTC))
        return customer.id


def text_of(pdf: bytes) -> str:
    if folder := os.environ.get("TRACKTOK_KEEP_PDFS"):
        Path(folder, f"usage-{len(pdf)}.pdf").write_bytes(pdf)
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_a_report_of_a_customer_and_of_a_user(company: Company, customer_id):
    api = company.owner.api()
    for subject, name in ((str(customer_id), "Nimbus Labs"), ("u-1", "u-1")):
        asked = api.post(f"/reports/{subject}", json={"month": "2026-03-01"})
        assert (asked.status_code, asked.json["status"]) == (202, "queued")
        job_id = asked.json["jobId"]
        assert api.get(f"/reports/status/{job_id}").json == {"status": "queued", "progress": 0, "fileUrl": None}
        run(company, job_id)
        done = api.get(f"/reports/status/{job_id}").json
        assert (done["status"], done["progress"]) == ("done", 100)
        file = company.owner.browser().get(done["fileUrl"])
        assert file.mimetype == "application/pdf"
        told = text_of(file.data)
        assert name in told
        assert "API calls" in told
        assert "March 2026" in told
        assert ("Bills of periods" in told) == (name == "Nimbus Labs")
    assert "Nimbus Labs" in company.owner.browser().get("/reports").text


def test_a_report_that_nobody_can_have(company: Company, customer_id, other_company: Company):
    api = company.owner.api()
    assert api.post("/reports/nobody", json={}).status_code == 404
    assert api.post("/reports/u-1", json={"month": "2199-01-01"}).status_code == 422
    job_id = api.post("/reports/u-1", json={"month": "2026-03-01"}).json["jobId"]
    assert other_company.owner.api().get(f"/reports/status/{job_id}").status_code == 404
    assert other_company.owner.api().post(f"/reports/{customer_id}", json={}).status_code == 404
    assert company.member("member").api().get(f"/reports/status/{job_id}").status_code == 403
