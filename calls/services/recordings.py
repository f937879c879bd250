"""Recordings that a carrier reports."""

from calls.carriers.base import RecordingReady
from calls.models import Call, CallRecording


def note_recording(ready: RecordingReady) -> CallRecording:
    """Write down where a recording of the call lies; twice is once. Raises Call.DoesNotExist."""
    recording, _is_new = CallRecording.objects.get_or_create(
        carrier_event_key=ready.event_key,
        defaults={
            "call": Call.objects.get(public_id=ready.call),
            "location": ready.location,
            "seconds": ready.seconds,
            "recorded_at": ready.occurred_at,
        },
    )
    return recording
