"""``python -m pipeline.worker check|studio|train|paint``: one worker process."""

import sys

from pipeline.worker.app import main

if __name__ == "__main__":
    sys.exit(main())
