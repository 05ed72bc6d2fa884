"""``python -m pipeline.worker ROLE``: one worker process."""

import sys

from pipeline.worker.app import main

if __name__ == "__main__":
    sys.exit(main())
