"""``python -m pipeline.decoding OPTIONS``: a decoder process, started by the pool."""

from pipeline.decoding.process import main

if __name__ == "__main__":
    main()
