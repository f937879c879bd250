"""VAT numbers of companies, checked by the rules of the country that gave them. Pure."""

from stdnum.eu import vat
from stdnum.exceptions import InvalidChecksum, ValidationError

from clients.errors import VatChecksumWrong, VatInvalid, VatOfAnother

# The European Union writes Greece as EL (VIES), whatever ISO 3166 says.
PREFIXES = {"GR": "EL"}
LONGEST = 20
SEPARATORS = str.maketrans("", "", " .-/\u00a0")


def vat_number(text: str, country: str) -> str:
    """The number as invoices show it, with its country's prefix; an empty text stays empty.

    Numbers of the European Union are checked with their check digits; elsewhere letters and digits are all that is
    asked for. Raises VatOfAnother for the prefix of another member state, VatChecksumWrong, VatInvalid.
    """
    bare = text.upper().translate(SEPARATORS)
    if not bare:
        return ""
    if country.lower() not in vat.MEMBER_STATES:
        return _elsewhere(bare)
    prefix = PREFIXES.get(country, country)
    given = PREFIXES.get(bare[:2], bare[:2])
    if given != prefix and vat.is_valid(given + bare[2:]):
        raise VatOfAnother(given)
    try:
        return vat.validate(prefix + bare.removeprefix(country).removeprefix(prefix))
    except InvalidChecksum as error:
        raise VatChecksumWrong from error
    except ValidationError as error:
        raise VatInvalid from error


def _elsewhere(number: str) -> str:
    if len(number) > LONGEST or not (number.isascii() and number.isalnum()):
        raise VatInvalid
    return number
