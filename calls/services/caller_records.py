"""What is known of callers: changed by people, merged, separated again; always with who did it and when.

A merge moves no call. The number's row points to the caller who is kept, and whoever asks for the calls of a caller
asks for those of all their numbers. So a call that arrives meanwhile cannot be missed, and a separation gives each
their own.
"""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import F, Field, Q

from answering.accounts.models import Agent, User
from answering.lib.commit import after_commit
from calls import signals
from calls.errors import CallerOfAnother, ChangedSince, MergedOn, NotYourCall, NumberKnown, SeparatedAlready
from calls.models import Call, Caller, CallerChange, CallerChangeKind
from clients.errors import ChangedMeanwhile
from clients.services.revisions import claim_revision

CALLER_FIELDS = ("name", "language", "note", "is_blocked", "is_always_connected", "care_reason", "care_until")
# What is said together; half of it may contradict what somebody else has said of the other half.
_PAIRS = (("is_blocked", "is_always_connected"), ("care_reason", "care_until"))
Values = Mapping[str, object]


def save_caller(caller: Caller, *, seen: int | None, by: User, call: Call | None = None) -> list[str]:
    """Save a caller as somebody has filled in the form; gives which fields are new. Raises ChangedMeanwhile."""
    with transaction.atomic():
        claim_revision(caller, seen=seen)
        before = _values(Caller.objects.get(pk=caller.pk))
        after = _changed(before, _values(caller))
        if after:
            caller.save(update_fields=[*after, "search_key"])
            _log(caller, CallerChangeKind.EDITED, by, call=call, before=_only(before, after), after=after)
        return list(after)


def save_caller_in_call(caller: Caller, call: Call, *, seen: int | None, agent: Agent) -> None:
    """The same by the agent who has the call, which then goes by the new name too.

    Raises ChangedMeanwhile, also when the call has become another caller's meanwhile, and NotYourCall.
    """
    with transaction.atomic():
        current = _own(call, agent)
        if current.caller is None or current.caller.kept_id != caller.pk:
            raise ChangedMeanwhile
        if "name" in save_caller(caller, seen=seen, by=agent.user, call=current):
            _rename(current, caller.name)


def merge_callers(
    kept: Caller,
    others: Iterable[Caller],
    *,
    values: Values,
    seen: Mapping[int, int],
    by: User,
    call: Call | None = None,
) -> CallerChange:
    """Make the numbers of several callers of one client those of the one who is kept, who gets these values.

    `seen` are the revisions of all of them that were shown. Their rows are locked in the order of their ids until
    the transaction ends. Raises CallerOfAnother, and ChangedMeanwhile when one of them was changed or merged since.
    """
    ids = {caller.pk for caller in others} - {kept.pk}
    with transaction.atomic():
        rows = _locked(Q(pk__in=[kept.pk, *ids]) | Q(merged_into__in=ids))
        keeper, given = rows.get(kept.pk), [rows[pk] for pk in ids if pk in rows]
        if (
            keeper is None
            or len(given) < len(ids)
            or not given
            or any(each.merged_into_id for each in [keeper, *given])
        ):
            raise ChangedMeanwhile
        if {each.client_id for each in rows.values()} != {keeper.client_id}:
            raise CallerOfAnother
        for each in [keeper, *given]:
            claim_revision(each, seen=seen.get(each.pk))
        before, moved = _values(keeper), {str(pk): row.merged_into_id for pk, row in rows.items() if pk != keeper.pk}
        further = [pk for pk, row in rows.items() if row.merged_into_id]
        Caller.objects.filter(pk__in=further).update(merged_into=keeper)  # first, for only the kept may be pointed to
        Caller.objects.filter(pk__in=ids).update(merged_into=keeper)
        after = _changed(before, before | dict(values))
        _set(keeper, after)
        return _log(
            keeper,
            CallerChangeKind.MERGED,
            by,
            call=call,
            before=_only(before, after),
            after=_values(keeper),
            moved=moved,
        )


def separate_callers(merge: CallerChange, *, by: User, leaves_changes: bool = False) -> CallerChange:
    """Undo a merge: each number is whose it was, and the caller who was kept is as before.

    What somebody has changed since stays as it is, if `leaves_changes`, and with it what is said together with it;
    otherwise raises ChangedSince, which says what.
    Raises SeparatedAlready, and MergedOn when one of the numbers has been merged on since.
    """
    with transaction.atomic():
        rows = _locked(Q(pk__in=[merge.caller_id, *map(int, merge.moved)]))
        if CallerChange.objects.filter(undoes=merge).exists():
            raise SeparatedAlready
        keeper = rows.pop(merge.caller_id)
        if keeper.merged_into_id or any(row.merged_into_id != keeper.pk for row in rows.values()):
            raise MergedOn
        now, was = _values(keeper), {name: _read(name, value) for name, value in merge.after.items()}
        changed = _changed(was, now)
        if changed and not leaves_changes:
            raise ChangedSince(tuple(changed))
        stays = _with_pairs(changed)
        back = {name: _read(name, value) for name, value in merge.before.items() if name not in stays}
        _give_back(rows, merge.moved)
        Caller.objects.filter(pk__in=[keeper.pk, *rows]).update(revision=F("revision") + 1)
        _set(keeper, back)
        return _log(keeper, CallerChangeKind.SEPARATED, by, before=_only(now, back), after=back, undoes=merge)


