"""Ask the accounts, the database and the mail server what `doctor` compares. Waits for each, a few seconds at most."""

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.core.mail import get_connection
from django.db import DatabaseError

from answering.pulse.bounded import CheckFailed, run_bounded
from answering.pulse.health import check_health
from answering.twilio.accounts import Account, all_accounts
from answering.twilio.clocks import forget_gap, last_gap
from answering.twilio.errors import BadCredentials, NotFound, TwilioError
from answering.twilio.models import TwilioAccount
from answering.twilio.rest import Api, PhoneNumber
from answering.twilio.tokens import voice_token
from calls.carriers.twilio.doctor import (
    Diagnosis,
    LineFacts,
    change,
    check_clock,
    check_lines,
    check_number,
    check_public_url,
    check_strays,
    ok,
    unknown,
)
from clients.models import Line

MAIL_TIMEOUT_SECONDS = 10.0
CREDENTIALS = "copy account SID and auth token anew from Twilio's console (environment, or the account's row)"
HEALTH_REMEDIES = {
    "database": "start PostgreSQL, or put DATABASE_URL right",
    "broker": "start Redis or Valkey, or put REDIS_URL right",
    "worker": "start a worker: celery -A answering worker",
    "beat": "start exactly one beat: celery -A answering beat",
    "dispatcher": "start a dispatcher: manage.py dispatch",
}


def examine() -> Iterator[Diagnosis]:
    """Every check, in the order in which it makes sense to put things right."""
    yield from examine_house()
    yield from examine_twilio()


def examine_house() -> Iterator[Diagnosis]:
    """What any installation needs."""
    for name, finding in check_health().items():
        yield ok(name, finding.detail) if finding.is_ok else change(name, finding.detail, HEALTH_REMEDIES[name])
    yield _examine_mail()


def examine_twilio() -> Iterator[Diagnosis]:
    """What calls from telephones need."""
    try:
        lines, asleep = _lines(), _unusable_accounts()
    except DatabaseError as error:
        yield unknown("lines", f"the database does not answer ({type(error).__name__})")
        return
    accounts = all_accounts()
    yield from asleep
    if not accounts:
        yield unknown("Twilio", f"no account is set up: calls from browsers only; {len(lines)} lines have a number")
        return
    forget_gap()
    yield check_public_url(settings.PUBLIC_URL)
    yield from _lines_without_account(lines, accounts)
    for account in accounts:
        yield from _examine_account(account, [line for line in lines if line.account_row == account.row_id])
    yield check_clock(last_gap())


def _lines() -> list[LineFacts]:
    lines = Line.objects.answered().exclude(number=None).order_by("name")
    return [LineFacts(line.name, str(line.number), line.twilio_account_id) for line in lines]


def _unusable_accounts() -> list[Diagnosis]:
    """Rows in use whose secrets no longer open: SECRET_KEY has changed since they were entered."""
    known = [account.row_id for account in all_accounts() if account.row_id is not None]
    rows = TwilioAccount.objects.filter(is_active=True).exclude(pk__in=known)
    remedy = "enter auth token and key secret again in the maintenance hatch"
    return [change(f"account {row.name}", "its secrets were sealed with another SECRET_KEY", remedy) for row in rows]


def _lines_without_account(lines: Sequence[LineFacts], accounts: Sequence[Account]) -> Iterator[Diagnosis]:
    rows = {account.row_id for account in accounts}
    for line in lines:
        if line.account_row not in rows:
            yield change(
                f"{line.number} of the line “{line.name}”",
                "its Twilio account is not set up, or not in use",
                "set up TWILIO_ACCOUNT_SID, or give the line an account that is in use, in the maintenance hatch",
            )


def _examine_account(account: Account, lines: Sequence[LineFacts]) -> Iterator[Diagnosis]:
    subject, api = f"account {account.name}", Api(account)
    try:
        status = api.account_status()
        numbers = api.phone_numbers() if status == "active" else []
    except (BadCredentials, NotFound) as error:
        yield change(subject, str(error), CREDENTIALS)
        return
    except TwilioError as error:
        yield unknown(subject, str(error))
        return
    if status != "active":
        yield change(subject, f"is {status}", "see in Twilio's console what it asks for, most often a payment")
        return
    yield ok(subject, f"{account.sid} is active, {len(numbers)} numbers")
    yield _examine_key(account)
    if account.application_sid:
        yield _examine_application(account, api)
    yield from check_lines(lines, numbers, account.name)
    yield from _check_numbers(lines, numbers)


def _check_numbers(lines: Sequence[LineFacts], numbers: Sequence[PhoneNumber]) -> Iterator[Diagnosis]:
    ours = {line.number for line in lines}
    for number in numbers:
        if number.number in ours:
            yield from check_number(number, settings.PUBLIC_URL)
    yield from check_strays(lines, numbers, settings.PUBLIC_URL)


def _examine_key(account: Account) -> Diagnosis:
    """A token can be made with the key, and Twilio takes the key."""
    subject = f"API key of account {account.name}"
    make = "make a standard API key in Twilio's console and enter its SID and secret"
    if not (account.api_key and account.api_secret):
        return change(subject, "none: agents' browsers cannot be called", make)
    voice_token(account, "doctor")
    try:
        Api(account, with_key=True).find_conference("doctor")
    except BadCredentials as error:
        return change(subject, f"{account.api_key}: {error}", make)
    except TwilioError as error:
        return unknown(subject, str(error))
    return ok(subject, f"{account.api_key} is accepted")


def _examine_application(account: Account, api: Api) -> Diagnosis:
    subject = f"application of account {account.name}"
    try:
        found = api.application(account.application_sid)
    except NotFound:
        remedy = "enter the SID of a TwiML application of this account, or none"
        return change(subject, f"the account has no {account.application_sid}", remedy)
    except TwilioError as error:
        return unknown(subject, str(error))
    return ok(subject, f"“{found.name}” asks {found.voice_url or 'nobody'} when a browser calls out")


def _examine_mail() -> Diagnosis:
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        run_bounded(_greet_mail_server, timeout=MAIL_TIMEOUT_SECONDS)
    except CheckFailed as error:
        return change("mail server", f"{where}: {error}", "start the mail server, or put EMAIL_URL right")
    return ok("mail server", f"{where} answers")


def _greet_mail_server() -> bool:
    mail = get_connection(fail_silently=False)
    mail.open()
    mail.close()
    return True
