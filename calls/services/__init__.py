"""What happens to calls, as verbs. Nobody else writes calls, events, offers or legs."""

from calls.services.answers import save_answer
from calls.services.callers import identify_caller
from calls.services.claims import claim_call, decline_offer
from calls.services.commands import close_call, end_call, hold_call, renew_audio, resume_call
from calls.services.inbound import receive_call, receive_failed_call, record_progress
from calls.services.media import answer_media, caller_hung_up, note_heartbeat, note_leaving, offer_media
from calls.services.presence import hear_agent, open_console, set_presence
from calls.services.recordings import note_recording
from calls.services.routing import offer_next, offer_waiting_to
from calls.services.texts import receive_text
from calls.services.timers import run_due_timers

__all__ = [
    "answer_media",
    "caller_hung_up",
    "claim_call",
    "close_call",
    "decline_offer",
    "end_call",
    "hear_agent",
    "hold_call",
    "identify_caller",
    "note_heartbeat",
    "note_leaving",
    "note_recording",
    "offer_media",
    "offer_next",
    "offer_waiting_to",
    "open_console",
    "receive_call",
    "receive_failed_call",
    "receive_text",
    "record_progress",
    "renew_audio",
    "resume_call",
    "run_due_timers",
    "save_answer",
    "set_presence",
]
