import pytest

from clients.errors import VatChecksumWrong, VatInvalid, VatOfAnother
from clients.vat import vat_number

GOOD = [
    ("LV 4000 3521 600", "LV", "LV40003521600"),
    ("40003521600", "LV", "LV40003521600"),
    ("LT 119511515", "LT", "LT119511515"),
    ("100001919017", "LT", "LT100001919017"),
    ("EL 094259216", "GR", "EL094259216"),
    ("GR094259216", "GR", "EL094259216"),
    ("094259216", "GR", "EL094259216"),
    ("ee100931558", "EE", "EE100931558"),
    ("CHE-107.787.577", "CH", "CHE107787577"),
    ("  ", "LV", ""),
]


@pytest.mark.parametrize(("text", "country", "number"), GOOD)
def test_numbers_are_written_as_invoices_show_them(text: str, country: str, number: str) -> None:
    assert vat_number(text, country) == number


BAD = [
    ("LV40003521601", "LV", VatChecksumWrong),
    ("LT119511516", "LT", VatChecksumWrong),
    ("EL094259217", "GR", VatChecksumWrong),
    ("LV4000352160", "LV", VatInvalid),
    ("LV4000352160X", "LV", VatInvalid),
    ("LV٤٠٠٠٣٥٢١٦٠٠", "LV", VatInvalid),
    ("LT119511515", "LV", VatOfAnother),
    ("EL094259216", "LV", VatOfAnother),
    ("x" * 21, "CH", VatInvalid),
    ("a\x00b", "CH", VatInvalid),
    ("\ud800", "LV", VatInvalid),
]


@pytest.mark.parametrize(("text", "country", "error"), BAD)
def test_numbers_that_cannot_be_are_refused(text: str, country: str, error: type[VatInvalid]) -> None:
    with pytest.raises(VatInvalid) as caught:
        vat_number(text, country)
    assert caught.type is error
