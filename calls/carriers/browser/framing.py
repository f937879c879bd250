"""Which other sites may show a line's page inside theirs (W3C CSP 3, `frame-ancestors`)."""

import re

from csp.constants import SELF
from django.http import HttpResponse

from clients.models import Line

_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?", re.IGNORECASE | re.ASCII)


def is_origin(text: str) -> bool:
    """Whether this is written as an origin of web pages."""
    return _ORIGIN.fullmatch(text) is not None


def allowed_origins(line: Line) -> list[str]:
    """The line's origins; what is not written as one allows nothing."""
    return [origin for origin in line.frame_ancestors.split() if is_origin(origin)]


def let_frame(response: HttpResponse, line: Line) -> None:
    """Open this response to the line's origins; without any it stays closed to all."""
    origins = allowed_origins(line)
    if origins:
        response._csp_replace = {"frame-ancestors": [SELF, *origins]}  # type: ignore[attr-defined]
        response.xframe_options_exempt = True
