"""`qdialect`: the command line for people with a trained network."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from qdialect.errors import QdialectError, one_line
from qdialect.tools.commands import COMMANDS
from qdialect.tools.parser import make_parser
from qdialect.tools.pipes import until_reader_stops


@until_reader_stops
def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0, or 1 after one line on standard error or if a stage differs."""
    try:
        options = make_parser().parse_args(argv)
        return COMMANDS[options.command](options)
    except BrokenPipeError:
        raise
    except OSError as error:
        print(f"qdialect: error: {one_line(f'{error.filename}: {error.strerror}')}", file=sys.stderr)
        return 1
    except QdialectError as error:
        print(f"qdialect: error: {one_line(str(error))}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
