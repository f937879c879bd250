"""An administrator sets a client up in a real browser: company, calendar, line, and what a call would do."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from answering.accounts.models import StaffRole
from clients.models import Client, Line
from tests.browser.accessibility import expect_nothing_wrong
from tests.browser.conftest import NewPage
from tests.browser.house import RunningHouse
from tests.cast import make_user


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).first.click()


def test_a_client_a_calendar_and_a_line_are_set_up_and_tested(
    running_house: RunningHouse, open_page: NewPage, new_context: Callable[..., BrowserContext]
) -> None:
    context = new_context(viewport={"width": 1280, "height": 720})
    running_house.sign_in(context, make_user("Sandra Liepa", staff_role=StaffRole.ADMINISTRATOR))
    page = open_page(running_house.url + "/desk/", context=context)

    page.get_by_role("link", name="Calendars").click()
    expect_nothing_wrong(page)
    page.get_by_role("link", name="New calendar").click()
    page.get_by_label("Name").fill("Veikals Baltė")
    page.get_by_label("Time zone").select_option("Europe/Vilnius")
    page.get_by_label("Public holidays of").select_option("LT")
    page.get_by_label("Monday").fill("9-13, 12-18")
    save(page)
    expect(page.get_by_text("these hours overlap")).to_be_visible()
    expect_nothing_wrong(page)
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"):
        page.get_by_label(day).fill("9-13, 14-18")
    save(page)
    expect(page.get_by_role("heading", name="Veikals Baltė")).to_be_visible()
    expect(page.get_by_text("09:00–13:00").first).to_be_visible()
    page.get_by_label("Date", exact=True).fill("2031-12-23")
    page.get_by_role("textbox", name="Hours").fill("9-12")
    page.get_by_role("textbox", name="Why").fill("Inventorizacija")
    page.get_by_role("button", name="Save the exception").click()
    expect(page.get_by_text("Inventorizacija")).to_be_visible()
    expect_nothing_wrong(page)
    page.get_by_role("link", name="Lithuania").click()
    expect_nothing_wrong(page)

    page.get_by_role("link", name="Clients").click()
    expect_nothing_wrong(page)
    page.get_by_role("link", name="New client").click()
    page.get_by_label("Name").fill("Baltų namai")
    page.get_by_label("Country", exact=True).select_option("LT")
    page.get_by_label("VAT number").fill("LT 119511515")
    page.get_by_label("Language", exact=True).select_option("lt")
    page.get_by_label("Calendar", exact=True).select_option(label="Veikals Baltė")
    expect_nothing_wrong(page)
    save(page)
    expect(page.get_by_text("Baltų namai is a client now.")).to_be_visible()
    expect_nothing_wrong(page)

    page.get_by_role("navigation", name="Pages of this client").get_by_role("link", name="Lines").click()
    page.get_by_role("link", name="New line").click()
    page.get_by_label("Name", exact=True).fill("Parduotuvė")
    page.get_by_label("Address of its page").fill("baltu-namai")
    expect_nothing_wrong(page)
    save(page)
    expect(page.get_by_role("link", name="Parduotuvė", exact=True)).to_be_visible()
    expect_nothing_wrong(page)
    page.get_by_role("link", name="Test").click()
    page.get_by_label("When").fill("2031-12-24T19:00")
    page.get_by_label("From number").fill("+370 612 34567")
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_text("is outside the hours of the calendar “Veikals Baltė”")).to_be_visible()
    expect_nothing_wrong(page)

    page.get_by_role("link", name="Notices").click()
    page.get_by_role("link", name="New notice").click()
    page.get_by_role("textbox", name="Notice").fill("Streikas penktadienį")
    page.get_by_label("From").fill("2031-12-24T09:00")
    page.get_by_label("To", exact=True).fill("2031-12-24T18:00")
    expect_nothing_wrong(page)
    save(page)
    expect(page.get_by_text("Streikas penktadienį")).to_be_visible()
    expect_nothing_wrong(page)

    client = Client.objects.get(name="Baltų namai")
    assert client.vat_id == "LT119511515"
    assert Line.objects.get(slug="baltu-namai").calendar == client.calendar
