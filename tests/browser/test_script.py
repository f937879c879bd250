"""A branching script in a real browser: the agent goes through it by keys, the client sees what was answered."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from answering.accounts.models import StaffRole
from clients.models import FaqEntry
from clients.scripts import Act, AnswerType, Ask, Choice, Say, ScriptDefinition
from tests.browser.accessibility import expect_nothing_wrong
from tests.browser.conftest import NewPage
from tests.browser.house import RunningHouse
from tests.cast import make_member, make_user, publish_script, ring, talk
from tests.waiting import wait_until

CLINIC = ScriptDefinition(
    {"lv": "Labdien! {client.name}, mani sauc {agent.name}."},
    (
        Ask(
            "topic",
            "Iemesls",
            {"lv": "Vai zvanāt par pierakstu, recepti vai ko citu?"},
            AnswerType.CHOICE,
            True,
            (
                Choice("visit", {"lv": "Pieraksts"}, "day"),
                Choice("medicine", {"lv": "Recepte"}, "medicine_name"),
                Choice("other", {"lv": "Kas cits"}, "write"),
            ),
        ),
        Ask(
            "day",
            "Vēlamā diena",
            {"lv": "Kurā dienā Jums būtu ērti, {caller.name}?"},
            AnswerType.DATE,
            True,
            (),
            "write",
        ),
        Ask("medicine_name", "Zāles", {"lv": "Kā sauc zāles?"}, is_required=True),
        Act("write", "message", {"lv": "Pierakstiet vārdu un tālruni."}),
        Say("thanks", {"lv": "Paldies, {caller.name}!"}),
        Act("finish", "end"),
    ),
)


def test_an_agent_runs_a_branching_script_in_latvian_and_the_client_sees_the_answers(
    running_house: RunningHouse, new_context: Callable[..., BrowserContext], open_page: NewPage
) -> None:
    house = running_house.house
    house.agent.user.language = "lv"
    house.agent.user.save()
    publish_script(house.line.script, CLINIC)
    question = {"question": "Kur ir stāvvieta?", "answer": "Pagalmā, bez maksas.", "language": "lv"}
    FaqEntry.objects.create(client=house.client, **question)
    call = talk(ring(house.line), house.agent)
    context = new_context(viewport={"width": 1280, "height": 720})
    running_house.sign_in(context, house.agent.user)
    console = open_page(f"{running_house.url}/console/", context)
    expect(console.locator("html")).to_have_attribute("data-ready", "")
    script = console.locator("#script")
    expect(script.get_by_text("Vai zvanāt par pierakstu, recepti vai ko citu?")).to_be_visible()
    expect_nothing_wrong(console)
    console.evaluate("document.activeElement.blur()")

    console.keyboard.press("1")
    expect(script.get_by_text("Kurā dienā Jums būtu ērti, ….?".replace(".?", "?"))).to_be_visible()
    console.locator("[name=caller_name]").fill("Kristīne")
    expect(script.get_by_text("Kurā dienā Jums būtu ērti, Kristīne?")).to_be_visible()
    day = script.locator("[data-current] input[name=answer]")
    day.fill("30.02.2027")
    day.press("Enter")
    expect(script.get_by_role("alert")).to_be_visible()
    expect_nothing_wrong(console)
    day = script.locator("[data-current] input[name=answer]")
    day.fill("24.12.2026")
    wait_until(lambda: call.answers.filter(value="24.12.2026", is_given=False).exists(), 10)
    console.reload()
    expect(console.locator("html")).to_have_attribute("data-ready", "")
    day = script.locator("[data-current] input[name=answer]")
    expect(day).to_have_value("24.12.2026")
    day.press("Enter")
    expect(script.get_by_text("Pierakstiet vārdu un tālruni.")).to_be_visible()

    script.locator("summary", has_text="Iemesls").click()
    script.locator("details[open] button", has_text="Recepte").click()
    expect(script.get_by_text("Kā sauc zāles?")).to_be_visible()
    expect(script.get_by_text("2026-12-24")).to_have_count(0)
    medicine = script.locator("[data-current] input[name=answer]")
    expect(medicine).to_be_focused()
    medicine.fill("Bisoprolols 5 mg")
    medicine.press("Enter")
    expect(script.get_by_text("Pierakstiet vārdu un tālruni.")).to_be_visible()
    console.keyboard.press("k")
    expect(script.get_by_text("Paldies, Kristīne!")).to_be_visible()

    console.keyboard.press("f")
    console.locator("#faq-text").press_sequentially("stavviet")
    expect(console.get_by_text("Pagalmā, bez maksas.")).to_be_visible()
    expect_nothing_wrong(console)

    owner = new_context()
    running_house.sign_in(owner, make_member(house.client))
    page = open_page(f"{running_house.url}/portal/calls/{call.public_id}/", owner)
    answers = page.locator("section", has=page.locator("#answers-title"))
    expect(answers.get_by_text("Bisoprolols 5 mg")).to_be_visible()
    expect(answers.get_by_text("Vēlamā diena")).to_have_count(0)
    expect_nothing_wrong(page)


def test_an_administrator_edits_a_draft_and_tries_it_out_by_keys(
    running_house: RunningHouse, new_context: Callable[..., BrowserContext], open_page: NewPage
) -> None:
    script = running_house.house.line.script
    publish_script(script, CLINIC)
    administrator = make_user("Zane Liepa", staff_role=StaffRole.ADMINISTRATOR)
    context = new_context(viewport={"width": 1280, "height": 720})
    running_house.sign_in(context, administrator)
    page = open_page(f"{running_house.url}/desk/scripts/{script.public_id}/edit/", context)
    page.get_by_role("button", name="+ Say something").press("Enter")
    expect(page.get_by_text("The text is missing in LV.")).to_be_visible()
    expect_nothing_wrong(page)
    page.locator("#s5-text-lv").fill("Vēl kas?")
    page.locator("#s5-text-lv").press("Tab")
    page.get_by_role("button", name="Save", exact=True).last.press("Enter")
    expect(page.locator("#s5-text-lv")).to_have_value("Vēl kas?")
    page.evaluate("scrollTo(0, 0)")
    page.goto(f"{running_house.url}/desk/scripts/{script.public_id}/preview/")
    expect(page.get_by_text("Vai zvanāt par pierakstu, recepti vai ko citu?")).to_be_visible()
    expect_nothing_wrong(page)
    page.keyboard.press("2")
    expect(page.get_by_text("Kā sauc zāles?")).to_be_visible()
    page.goto(f"{running_house.url}/desk/scripts/{script.public_id}/")
    expect_nothing_wrong(page)
    page.emulate_media(color_scheme="dark")
    page.goto(f"{running_house.url}/desk/scripts/{script.public_id}/compare/")
    expect_nothing_wrong(page)
