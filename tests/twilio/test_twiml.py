"""Every document is what Twilio's grammar allows, whatever words are put into it."""

import uuid
from xml.etree import ElementTree

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from answering.runtime.addresses import CHECKOUT
from answering.twilio.twiml import VOICES, empty_twiml, queue_twiml, reject_twiml, say_twiml
from tests.twilio.grammar import assert_valid_twiml

CALLBACK = "https://alio.example/carriers/twilio/conference?a=1&b=2"


def test_a_caller_waits_in_the_conference_of_the_call() -> None:
    conference = uuid.uuid4()
    root = assert_valid_twiml(queue_twiml(conference, status_callback=CALLBACK))
    assert [each.tag for each in root] == ["Dial"]
    assert not root[0].attrib, "a Dial without action goes on with the document, which is at its end"
    (noun,) = root[0]
    assert noun.text == str(conference)
    assert noun.attrib == {
        "startConferenceOnEnter": "false",
        "endConferenceOnExit": "true",
        "participantLabel": "caller",
        "beep": "false",
        "statusCallback": CALLBACK,
        "statusCallbackEvent": "start end join leave",
        "statusCallbackMethod": "POST",
    }


@pytest.mark.parametrize("language", sorted(VOICES))
def test_words_are_read_in_their_language_and_the_call_ends(language: str) -> None:
    root = assert_valid_twiml(say_twiml(["First.", "Second."], language))
    assert [each.tag for each in root] == ["Say", "Say", "Hangup"]
    assert root[0].get("language", "").startswith(f"{language}-")
    assert root[0].get("language", "") in root[0].get("voice", "") or language == "en"


def test_every_language_of_callers_has_a_voice() -> None:
    assert set(VOICES) == {code for code, _name in settings.LANGUAGES}


@given(st.text(min_size=1).filter(lambda text: text.strip(" \t\n\r\x0b\x0c")))
def test_no_words_can_spoil_a_document(words: str) -> None:
    spoken = say_twiml([f"x{words}"], "lv")
    root = assert_valid_twiml(spoken)
    assert len(root) == 2


def test_markup_is_read_out_and_not_obeyed() -> None:
    root = assert_valid_twiml(say_twiml(["</Say><Dial>+37126123456</Dial> & co"], "en"))
    assert [each.tag for each in root] == ["Say", "Hangup"]
    assert root[0].text == "</Say><Dial>+37126123456</Dial> & co"


def test_a_call_is_turned_away_as_busy() -> None:
    root = assert_valid_twiml(reject_twiml())
    assert [(each.tag, each.attrib) for each in root] == [("Reject", {"reason": "busy"})]


def test_nothing_is_a_document_as_well() -> None:
    assert len(assert_valid_twiml(empty_twiml())) == 0


WRONG = {
    "an unknown verb": "<Response><Shout>x</Shout></Response>",
    "another root": "<Answer/>",
    "an unknown attribute": '<Response><Say lang="lv-LV">x</Say></Response>',
    "a value that is not allowed": '<Response><Dial><Conference beep="no">x</Conference></Dial></Response>',
    "an event twice": '<Response><Dial><Conference statusCallbackEvent="end end">x</Conference></Dial></Response>',
    "a verb in a verb": "<Response><Dial><Say>x</Say></Dial></Response>",
    "an empty Dial": "<Response><Dial/></Response>",
    "an empty Say": "<Response><Say> </Say></Response>",
    "text between verbs": "<Response>hello<Hangup/></Response>",
    "a verb after the end": "<Response><Hangup/><Say>x</Say></Response>",
    "a late Reject": "<Response><Pause/><Reject/></Response>",
    "voice and message together": "<Response><Message>x</Message><Hangup/></Response>",
    "a relative path without slash": "<Response><Redirect>voice</Redirect></Response>",
    "an empty address": '<Response><Dial action=""><Number>+37126123456</Number></Dial></Response>',
    "a number with letters": "<Response><Dial><Number>+371two</Number></Dial></Response>",
    "a voice nobody has": '<Response><Say voice="lv-LV">x</Say></Response>',
    "too much": f"<Response>{'<Pause/>' * 10000}</Response>",
}


@pytest.mark.parametrize("xml", WRONG.values(), ids=WRONG.keys())
def test_the_grammar_refuses(xml: str) -> None:
    with pytest.raises(AssertionError):
        assert_valid_twiml(xml)


RIGHT = {
    "a menu": '<Response><Gather numDigits="1" action="/x" input="dtmf"><Say>x</Say></Gather><Hangup/></Response>',
    "a recording": '<Response><Record maxLength="120" playBeep="true" action="/x" finishOnKey="#"/></Response>',
    "music": '<Response><Play loop="0">https://alio.example/static/music.mp3</Play></Response>',
    "a number": '<Response><Dial timeout="20" callerId="+37167000001"><Number>+37126123456</Number></Dial></Response>',
    "a reply": "<Response><Message>Paldies!</Message></Response>",
    "elsewhere": "<Response><Pause length='2'/><Redirect method='POST'>https://alio.example/x</Redirect></Response>",
}


@pytest.mark.parametrize("xml", RIGHT.values(), ids=RIGHT.keys())
def test_the_grammar_allows(xml: str) -> None:
    assert_valid_twiml(xml)


def test_the_fallback_to_host_elsewhere_is_valid_in_every_language_by_itself() -> None:
    root = assert_valid_twiml((CHECKOUT / "docs" / "twilio-fallback.xml").read_text())
    said = [each for each in root if each.tag == "Say"]
    assert [(each.get("language"), each.get("voice")) for each in said] == list(VOICES.values())
    assert root[-1].tag == "Hangup"
    for kept in said:
        alone = assert_valid_twiml(say_twiml([kept.text or ""], "en"))
        alone[0].attrib = kept.attrib
        assert_valid_twiml(ElementTree.tostring(alone, encoding="unicode"))
