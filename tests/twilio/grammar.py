"""TwiML as Twilio documents it, as a table: verbs, nouns, what may stand in what, attributes and their values.

Written from the pages "TwiML for Programmable Voice" and "TwiML for Programmable Messaging", one page a verb; only
what Alio could say. `assert_valid_twiml` holds a document to it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from xml.etree import ElementTree

SIZE_LIMIT = 64 * 1024  # bytes of a document that Twilio reads
Check = Callable[[str], bool]


def one_of(*values: str) -> Check:
    return lambda value: value in values


def some_of(*values: str) -> Check:
    """One or more, separated by single spaces, none twice."""

    def check(value: str) -> bool:
        parts = value.split(" ")
        return set(parts) <= set(values) and len(set(parts)) == len(parts)

    return check


def whole(low: int, high: int = 10**9) -> Check:
    return lambda value: re.fullmatch(r"\d{1,10}", value) is not None and low <= int(value) <= high


def like(pattern: str) -> Check:
    return lambda value: re.fullmatch(pattern, value) is not None


FLAG = one_of("true", "false")
METHOD = one_of("GET", "POST")
URL = like(r"(https?://[^\s/]+)?(/\S*)?(?<!^)")
URL_OR_EMPTY = like(r"|https?://\S+|/\S*")
LANGUAGE = like(r"[a-z]{2,3}-[A-Z]{2}|[a-z]{2,3}-[A-Z][a-z]{3}-[A-Z]{2}")
VOICE = like(r"man|woman|alice|Polly\.[A-Z][a-z]+(-Neural|-Generative)?|Google\.[a-z]{2,3}-[A-Z]{2}-\w+-[A-Z]")
CALLER_ID = like(r"\+[1-9]\d{1,14}|client:\w{1,121}")
KEYS = like(r"[0-9#*]*")
TRIM = one_of("trim-silence", "do-not-trim")
RECORDING_EVENTS = some_of("in-progress", "completed", "absent")
RECORDING = {
    "recordingStatusCallback": URL,
    "recordingStatusCallbackMethod": METHOD,
    "recordingStatusCallbackEvent": RECORDING_EVENTS,
}


@dataclass(frozen=True)
class Rule:
    """`text` says what character data may be; None: none. `ends`: nothing after it in the document is reached."""

    attributes: dict[str, Check] = field(default_factory=dict)
    children: frozenset[str] = frozenset()
    text: Check | None = None
    needs_content: bool = False
    ends: bool = False


ANYTHING = like(r"(?s).+")
NAME = like(r"[^\s&/].{0,127}")

RULES: dict[str, Rule] = {
    "Say": Rule(
        {"voice": VOICE, "language": LANGUAGE, "loop": whole(0, 1000)},
        text=like(r"(?s).{1,4096}"),
        needs_content=True,
    ),
    "Play": Rule({"loop": whole(0, 1000), "digits": like(r"[0-9#*w]+")}, text=URL),
    "Pause": Rule({"length": whole(1)}),
    "Dial": Rule(
        {
            "action": URL,
            "method": METHOD,
            "answerOnBridge": FLAG,
            "callerId": CALLER_ID,
            "callReason": like(r".{1,50}"),
            "hangupOnStar": FLAG,
            "record": one_of(
                "do-not-record",
                "record-from-answer",
                "record-from-ringing",
                "record-from-answer-dual",
                "record-from-ringing-dual",
            ),
            "recordingTrack": one_of("inbound", "outbound", "both"),
            "referUrl": URL,
            "referMethod": METHOD,
            "ringTone": like(r"[a-z]{2}(-old)?"),
            "sequential": FLAG,
            "timeLimit": whole(1, 86400),
            "timeout": whole(5, 600),
            "trim": TRIM,
        }
        | RECORDING,
        children=frozenset({"Conference", "Number", "Client"}),
        text=like(r"\+?[\d() .-]+"),
        needs_content=True,
    ),
    "Conference": Rule(
        {
            "muted": FLAG,
            "beep": one_of("true", "false", "onEnter", "onExit"),
            "startConferenceOnEnter": FLAG,
            "endConferenceOnExit": FLAG,
            "participantLabel": like(r"\S{1,128}"),
            "jitterBufferSize": one_of("small", "medium", "large", "off"),
            "waitUrl": URL_OR_EMPTY,
            "waitMethod": METHOD,
            "maxParticipants": whole(2, 250),
            "record": one_of("do-not-record", "record-from-start"),
            "region": one_of("us1", "us2", "ie1", "de1", "sg1", "br1", "au1", "jp1", "in1"),
            "trim": TRIM,
            "coach": like(r"CA[0-9a-fA-F]{32}"),
            "statusCallback": URL,
            "statusCallbackMethod": METHOD,
            "statusCallbackEvent": some_of(
                "start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"
            ),
            "eventCallbackUrl": URL,
        }
        | RECORDING,
        text=NAME,
        needs_content=True,
    ),
    "Number": Rule(
        {
            "sendDigits": like(r"[0-9#*w]+"),
            "url": URL,
            "method": METHOD,
            "statusCallback": URL,
            "statusCallbackMethod": METHOD,
            "statusCallbackEvent": some_of("initiated", "ringing", "answered", "completed"),
        },
        text=like(r"\+[1-9]\d{1,14}"),
        needs_content=True,
    ),
    "Client": Rule(
        {
            "url": URL,
            "method": METHOD,
            "statusCallback": URL,
            "statusCallbackMethod": METHOD,
            "statusCallbackEvent": some_of("initiated", "ringing", "answered", "completed"),
        },
        text=like(r"\w{1,121}"),
        needs_content=True,
    ),
    "Reject": Rule({"reason": one_of("rejected", "busy")}, ends=True),
    "Hangup": Rule(ends=True),
    "Redirect": Rule({"method": METHOD}, text=URL, needs_content=True, ends=True),
    "Gather": Rule(
        {
            "action": URL,
            "method": METHOD,
            "actionOnEmptyResult": FLAG,
            "input": some_of("dtmf", "speech"),
            "finishOnKey": KEYS,
            "numDigits": whole(1),
            "timeout": whole(1),
            "speechTimeout": like(r"auto|[1-9]\d*"),
            "speechModel": like(r"[a-z_0-9-]+"),
            "enhanced": FLAG,
            "hints": ANYTHING,
            "language": LANGUAGE,
            "profanityFilter": FLAG,
            "partialResultCallback": URL,
            "partialResultCallbackMethod": METHOD,
        },
        children=frozenset({"Say", "Play", "Pause"}),
    ),
    "Record": Rule(
        {
            "action": URL,
            "method": METHOD,
            "timeout": whole(1),
            "finishOnKey": KEYS,
            "maxLength": whole(2, 14400),
            "playBeep": FLAG,
            "trim": TRIM,
            "transcribe": FLAG,
            "transcribeCallback": URL,
        }
        | RECORDING,
    ),
    "Message": Rule(
        {"to": CALLER_ID, "from": CALLER_ID, "action": URL, "method": METHOD, "statusCallback": URL},
        children=frozenset({"Body", "Media"}),
        text=like(r"(?s).{1,1600}"),
        needs_content=True,
    ),
    "Body": Rule(text=like(r"(?s).{1,1600}"), needs_content=True),
    "Media": Rule(text=URL, needs_content=True),
}
VOICE_VERBS = frozenset({"Say", "Play", "Pause", "Dial", "Reject", "Hangup", "Redirect", "Gather", "Record"})
MESSAGE_VERBS = frozenset({"Message", "Redirect"})


def assert_valid_twiml(xml: str) -> ElementTree.Element:
    """Fails with what is wrong; gives the parsed document."""
    assert len(xml.encode()) <= SIZE_LIMIT, "too long for Twilio"
    root = ElementTree.fromstring(xml)  # noqa: S314 - our own document
    assert root.tag == "Response", f"not a TwiML document: {root.tag}"
    assert not root.attrib, "Response has no attributes"
    _assert_no_stray_text(root)
    verbs = [each.tag for each in root]
    assert set(verbs) <= VOICE_VERBS or set(verbs) <= MESSAGE_VERBS, f"not verbs of one kind: {verbs}"
    for verb in root:
        _assert_valid(verb)
    unreached = [verb for before, verb in pairwise(verbs) if RULES[before].ends]
    assert not unreached, f"never reached: {unreached}"
    assert "Reject" not in verbs[1:], "Reject has no effect after another verb"
    return root


def _assert_valid(element: ElementTree.Element) -> None:
    rule = RULES[element.tag]
    for name, value in element.attrib.items():
        assert name in rule.attributes, f"{element.tag} has no attribute {name}"
        assert rule.attributes[name](value), f"{element.tag} {name}={value!r}"
    wrong = [child.tag for child in element if child.tag not in rule.children]
    assert not wrong, f"{element.tag} holds no {wrong}"
    text = (element.text or "").strip()
    if text:
        assert rule.text is not None, f"{element.tag} holds no text"
        assert rule.text(text), f"{element.tag} does not hold {text!r}"
    assert text or len(element) or not rule.needs_content, f"{element.tag} is empty"
    if len(element):
        assert not text, f"{element.tag} holds text beside its nouns"
    for child in element:
        assert not (child.tail or "").strip(), f"text between the nouns of {element.tag}"
        _assert_valid(child)


def _assert_no_stray_text(root: ElementTree.Element) -> None:
    texts = [root.text, *(child.tail for child in root)]
    assert not any((text or "").strip() for text in texts), "text between verbs"
