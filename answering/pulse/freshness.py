"""How long each part may be silent before it counts as away; loads nothing, for checks that run every few seconds."""

from datetime import timedelta

# Beat and worker beat every few seconds through the broker, the dispatcher itself.
FRESH_WITHIN = {
    "worker": timedelta(seconds=60),
    "beat": timedelta(seconds=60),
    "dispatcher": timedelta(seconds=10),
}