def link_call(call: Call, caller: Caller, *, agent: Agent, keeps_number: bool = False) -> Call:
    """Say who of the client's known callers this is, whatever the number, which they may keep as one of theirs.

    Who they are now counts, not what was known of them when they were found. Raises NotYourCall, CallerOfAnother,
    and NumberKnown when the number is somebody's already.
    """
    with transaction.atomic():
        current = _own(call, agent)
        number = own_number(current) if keeps_number else None
        rows = _locked(Q(pk__in=[each.pk for each in (caller, number) if each]))
        named = rows.get(caller.pk)
        if named is None or named.client_id != current.client_id or named.merged_into_id is not None:
            raise CallerOfAnother
        if number is not None and number.pk in rows:
            _keep_number(current, named, rows[number.pk], by=agent.user)
        if current.caller is None or current.caller.kept_id != named.pk:
            _name(current, named, by=agent.user)
        return current


def own_number(call: Call) -> Caller | None:
    """The row of the number that this call came from; None when it was withheld."""
    if not call.caller_number:
        return None
    numbers = Caller.objects.filter(client_id=call.client_id, number=call.caller_number).select_related("merged_into")
    return numbers.first()


def is_free(number: Caller, call: Call) -> bool:
    """Whether a number may be given to somebody: nothing is said of whoever it belongs to, and nobody else has it."""
    if number.merged_into_id or number.note or number.is_blocked or number.is_always_connected or number.care_reason:
        return False
    if number.merged.exists():
        return False
    return not number.name or not Call.objects.filter(caller=number).exclude(pk=call.pk).exists()


def _keep_number(call: Call, caller: Caller, number: Caller, *, by: User) -> None:
    """Both are locked."""
    if number.kept_id == caller.pk:
        return
    if not is_free(number, call):
        raise NumberKnown
    seen = {each.pk: each.revision for each in (caller, number)}
    merge_callers(caller, [number], values={}, seen=seen, by=by, call=call)


def _name(call: Call, caller: Caller, *, by: User) -> None:
    before = call.caller.kept_id if call.caller else None
    call.caller = caller
    call.save(update_fields=["caller"])
    _rename(call, caller.name)
    _log(caller, CallerChangeKind.LINKED, by, call=call, before={"caller": before}, after={"caller": caller.pk})


def _rename(call: Call, name: str) -> None:
    call.caller_name = name
    call.save(update_fields=["caller_name"])
    after_commit(signals.caller_identified.send_robust, sender=Call, call_id=call.pk)


def _own(call: Call, agent: Agent) -> Call:
    """The call as it is, locked before any caller is, as whoever else needs both does. Raises NotYourCall."""
    rows = Call.objects.select_for_update(of=("self",), no_key=True).select_related("caller__merged_into")
    current = rows.get(pk=call.pk)
    if current.agent_id != agent.pk:
        raise NotYourCall
    return current


def _locked(which: Q) -> dict[int, Caller]:
    """By id; in the order of their ids, so that two who merge wait for each other instead of blocking each other."""
    return {row.pk: row for row in Caller.objects.select_for_update(no_key=True).filter(which).order_by("pk")}


def _give_back(rows: Mapping[int, Caller], moved: Mapping[str, int | None]) -> None:
    """Who was a caller of their own first, then their further numbers."""
    for pk in sorted(rows, key=lambda pk: moved[str(pk)] is not None):
        Caller.objects.filter(pk=pk).update(merged_into=moved[str(pk)])


def _values(caller: Caller) -> dict[str, object]:
    return {name: getattr(caller, name) for name in CALLER_FIELDS}


def _changed(before: Values, after: Values) -> dict[str, object]:
    return {name: value for name, value in after.items() if name in before and before[name] != value}


def _only(values: Values, names: Iterable[str]) -> dict[str, object]:
    return {name: values[name] for name in names}


def _with_pairs(names: Iterable[str]) -> set[str]:
    chosen = set(names)
    return chosen.union(*(pair for pair in _PAIRS if chosen & set(pair)))


def _read(name: str, value: object) -> object:
    """A value as the log keeps it, as the row has it."""
    field: Field[object, object] = Caller._meta.get_field(name)  # type: ignore[assignment]  # none is a relation
    return field.to_python(value)


def _set(caller: Caller, values: Values) -> None:
    for name, value in values.items():
        setattr(caller, name, value)
    if values:
        caller.save(update_fields=[*values, "search_key"])


def _log(caller: Caller, kind: CallerChangeKind, by: User, **what: object) -> CallerChange:
    return CallerChange.objects.create(caller=caller, kind=kind, user=by, **what)
