"""The agent's console in a real browser, by keyboard alone."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from answering.accounts.models import Agent, Presence
from answering.lib import clock
from answering.push.channels import agent_channel
from answering.push.hints import hint
from calls.models import Call, CallOffer
from calls.services import caller_hung_up, claim_call, end_call
from inquiries.models import Inquiry, MessageDraft
from tests.browser.accessibility import expect_nothing_wrong
from tests.browser.conftest import NewPage
from tests.browser.house import RunningHouse
from tests.browser.phone import expect_sound
from tests.cast import make_agent, publish_script, ring, said, talk
from tests.waiting import wait_until

NewContext = Any


class Desk:
    """An agent's browser, signed in, with as many windows as wanted."""

    def __init__(self, house: RunningHouse, context: BrowserContext, open_page: NewPage) -> None:
        self.house, self.context, self.open_page = house, context, open_page
        house.sign_in(context, house.house.agent.user)

    def open(self) -> Page:
        """A window of the console that holds the agent and hears of what happens."""
        page = self.open_page(f"{self.house.url}/console/", self.context)
        expect(page.locator("html")).to_have_attribute("data-ready", "")
        return page


@pytest.fixture
def desk(running_house: RunningHouse, new_context: NewContext, open_page: NewPage) -> Desk:
    return Desk(running_house, new_context(viewport={"width": 1280, "height": 720}), open_page)


@pytest.fixture
def caller(running_house: RunningHouse, open_page: NewPage) -> Page:
    return open_page(running_house.phone_url)


def expect_stage(page: Page, kind: str) -> None:
    expect(page.locator("#stage")).to_have_attribute("data-kind", kind)


def expect_state(page: Page, state: str) -> None:
    expect(page.locator("#facts")).to_have_attribute("data-state", state)


def typed(page: Page, text: str) -> None:
    page.keyboard.type(text)


def test_a_shift_by_keyboard_alone(desk: Desk, caller: Page) -> None:
    Agent.objects.update(presence=Presence.OFFLINE)
    console = desk.open()
    console.keyboard.press("v")
    expect(console.locator("#status-summary")).to_contain_text("Available")
    expect_nothing_wrong(console)

    caller.get_by_role("button", name="Call Klīnika Sirds").click()
    expect_stage(console, "incoming")
    expect(console.locator("#answer")).to_be_focused()
    expect(console.get_by_text("Labdien! Klīnika Sirds, mani sauc Nora.")).to_be_visible()
    expect_nothing_wrong(console)

    console.keyboard.press("Enter")
    expect_state(console, "talking")
    expect_sound(console)
    expect_sound(caller)
    expect(console.locator("[name=caller_name]")).to_be_focused()
    typed(console, "Kristīne Ozoliņa")
    console.keyboard.press("Escape")
    console.keyboard.press("m")
    expect(console.locator("[name=text]")).to_be_focused()
    typed(console, "Lūdz atzvanīt pēc plkst. 16.")
    expect_nothing_wrong(console)

    console.keyboard.press("Escape")
    console.keyboard.press("h")
    expect_state(console, "held")
    expect_nothing_wrong(console)
    console.keyboard.press("h")
    expect_state(console, "talking")

    console.keyboard.press("m")
    console.keyboard.press("Control+Enter")
    expect(console.get_by_text("to Līga Bērziņa")).to_be_visible()
    console.keyboard.press("e")
    expect_stage(console, "wrap-up")
    expect(console.locator("#result-message")).to_be_focused()
    expect_nothing_wrong(console)
    console.keyboard.press("Enter")
    expect_stage(console, "idle")

    call = Call.objects.get()
    assert (call.state, call.outcome, call.disposition) == ("closed", "answered", "message")
    message = Inquiry.objects.get()
    assert (message.caller_name, message.text) == ("Kristīne Ozoliņa", "Lūdz atzvanīt pēc plkst. 16.")


@pytest.fixture
def console(desk: Desk) -> Page:
    return desk.open()


