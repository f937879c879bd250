"""A webhook counts if its account has signed it for our own address, whatever a proxy or a stranger says."""

import pytest
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from pytest_django import Settings

from answering.twilio.accounts import Account
from answering.twilio.signature import is_signed, public_address
from tests.twilio.signing import signature_of

# Twilio's own example, "Validating signatures from Twilio", with its result.
PUBLISHED_TOKEN = "12345"
PUBLISHED_PATH = "/myapp.php?foo=1&bar=2"
PUBLISHED_FIELDS = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}
PUBLISHED_SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="

TOKEN = "a" * 32
FIELDS = {"CallSid": "CA" + "0" * 32, "From": "+37126123456", "CallerName": "Ilze & <b>co</b>", "Empty": ""}
PATH = "/carriers/twilio/voice"


def account(token: str = TOKEN) -> Account:
    return Account("test", "AC" + "0" * 32, token)


def test_twilios_published_example_is_accepted(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://mycompany.com"
    assert (
        signature_of(PUBLISHED_TOKEN, f"https://mycompany.com{PUBLISHED_PATH}", PUBLISHED_FIELDS) == PUBLISHED_SIGNATURE
    )
    assert is_signed(
        account(PUBLISHED_TOKEN), path=PUBLISHED_PATH, params=PUBLISHED_FIELDS, signature=PUBLISHED_SIGNATURE
    )


@pytest.mark.parametrize(
    ("public_url", "signed_url"),
    [
        ("https://alio.example", "https://alio.example/carriers/twilio/voice"),
        ("https://alio.example/", "https://alio.example/carriers/twilio/voice"),
        ("https://alio.example", "https://alio.example:443/carriers/twilio/voice"),
        ("https://alio.example:8443", "https://alio.example:8443/carriers/twilio/voice"),
        ("https://alio.example:8443", "https://alio.example/carriers/twilio/voice"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/carriers/twilio/voice"),
        ("https://house.example/alio", "https://house.example/alio/carriers/twilio/voice"),
        ("https://house.example/alio/", "https://house.example/alio/carriers/twilio/voice"),
    ],
)
def test_the_signed_address_is_ours(settings: Settings, public_url: str, signed_url: str) -> None:
    settings.PUBLIC_URL = public_url
    signature = signature_of(TOKEN, signed_url, FIELDS)
    assert is_signed(account(), path=PATH, params=FIELDS, signature=signature)


FORGED = {
    "another host": ("https://evil.example/carriers/twilio/voice", PATH, FIELDS),
    "plain http": ("http://alio.example/carriers/twilio/voice", PATH, FIELDS),
    "another path": ("https://alio.example/carriers/twilio/status", PATH, FIELDS),
    "another query": ("https://alio.example/carriers/twilio/voice?a=1", f"{PATH}?a=2", FIELDS),
    "a changed field": ("https://alio.example/carriers/twilio/voice", PATH, FIELDS | {"From": "+37120000000"}),
    "a field more": ("https://alio.example/carriers/twilio/voice", PATH, FIELDS | {"Extra": "1"}),
    "a field less": ("https://alio.example/carriers/twilio/voice", PATH, {"From": "+37126123456"}),
}


@pytest.mark.parametrize(("signed_url", "path", "params"), FORGED.values(), ids=FORGED.keys())
def test_anything_else_is_forged(settings: Settings, signed_url: str, path: str, params: dict[str, str]) -> None:
    settings.PUBLIC_URL = "https://alio.example"
    assert not is_signed(account(), path=path, params=params, signature=signature_of(TOKEN, signed_url, FIELDS))


@pytest.mark.parametrize("signature", ["", "x", "é" * 28, "A" * 28, "=" * 500])
def test_a_signature_of_nonsense_is_none(signature: str) -> None:
    assert not is_signed(account(), path=PATH, params=FIELDS, signature=signature)


@pytest.mark.parametrize("path", ["", "voice", "@evil.example/voice", ".evil.example/voice"])
def test_a_path_that_would_name_another_host_is_never_signed(settings: Settings, path: str) -> None:
    settings.PUBLIC_URL = "https://alio.example"
    signature = signature_of(TOKEN, f"https://alio.example{path}", FIELDS)
    assert not is_signed(account(), path=path, params=FIELDS, signature=signature)


def test_another_accounts_signature_is_not_this_ones(settings: Settings) -> None:
    signature = signature_of("b" * 32, public_address(PATH), FIELDS)
    assert not is_signed(account(), path=PATH, params=FIELDS, signature=signature)


@pytest.mark.parametrize("values", [["a", "b"], ["b", "a"], ["a", "a"]])
def test_repeated_fields_are_signed_as_twilio_signs_them(values: list[str]) -> None:
    fields = {"CallSid": ["CA1"], "Part": values}
    signature = signature_of(TOKEN, public_address(PATH), fields)
    assert is_signed(account(), path=PATH, params=MultiValueDict(fields), signature=signature)
    assert not is_signed(account(), path=PATH, params={"CallSid": "CA1", "Part": "c"}, signature=signature)


def test_a_form_as_django_reads_it_is_accepted() -> None:
    signature = signature_of(TOKEN, public_address(PATH), {"From": "+37126123456", "CallerName": "Ilze Krūma"})
    params = QueryDict("From=%2B37126123456&CallerName=Ilze+Kr%C5%ABma")
    assert is_signed(account(), path=PATH, params=params, signature=signature)
