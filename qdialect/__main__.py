"""`python -m qdialect` is the command `qdialect`."""

import sys

from qdialect.tools.cli import main

if __name__ == "__main__":
    sys.exit(main())
