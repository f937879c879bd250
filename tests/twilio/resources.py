"""What each address of the REST API does in the stand-in."""

import re
from collections.abc import Callable
from typing import Any

from tests.twilio import shapes
from tests.twilio.exchange import Exchange
from tests.twilio.shapes import Told, refusal
from tests.twilio.state import LiveCall, Member, Room, Subscriber, Text

Params = dict[str, list[str]]
NOT_FOUND = refusal(404, 20404, "The requested resource was not found")
E164 = re.compile(r"\+[1-9]\d{1,14}")
MESSAGE_LIMIT = 1600
LARGEST_PAGE = 1000


class Resources:
    """`answer` finds the method for a request; names follow Twilio's resources."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        sid = r"(\w{34})"
        part = r"([^/]+)"
        self._routes: list[tuple[str, re.Pattern[str], Callable[..., Told]]] = [
            (method, re.compile(f"{shapes.ROOT}/Accounts/{sid}{path}"), do)
            for method, path, do in (
                ("GET", r"\.json", self._fetch_account),
                ("GET", r"/Conferences\.json", self._list_conferences),
                ("POST", rf"/Conferences/{part}/Participants\.json", self._create_participant),
                ("GET", rf"/Conferences/{part}/Participants/{part}\.json", self._fetch_participant),
                ("POST", rf"/Conferences/{part}/Participants/{part}\.json", self._update_participant),
                ("DELETE", rf"/Conferences/{part}/Participants/{part}\.json", self._delete_participant),
                ("GET", rf"/Calls/{part}\.json", self._fetch_call),
                ("POST", rf"/Calls/{part}\.json", self._update_call),
                ("GET", r"/Messages\.json", self._list_messages),
                ("POST", r"/Messages\.json", self._create_message),
                ("GET", r"/IncomingPhoneNumbers\.json", self._list_numbers),
                ("GET", rf"/Applications/{part}\.json", self._fetch_application),
            )
        ]

    def answer(self, method: str, path: str, params: Params, user: str, word: str) -> Told:
        for wanted, pattern, do in self._routes:
            match = pattern.fullmatch(path)
            if match and wanted == method:
                return self._as_customer(match, do, params, user, word)
        return NOT_FOUND

    def _as_customer(self, match: re.Match[str], do: Callable[..., Told], params: Params, user: str, word: str) -> Told:
        sid, *parts = match.groups()
        subscriber = self._exchange.subscribers.get(sid)
        if subscriber is None or not subscriber.may_sign_in(user, word):
            return refusal(401, 20003, "Authenticate")
        if subscriber.status != "active" and parts:
            return refusal(403, 20005, "Account is not active")
        with self._exchange.lock:
            return do(subscriber, *parts, params)

    # -- accounts --------------------------------------------------------------------------

    def _fetch_account(self, subscriber: Subscriber, params: Params) -> Told:
        return Told(200, shapes.account(subscriber))

    def _list_numbers(self, subscriber: Subscriber, params: Params) -> Told:
        mine = [shapes.number(each) for each in self._exchange.numbers if each.account_sid == subscriber.sid]
        return self._page(subscriber, "incoming_phone_numbers", "IncomingPhoneNumbers", mine, params)

    def _fetch_application(self, subscriber: Subscriber, sid: str, params: Params) -> Told:
        found = self._exchange.applications.get(sid)
        return Told(200, shapes.application(found)) if found and found.account_sid == subscriber.sid else NOT_FOUND

    # -- conferences -----------------------------------------------------------------------

    def _list_conferences(self, subscriber: Subscriber, params: Params) -> Told:
        name, status = _one(params, "FriendlyName"), _one(params, "Status")
        mine = [each for each in self._exchange.rooms.values() if each.account_sid == subscriber.sid]
        found = [each for each in mine if name in ("", each.name) and status in ("", each.status)]
        listed = [shapes.conference(each) for each in reversed(found)]
        return self._page(subscriber, "conferences", "Conferences", listed, params)

    def _create_participant(self, subscriber: Subscriber, room_name: str, params: Params) -> Told:
        if not _one(params, "To") or not _one(params, "From"):
            return refusal(400, 21201, "No 'To' or 'From' is specified")
        if not _is_endpoint(_one(params, "To")):
            return refusal(400, 13223, "Dial: Invalid phone number format")
        room = self._exchange.room_of(subscriber.sid, room_name)
        if room is None and room_name.startswith("CF"):
            return NOT_FOUND
        room = room or Room(subscriber.sid, room_name)
        label = _one(params, "Label")
        if label and room.member(label) is not None:
            return refusal(400, 16025, "Participant label already in use")
        if not room.callback:
            room.callback = _one(params, "ConferenceStatusCallback")
            room.callback_events = tuple(params.get("ConferenceStatusCallbackEvent", ["start", "end"]))
        leg = LiveCall(
            subscriber.sid,
            _one(params, "From"),
            _one(params, "To"),
            "outbound-api",
            callback=_one(params, "StatusCallback"),
            callback_events=tuple(params.get("StatusCallbackEvent", ["completed"])),
        )
        member = Member(
            leg.sid,
            label=label,
            starts=_one(params, "StartConferenceOnEnter", "true") == "true",
            ends=_one(params, "EndConferenceOnExit", "false") == "true",
        )
        self._exchange.call_into(room, leg, member)
        return Told(201, shapes.participant(room, member, leg))

    def _fetch_participant(self, subscriber: Subscriber, room_sid: str, member_name: str, params: Params) -> Told:
        room, member = self._member(subscriber, room_sid, member_name)
        if room is None or member is None:
            return NOT_FOUND
        return Told(200, shapes.participant(room, member, self._exchange.calls[member.call_sid]))

    def _update_participant(self, subscriber: Subscriber, room_sid: str, member_name: str, params: Params) -> Told:
        room, member = self._member(subscriber, room_sid, member_name)
        if room is None or member is None:
            return NOT_FOUND
        member.is_held = _one(params, "Hold", str(member.is_held)).lower() == "true"
        member.is_muted = _one(params, "Muted", str(member.is_muted)).lower() == "true"
        return Told(200, shapes.participant(room, member, self._exchange.calls[member.call_sid]))

    def _delete_participant(self, subscriber: Subscriber, room_sid: str, member_name: str, params: Params) -> Told:
        _room, member = self._member(subscriber, room_sid, member_name)
        if member is None:
            return NOT_FOUND
        self._exchange.remove(member)
        return Told(204, None)

    def _member(self, subscriber: Subscriber, room_sid: str, name: str) -> tuple[Room | None, Member | None]:
        room = self._exchange.rooms.get(room_sid)
        if room is None or room.account_sid != subscriber.sid or room.status == "completed":
            return None, None
        return room, room.member(name)

    # -- calls -----------------------------------------------------------------------------

    def _fetch_call(self, subscriber: Subscriber, sid: str, params: Params) -> Told:
        found = self._exchange.calls.get(sid)
        return Told(200, shapes.call(found)) if found and found.account_sid == subscriber.sid else NOT_FOUND

    def _update_call(self, subscriber: Subscriber, sid: str, params: Params) -> Told:
        found = self._exchange.calls.get(sid)
        if found is None or found.account_sid != subscriber.sid:
            return NOT_FOUND
        if found.is_over:
            return refusal(400, 21220, "Call is not in-progress. Cannot redirect.")
        if twiml := _one(params, "Twiml"):
            self._exchange.move_call(found, twiml)
        elif _one(params, "Status") in ("completed", "canceled"):
            self._exchange.end_call(found)
        return Told(200, shapes.call(found))

    # -- messages --------------------------------------------------------------------------

    def _list_messages(self, subscriber: Subscriber, params: Params) -> Told:
        to, from_ = _one(params, "To"), _one(params, "From")
        mine = [each for each in self._exchange.texts.values() if each.account_sid == subscriber.sid]
        found = [each for each in mine if to in ("", each.to) and from_ in ("", each.from_)]
        listed = [shapes.message(each) for each in reversed(found)]
        return self._page(subscriber, "messages", "Messages", listed, params)

    def _create_message(self, subscriber: Subscriber, params: Params) -> Told:
        to, from_, body = (_one(params, name) for name in ("To", "From", "Body"))
        if not to:
            return refusal(400, 21604, "'To' phone number is required")
        if not from_ or not body:
            return refusal(400, 21603, "'From' and 'Body' are required")
        if not E164.fullmatch(to):
            return refusal(400, 21211, f"The 'To' number {to} is not a valid phone number")
        if len(body) > MESSAGE_LIMIT:
            return refusal(400, 21617, "The concatenated message body exceeds the 1600 character limit")
        if to in self._exchange.refused_texts:
            code, words = self._exchange.refused_texts[to]
            return refusal(400, code, words)
        text = Text(subscriber.sid, from_, to, body, callback=_one(params, "StatusCallback"))
        self._exchange.send_text(text)
        return Told(201, shapes.message(text))

    def _page(
        self, subscriber: Subscriber, name: str, resource: str, items: list[dict[str, Any]], params: Params
    ) -> Told:
        number, size = int(_one(params, "Page", "0")), min(int(_one(params, "PageSize", "50")), LARGEST_PAGE)
        path = f"{shapes.ROOT}/Accounts/{subscriber.sid}/{resource}.json"
        return Told(200, shapes.page(name, items, path=path, number=number, size=size))


def _one(params: Params, name: str, default: str = "") -> str:
    return params.get(name, [default])[0]


def _is_endpoint(to: str) -> bool:
    return E164.fullmatch(to) is not None or re.fullmatch(r"client:\w{1,121}(\?[^?#\s]{1,800})?", to) is not None
