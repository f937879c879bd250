"""Static files of a production installation: names that carry a hash of the content, for ever in a browser's cache."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

# In our modules a string such as "./stream.js" is always a file beside them: an import, or a worker's address.
NEIGHBOURS = (("js/*.js", ((r"""(?P<matched>"(?P<url>\./[\w-]+\.js)")""", '"%(url)s"'),)),)


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also rewrites what our modules import from each other, so that a page never mixes two releases.

    Not by Django's `support_js_module_import_aggregation`, which trips over an example in a
    comment of htmx's and passes over workers; nor by an import map, which would be an inline
    script that the content security policy had to allow.
    """

    patterns: tuple[Any, ...] = (*CompressedManifestStaticFilesStorage.patterns, *NEIGHBOURS)
