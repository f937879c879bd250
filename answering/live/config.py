import os
from dataclasses import dataclass
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class LiveConfig:
    redis_url: str
    secret: str
    page_origin: str
    max_streams: int = 5000
    ping_seconds: int = 15
    # After this long a page fetches a new ticket, for which its user's rights are checked again.
    stream_seconds: int = 600
    buffer_frames: int = 256

    @classmethod
    def from_settings(cls) -> "LiveConfig":
        """As Django's settings say; apps are not loaded for it."""
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "answering.settings")
        from django.conf import settings  # noqa: PLC0415  not before its module is named

        return cls(
            redis_url=settings.REDIS_URL,
            secret=str(settings.SECRET_KEY),
            page_origin=origin_of(settings.PUBLIC_URL),
        )


def origin_of(url: str) -> str:
    """Scheme, host and port as a browser writes them in `Origin` (RFC 6454, section 6.2)."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in (None, DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
