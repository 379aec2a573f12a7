"""Which tenants a sweep or a command goes through. The tenants area says how they are found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from .errors import NotFound
from .tenancy import door


@dataclass(frozen=True, slots=True)
class CompanyName:
    """A tenant, as commands name it."""

    id: UUID
    subdomain: str


ListAll = Callable[[], Iterable[tuple[UUID, str]]]
_list_all: ListAll | None = None


def provide_companies(list_all: ListAll) -> None:
    """The tenants area says here who there is: `(id, subdomain)` of every tenant, called inside the door."""
    global _list_all  # noqa: PLW0603 - set once, by the factory
    _list_all = list_all


def every_company(reason: str) -> list[CompanyName]:
    """Every tenant, also those that are suspended; `reason` is logged with the opening of the door."""
    with door(reason):
        return [CompanyName(*row) for row in (_list_all() if _list_all else ())]


def chosen_companies(selector: str | None, reason: str) -> list[CompanyName]:
    """The tenant with this subdomain or id, or every tenant. Raises NotFound."""
    everyone = every_company(reason)
    if selector is None:
        return everyone
    found = [one for one in everyone if selector.lower() in {one.subdomain.lower(), str(one.id)}]
    if not found:
        raise NotFound(f"There is no tenant {selector}.")
    return found
