"""From nothing to a taken call: an administrator sets a client up, a caller calls, the client reads the message."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from answering.accounts.models import StaffRole
from calls.models import Call
from clients.models import Client, Line
from tests.browser.conftest import NewPage
from tests.browser.house import RunningHouse
from tests.browser.phone import expect_screen, press
from tests.cast import make_agent, make_member, make_user

WORDS = "Vēlas vizīti pie zobārsta, vislabāk no rīta."


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).last.click()


def tab(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Pages of this client").get_by_role("link", name=name).click()


def make_the_client(page: Page) -> None:
    """Hours, company, and the line with an empty script."""
    page.get_by_role("link", name="Calendars").click()
    page.get_by_role("link", name="New calendar").click()
    page.get_by_label("Name").fill("Zobārstniecība Balta")
    page.get_by_label("Time zone").select_option("Europe/Riga")
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"):
        page.get_by_label(day).fill("0:00-24:00")
    save(page)
    page.get_by_role("link", name="Clients").click()
    page.get_by_role("link", name="New client").click()
    page.get_by_label("Name").fill("Zobārstniecība Balta")
    page.get_by_label("Country", exact=True).select_option("LV")
    page.get_by_label("Language", exact=True).select_option("lv")
    page.get_by_label("Calendar", exact=True).select_option(label="Zobārstniecība Balta")
    save(page)
    tab(page, "Contacts")
    page.get_by_role("link", name="New contact").click()
    page.get_by_label("Name", exact=True).fill("Ilze Krūma")
    page.get_by_label("E-mail").fill("ilze@balta.example")
    save(page)
    tab(page, "Lines")
    page.get_by_role("link", name="New line").click()
    page.get_by_label("Name", exact=True).fill("Reģistratūra")
    page.get_by_label("Address of its page").fill("balta")
    save(page)


def write_the_script(page: Page) -> None:
    """A question with two ways, both of which end in a message; checked, tried out, published."""
    tab(page, "Scripts")
    page.get_by_role("link", name="Reģistratūra").click()
    page.get_by_role("link", name="New draft").click()
    page.locator("#greeting-text-lv").fill("Labdien, {client.name}! Mani sauc {agent.name}.")
    page.get_by_role("button", name="+ Ask with choices").click()
    page.locator("#s0-name").fill("Iemesls")
    page.locator("#s0-text-lv").fill("Vai zvanāt par pierakstu vai rēķinu?")
    page.locator("#s0-c0-text-lv").fill("Pieraksts")
    page.locator("#s0-c1-text-lv").fill("Rēķins")
    page.get_by_role("button", name="+ Ask a question").click()
    page.locator("#s1-name").fill("Ārsts")
    page.locator("#s1-text-lv").fill("Pie kura ārsta?")
    for action in ("message", "end"):
        page.get_by_role("button", name="+ Do something").click()
        place = page.locator("select[name$=-action]").count() + 1
        page.locator(f"#s{place}-action").select_option(action)
    page.locator("#s0-c1-next").select_option(label="3. Take a message")
    save(page)
    expect(page.get_by_text("Ready to publish")).to_be_visible()
    page.get_by_role("link", name="Preview").click()
    expect(page.get_by_text("Vai zvanāt par pierakstu vai rēķinu?")).to_be_visible()
    page.wait_for_load_state()  # keys are heard from then on
    page.keyboard.press("2")
    expect(page.locator("[data-action=write]")).to_be_visible()
    page.get_by_role("link", name="Reģistratūra").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published. Calls that begin now use it.")).to_be_visible()


def test_a_client_is_set_up_from_nothing_and_its_first_caller_is_answered(
    running_house: RunningHouse, open_page: NewPage, new_context: Callable[..., BrowserContext]
) -> None:
    desk = new_context(viewport={"width": 1280, "height": 720})
    running_house.sign_in(desk, make_user("Sandra Liepa", staff_role=StaffRole.ADMINISTRATOR))
    page = open_page(running_house.url + "/desk/", context=desk)
    make_the_client(page)
    write_the_script(page)
    client, line = Client.objects.get(name="Zobārstniecība Balta"), Line.objects.get(slug="balta")

    agent = make_agent(clients=(client,))  # staff and clearances have no page of their own yet
    agents = new_context(viewport={"width": 1280, "height": 720})
    running_house.sign_in(agents, agent.user)
    console = open_page(f"{running_house.url}/console/", context=agents)
    expect(console.locator("html")).to_have_attribute("data-ready", "")
    caller = open_page(f"{running_house.url}/phone/{line.slug}/?language=en")
    press(caller, "Call Zobārstniecība Balta")
    console.locator('[data-action="answer"]').first.click()
    expect_screen(caller, "talking")
    script = console.locator("#script")
    script.get_by_text("Pieraksts").click()
    answer = script.locator("[data-current] input[name=answer]")
    answer.fill("Dr. Kalniņš")
    answer.press("Enter")
    expect(script.locator("[data-action=write]")).to_be_visible()
    console.locator("#message-form [name=text]").fill(WORDS)
    console.locator('[data-action="message"]').first.click()
    expect(console.locator("#message-form [name=text]")).not_to_have_value(WORDS)
    console.locator('[data-action="end"]').first.click()
    expect_screen(caller, "ended")

    owner = new_context()
    running_house.sign_in(owner, make_member(client))
    call = Call.objects.get()
    portal = open_page(f"{running_house.url}/portal/calls/{call.public_id}/", context=owner)
    for text in (WORDS, "Pieraksts", "Dr. Kalniņš"):
        expect(portal.get_by_text(text).first).to_be_visible()
