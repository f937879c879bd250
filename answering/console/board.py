"""Everything that changes on the console, read with a bounded number of queries."""

import uuid
from dataclasses import dataclass, field

from django.urls import reverse

from answering.accounts.models import Agent
from answering.console.access import is_held_by
from answering.console.caller import CallerCard, caller_card
from answering.console.letter import Letter, letter_of
from answering.console.people import PersonOnRota, people_of
from answering.console.stage import (
    LineHours,
    Result,
    Stage,
    StageKind,
    capabilities_of,
    choose_stage,
    free_results,
    line_hours,
    results,
    running_notices,
    spoken_notices,
    way_with,
)
from answering.console.telephone import has_become_telephone
from answering.console.workload import CallBacks, Today, Waiting, call_backs_for, drafts_of, today_of, waiting_for
from calls.models import Call, Disposition
from calls.script_panel import ScriptPanel, is_call_back, read_panel
from clients.models import Notice, Service, WayOfWorking
from inquiries.models import MessageDraft

MESSAGES = Service.MESSAGES


@dataclass(frozen=True, slots=True)
class CallView:
    """What is shown of the call in the centre, beside its message form.

    `looks_after` is whether this agent writes down how to work with the client.
    """

    script: ScriptPanel
    notices: list[Notice]
    hours: LineHours
    caller: CallerCard
    people: list[PersonOnRota]
    results: list[Result]
    free_results: list[Result]
    capabilities: frozenset[str]
    way: WayOfWorking | None = None
    looks_after: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """One reading of the console. `letter` is None where the page keeps the form it has."""

    agent: Agent
    stage: Stage
    waiting: Waiting
    call_backs: CallBacks
    today: Today
    drafts: list[MessageDraft] = field(default_factory=list)
    view: CallView | None = None
    letter: Letter | None = None
    has_letter: bool = True
    has_script: bool = True
    is_replaced: bool = False
    must_reload: bool = False

    @property
    def kind(self) -> str:
        return self.stage.kind.value

    @property
    def call(self) -> Call | None:
        return self.stage.call

    @property
    def can_edit_caller(self) -> bool:
        """Whether the agent may say who it is: while they have the call, and until they have closed it."""
        return self.stage.kind in (StageKind.CALL, StageKind.WRAP_UP)

    @property
    def script_panel(self) -> ScriptPanel | None:
        """The script, from when the agent has the call on."""
        return self.view.script if self.view and self.stage.letter_call else None

    @property
    def unsent(self) -> list[MessageDraft]:
        """Drafts of calls that are over and not in the centre."""
        shown = self.stage.call.pk if self.stage.call else None
        return [draft for draft in self.drafts if draft.call_id != shown and draft.text.strip()]


def read_board(
    agent: Agent,
    *,
    opened: uuid.UUID | None = None,
    shown: uuid.UUID | None = None,
    console_id: str = "",
    has_telephone: bool = True,
) -> Board:
    """Read the console of this agent; at most 16 queries with those of the session.

    `opened` is a call of the agent's that the page asks to see, `shown` the call whose form it has. A page that was
    opened without a telephone learns whether it would have one now.
    """
    waiting = waiting_for(agent)
    stage = choose_stage(agent, opened, waiting)
    drafts = drafts_of(agent, stage.call)
    letter_call = stage.letter_call
    view = _view(agent, stage.call, _draft(drafts, stage.call)) if stage.call else None
    has_letter = letter_call is None or letter_call.public_id != shown or not letter_call.client.has_service(MESSAGES)
    letter = None
    if letter_call is not None and view is not None and has_letter:
        contacts = [person.contact for person in view.people]
        letter = letter_of(letter_call, contacts, _draft(drafts, letter_call), view.caller.sent)
    return Board(
        agent=agent,
        stage=stage,
        waiting=waiting,
        call_backs=call_backs_for(agent),
        today=today_of(agent),
        drafts=drafts,
        view=view,
        letter=letter,
        has_letter=has_letter,
        has_script=letter_call is None or letter_call.public_id != shown,
        is_replaced=bool(console_id) and not is_held_by(agent, console_id),
        must_reload=not has_telephone and has_become_telephone(agent),
    )


def _view(agent: Agent, call: Call, draft: MessageDraft | None) -> CallView:
    caller = caller_card(call)
    name = (draft.caller_name if draft else "").strip() or caller.name
    notices = running_notices(call)
    url = reverse("console:answer_step", args=[call.public_id])
    panel = read_panel(call, agent, name, url=url, notice=spoken_notices(notices))
    return CallView(
        script=panel,
        notices=notices,
        hours=line_hours(call),
        caller=caller,
        people=people_of(call.client),
        results=results(_likely(panel, has_message=bool(caller.sent))),
        free_results=free_results(),
        capabilities=capabilities_of(call),
        way=way_with(call),
        looks_after=agent.user.is_supervisor or agent.pk in (call.client.consultant_id, call.client.substitute_id),
    )


def _likely(panel: ScriptPanel, *, has_message: bool) -> Disposition | None:
    """How the call has probably ended, by what was done in it."""
    if is_call_back(panel):
        return Disposition.CALLBACK
    return Disposition.MESSAGE if has_message else None


def _draft(drafts: list[MessageDraft], call: Call | None) -> MessageDraft | None:
    return next((draft for draft in drafts if call is not None and draft.call_id == call.pk), None)
