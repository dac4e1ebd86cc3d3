"""`python -m pipeline` is the command `bookrunner`."""

import sys

from pipeline.cli import main

sys.exit(main())
