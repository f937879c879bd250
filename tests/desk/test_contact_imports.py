"""Contacts from and to files at the desk: what is told, what can be corrected, who may."""

import re
from typing import Any
from urllib.parse import urljoin

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse

from clients.imports import work
from clients.imports.faults import Problem
from clients.imports.files import MOST_BYTES
from clients.models import Client, ContactImport, ImportState
from clients.services.contacts import ContactFields, NumberFields, add_contact
from tests.cast import House, make_client
from tests.desk.house_desk import supervisor, those_kept_out

FIRST = "+37129123456"
GOOD = f"Vārds;Nodaļa;Numurs 1\nJānis Kalns;Noliktava;{FIRST}\nŽanis;Noliktava;12\n"


def start(client: Client) -> str:
    return reverse("desk:imports", args=[client.public_id])


def upload(browser: Browser, client: Client, content: str | bytes, name: str = "people.csv") -> Any:
    content = content.encode() if isinstance(content, str) else content
    return browser.post(start(client), {"file": SimpleUploadedFile(name, content)}, follow=True)


def page_of(browser: Browser, action: str = "contact_import", **query: str) -> Any:
    job = ContactImport.objects.get()
    return browser.get(reverse(f"desk:{action}", args=[job.client.public_id, job.public_id]), query)


def post(browser: Browser, action: str, **fields: Any) -> Any:
    job = ContactImport.objects.get()
    return browser.post(reverse(f"desk:{action}", args=[job.client.public_id, job.public_id]), fields, follow=True)


def test_from_the_upload_to_the_result_and_back(house: House) -> None:
    browser = supervisor()
    page = upload(browser, house.client, GOOD.encode("windows-1257"), "C:\\lists\\darbinieki.csv")
    assert 'hx-trigger="every 1s"' in page.text
    assert "darbinieki.csv" in page.text
    work.carry_on()
    page = page_of(browser)
    assert "hx-trigger" not in page.text
    for told in ("Jānis Kalns", "Noliktava", "Import 1 row", "“12” is no telephone number", "department would be new"):
        assert told in page.text
    post(browser, "carry_out_import")
    work.carry_on()
    page = page_of(browser)
    assert "Take the import back" in page.text
    assert house.client.contacts.filter(name="Jānis Kalns").exists()
    log = browser.get(start(house.client)).text
    assert "darbinieki.csv" in log
    assert "Sandra Liepa" in log
    post(browser, "undo_import")
    work.carry_on()
    assert "Taken back" in page_of(browser).text
    assert house.client.contacts.count() == 1


def test_while_a_worker_is_busy_the_page_asks_for_its_part_only(house: House) -> None:
    browser = supervisor()
    upload(browser, house.client, GOOD)
    job = ContactImport.objects.get()
    address = reverse("desk:contact_import", args=[house.client.public_id, job.public_id])
    part = browser.get(address, headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert "<progress" in part.text
    assert "no-store" in part.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", Problem.EMPTY),
        (b"PK\x03\x04", Problem.WORKBOOK),
        (b"%PDF-1.7\n\0\0", Problem.BINARY),
        (b"x" * (MOST_BYTES + 1), Problem.TOO_LARGE),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_what_to_do(house: House, content: bytes, problem: Problem) -> None:
    page = upload(supervisor(), house.client, content)
    assert page.status_code == 422
    assert str(problem.label) in page.text
    assert not ContactImport.objects.exists()


def test_nothing_chosen_is_said(house: House) -> None:
    assert supervisor().post(start(house.client), {}).status_code == 422


def test_without_a_header_a_person_says_what_the_columns_are(house: House) -> None:
    browser = supervisor()
    page = upload(browser, house.client, f"Jānis Kalns,{FIRST}\n")
    assert "None of the columns has a name that is known here" in page.text
    assert FIRST in page.text
    fields = {"encoding": "utf-8", "separator": ",", "column-0": "name", "column-1": "number"}
    post(browser, "read_import", **fields)
    work.carry_on()
    assert ContactImport.objects.get().new_count == 1


def test_another_separator_shows_other_columns_and_another_encoding_other_letters(house: House) -> None:
    browser = supervisor()
    upload(browser, house.client, "Vārds,Nodaļa\nŽanis,Šķūnis\n".encode("windows-1257"))
    fields = {"encoding": "windows-1257", "has_header": "on", "column-0": "name", "column-1": "department"}
    work.carry_on()
    page = post(browser, "read_import", separator=";", **fields)
    assert str(Problem.ONE_COLUMN.label) in page.text
    post(browser, "read_import", separator=",", **fields)
    work.carry_on()
    assert "Žanis" in page_of(browser).text
    post(browser, "read_import", separator=",", **(fields | {"encoding": "iso-8859-1"}))
    work.carry_on()
    assert "Þanis" in page_of(browser).text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"column-0": "email", "column-1": "email"}, "is chosen for two columns"),
        ({"column-0": "shoe"}, "valid choice"),
        ({"encoding": "klingon"}, "valid choice"),
    ],
)
def test_a_wrong_choice_is_said_and_what_was_read_stays(house: House, wrong: dict[str, str], said: str) -> None:
    browser = supervisor()
    upload(browser, house.client, "Name,Department\nA,B\n")
    work.carry_on()
    fields = {"encoding": "utf-8", "separator": ",", "has_header": "on", "column-0": "name", "column-1": "department"}
    page = post(browser, "read_import", **(fields | wrong))
    assert (page.status_code, said in page.text) == (422, True)
    assert ContactImport.objects.get().state == ImportState.READY


