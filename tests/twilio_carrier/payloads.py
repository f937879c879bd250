"""Parameters as Twilio sends them (its documentation, "Twilio's request to your application", and the pages on
conference events, call progress events and messages)."""

from tests.twilio.state import new_sid
from tests.twilio_carrier.telephone import NUMBER

CALLER = "+37126123456"


def voice(sid: str = "", **changes: str) -> dict[str, str]:
    return {
        "CallSid": sid or new_sid("CA"),
        "CallStatus": "ringing",
        "Direction": "inbound",
        "From": CALLER,
        "Caller": CALLER,
        "To": NUMBER,
        "Called": NUMBER,
        "FromCountry": "LV",
        "ToCountry": "LV",
        "CallToken": '{"parentCallInfoToken":"eyJhbGciOiJFUzI1NiJ9","identityHeaderTokens":[]}',
    } | changes


def over(sid: str, at: str, *, status: str = "completed", sequence: int = 0) -> dict[str, str]:
    """The last progress event of a leg."""
    return {
        "CallSid": sid,
        "CallStatus": status,
        "CallDuration": "23",
        "Duration": "1",
        "From": CALLER,
        "To": NUMBER,
        "Direction": "inbound",
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(sequence),
        "Timestamp": at,
    }


def conference(event: str, room: str, call: str, at: str, sequence: int, **changes: str) -> dict[str, str]:
    return {
        "StatusCallbackEvent": event,
        "ConferenceSid": room,
        "FriendlyName": call,
        "SequenceNumber": str(sequence),
        "Timestamp": at,
    } | changes


def participant(
    event: str, room: str, call: str, at: str, sequence: int, *, sid: str, label: str, **changes: str
) -> dict[str, str]:
    about = {"CallSid": sid, "ParticipantLabel": label, "Muted": "false", "Hold": "false", "Coaching": "false"}
    if event == "participant-leave":
        about |= {"ReasonParticipantLeft": "participant_hung_up", "ParticipantCallStatus": "completed"}
    return conference(event, room, call, at, sequence) | about | changes


def sms(sid: str = "", **changes: str) -> dict[str, str]:
    return {
        "MessageSid": sid or new_sid("SM"),
        "SmsStatus": "received",
        "From": CALLER,
        "To": NUMBER,
        "Body": "Vai esat atvērti sestdien?",
        "NumMedia": "0",
        "NumSegments": "1",
    } | changes
