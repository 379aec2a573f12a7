"""Absolute addresses of pages, for mails, hand-offs between subdomains and API answers."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app


def tenant_link(subdomain: str, path: str = "/") -> str:
    """The address of a page of a tenant, such as `https://acme.example.com/settings/plan`."""
    config = current_app.config
    return f"{config['URL_SCHEME']}://{subdomain}.{config['BASE_DOMAIN']}{path}"


def base_link(path: str = "/") -> str:
    """The address of a page of the bare domain, where no tenant is chosen."""
    config = current_app.config
    return f"{config['URL_SCHEME']}://{config['BASE_DOMAIN']}{path}"


def own_path(target: str | None, otherwise: str = "/") -> str:
    r"""`target` if it is a path of our own site (what `next=` may name), else `otherwise`.

    `//host`, `/\\host` and whatever has a scheme, a host or a control character lead elsewhere and are refused.
    """
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or not target.isprintable():
        return otherwise
    try:
        parts = urlsplit(target)
    except ValueError:
        return otherwise
    return otherwise if parts.scheme or parts.netloc or "\\" in target else target
