"""Browsers of those who come to the desk: a supervisor, and who must find nothing there."""

from collections.abc import Iterator

from django.test import Client as Browser

from answering.accounts.models import StaffRole, User
from tests.cast import House, make_member, make_user


def signed_in(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def supervisor() -> Browser:
    return signed_in(make_user("Sandra Liepa", staff_role=StaffRole.SUPERVISOR))


def those_kept_out(house: House) -> Iterator[Browser]:
    """An agent, the client's own owner, and a user who is nothing at all."""
    for user in (house.agent.user, make_member(house.client), make_user("Svešais")):
        yield signed_in(user)
