"""Core dumps are off: the memory of these processes holds photos, keys and people's LoRAs."""

import resource


def refuse() -> None:
    """Let neither this process nor its children leave a core dump, be it in a file or a collector.

    The limit is one byte. Zero would stop a file, but not a pipe (systemd-coredump, apport);
    one stops both: Linux takes it for a dump of the collector itself (``fs/coredump.c``).
    """
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    least = 0 if most == 0 else 1  # a limit of zero can be raised by root alone
    resource.setrlimit(resource.RLIMIT_CORE, (least, least))
