import uuid

from django.urls import reverse

from answering.lib import clock
from calls.carriers.base import InboundCall
from calls.errors import LineUnknown
from calls.services.inbound import receive_call
from clients.models import Client
from inquiries.models import Inquiry, MessageDraft
from tests.cast import House, make_client, make_line, make_member, ring, talk
from tests.console.conftest import open_console_of
from tests.desk.office import administrator, filled_in


def switch(house: House, *services: str) -> None:
    browser = administrator()
    address = reverse("desk:edit-client", args=[house.client.public_id])
    assert browser.post(address, filled_in(browser.get(address), services=list(services))).status_code == 302


def test_messages_switched_off_during_a_call_are_gone_from_the_console_at_once(house: House) -> None:
    console = open_console_of(house.agent)
    call = talk(ring(house.line), house.agent)
    assert 'id="message-form"' in console.board()
    switch(house, "support", "office")
    board = console.board(shown=call.public_id)
    assert 'id="message-form"' not in board
    assert "No messages are taken for this client." in board
    assert "Support · Virtual office" in board
    switch(house, "messages")
    assert 'id="message-form"' in console.board()


def test_a_message_that_was_begun_before_is_refused_in_a_sentence_and_kept(house: House) -> None:
    console = open_console_of(house.agent)
    call = talk(ring(house.line), house.agent)
    typed = {"caller_name": "Anna", "text": "Atzvanīt", "urgency": "normal", "form_key": uuid.uuid4(), "revision": 1}
    console.on(call, "draft", **typed)
    sent = typed | {"form_key": uuid.uuid4(), "text": "Cits"}
    console.on(call, "message", **sent)
    console.on(call, "draft", **typed)
    switch(house)
    refused = console.on(call, "message", **typed)
    assert refused.status_code == 409
    assert "does not have messages taken any more" in refused.text
    assert MessageDraft.objects.get().text == "Atzvanīt"
    assert console.on(call, "message", **sent).status_code == 200, "what was sent already was sent"
    assert Inquiry.objects.count() == 1


def test_closing_says_what_will_happen_keeps_everything_and_can_be_undone(house: House) -> None:
    make_member(house.client)
    other = make_line(make_client("Baltė"))
    ring(house.line)
    browser, client = administrator(), house.client
    page = browser.get(reverse("desk:close-client", args=[client.public_id])).text
    for sentence in ("“Reception” is no longer answered", "1 call that is running now", "1 person no longer sees"):
        assert sentence in page
    assert Client.objects.get(pk=client.pk).closed_at is None, "looking closes nothing"
    answer = browser.post(reverse("desk:close-client", args=[client.public_id]), follow=True)
    assert "Klīnika Sirds is closed." in answer.text
    closed_at = Client.objects.get(pk=client.pk).closed_at
    browser.post(reverse("desk:close-client", args=[client.public_id]))
    assert Client.objects.get(pk=client.pk).closed_at == closed_at
    assert is_refused(house.line.slug)
    assert not is_refused(other.slug)
    answer = browser.post(reverse("desk:reopen-client", args=[client.public_id]), follow=True)
    assert "is answered again" in answer.text
    assert not is_refused(house.line.slug)


def is_refused(slug: str) -> bool:
    try:
        receive_call(InboundCall("browser", f"browser:{uuid.uuid4()}:inbound", slug, clock.now()))
    except LineUnknown:
        return True
    return False


def test_a_form_opened_before_the_closing_does_not_undo_it(house: House) -> None:
    browser = administrator()
    edit = reverse("desk:edit-client", args=[house.client.public_id])
    before = browser.get(edit)
    browser.post(reverse("desk:close-client", args=[house.client.public_id]))
    assert browser.post(edit, filled_in(before, name="Other")).status_code == 422
    assert Client.objects.get(pk=house.client.pk).closed_at is not None
