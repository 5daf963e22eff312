"""`qdialect`: the command line for people with a trained network."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from qdialect.errors import QdialectError, one_line
from qdialect.tools.commands import COMMANDS
from qdialect.tools.parser import make_parser


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0, or 1 after one line on standard error or if a stage differs."""
    try:
        options = make_parser().parse_args(argv)
        status = COMMANDS[options.command](options)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # the reader (head, less) has seen enough; keep Python from flushing again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        print(f"qdialect: error: {one_line(f'{error.filename}: {error.strerror}')}", file=sys.stderr)
        return 1
    except QdialectError as error:
        print(f"qdialect: error: {one_line(str(error))}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
