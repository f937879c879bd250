"""Hold what is asked of Twilio, and what the stand-in answers, to Twilio's published OpenAPI document.

    python -m tests.twilio.check_contract twilio_api_v2010.json

The document is in Twilio's repository twilio-oai (spec/json). Every method of `answering.twilio.rest` is run against
the stand-in; then each request must be an operation of the document, with no parameter that it does not know and
none left out that it requires, of the right types and values, and each answer must have exactly its fields.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "answering.settings")
django.setup()

from django.conf import settings  # noqa: E402

from answering.lib import clock  # noqa: E402
from answering.twilio.accounts import Account  # noqa: E402
from answering.twilio.errors import NotFound  # noqa: E402
from answering.twilio.rest import Api  # noqa: E402
from answering.twilio.twiml import queue_twiml, say_twiml  # noqa: E402
from tests.twilio.openapi import Document  # noqa: E402
from tests.twilio.standin import Recorded, StandIn  # noqa: E402
from tests.twilio.state import Subscriber  # noqa: E402

ROOM = "0192f0c4-1111-7abc-8def-000000000001"
LINE, PERSON = "+37167000001", "+37126123456"
BASE = "https://alio.example/carriers/twilio"


def run_flows(twilio: StandIn, subscriber: Subscriber, api: Api) -> None:
    """Every method of the API, with what it finds and with nothing to find."""
    number = twilio.exchange.add_number(subscriber, LINE, voice_url=f"{BASE}/voice", status_callback=f"{BASE}/status")
    application = twilio.exchange.add_application(subscriber, "Browser calls", f"{BASE}/voice")
    caller = twilio.exchange.place_call(number.number, from_=PERSON, caller_name="Ilze").params["CallSid"]
    twilio.exchange.follow(caller, queue_twiml(UUID(ROOM), status_callback=f"{BASE}/conference"))
    _talk(twilio, api, caller)
    _write(api)
    api.phone_numbers()
    api.account_status()
    api.application(application.sid)


def _talk(twilio: StandIn, api: Api, caller: str) -> None:
    added = api.add_participant(
        ROOM,
        to="client:user_1?call=1&generation=1",
        caller_id=LINE,
        label="claim-1-1",
        status_callback=f"{BASE}/status?call=1&generation=1",
        conference_callback=f"{BASE}/conference",
        ring_seconds=10,
    )
    api.find_conference(ROOM)
    api.find_participant(added.conference_sid, "claim-1-1")
    api.find_participant(added.conference_sid, "claim-1-2")
    twilio.exchange.answer(added.call_sid)
    api.hold_participant(added.conference_sid, caller, is_held=True)
    api.hold_participant(added.conference_sid, caller, is_held=False)
    api.remove_participant(added.conference_sid, "claim-1-1")
    api.fetch_call(caller)
    api.move_call(caller, twiml=say_twiml(["Sorry."], "en"))
    api.end_call(caller)
    api.fetch_call(caller)
    api.find_conference(ROOM)
    try:
        api.fetch_call("CA" + "0" * 32)
    except NotFound:
        return
    raise AssertionError("a call that nobody has made was found")


def _write(api: Api) -> None:
    message = {"sender": LINE, "recipient": PERSON, "body": "Lūdzu zvaniet."}
    api.send_message(**message, status_callback=f"{BASE}/message")
    api.find_message(**message, since=clock.now() - timedelta(minutes=1))


def problems_of(document: Document, recorded: Recorded) -> Iterator[str]:
    operation = document.operation(recorded.method, recorded.path)
    if operation is None:
        yield f"{recorded.method} {recorded.path}: no such operation"
        return
    found = list(document.problems_of_request(operation, recorded.query, recorded.form))
    if recorded.told is not None and recorded.told.status < 400:  # the document describes no refusals
        found += document.problems_of_answer(operation, recorded.told.status, recorded.told.document)
    yield from (f"{operation}: {problem}" for problem in found)


def main() -> int:
    parser = argparse.ArgumentParser(description="Hold requests and answers to Twilio's OpenAPI document.")
    parser.add_argument("document", type=Path, help="twilio_api_v2010.json of Twilio's repository twilio-oai")
    document = Document(json.loads(parser.parse_args().document.read_text()))
    with StandIn() as twilio:
        settings.TWILIO_API_BASE = twilio.url
        subscriber = twilio.exchange.add_account()
        run_flows(twilio, subscriber, Api(Account("own", subscriber.sid, subscriber.auth_token)))
        found = [problem for recorded in twilio.requests for problem in problems_of(document, recorded)]
        asked = sorted({str(document.operation(each.method, each.path)) for each in twilio.requests})
    for line in (*asked, "", *sorted(set(found)), f"{len(twilio.requests)} requests, {len(set(found))} problems."):
        print(line)  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
