"""How TensorFlow is imported: with the kernels that the compiler reproduces, and quietly."""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Generator
from contextlib import contextmanager

STDERR = 2


def use_onednn() -> None:
    """Have TensorFlow, if it is imported later, compute with oneDNN: by itself it does so on processors with AVX-512
    alone, and a batch normalization of rank 4 has another order of operations without."""
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


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
