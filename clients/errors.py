class ClientError(Exception):
    """Something about a company cannot be done."""


class ChangedMeanwhile(ClientError):
    """Somebody else has saved the same thing since it was shown."""


class VatInvalid(ClientError):
    """Not a VAT number of the company's country."""


class VatChecksumWrong(VatInvalid):
    """The digits do not fit together: one of them is wrong, or two have changed places."""


class VatOfAnother(VatInvalid):
    """A VAT number of another member state."""

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix)
        self.prefix = prefix


class HoursInvalid(ClientError):
    """Hours that cannot be meant so; `text` is what was typed."""

    def __init__(self, text: str, *, weekday: int | None = None) -> None:
        super().__init__(text)
        self.text, self.weekday = text, weekday


class HoursUnreadable(HoursInvalid):
    """Not from one time of day to another."""


class HoursEmpty(HoursInvalid):
    """An interval that ends when it starts."""


class HoursOverlap(HoursInvalid):
    """Two intervals share some time; with `weekday`, a night's and the next day's."""
