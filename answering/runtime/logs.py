"""One form of line for all that a process says: our own events and the words of libraries alike.

In production every line is a JSON object; in a checkout it is made for a terminal. Tracebacks never show the values of
variables, among which are names, numbers and secrets.
"""

import logging
import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger


def configure_events(level: str, *, for_terminal: bool) -> None:
    """Have our own events, of this level and above, written to standard output."""
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *_common(), *_rendering(for_terminal)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(),
    )


def library_logging(level: str, *, for_terminal: bool) -> dict[str, Any]:
    """Django's LOGGING: what libraries say through `logging`, in the same form, to standard error."""
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [structlog.stdlib.add_logger_name, *_common()],
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(for_terminal)],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {"axes": {"level": "WARNING"}},
    }


def _common() -> list[Processor]:
    return [
        structlog.processors.add_log_level,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _rendering(for_terminal: bool) -> list[Processor]:
    if for_terminal:
        return [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    return [
        structlog.processors.format_exc_info,
        _without_rows,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


def _without_rows(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """PostgreSQL's DETAIL quotes the row that it refused, with whoever is named in it."""
    return {name: _DETAIL.sub("", value) if isinstance(value, str) else value for name, value in event.items()}


_DETAIL = re.compile(r"\s*\bDETAIL:[^\n]*")
