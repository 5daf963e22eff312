"""What TensorFlow and Keras say that is about themselves, and not about a network."""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Generator
from contextlib import contextmanager

STDERR = 2


@contextmanager
def quietly() -> Generator[None]:
    """Drop the warnings of packages, and what their C++ writes to standard error: TensorFlow looks for graphics cards
    when it is imported, whatever TF_CPP_MIN_LOG_LEVEL says. After an exception the text is shown."""
    sys.stderr.flush()
    kept = os.dup(STDERR)
    with tempfile.TemporaryFile() as said, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.dup2(said.fileno(), STDERR)
        try:
            yield
        except BaseException:
            said.seek(0)
            os.write(kept, said.read())
            raise
        finally:
            os.dup2(kept, STDERR)
            os.close(kept)