@pytest.fixture
def talking(console: Page, caller: Page) -> Page:
    """The console in a call."""
    caller.get_by_role("button", name="Call Klīnika Sirds").click()
    console.locator("#answer").click()
    expect_state(console, "talking")
    return console


def test_what_is_being_typed_survives_a_reload_and_the_call_goes_on(talking: Page, caller: Page) -> None:
    talking.locator("[name=caller_name]").fill("مريم العلي 👩‍⚕️")
    talking.locator("[name=text]").fill("Lūdz pārcelt vizīti")
    talking.reload()
    expect(talking.locator("[name=text]")).to_have_value("Lūdz pārcelt vizīti")
    expect(talking.locator("[name=caller_name]")).to_have_value("مريم العلي 👩‍⚕️")
    expect_state(talking, "talking")
    expect_sound(talking)
    expect_sound(caller)
    assert Call.objects.get().generation > 1


def test_what_is_being_typed_is_saved_on_leaving_the_field(talking: Page) -> None:
    talking.locator("[name=text]").fill("Lūdz atzvanīt")
    talking.keyboard.press("Tab")
    expect(talking.locator("#save-state")).to_contain_text("Saved")
    assert MessageDraft.objects.get().text == "Lūdz atzvanīt"


def test_what_is_typed_while_the_server_is_away_is_kept_in_the_window(talking: Page) -> None:
    talking.route("**/draft", lambda route: route.abort())
    talking.locator("[name=text]").fill("Bez servera")
    talking.keyboard.press("Tab")
    expect(talking.locator("#save-state")).to_contain_text("Not saved yet")
    talking.unroute("**/draft")
    expect(talking.locator("#save-state")).to_contain_text("Saved")
    assert MessageDraft.objects.get().text == "Bez servera"


def test_the_window_s_own_memory_outlives_a_server_that_was_away(talking: Page) -> None:
    talking.route("**/draft", lambda route: route.abort())
    talking.locator("[name=text]").fill("Tikai šeit")
    expect(talking.locator("#save-state")).to_contain_text("Not saved yet")
    talking.reload()
    expect(talking.locator("[name=text]")).to_have_value("Tikai šeit")


def test_the_newer_window_takes_over_and_the_older_one_says_so(desk: Desk, talking: Page, caller: Page) -> None:
    talking.locator("[name=text]").fill("Pēdējie vārdi")
    newer = desk.open()
    expect(talking.get_by_role("heading", name="Calls go to your other window")).to_be_visible()
    expect(talking.locator("[data-strip=replaced]")).to_be_visible()
    expect(talking.locator("body")).to_have_attribute("data-packets", "0")
    expect_nothing_wrong(talking)
    expect_state(newer, "talking")
    expect_sound(newer)
    expect_sound(caller)
    wait_until(lambda: MessageDraft.objects.filter(text="Pēdējie vārdi").exists())
    talking.bring_to_front()
    talking.keyboard.press("u")
    expect_state(talking, "talking")
    expect(talking.locator("[name=text]")).to_have_value("Pēdējie vārdi")
    expect(newer.get_by_role("heading", name="Calls go to your other window")).to_be_visible()


def test_a_caller_who_hangs_up_leaves_the_form_as_it_was(talking: Page) -> None:
    talking.locator("[name=text]").fill("Pusteikums")
    end_call(Call.objects.get().pk, agent=Agent.objects.get())
    expect_stage(talking, "wrap-up")
    expect(talking.locator("[name=text]")).to_be_focused()
    talking.keyboard.type(" un viss")
    talking.keyboard.press("Control+Enter")
    expect(talking.locator("#result-message")).to_be_focused()
    talking.keyboard.press("Enter")
    expect_stage(talking, "idle")
    assert Inquiry.objects.get().text == "Pusteikums un viss"


def test_a_caller_who_hangs_up_at_once_is_closed_by_one_key(talking: Page) -> None:
    expect(talking.locator("[name=caller_name]")).to_be_focused()
    end_call(Call.objects.get().pk, agent=Agent.objects.get())
    expect(talking.locator("#result-message")).to_be_focused()
    talking.keyboard.press("4")
    expect_stage(talking, "idle")
    assert Call.objects.get().disposition == "hung_up"


