"""What a caller hears from us where no agent speaks, in the line's language."""

from django.utils import translation
from django.utils.translation import gettext as _
from phonenumbers import NumberParseException, parse, region_code_for_number

from answering.accounts.models import Language
from answering.twilio.signature import public_address
from answering.twilio.twiml import queue_twiml, reject_twiml, say_twiml
from calls.carriers.base import Decision, RoutingDecision
from calls.carriers.hours import opening_text
from calls.models import Call

LANGUAGE_OF_REGION = {"LV": Language.LATVIAN, "LT": Language.LITHUANIAN, "GR": Language.GREEK, "CY": Language.GREEK}
CONFERENCE_PATH = "/carriers/twilio/conference"


def twiml_of(decision: RoutingDecision, *, has_number: bool) -> str:
    """The decision on a new call as TwiML."""
    if decision.decision == Decision.REJECT:
        return reject_twiml()
    if decision.decision == Decision.QUEUE:
        return queue_twiml(decision.call, status_callback=public_address(CONFERENCE_PATH))
    line = decision.line
    if decision.decision == Decision.OVER:
        return _sorry(line.language, has_number=has_number)
    with translation.override(line.language):
        closed = _("%(company)s is closed now.") % {"company": line.client.name}
        return say_twiml(
            [closed, *decision.notices, opening_text(line, decision.opens_at), _promise(has_number=has_number)],
            line.language,
        )


def busy_twiml(call: Call) -> str:
    """Nobody was free in time: an apology, and what happens next."""
    return _sorry(call.line.language, has_number=bool(call.caller_number))


def _sorry(language: str, *, has_number: bool) -> str:
    with translation.override(language):
        sorry = _("We are sorry, nobody is free to take your call.")
        return say_twiml([sorry, _promise(has_number=has_number)], language)


def fault_twiml(dialled: str, *, has_number: bool) -> str:
    """A fault of our own, told without the database: the language is that of the number's country."""
    language = language_of(dialled)
    with translation.override(language):
        sorry = _("We are sorry, a fault keeps us from taking your call.")
        return say_twiml([sorry, _promise(has_number=has_number)], language)


def unknown_line_twiml(dialled: str) -> str:
    """The number is Twilio's and leads to us, but belongs to no line."""
    language = language_of(dialled)
    with translation.override(language):
        return say_twiml([_("This number is not in use.")], language)


def _promise(*, has_number: bool) -> str:
    if has_number:
        return _("We have noted your number and will call you back.")
    return _("Please call again later.")


def language_of(number: str) -> str:
    """The language of the country that a number belongs to; English where we have none."""
    try:
        region = region_code_for_number(parse(number, None))
    except NumberParseException:
        return Language.ENGLISH
    return LANGUAGE_OF_REGION.get(region or "", Language.ENGLISH)
