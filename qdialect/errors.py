"""The one exception that users see: what is wrong with their input, and what would work."""

from __future__ import annotations


class QdialectError(Exception):
    """A user error in one line that names the layer, file or option concerned.

    The command-line tools print it as `qopt: error: ...` and exit with status 1.
    """