def test_an_unsent_message_is_found_under_drafts(talking: Page) -> None:
    talking.locator("[name=text]").fill("Vēl nav nosūtīts")
    talking.keyboard.press("Escape")
    talking.keyboard.press("e")
    expect_stage(talking, "wrap-up")
    talking.keyboard.press("4")
    expect(talking.get_by_text("It is kept under Drafts")).to_be_visible()
    talking.get_by_role("button", name="Vēl nav nosūtīts").click()
    expect_stage(talking, "past")
    expect(talking.locator("[name=text]")).to_have_value("Vēl nav nosūtīts")
    expect_nothing_wrong(talking)
    talking.keyboard.press("Escape")
    expect_stage(talking, "idle")


def test_an_error_keeps_what_was_typed_and_goes_to_the_field(talking: Page) -> None:
    talking.locator("[name=caller_name]").fill("Jānis")
    talking.keyboard.press("Control+Enter")
    expect(talking.get_by_text("Write what the caller wants.")).to_be_visible()
    expect(talking.locator("[name=text]")).to_be_focused()
    expect(talking.locator("[name=caller_name]")).to_have_value("Jānis")
    expect_nothing_wrong(talking)


def test_near_the_limit_the_characters_left_are_counted(talking: Page) -> None:
    field, hint = talking.locator("[name=text]"), talking.locator("#text-left")
    field.fill("ā" * 100)
    expect(hint).to_be_hidden()
    field.fill("👩" * 9_995)
    expect(hint).to_have_text("Characters left: 5")
    field.fill("ā" * 10_007)
    expect(hint).to_have_text("Too long by 7 characters")


def test_the_caller_s_name_appears_in_the_prompts_as_it_is_typed(desk: Desk, caller: Page) -> None:
    script = desk.house.house.line.script
    publish_script(script, said("lv", "Labdien!", words="Paldies, {caller.name}."))
    console = desk.open()
    caller.get_by_role("button", name="Call Klīnika Sirds").click()
    console.locator("#answer").click()
    expect_state(console, "talking")
    expect(console.get_by_text("Paldies, ….")).to_be_visible()
    console.locator("[name=caller_name]").fill("Kristīne")
    expect(console.get_by_text("Paldies, Kristīne.")).to_be_visible()


def test_a_key_means_the_same_on_a_greek_and_a_lithuanian_keyboard(console: Page) -> None:
    ring(Agent.objects.get().clearances.get().client.lines.get())
    expect_stage(console, "incoming")
    console.evaluate("document.activeElement.blur()")
    press = "([key, code]) => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true }))"
    console.evaluate(press, ["π", "KeyP"])
    wait_until(lambda: CallOffer.objects.filter(outcome="declined").exists())
    expect_stage(console, "idle")


def test_single_keys_rest_while_a_field_is_typed_in(talking: Page) -> None:
    talking.locator("[name=text]").fill("")
    talking.keyboard.type("hewsm 1234")
    expect(talking.locator("[name=text]")).to_have_value("hewsm 1234")
    expect_state(talking, "talking")


def test_what_was_being_typed_does_not_answer_a_call_that_comes_meanwhile(console: Page) -> None:
    line = Agent.objects.get().clearances.get().client.lines.get()
    past = talk(ring(line), Agent.objects.get())
    end_call(past.pk, agent=Agent.objects.get())
    expect_stage(console, "wrap-up")
    console.keyboard.press("1")
    expect_stage(console, "idle")
    console.locator("[data-action=open]").first.click()
    expect_stage(console, "past")
    console.locator("[name=text]").focus()
    console.keyboard.type("Lab")
    ring(line, number="+37126999999")
    for _ in range(40):
        console.keyboard.press("a")
    expect_stage(console, "incoming")
    assert not Call.objects.filter(state="connecting").exists()


