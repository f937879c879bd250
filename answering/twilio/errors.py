"""What can go wrong with Twilio, by what has to be done about it."""

from datetime import timedelta


class TwilioError(Exception):
    """Root of all; the message is for a person. `code` is Twilio's own number, where it gave one."""

    def __init__(self, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class NotConfigured(TwilioError):
    """No account, or none with what this needs: a matter of settings."""


class Unreachable(TwilioError):
    """No answer that can be used: whether Twilio has done it is unknown.

    `was_sent` is False where no connection was made, so that nothing can have happened.
    """

    def __init__(self, message: str, *, code: int | None = None, was_sent: bool = True) -> None:
        super().__init__(message, code=code)
        self.was_sent = was_sent


class Busy(TwilioError):
    """Too many requests (429): nothing was done. `retry_after` is what Twilio asks for, if it does."""

    def __init__(self, message: str, *, code: int | None = None, retry_after: timedelta | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class Refused(TwilioError):
    """Understood and not done; the same again would be refused again."""


class NotFound(TwilioError):
    """The account knows no such thing (404)."""


class BadCredentials(TwilioError):
    """The account, its token or its rights are not accepted (401, 403)."""
