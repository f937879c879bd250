"""What was taken down for the company, on one page: by telephone, by SMS, and calls that nobody took."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

from answering.accounts.models import User
from answering.lib import clock
from answering.portal.paging import PAGE_SIZE
from calls.models import TextMessage
from calls.services import end_call
from inquiries.models import Inquiry, InquiryKind, Urgency
from inquiries.services import MessageFields, request_from_text, take_message
from tests.cast import House, make_client, make_line, make_member, ring, talk
from tests.portal.test_company_calls import signed_in

PAGE = reverse("portal:messages")


@pytest.fixture
def owner(house: House) -> User:
    return make_member(house.client)


def sms(house: House, text: str, *, attachments: int = 0) -> Inquiry:
    row = TextMessage.objects.create(
        client=house.client,
        line=house.line,
        carrier="twilio",
        sender_number="+37126123456",
        text=text,
        attachments=attachments,
        carrier_event_key=f"SM{text}:inbound",
    )
    return request_from_text(row.pk)


def shown(browser: Browser, query: str = "") -> str:
    page = browser.get(PAGE + query)
    assert page.status_code == 200
    return page.text


def test_messages_by_telephone_and_by_sms_stand_together(house: House, owner: User) -> None:
    call = talk(ring(house.line, name="Kristīne"), house.agent)
    fields = MessageFields("Kristīne", "+37126123456", "Lūdzu pārcelt vizīti.", Urgency.NORMAL, None)
    take_message(call, agent=house.agent, fields=fields)
    end_call(call.pk, agent=house.agent)
    sms(house, "Vai esat atvērti sestdien?", attachments=1)
    page = shown(signed_in(owner))
    assert "Lūdzu pārcelt vizīti." in page
    assert reverse("portal:call", args=[call.public_id]) in page
    assert "Vai esat atvērti sestdien?" in page
    assert "attachments" in page


def test_without_any_the_page_says_what_will_be_here(owner: User) -> None:
    assert "No messages yet" in shown(signed_in(owner))


def test_another_company_s_messages_are_not_there(house: House) -> None:
    sms(house, "Tikai Sirdij")
    other = make_client("Baltė")
    make_line(other)
    assert "Tikai Sirdij" not in shown(signed_in(make_member(other)))


def test_a_member_without_the_right_finds_nothing(house: House) -> None:
    member = make_member(house.client, role="member", may_see_calls=False)
    assert signed_in(member).get(PAGE).status_code == 404


def test_staff_find_nothing(house: House) -> None:
    assert signed_in(house.agent.user).get(PAGE).status_code == 404


def test_pages_follow_each_other_with_a_bounded_number_of_queries(
    house: House, owner: User, django_assert_max_num_queries: object
) -> None:
    now = clock.now()
    Inquiry.objects.bulk_create(
        Inquiry(
            client=house.client,
            kind=InquiryKind.MESSAGE,
            language="lv",
            text=f"No. {number}.",
            search_key="",
            due_at=now,
        )
        for number in range(PAGE_SIZE + 1)
    )
    browser = signed_in(owner)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        first = shown(browser)
    assert "No. 0." not in first
    last = Inquiry.objects.get(text="No. 1.")
    second = shown(browser, f"?before={last.public_id}")
    assert "No. 0." in second
    assert "No. 1." not in second