def test_the_sheet_of_keys_lists_every_key_of_the_buttons(talking: Page) -> None:
    talking.keyboard.press("Escape")
    shown = talking.locator("[data-key]").evaluate_all("each => each.map((one) => one.dataset.key.toUpperCase())")
    talking.keyboard.press("?")
    expect(talking.locator("#keys")).to_be_visible()
    listed = talking.locator("#keys kbd").all_inner_texts()
    assert set(shown) - {"2", "3", "U"} <= set(listed)
    expect_nothing_wrong(talking)


def test_the_page_says_when_the_server_is_away_and_when_it_is_back(console: Page) -> None:
    console.route("**/console/**", lambda route: route.abort())
    console.keyboard.press("b")
    expect(console.locator("[data-strip=away]")).to_be_visible()
    console.unroute("**/console/**")
    console.keyboard.press("b")
    expect(console.locator("[data-strip=away]")).to_be_hidden()
    expect(console.locator("#status-summary")).to_contain_text("On a break")


def test_the_screen_does_not_scroll_at_1280_by_720(talking: Page) -> None:
    size = "() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    assert talking.evaluate(size) == [1280, 720]


def test_without_a_stream_calls_come_all_the_same_and_the_page_says_so(desk: Desk) -> None:
    desk.context.route("**/live/**", lambda route: route.abort())
    console = desk.open()
    expect(console.locator("[data-strip=slow]")).to_be_visible()
    ring(desk.house.house.line)
    expect_stage(console, "incoming")
    expect_nothing_wrong(console)
    desk.context.unroute("**/live/**")
    expect(console.locator("[data-strip=slow]")).to_be_hidden()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("NotAllowedError", "The microphone is blocked."),
        ("NotFoundError", "No microphone was found."),
        ("NotReadableError", "Another program is using the microphone."),
    ],
)
def test_who_cannot_speak_takes_no_call(desk: Desk, error: str, sentence: str) -> None:
    refusal = f"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '{error}'))"
    desk.context.add_init_script(refusal)
    console = desk.open()
    ring(desk.house.house.line)
    expect(console.locator("#answer")).to_be_focused()
    console.keyboard.press("Enter")
    expect(console.get_by_text(sentence)).to_be_visible()
    assert Call.objects.get().state == "queued"


def test_a_caller_on_hold_is_not_forgotten(talking: Page) -> None:
    talking.keyboard.press("Escape")
    talking.keyboard.press("h")
    expect_state(talking, "held")
    agent = Agent.objects.get()
    Call.objects.update(state_since=clock.now() - timedelta(seconds=63))
    hint(agent_channel(agent.pk), "call")
    expect(talking.get_by_text("Say that you are still there.")).to_be_visible()


def test_a_note_half_written_is_not_swept_away_by_what_else_happens(desk: Desk) -> None:
    console, line = desk.open(), desk.house.house.line

    def lose_call_of(number: str) -> None:
        call = ring(line, number=number, name=f"Caller {number[-1]}")
        expect_stage(console, "incoming")
        caller_hung_up(call, key=number, ago=timedelta(0))
        expect_stage(console, "idle")

    lose_call_of("+37126123451")
    first, second = (console.locator("#open summary", has_text=f"Caller {number}") for number in (1, 2))
    first.click()
    note = console.get_by_label("What came of it")
    note.fill("Runāju ar")
    lose_call_of("+37126123452")
    expect(note).to_have_value("Runāju ar")
    note.press("Enter")
    expect(first).to_be_hidden()
    expect(second).to_be_visible()
    assert Inquiry.objects.get(state="answered").answer_note == "Runāju ar"


def test_a_call_taken_by_a_colleague_leaves_the_centre(console: Page) -> None:
    agent = Agent.objects.get()
    house_line = agent.clearances.get().client.lines.get()
    call = ring(house_line)
    expect_stage(console, "incoming")
    claim_call(call.pk, agent=make_agent("Ilze Krūma", clients=(house_line.client,)))
    expect_stage(console, "idle")
    expect(console).to_have_title("Console · Alio")
