"""A company's logo and colour: what is taken, what becomes of it, where it is shown, and for whom."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.factories.documents import make_pdf, make_picture
from tests.factories.tenants import Company, set_tier
from tracktok.core.db import db
from tracktok.core.storage import storage
from tracktok.tenants import queries, services
from tracktok.tenants.rules import PostalAddress, tax_id_problem


def send(company: Company, stream: io.BytesIO, name: str = "logo.png"):
    return company.owner.api().put("/tenants/me/logo", data={"logo": (stream, name)})


def shown(company: Company) -> Image.Image:
    url = company.owner.api().get("/tenants/me").json["logo_url"]
    answer = company.owner.browser().get(url)
    assert answer.status_code == 200
    return Image.open(io.BytesIO(answer.get_data()))


def test_a_logo_is_drawn_anew_in_a_bounded_size(company: Company):
    note = PngInfo()
    note.add_text("Author", "somebody")
    made = io.BytesIO()
    Image.new("RGBA", (3000, 600), (0, 0, 128, 90)).save(made, "PNG", pnginfo=note)
    made.seek(0)
    answer = send(company, made)
    assert answer.status_code == 200, answer.json
    picture = shown(company)
    assert (picture.format, picture.size, picture.mode) == ("PNG", (800, 160), "RGBA")
    assert "Author" not in picture.info


def test_a_photograph_stands_upright_and_loses_its_metadata(company: Company):
    made, exif = io.BytesIO(), Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "secret place"
    Image.new("RGB", (100, 50), "navy").save(made, "JPEG", exif=exif)
    made.seek(0)
    assert send(company, made, "logo.gif").status_code == 200, "the name says nothing"
    picture = shown(company)
    assert (picture.format, picture.size) == ("JPEG", (50, 100))
    assert not picture.getexif()


@pytest.mark.parametrize(
    ("stream", "status", "code"),
    [
        (io.BytesIO(b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'), 415, "logo_refused"),
        (make_pdf(), 415, "logo_refused"),
        (make_picture("GIF"), 415, "logo_refused"),
        (io.BytesIO(make_picture("PNG").getvalue()[:60]), 415, "logo_refused"),
        (make_picture("PNG", (7000, 7000)), 413, "logo_too_large"),
        (make_picture("PNG", (15, 400)), 422, "invalid"),
        (io.BytesIO(b""), 422, "invalid"),
    ],
)
def test_what_is_no_logo_is_refused_at_its_field(company: Company, stream, status, code):
    answer = send(company, stream)
    assert answer.status_code == status
    assert answer.json["code"] == code
    assert [one["pointer"] for one in answer.json["errors"]] == ["/logo"]
    assert company.owner.api().get("/tenants/me").json["logo_url"] is None


def test_a_large_file_is_refused(company: Company, monkeypatch):
    monkeypatch.setattr("tracktok.tenants.services.branding.LARGEST", 100)
    answer = send(company, make_picture(size=(300, 300)))
    assert (answer.status_code, answer.json["code"]) == (413, "logo_too_large")


def test_another_logo_takes_the_first_ones_place_and_its_file(company: Company):
    send(company, make_picture())
    with company.owner.acting():
        first = queries.get_current().logo_key
        with storage().open(first) as kept:
            assert kept.read()
    before = company.owner.api().get("/tenants/me").json["logo_url"]
    send(company, make_picture(color="red"))
    after = company.owner.api().get("/tenants/me").json["logo_url"]
    assert after != before
    with company.owner.acting(), pytest.raises(Exception, match="Not found"):
        storage().open(first)
    assert company.owner.api().delete("/tenants/me/logo").status_code == 204
    assert company.owner.browser().get(after).status_code == 404


def test_what_is_rolled_back_leaves_no_file(company: Company, app):
    keys = []

    def fail() -> None:
        with company.owner.acting():
            keys.append(services.set_logo(make_picture()).logo_key)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with company.owner.acting(), pytest.raises(Exception, match="Not found"):
        storage().open(keys[0])


def test_the_page_takes_both_shows_them_and_takes_the_logo_away(company: Company):
    browser = company.owner.browser()
    data = {"accent_color": "#1F6FEB", "logo": (make_picture(), "logo.png")}
    assert browser.post("/settings/brand", data=data).status_code == 303
    page = browser.get("/settings").text
    url = company.owner.api().get("/tenants/me").json["logo_url"]
    assert page.count(f'src="{url}"') == 2, "in the frame and on the page"
    assert "/assets/brand/1f6feb.css" in page
    assert browser.get(url).headers["Cache-Control"].startswith("private")
    assert browser.post("/settings/logo/remove").status_code == 303
    assert url not in browser.get("/settings").text


def test_a_refused_logo_changes_no_colour_and_says_why(company: Company):
    browser = company.owner.browser()
    data = {"accent_color": "#1f6feb", "logo": (make_pdf(), "logo.png")}
    answer = browser.post("/settings/brand", data=data)
    assert answer.status_code == 415
    assert "no PNG or JPEG picture" in answer.text
    assert 'id="logo-error"' in answer.text
    assert company.owner.api().get("/tenants/me").json["accent_color"] == ""


def test_a_plan_without_branding_keeps_it_and_shows_it_not(company: Company):
    send(company, make_picture())
    company.owner.api().put("/tenants/me", json={"accent_color": "#1f6feb"})
    set_tier(company, "basic")
    refused = send(company, make_picture())
    assert (refused.status_code, refused.json["code"]) == (402, "not_in_plan")
    assert refused.json["upgrade_url"].endswith("/settings/plan")
    page = company.owner.browser().get("/settings").text
    assert "See the plans" in page
    assert "/company/logo/" not in page
    assert "/assets/brand/" not in page
    with company.owner.acting():
        look = queries.branding()
        assert (look.accent, look.logo_url, look.read_logo()) == ("#3f51c9", "", None)
    set_tier(company, "professional")
    with company.owner.acting():
        look = queries.branding()
        assert (look.accent, look.logo_type) == ("#1f6feb", "image/png")
        assert look.read_logo().startswith(b"\x89PNG")


@pytest.mark.rbac
def test_only_managers_change_it_and_only_the_companys_people_see_it(company: Company, other_company: Company, app):
    send(company, make_picture())
    url = company.owner.api().get("/tenants/me").json["logo_url"]
    for role in ("analyst", "member"):
        assert company.member(role).api().delete("/tenants/me/logo").status_code == 403
        assert company.member(role).browser().post("/settings/brand", data={}).status_code == 403
        assert company.member(role).browser().get(url).status_code == 200
    assert other_company.owner.browser().get(url).status_code == 404
    host = f"http://{company.subdomain}.tracktok.test"
    assert app.test_client().get(url, base_url=host).status_code == 302


def test_a_lost_file_is_told_as_none(company: Company):
    send(company, make_picture())
    with company.owner.acting():
        storage().delete(queries.get_current().logo_key)
        assert queries.branding().read_logo() is None
        db.session.rollback()


@pytest.mark.parametrize(
    ("color", "said"),
    [("#1f6feb", "can be read well"), ("#ffff00", "contrast of"), ("blue", "Write the colour like"), ("", "")],
)
def test_the_form_says_at_once_whether_a_colour_can_be_read(company: Company, color, said):
    answer = company.owner.browser().get("/settings/shade", query_string={"accent_color": color})
    assert said in answer.text
    assert ("<svg" in answer.text) == color.startswith("#")


def test_addresses_are_written_as_their_country_does():
    india = PostalAddress("14 Outer Ring Road", "Hebbal", "Bengaluru", "Karnataka", "560024", "IN")
    assert india.lines == ("14 Outer Ring Road", "Hebbal", "Bengaluru 560024, Karnataka", "India")
    assert PostalAddress(line1="Oranienstr. 25", city="Berlin", postal_code="10999", country="DE").lines == (
        "Oranienstr. 25",
        "10999 Berlin",
        "Germany",
    )
    assert PostalAddress().lines == ()


@pytest.mark.parametrize(
    ("tax_id", "country", "wrong"),
    [("27AAPFU0939F1ZV", "IN", False), ("27AAPFU0939F1ZX", "IN", True), ("27AAPFU0939F1ZX", "DE", False),
     ("", "IN", False), ("ACUPA7085R", "IN", False)],
)  # fmt: skip
def test_a_gstin_has_a_check_digit(tax_id, country, wrong):
    assert bool(tax_id_problem(tax_id, country)) is wrong


def test_a_wrong_gstin_is_refused_at_its_field(company: Company):
    answer = company.owner.api().put("/tenants/me", json={"tax_id": "27 AAPFU0939F1ZX"})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/tax_id"
