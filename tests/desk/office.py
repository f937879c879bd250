"""People at the desk, and forms filled in as a browser would."""

from typing import Any

from django.http import HttpResponse
from django.test import Client as Browser

from answering.accounts.models import StaffRole
from tests.cast import make_user


def signed_in_as(role: StaffRole, name: str = "Sandra Liepa") -> Browser:
    browser = Browser()
    browser.force_login(make_user(name, staff_role=role))
    return browser


def administrator() -> Browser:
    return signed_in_as(StaffRole.ADMINISTRATOR)


def filled_in(page: Any, **changes: object) -> dict[str, object]:
    """What the form on the page would post, with some fields changed."""
    form = page.context["form"]
    values = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
    return {name: value for name, value in (values | changes).items() if value is not None}


def answer(response: HttpResponse) -> tuple[int, str]:
    return response.status_code, response.content.decode()
