"""Documents that tell Twilio what to do with a call. Made by Twilio's builder, never from strings."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final
from uuid import UUID

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Dial, VoiceResponse

CALLER_LABEL: Final = "caller"
# Twilio, "Text-to-Speech", supported voices: language and voice must go together.
VOICES: Final = {
    "en": ("en-GB", "Polly.Amy"),
    "lv": ("lv-LV", "Google.lv-LV-Standard-B"),
    "lt": ("lt-LT", "Google.lt-LT-Standard-B"),
    "el": ("el-GR", "Google.el-GR-Standard-B"),
}
SAY_LIMIT = 4096  # characters that Twilio's Say reads at most
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2


def queue_twiml(conference: UUID, *, status_callback: str) -> str:
    """The caller waits with music in a conference that an agent's arrival starts and the caller's leaving ends.

    When it has ended the document is at its end too, and Twilio hangs up.
    """
    return _queue_twiml(status_callback).replace(_NAME, str(conference))


_NAME = "the-name-of-the-conference"


@cache
def _queue_twiml(status_callback: str) -> str:
    dial = Dial()
    dial.conference(
        _NAME,
        start_conference_on_enter=False,
        end_conference_on_exit=True,
        beep="false",
        participant_label=CALLER_LABEL,
        status_callback=status_callback,
        status_callback_method="POST",
        status_callback_event="start end join leave",
    )
    response = VoiceResponse()
    response.append(dial)
    return str(response)


def say_twiml(sentences: Iterable[str], language: str) -> str:
    """Read the sentences aloud in `language` (one of VOICES), then hang up."""
    spoken_in, voice = VOICES[language]
    response = VoiceResponse()
    for sentence in sentences:
        response.say(_NOT_IN_XML.sub("", sentence)[:SAY_LIMIT], language=spoken_in, voice=voice)
    response.hangup()
    return str(response)


def reject_twiml() -> str:
    """Do not take the call: the caller hears busy, and nothing is charged."""
    response = VoiceResponse()
    response.reject(reason="busy")
    return str(response)


def empty_twiml() -> str:
    """Do nothing; for a message: do not answer it."""
    return str(MessagingResponse())
