"""The settings of a measured server: Alio's own, and one address more to compare with."""

from answering.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
