"""Every page as every role: nothing in the console, no other host, WCAG 2.2 AA, no sideways scrolling, no cut text."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories.tenants import Company

from .conftest import Camera, Routes, Visitor, visitor

ALIKE = ("gallery.", "guide.", "error_")
WIDE_AND_NARROW = (1440, 390)


def complaints(camera: Camera) -> str:
    return "\n".join(str(finding) for finding in camera.findings)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", ["owner", "analyst", "member"])
def test_pages_of_an_empty_company(app: Flask, camera: Camera, company: Company, role: str):
    # The gallery, the guide and the errors are the same for everybody.
    routes = Routes(app, without=() if role == "owner" else ALIKE)
    looked = camera.look(routes, visitor(company.member(role)), widths=WIDE_AND_NARROW, every_setting=False)
    assert looked > 10 or role != "owner"
    assert not camera.findings, complaints(camera)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_pages_for_nobody(app: Flask, camera: Camera):
    camera.look(Routes(app, without=ALIKE), Visitor("nobody"), widths=WIDE_AND_NARROW, every_setting=False)
    assert not camera.findings, complaints(camera)
