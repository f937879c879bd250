"""Signing in, through HTTP as a person does it."""

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import Settings

from answering.accounts.models import StaffRole, User
from tests.cast import PASSWORD, House, make_member, make_user


def sign_in(browser: Browser, user: User, password: str = PASSWORD) -> int:
    answer = browser.post(reverse("account_login"), {"login": user.email, "password": password})
    return int(answer.status_code)


@pytest.mark.django_db
def test_the_right_password_signs_in_whatever_the_case_of_the_address() -> None:
    user = make_user()
    browser = Browser()
    answer = browser.post(reverse("account_login"), {"login": user.email.upper(), "password": PASSWORD})
    assert answer.status_code == 302
    assert browser.session["_auth_user_id"] == str(user.pk)


@pytest.mark.django_db
def test_after_five_wrong_passwords_even_the_right_one_is_refused() -> None:
    user, browser = make_user(), Browser()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sign_in(browser, user, "wrong")
    assert sign_in(browser, user) == 429
    assert "_auth_user_id" not in browser.session


@pytest.mark.django_db
def test_a_lock_out_is_for_one_person_only() -> None:
    victim, other = make_user(), make_user("Jānis Liepa")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sign_in(Browser(), victim, "wrong")
    assert sign_in(Browser(), other) == 302


@pytest.mark.django_db
def test_behind_the_proxy_a_lock_out_is_for_the_address_that_the_proxy_saw(settings: Settings) -> None:
    settings.IS_HTTPS = True
    user = make_user()
    attacker, owner = (Browser(headers={"X-Forwarded-For": f"10.9.9.9, {seen}"}) for seen in ("192.0.2.7", "192.0.2.8"))
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sign_in(attacker, user, "wrong")
    assert sign_in(attacker, user) == 429
    assert sign_in(owner, user) == 302


@pytest.mark.django_db
def test_behind_the_proxy_a_whole_house_may_sign_in_at_once(settings: Settings) -> None:
    settings.IS_HTTPS = True
    user = make_user()
    answers = [sign_in(Browser(headers={"X-Forwarded-For": f"192.0.2.{number}"}), user) for number in range(40)]
    assert set(answers) == {302}


@pytest.mark.django_db
def test_nobody_signs_themselves_up() -> None:
    page = Browser().get(reverse("account_signup"))
    assert "<form" not in page.text.split("<main", 1)[-1].split("account_login")[0] or "password1" not in page.text


@pytest.mark.django_db
def test_a_closed_account_cannot_sign_in() -> None:
    user, browser = make_user(is_active=False), Browser()
    sign_in(browser, user)
    assert "_auth_user_id" not in browser.session


def test_each_role_is_sent_to_its_screen(house: House) -> None:
    screens = {
        house.agent.user: "/console/",
        make_user("Sandra Liepa", staff_role=StaffRole.SUPERVISOR): "/desk/live/",
        make_user("Andris Zars", staff_role=StaffRole.ADMINISTRATOR): "/desk/live/",
        make_member(house.client): "/portal/",
    }
    for user, screen in screens.items():
        browser = Browser()
        browser.force_login(user)
        assert browser.get(reverse("home"))["Location"] == screen


@pytest.mark.django_db
def test_the_chosen_language_stays_with_the_person() -> None:
    user, browser = make_user(), Browser()
    browser.force_login(user)
    browser.post(reverse("choose_language"), {"language": "el", "next": "/"})
    user.refresh_from_db()
    assert user.language == "el"
    browser.post(reverse("choose_language"), {"language": "xx"})
    user.refresh_from_db()
    assert user.language == "el"


@pytest.mark.django_db
def test_a_second_factor_can_be_set_up() -> None:
    user, browser = make_user(), Browser()
    sign_in(browser, user)
    assert browser.get(reverse("mfa_index")).status_code == 200


@pytest.mark.django_db
def test_every_page_carries_a_strict_content_security_policy() -> None:
    policy = Browser().get(reverse("account_login"))["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
