import pytest
from django.contrib import admin
from django.test import Client as Browser
from django.urls import reverse

from answering.accounts.models import User
from tests.cast import House, make_user

PAGES = [model for model in admin.site._registry if model._meta.app_label not in ("axes", "account", "mfa", "auth")]


@pytest.fixture
def keeper(house: House) -> Browser:
    browser = Browser()
    browser.force_login(User.objects.create_superuser("keeper@example.test", full_name="Kārlis Sargs"))
    return browser


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label_lower)
def test_every_list_of_the_hatch_opens(keeper: Browser, model: type) -> None:
    meta = model._meta  # type: ignore[attr-defined]
    assert keeper.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")).status_code == 200


def test_a_client_and_its_published_script_can_be_looked_at(keeper: Browser, house: House) -> None:
    assert keeper.get(reverse("admin:clients_client_change", args=[house.client.pk])).status_code == 200
    version = house.line.script.versions.get()
    page = keeper.get(reverse("admin:clients_scriptversion_change", args=[version.pk]))
    assert page.status_code == 200
    assert 'name="greeting"' not in page.text


def test_the_hatch_is_closed_to_agents_and_supervisors(house: House) -> None:
    for user in (house.agent.user, make_user(staff_role="supervisor")):
        browser = Browser()
        browser.force_login(user)
        assert browser.get(reverse("admin:index")).status_code in (302, 403, 404)
