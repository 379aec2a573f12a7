"""The pages of signing up and in, of one's own account, and of the people of a company."""

from flask import Flask

from tracktok.auth import queries
from tracktok.web import browser
from tracktok.web.frame import provide_frame
from tracktok.web.records import record_page

from . import account, arriving, people, signing
from .blueprint import blueprint
from .frame import frame_of_request


def init_app(app: Flask) -> None:
    """Register the pages, and say what stands in the frame around every page."""
    app.register_blueprint(blueprint)
    browser.init_app(app)
    provide_frame(app, frame_of_request)
    record_page("people", "person", names=queries.names_of_people)
    record_page("memberships", "membership", "auth.person", "membership_id", names=queries.names_of_members)
    record_page("invitations", "invitation", "auth.people")


__all__ = ["account", "arriving", "blueprint", "init_app", "people", "signing"]
