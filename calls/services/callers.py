"""Who is calling: recognised by number, or as they say themselves."""

import unicodedata
from collections.abc import Sequence
from functools import cache

from django.db import connection, transaction
from django.db.models import F
from phonenumber_field.phonenumber import PhoneNumber
from phonenumbers import NumberParseException, is_possible_number

from answering.lib.commit import after_commit
from calls import signals
from calls.models import Call, Caller
from calls.services.prepared import execute_prepared
from clients.models import Line

NAME_LIMIT = 200
TYPED_NUMBER_LIMIT = 40
# PostgreSQL refuses NUL, UTF-8 the surrogates; direction marks would turn the text around the name.
_UNFIT = frozenset({"Cc", "Cs"})
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def recognise(line: Line, number: str, name: str) -> Caller | None:
    """The row of this number at this client, whoever it belongs to (`Caller.kept`, no query).

    None when withheld or malformed. A name once known is kept.
    """
    parsed = e164(number, line.client.country)
    if parsed is None:
        return None
    known = Caller.objects.select_related("merged_into").filter(client=line.client, number=parsed)
    return known.first() or add_caller(line, parsed, name)


def add_caller(line: Line, number: str, name: str) -> Caller:
    """Keep a new caller of the line's client, or find who has just been kept by this number; one statement."""
    caller = Caller(client=line.client, number=number, name=clean_name(name), language=line.language)
    caller.set_search_key()
    said = {"client_id": line.client_id, "number": number, "name": caller.name, "search_key": caller.search_key}
    said |= {"language": line.language, "created_at": caller.created_at}
    values = _unsaid() | said
    ((caller.pk,),) = execute_prepared(_keep_caller(), [values[column] for column in _columns()])
    caller._state.adding, caller._state.db = False, "default"
    return caller


@cache
def _columns() -> Sequence[str]:
    return [field.attname for field in Caller._meta.concrete_fields if not field.primary_key]


@cache
def _unsaid() -> dict[str, object]:
    """What a new caller has in the database of whom nothing is known."""
    nobody, fields = Caller(), Caller._meta.concrete_fields
    return {field.attname: field.get_db_prep_save(getattr(nobody, field.attname), connection) for field in fields}


@cache
def _keep_caller() -> str:
    columns = _columns()
    return f"""
        INSERT INTO calls_caller ({", ".join(columns)}) VALUES ({", ".join(["%s"] * len(columns))})
        ON CONFLICT (client_id, number) DO UPDATE SET number = excluded.number RETURNING id
    """  # noqa: S608 - names of our own columns


def clean_name(name: str) -> str:
    """A name as it can be stored and shown on one line, at most 200 characters."""
    spaced = " ".join(name.split())
    fit = (sign for sign in spaced if unicodedata.category(sign) not in _UNFIT and sign not in _DIRECTIONS)
    return "".join(fit)[:NAME_LIMIT].strip()


def e164(number: str, country: str) -> str | None:
    """The number with its country code; None if it is withheld or cannot be one.

    Possible is enough: new number ranges come into use before the library knows them as valid.
    """
    if not number.strip():
        return None
    try:
        parsed = PhoneNumber.from_string(number.strip()[:TYPED_NUMBER_LIMIT], region=country)
    except NumberParseException:
        return None
    return str(parsed.as_e164) if is_possible_number(parsed) else None


def identify_caller(call_id: int, *, name: str = "", number: str = "") -> Call:
    """Note who is calling, as said by the caller; a wrong number is kept as typed on the message, not here."""
    known_name = clean_name(name)
    with transaction.atomic():
        rows = Call.objects.select_for_update(of=("self",), no_key=True).select_related("line__client")
        call = rows.get(pk=call_id)
        caller = recognise(call.line, number, known_name)
        if caller is not None:
            call.caller, call.caller_number = caller, str(caller.number)
            _name_caller(caller.kept, known_name)
        call.caller_name = known_name or call.caller_name
        call.save(update_fields=["caller", "caller_number", "caller_name"])
        after_commit(signals.caller_identified.send_robust, sender=Call, call_id=call.pk)
        return call


def _name_caller(caller: Caller, name: str) -> None:
    """Unless somebody has named them meanwhile."""
    if name and not caller.name:
        caller.name = name
        caller.set_search_key()
        Caller.objects.filter(pk=caller.pk, name="").update(
            name=name,
            search_key=caller.search_key,
            revision=F("revision") + 1,  # a form that shows no name must not take it away
        )
