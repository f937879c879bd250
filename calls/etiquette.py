"""Good manners on the telephone, one quiet line at the moment where it helps."""

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Moment:
    """Where in the call the agent is."""

    is_beginning: bool
    knows_name: bool
    is_writing: bool
    is_ending: bool


def advice_for(moment: Moment) -> list[str]:
    """At most one line; the most urgent for this moment."""
    if moment.is_writing:
        return [_("Read back the name, the number and the message before you end.")]
    if moment.is_ending:
        return [_("Say what happens next and by when, thank the caller, and let them hang up first.")]
    if moment.is_beginning:
        return [_("Sound glad of the call and say your own name.")]
    if moment.knows_name:
        return [_("You know the caller's name: use it now and then, not in every sentence.")]
    return []
