"""The first three seconds of a call: whatever fails, the caller hears something that is true."""

from datetime import datetime
from functools import partial

import structlog
from django.db import InterfaceError, OperationalError

from calls.carriers.base import InboundCall
from calls.carriers.twilio.answers import fault_twiml, twiml_of, unknown_line_twiml
from calls.carriers.twilio.budget import within_budget
from calls.carriers.twilio.facts import Malformed, inbound_call
from calls.carriers.twilio.spool import Report, forget_call, keep
from calls.errors import LineUnknown
from calls.services import receive_call

log = structlog.get_logger(__name__)


def answer_call(params: dict[str, str], now: datetime) -> str:
    """TwiML for a new call.

    A call that cannot be served for a fault of ours is kept, to be written down as failed, and its caller
    hears an apology.
    """
    try:
        inbound = inbound_call(params, now)
    except Malformed:
        log.error("twilio.malformed", kind="voice")
        return fault_twiml(params.get("To", ""), has_number=False)
    try:
        answer = within_budget(partial(_decide, inbound))
        forget_call(inbound.carrier_call)
        return answer
    except LineUnknown:
        log.error("twilio.number_without_line", kind="voice", dialled=inbound.dialled)
        return unknown_line_twiml(inbound.dialled)
    except (OperationalError, InterfaceError) as error:
        log.error("twilio.database_away", error=str(error).strip()[:200])
    except Exception:
        log.exception("twilio.call_not_served")
    is_kept = keep(Report("voice", params, now))
    return fault_twiml(inbound.dialled, has_number=is_kept and bool(inbound.caller_number))


def _decide(inbound: InboundCall) -> str:
    return twiml_of(receive_call(inbound), has_number=bool(inbound.caller_number))
