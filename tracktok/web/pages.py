"""Wires everything that pages need into the application."""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

from . import (
    addresses,
    assets,
    charts,
    components,
    csrf,
    errors,
    filters,
    frame,
    icons,
    navigation,
    problems,
    records,
    render,
    saved,
    security,
    statuses,
    views,
)
from .gallery import views as gallery
from .guide import views as guide

SMALLEST_TO_COMPRESS = 1400  # what fits in one packet gains nothing


def compress_pages(response: Response) -> Response:
    """Send pages compressed: a list of 50 rows shrinks to an eighth.

    Session cookies are SameSite=Lax, so another site cannot make a browser ask for a person's pages and measure them
    (the attack that makes compression of secrets unsafe).
    """
    squeezable = (
        response.mimetype == "text/html"
        and "gzip" in request.headers.get("Accept-Encoding", "")
        and not response.is_streamed
        and not response.direct_passthrough
        and "Content-Encoding" not in response.headers
    )
    if squeezable and len(body := response.get_data()) >= SMALLEST_TO_COMPRESS:
        response.set_data(gzip.compress(body, 5, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
    return response


def init_app(app: Flask) -> None:
    """Register all that pages are made of, the guide, and (outside production) the gallery of components."""
    # Flask runs what is registered last first: compression must see the finished answer.
    app.after_request(compress_pages)
    csrf.init_app(app)
    security.init_app(app)
    render.init_app(app)
    problems.provide_page_renderer(errors.refusal_page)
    in_production = app.config.get("TRACKTOK_ENV") == "production"
    app.extensions["tracktok_assets"] = assets.Assets(watch=not in_production)
    app.register_blueprint(views.blueprint)
    app.register_blueprint(assets.blueprint)
    app.register_blueprint(guide.blueprint)
    if not in_production:
        app.register_blueprint(gallery.blueprint)
    environment = app.jinja_env
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.filters.update(filters.FILTERS)
    environment.globals.update(filters.GLOBALS)
    environment.globals.update(
        icon=icons.icon,
        asset_url=assets.asset_url,
        frame=frame.frame,
        side_bar=navigation.side_bar,
        new_menu=navigation.new_menu,
        settings_menu=navigation.settings_menu,
        waiting_toasts=render.waiting_toasts,
        address=addresses.address,
        sort_href=addresses.sort_href,
        without=addresses.without,
        chart_data=charts.chart_data,
        status_tone=statuses.tone_of,
        status_words=statuses.words_of,
        history_href=records.history_href,
        saved_views=saved.saved_views,
        save_view_url=saved.save_view_url,
    )
    components.init_app(app)
