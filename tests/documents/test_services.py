"""Files are kept whole or not at all, and opened by those who may."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from tests.factories.documents import make_pdf, make_picture
from tests.factories.tenants import Company
from tracktok.core.errors import Invalid
from tracktok.documents import rules
from tracktok.documents.services import FileTooLarge, FileTypeRefused, sign_link, store_file


def upload(company: Company, stream: io.BytesIO, name: str = "receipt.png", role: str = "owner", **options):
    with company.member(role).acting():
        return store_file(stream, name, **options)


def test_a_picture_is_kept_with_its_thumbnail_and_shown_to_its_owner(company: Company):
    file = upload(company, make_picture("PNG", (1200, 800)), "../taxi.html")
    assert (file.content_type, file.filename) == (rules.PNG, "taxi.png")
    answer = company.owner.browser().get(f"/files/{file.id}")
    assert answer.status_code == 200
    assert answer.data == make_picture("PNG", (1200, 800)).getvalue()
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    small = company.owner.browser().get(f"/files/{file.id}/thumbnail")
    assert Image.open(io.BytesIO(small.data)).size == (480, 320)


def test_a_pdf_has_no_thumbnail(company: Company):
    file = upload(company, make_pdf(), "bill.pdf")
    assert company.owner.browser().get(f"/files/{file.id}/thumbnail").status_code == 404


def test_a_file_is_not_there_for_others(company: Company, other_company: Company):
    file = upload(company, make_picture())
    assert company.member("member").browser().get(f"/files/{file.id}").status_code == 404
    assert other_company.owner.browser().get(f"/files/{file.id}").status_code == 404


@pytest.mark.parametrize(
    ("stream", "refusal"),
    [
        (io.BytesIO(b""), Invalid),
        (io.BytesIO(b"<svg onload='alert(1)'/>"), FileTypeRefused),
        (io.BytesIO(b"a,b\n1,2\n"), FileTypeRefused),
        (io.BytesIO(b"x" * 3000), FileTooLarge),
    ],
)
def test_what_is_empty_strange_or_too_large_is_refused_and_leaves_nothing(app, company: Company, stream, refusal):
    with pytest.raises(refusal):
        upload(company, stream, max_bytes=2000)
    assert kept_files(app, company) == []


def test_a_rolled_back_upload_leaves_no_bytes(app, company: Company):
    def change_one_s_mind():
        with company.owner.acting():
            store_file(make_picture(), "a.png")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_one_s_mind()
    assert kept_files(app, company) == []


def kept_files(app, company: Company) -> list[Path]:
    folder = Path(app.config["DATA_DIR"]) / "files" / "tenants" / str(company.id)
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def test_a_signed_link_opens_for_five_minutes(company: Company):
    import time_machine as machine

    file = upload(company, make_picture())
    with company.owner.acting():
        token = sign_link(file.id)
    from flask import current_app

    client = current_app.test_client()
    assert client.get(f"/files/by-link/{token}").status_code == 200
    assert client.get(f"/files/by-link/{token}x").status_code == 404
    with machine.travel("2099-01-01"):
        assert client.get(f"/files/by-link/{token}").status_code == 404


def test_a_browser_that_has_it_is_not_sent_it_again(company: Company):
    file = upload(company, make_picture())
    browser = company.owner.browser()
    first = browser.get(f"/files/{file.id}")
    again = browser.get(f"/files/{file.id}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
