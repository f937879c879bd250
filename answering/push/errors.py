class PushError(Exception):
    """Root of what can go wrong between a page and its event stream."""


class TicketInvalid(PushError):  # noqa: N818  said as what happened
    """The ticket was not made by us, or not for this."""


class TicketExpired(PushError):  # noqa: N818  said as what happened
    """The ticket is ours, but its time is over: the page fetches a new one."""
