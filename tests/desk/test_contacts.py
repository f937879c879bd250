"""A client's contacts at the desk: found, added, changed, their numbers put in order."""

from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from django.urls import reverse

from clients.errors import ChangedMeanwhile, DefaultContactNeeded
from clients.models import Client, Contact, ContactNumber, Department
from clients.services.contacts import ContactFields, NumberFields, add_contact, change_contact
from tests.cast import House, make_client
from tests.desk.house_desk import supervisor, those_kept_out

FIRST, SECOND = "+37129123456", "+37167000002"


def filled(*numbers: tuple[str, str], revision: int = 0, **fields: Any) -> dict[str, Any]:
    """The form as a browser posts it."""
    rows = {
        "numbers-TOTAL_FORMS": str(len(numbers)),
        "numbers-INITIAL_FORMS": "0",
        "numbers-MIN_NUM_FORMS": "0",
        "numbers-MAX_NUM_FORMS": "8",
    }
    for index, (number, label) in enumerate(numbers):
        rows |= {f"numbers-{index}-number": number, f"numbers-{index}-label": label}
    return rows | {"name": "Jānis Kalns", "language": "lv", "revision": str(revision)} | fields


def new_address(client: Client) -> str:
    return reverse("desk:new_contact", args=[client.public_id])


def address_of(contact: Contact) -> str:
    return reverse("desk:contact", args=[contact.client.public_id, contact.public_id])


def test_a_contact_is_added_with_department_and_numbers_in_order(house: House) -> None:
    fields = filled((FIRST, "mobile"), ("67000002", "office"), department="Sales", also_speaks=["en"], email="j@k.test")
    answer = supervisor().post(new_address(house.client), fields | {"numbers-0-gets_urgent_sms": "on"}, follow=True)
    assert answer.status_code == 200
    contact = house.client.contacts.get(name="Jānis Kalns")
    assert [(str(n), n.label, n.gets_urgent_sms) for n in contact.numbers.all()] == [
        (FIRST, "mobile", True),
        (SECOND, "office", False),
    ]
    assert (str(contact.department), contact.languages, contact.is_default) == ("Sales", ["lv", "en"], False)
    assert "+371 29 123 456" in answer.text


def test_the_first_contact_of_a_client_is_its_default(house: House) -> None:
    client = house.client
    client.contacts.all().delete()
    assert add_contact(client, ContactFields("Jānis", "lv")).is_default


def test_a_button_moves_a_number_and_saves_nothing(house: House) -> None:
    fields = filled((FIRST, "mobile"), (SECOND, "office")) | {"numbers-0-gets_urgent_sms": "on"}
    page = supervisor().post(new_address(house.client), fields | {"move": "1-up"}).text
    assert page.index(SECOND) < page.index(FIRST)
    assert page.index('name="numbers-1-gets_urgent_sms"') < page.index("checked", page.index("numbers-1-gets"))
    assert house.client.contacts.count() == 1


@pytest.mark.parametrize("move", ["9-up", "0-up", "7-down", "-1-up", "x", "99999999999999999999-down", "²-up"])
def test_a_move_that_cannot_be_leaves_the_form_as_it_is(house: House, move: str) -> None:
    fields = filled((FIRST, "mobile"), (SECOND, "office"), move=move)
    page = supervisor().post(new_address(house.client), fields)
    assert page.status_code == 200
    assert page.text.index(FIRST) < page.text.index(SECOND)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (filled(("12", "")), "no telephone number"),
        (filled((FIRST, ""), (FIRST, "again")), "stands here twice"),
        (filled(name=""), "required"),
        (filled(email="janis@"), "valid email"),
        (filled(language="xx"), "valid choice"),
        (filled(also_speaks=["xx"]), "valid choice"),
        (filled(calendar="999999"), "valid choice"),
        (filled(name="x" * 121), "at most 120"),
        (
            filled((FIRST, ""), (SECOND, "")) | {"numbers-0-gets_urgent_sms": "on", "numbers-1-gets_urgent_sms": "on"},
            "Only one number",
        ),
    ],
)
def test_bad_input_is_said_and_nothing_is_written(house: House, wrong: dict[str, Any], said: str) -> None:
    answer = supervisor().post(new_address(house.client), wrong)
    assert answer.status_code == 422
    assert said in answer.text
    assert house.client.contacts.count() == 1


def test_departments_are_one_whatever_the_case_and_go_with_their_last_person(house: House) -> None:
    first = add_contact(house.client, ContactFields("A", "lv", department="Sales"))
    second = add_contact(house.client, ContactFields("B", "lv", department="SALES"))
    assert first.department == second.department
    for contact in (first, second):
        change_contact(contact, ContactFields(contact.name, "lv"), revision=1)
    assert not Department.objects.exists()


