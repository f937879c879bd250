"""A telephone exchange in memory, with Twilio's rules for legs and conferences (Voice API, "Conference").

Its people are driven by the test: `place_call`, `answer`, `refuse`, `hang_up`. What Twilio would tell its
customer about it is collected in `webhooks`, in order.
"""

import threading
from collections import defaultdict
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree

from tests.twilio.state import Application, LiveCall, Member, Number, Room, Subscriber, Text, Webhook, now

OUTCOMES = ("completed", "busy", "failed", "no-answer", "canceled")
# Twilio, "status callback events": what a call is then said to be.
EVENT_OF_STATUS = {"queued": "initiated", "ringing": "ringing", "in-progress": "answered"} | dict.fromkeys(
    OUTCOMES, "completed"
)


class Exchange:
    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.subscribers: dict[str, Subscriber] = {}
        self.numbers: list[Number] = []
        self.applications: dict[str, Application] = {}
        self.calls: dict[str, LiveCall] = {}
        self.rooms: dict[str, Room] = {}
        self.texts: dict[str, Text] = {}
        self.webhooks: list[Webhook] = []
        self.refused_texts: dict[str, tuple[int, str]] = {}

    # -- what a customer sets up -----------------------------------------------------------

    def add_account(self, **fields: str) -> Subscriber:
        subscriber = Subscriber(**fields)
        self.subscribers[subscriber.sid] = subscriber
        return subscriber

    def add_number(self, account: Subscriber, number: str, **fields: Any) -> Number:
        added = Number(account.sid, number, **fields)
        self.numbers.append(added)
        return added

    def add_application(self, account: Subscriber, name: str, voice_url: str = "") -> Application:
        added = Application(account.sid, name, voice_url)
        self.applications[added.sid] = added
        return added

    # -- what people do --------------------------------------------------------------------

    def place_call(self, number: str, *, from_: str = "+37126123456", caller_name: str = "") -> Webhook:
        """Somebody dials a number; gives the webhook that asks what to do (its CallSid is in the params)."""
        with self.lock:
            dialled = next(each for each in self.numbers if each.number == number)
            call = LiveCall(dialled.account_sid, from_, number, "inbound", "ringing", caller_name=caller_name)
            call.callback, call.callback_events = dialled.status_callback, ("completed",)
            self.calls[call.sid] = call
            params = self._call_params(call) | ({"CallerName": caller_name} if caller_name else {})
            return Webhook(dialled.account_sid, dialled.voice_url, params)

    def follow(self, call_sid: str, twiml: str) -> None:
        """The inbound call goes on with this document: the first verb that matters decides."""
        with self.lock:
            call = self.calls[call_sid]
            if call.is_over:
                return
            verbs = list(ElementTree.fromstring(twiml))  # noqa: S314 - our own documents
            verb = next((each for each in verbs if each.tag in ("Dial", "Reject", "Hangup")), None)
            if verb is not None and verb.tag == "Reject":
                self._end(call, "busy" if verb.get("reason") == "busy" else "no-answer")
                return
            self._begin(call)
            conference = verb.find("Conference") if verb is not None and verb.tag == "Dial" else None
            if conference is None:
                self._end(call, "completed")
            else:
                self._dial_conference(call, conference)

    def ring(self, call_sid: str) -> None:
        with self.lock:
            if not self.calls[call_sid].is_over:
                self._move(self.calls[call_sid], "ringing")

    def answer(self, call_sid: str) -> None:
        """Who was called into a conference takes the call and is in it."""
        with self.lock:
            call = self.calls[call_sid]
            if call.is_over:
                return
            self._begin(call)
            for room in self.rooms.values():
                if call_sid in room.members and room.status != "completed":
                    self._join(room, room.members[call_sid])

    def refuse(self, call_sid: str, status: str = "busy") -> None:
        with self.lock:
            self._end(self.calls[call_sid], status)

    def hang_up(self, call_sid: str) -> None:
        with self.lock:
            self._end(self.calls[call_sid], "completed")

    def report_text(self, sid: str, status: str, error_code: int | None = None) -> None:
        """The network tells how an SMS fares."""
        with self.lock:
            text = self.texts[sid]
            text.status, text.error_code = status, error_code
            if text.callback:
                self.webhooks.append(Webhook(text.account_sid, text.callback, self._text_params(text)))

    # -- what REST asks for ----------------------------------------------------------------

    def room_of(self, account_sid: str, sid_or_name: str) -> Room | None:
        """By SID, or the conference of this name that has not ended."""
        mine = [room for room in self.rooms.values() if room.account_sid == account_sid]
        by_name = (room for room in mine if room.name == sid_or_name and room.status != "completed")
        return next((room for room in mine if room.sid == sid_or_name), None) or next(by_name, None)

    def call_into(self, room: Room, call: LiveCall, member: Member) -> None:
        with self.lock:
            self.calls[call.sid] = call
            self.rooms[room.sid] = room
            room.members[call.sid] = member
            self._tell_call(call)

    def move_call(self, call: LiveCall, twiml: str) -> None:
        """The call leaves its conference and goes on with the document."""
        with self.lock:
            call.moved_to = twiml
            self._leave_all(call)
            if call.direction == "inbound":
                self.follow(call.sid, twiml)

    def end_call(self, call: LiveCall) -> None:
        with self.lock:
            self._end(call, "canceled" if call.status in ("queued", "ringing") else "completed")

    def remove(self, member: Member) -> None:
        self.end_call(self.calls[member.call_sid])

    def send_text(self, text: Text) -> None:
        with self.lock:
            self.texts[text.sid] = text

    # -- rules -----------------------------------------------------------------------------

    def _dial_conference(self, call: LiveCall, noun: ElementTree.Element) -> None:
        name = (noun.text or "").strip()
        room = self.room_of(call.account_sid, name) or Room(call.account_sid, name)
        self.rooms[room.sid] = room
        if not room.callback:
            room.callback = noun.get("statusCallback", "")
            room.callback_events = tuple(noun.get("statusCallbackEvent", "start end").split())
        member = Member(
            call.sid,
            label=noun.get("participantLabel", ""),
            starts=noun.get("startConferenceOnEnter", "true") == "true",
            ends=noun.get("endConferenceOnExit", "false") == "true",
        )
        room.members[call.sid] = member
        self._join(room, member)

    def _join(self, room: Room, member: Member) -> None:
        member.has_joined = True
        self._tell_room(room, "participant-join", member)
        if room.status == "init" and member.starts:
            room.status = "in-progress"
            self._tell_room(room, "conference-start")

    def _leave_all(self, call: LiveCall) -> None:
        for room in self.rooms.values():
            member = room.members.pop(call.sid, None)
            if member is not None:
                self._left(room, member)

    def _left(self, room: Room, member: Member) -> None:
        if member.has_joined:
            self._tell_room(room, "participant-leave", member)
        if member.ends and member.has_joined:
            self._close(room, "participant-with-end-conference-on-exit-left", member.call_sid)
        elif not room.members:
            self._close(room, "last-participant-left", member.call_sid)

    def _close(self, room: Room, reason: str, ended_by: str) -> None:
        if room.status == "completed":
            return
        room.status, room.end_reason, room.ended_by = "completed", reason, ended_by
        others, room.members = list(room.members.values()), {}
        for member in others:
            if member.has_joined:
                self._tell_room(room, "participant-leave", member)
            self.end_call(self.calls[member.call_sid])
        self._tell_room(room, "conference-end")

    def _begin(self, call: LiveCall) -> None:
        if call.started_at is None:
            call.started_at = now()
            self._move(call, "in-progress")

    def _end(self, call: LiveCall, status: str) -> None:
        if call.is_over:
            return
        call.ended_at = now()
        self._leave_all(call)
        self._move(call, status)

    def _move(self, call: LiveCall, status: str) -> None:
        call.status = status
        call.sequence += 1
        self._tell_call(call)

    # -- webhooks --------------------------------------------------------------------------

    def _tell_call(self, call: LiveCall) -> None:
        if call.callback and EVENT_OF_STATUS[call.status] in call.callback_events:
            params = self._call_params(call) | {
                "CallbackSource": "call-progress-events",
                "SequenceNumber": str(call.sequence),
                "Timestamp": format_datetime(now()),
            }
            if call.is_over:
                params |= {"CallDuration": str(call.seconds), "Duration": str(-(-call.seconds // 60))}
            self.webhooks.append(Webhook(call.account_sid, call.callback, params))

    def _tell_room(self, room: Room, event: str, member: Member | None = None) -> None:
        room.sequence += 1
        if not room.callback or event.split("-")[1] not in room.callback_events:
            return
        params = {
            "AccountSid": room.account_sid,
            "ConferenceSid": room.sid,
            "FriendlyName": room.name,
            "StatusCallbackEvent": event,
            "SequenceNumber": str(room.sequence),
            "Timestamp": format_datetime(now()),
        }
        if member is not None:
            params |= self._member_params(member, event)
        if event == "conference-end":
            params |= {"ReasonConferenceEnded": room.end_reason, "CallSidEndingConference": room.ended_by}
        self.webhooks.append(Webhook(room.account_sid, room.callback, params))

    def _member_params(self, member: Member, event: str) -> dict[str, str]:
        flags: dict[str, bool] = defaultdict(bool)
        flags |= {
            "Muted": member.is_muted,
            "Hold": member.is_held,
            "Coaching": False,
            "StartConferenceOnEnter": member.starts,
            "EndConferenceOnExit": member.ends,
        }
        params = {name: str(value).lower() for name, value in flags.items()} | {"CallSid": member.call_sid}
        if member.label:
            params["ParticipantLabel"] = member.label
        if event == "participant-leave":
            params |= {"ParticipantCallStatus": "completed", "ReasonParticipantLeft": "participant_hung_up"}
        return params

    def _call_params(self, call: LiveCall) -> dict[str, str]:
        return {
            "AccountSid": call.account_sid,
            "ApiVersion": "2010-04-01",
            "CallSid": call.sid,
            "CallStatus": call.status,
            "Called": call.to,
            "Caller": call.from_,
            "Direction": call.direction,
            "From": call.from_,
            "To": call.to,
        }

    def _text_params(self, text: Text) -> dict[str, str]:
        params = {
            "AccountSid": text.account_sid,
            "ApiVersion": "2010-04-01",
            "From": text.from_,
            "To": text.to,
            "MessageSid": text.sid,
            "MessageStatus": text.status,
            "SmsSid": text.sid,
            "SmsStatus": text.status,
        }
        return params | ({"ErrorCode": str(text.error_code)} if text.error_code else {})
