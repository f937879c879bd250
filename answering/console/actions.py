"""Commands of the console that are made of several services."""

from answering.accounts.models import Agent
from calls.models import Call, Disposition
from calls.models.call import FREE_DISPOSITIONS
from calls.services import close_call, end_call
from calls.states import AGENT_STATES


def finish_call(call: Call, *, agent: Agent, disposition: Disposition) -> Call:
    """Give the call its result; a wrong number or spam is ended first while the caller is still there.

    Raises NotYourCall, CallGone, WrongState.
    """
    if call.state in AGENT_STATES and disposition in FREE_DISPOSITIONS:
        call = end_call(call.pk, agent=agent)
        if call.closed_at is not None:  # never answered: closed by its end
            return call
    return close_call(call.pk, agent=agent, disposition=disposition)
