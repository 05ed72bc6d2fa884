"""``python -m pipeline.child OPTIONS``: the torch process, started by :mod:`pipeline.engine`."""

from pipeline.child.process import main

if __name__ == "__main__":
    main()