def test_what_a_changed_person_was_and_will_be_stands_beside_each_other(house: House) -> None:
    add_contact(house.client, ContactFields("Anna", "lv", "Sales", email="a@b.test", numbers=(NumberFields(FIRST),)))
    browser = supervisor()
    upload(browser, house.client, f"Name,E-mail,Number\nAnna Ozola,a@b.test,{FIRST}\nJānis,,{FIRST}\n")
    work.carry_on()
    changed, new = page_of(browser, show="changed").text, page_of(browser, show="new").text
    assert "<del>Anna</del>" in changed
    assert "<ins>Anna Ozola</ins>" in changed
    assert "by e-mail" in changed
    assert "Jānis" not in changed
    assert "number in common with: line 2, Anna" in new


def test_all_or_nothing_with_a_fault_is_refused_with_what_to_do(house: House) -> None:
    browser = supervisor()
    upload(browser, house.client, GOOD)
    work.carry_on()
    page = post(browser, "carry_out_import", is_all_or_nothing="on")
    assert page.status_code == 422
    assert "so nothing was imported" in page.text
    assert house.client.contacts.count() == 1
    (faulty,) = re.findall(r'href="([^"]*show=faulty)"', page.text)
    assert "“12” is no telephone number" in browser.get(urljoin(page.request["PATH_INFO"], faulty)).text


def test_who_comes_second_is_told_and_nothing_is_done_twice(house: House) -> None:
    browser = supervisor()
    upload(browser, house.client, GOOD)
    work.carry_on()
    post(browser, "carry_out_import")
    for action in ("carry_out_import", "read_import", "discard_import", "undo_import"):
        fields = {"encoding": "utf-8", "separator": ";", "column-0": "name", "column-1": "", "column-2": ""}
        assert "has moved on" in post(browser, action, **fields).text
    work.carry_on()
    assert house.client.contacts.count() == 2


def test_a_file_is_deleted_when_somebody_says_so(house: House) -> None:
    browser = supervisor()
    upload(browser, house.client, GOOD)
    assert "Nothing was imported" in post(browser, "discard_import").text
    assert not ContactImport.objects.exists()


def test_a_long_preview_comes_in_pages_each_of_bounded_cost(
    house: House, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    browser = supervisor()
    upload(browser, house.client, "Name,Number\n" + "".join(f"P{n:02},{FIRST}\n" for n in range(40)))
    work.carry_on()
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        page = page_of(browser)
    assert ("P24" in page.text, "P25" in page.text) == (True, False)
    rest = page_of(browser, after="25")
    assert ("P24" in rest.text, "P39" in rest.text) == (False, True)
    assert page_of(browser, after="x", show="nonsense").status_code == 200


def test_the_export_is_a_file_named_after_client_and_day(house: House) -> None:
    address = reverse("desk:export_contacts", args=[house.client.public_id])
    answer = supervisor().get(address, {"for": "excel"})
    content = answer.getvalue().decode()
    assert content.startswith('\ufeff"ID";"Name"')
    assert "Līga Bērziņa" in content
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''Kl%C4%ABnika-Sirds-contacts-")
    assert supervisor().get(address, {"for": "others"}).getvalue().decode().startswith('"ID","Name"')


def test_nobody_else_finds_an_import_or_the_export(house: House) -> None:
    browser = supervisor()
    upload(browser, house.client, GOOD)
    work.carry_on()
    job = ContactImport.objects.get()
    mine = (house.client.public_id, job.public_id)
    pages = [
        start(house.client),
        reverse("desk:export_contacts", args=mine[:1]),
        reverse("desk:contact_import", args=mine),
    ]
    acts = [
        reverse(f"desk:{name}", args=mine)
        for name in ("read_import", "carry_out_import", "undo_import", "discard_import")
    ]
    for other in those_kept_out(house):
        assert [other.get(address).status_code for address in pages] == [404] * 3
        assert [other.post(address).status_code for address in acts] == [404] * 4
    assert [Browser().get(address).status_code for address in pages] == [302] * 3
    elsewhere = reverse("desk:contact_import", args=[make_client("Svešais").public_id, job.public_id])
    assert browser.get(elsewhere).status_code == 404
    assert ContactImport.objects.get().state == ImportState.READY
