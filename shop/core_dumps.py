"""Core dumps are off: the memory of these processes holds photos, keys and people's LoRAs."""

import ctypes
import resource
import sys
from typing import Final

_SET_DUMPABLE: Final = 4  # PR_SET_DUMPABLE of Linux's prctl(2); a new program begins with 1 again


def refuse() -> None:
    """Let neither this process nor its children leave a core dump, be it in a file or a collector,
    and nobody but root read the memory of this one.

    The limit is one byte. Zero would stop a file, but not a pipe (systemd-coredump, apport);
    one stops both: Linux takes it for a dump of the collector itself (``fs/coredump.c``).
    """
    if sys.platform == "linux":
        # Nor may another process of the same user, such as a decoder that was taken over, read it.
        ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0)
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    least = 0 if most == 0 else 1  # a limit of zero can be raised by root alone
    resource.setrlimit(resource.RLIMIT_CORE, (least, least))