def test_of_two_who_edit_the_second_is_told(house: House) -> None:
    contact = house.client.contacts.get()
    mine = filled((FIRST, ""), revision=contact.revision, name="Mine", is_default="on")
    yours = filled((SECOND, ""), revision=contact.revision, name="Yours", is_default="on")
    browser = supervisor()
    assert browser.post(address_of(contact), mine).status_code == 302
    answer = browser.post(address_of(contact), yours)
    assert answer.status_code == 422
    assert "Somebody else has saved this" in answer.text
    contact.refresh_from_db()
    assert (contact.name, str(contact.numbers.get())) == ("Mine", FIRST)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_exactly_one_wins(live_house: House) -> None:
    contact = live_house.client.contacts.get()
    gate, results = Barrier(2), []

    def save(name: str) -> None:
        gate.wait()
        try:
            change_contact(contact, ContactFields(name, "lv", is_default=True), revision=1)
            results.append("saved")
        except ChangedMeanwhile:
            results.append("told")
        finally:
            connection.close()

    threads = [Thread(target=save, args=(name,)) for name in ("One", "Two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["saved", "told"]


def test_somebody_is_always_the_default_contact(house: House) -> None:
    default = house.client.contacts.get()
    with pytest.raises(DefaultContactNeeded):
        change_contact(default, ContactFields("Līga", "lv"), revision=1)
    other = add_contact(house.client, ContactFields("Jānis", "lv", is_default=True))
    assert house.client.contacts.get(is_default=True) == other


def test_the_database_refuses_a_department_of_another_client(house: House) -> None:
    stranger = Department.objects.create(client=make_client("Svešais"), name="Sales")

    def move_there() -> None:
        Contact.objects.update(department=stranger)
        connection.check_constraints()

    with pytest.raises(IntegrityError), transaction.atomic():
        move_there()


def test_contacts_are_found_by_name_without_accents_and_by_digits(house: House) -> None:
    add_contact(house.client, ContactFields("Žanis Čakste", "lv", numbers=(NumberFields(FIRST),)))
    browser = supervisor()
    for asked, is_found in (("cakste", True), ("29 123", True), ("nobody", False), ("55555", False)):
        page = browser.get(reverse("desk:contacts", args=[house.client.public_id]), {"q": asked}).text
        assert ("Žanis Čakste" in page) == is_found


def test_a_long_list_comes_in_pages_each_of_bounded_cost(
    house: House, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for number in range(60):
        add_contact(house.client, ContactFields(f"P{number:02}", "lv", numbers=(NumberFields(FIRST),)))
    browser, address = supervisor(), reverse("desk:contacts", args=[house.client.public_id])
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        first = browser.get(address)
    assert ("P48" in first.text, "P49" in first.text) == (True, False)
    rest = browser.get(address, {"after": first.context["page"].after}).text
    assert ("P48" in rest, "P59" in rest) == (False, True)
    assert browser.get(address, {"after": "nonsense"}).status_code == 200


def test_nobody_else_finds_the_contacts(house: House) -> None:
    contact = house.client.contacts.get()
    addresses = (
        reverse("desk:people"),
        reverse("desk:contacts", args=[house.client.public_id]),
        new_address(house.client),
        address_of(contact),
    )
    for browser in those_kept_out(house):
        assert [browser.get(address).status_code for address in addresses] == [404] * 4
        assert browser.post(address_of(contact), filled(revision=1)).status_code == 404
    assert Browser().get(addresses[1]).status_code == 302


def test_a_contact_is_not_found_under_another_client_nor_once_gone(house: House) -> None:
    stranger = make_client("Svešais").contacts.get()
    wrong = reverse("desk:contact", args=[house.client.public_id, stranger.public_id])
    assert supervisor().get(wrong).status_code == 404
    contact = house.client.contacts.get()
    assert supervisor().get(address_of(contact)).status_code == 200
    Contact.objects.update(left_at="2026-01-01T00:00Z")
    assert supervisor().get(address_of(contact)).status_code == 404


def test_two_numbers_of_a_contact_never_share_a_place(house: House) -> None:
    contact = house.client.contacts.get()
    ContactNumber.objects.create(contact=contact, position=1, number=FIRST)

    def put_there() -> None:
        ContactNumber.objects.create(contact=contact, position=1, number=SECOND)
        connection.check_constraints()

    with pytest.raises(IntegrityError), transaction.atomic():
        put_there()
