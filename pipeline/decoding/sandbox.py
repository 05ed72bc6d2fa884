"""What a decoder process gives up before it sees a byte of a stranger's.

It has no secret to begin with: it is started as a program of its own, with an environment of a
few constants, and its memory was never ours. Then, for good:

* no new file descriptor (RLIMIT_NOFILE 0): no file, socket or pipe can be opened, the network
  included; what it holds is the two pipes to its parent;
* no written file, no core dump, no more memory than its budget;
* another user (nobody), if it was started as root;
* where libseccomp is installed, no system call that decoding in memory does not need: it may start
  threads (the HEIC decoder must), but no process and no program.

CPU time is limited for each photo anew (:func:`limit_cpu`), and the parent kills what takes too
long.
"""

import contextlib
import ctypes
import errno
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any, Final

NOBODY: Final = 65534  # the user and group id of "nobody", by convention
_SET_PARENT_DEATH_SIGNAL: Final = 1  # PR_SET_PDEATHSIG of Linux's prctl(2)
_SET_DUMPABLE: Final = 4  # PR_SET_DUMPABLE
_CLONE_THREAD: Final = 0x00010000
_NEEDED: Final = (
    *("read", "write", "close", "fstat", "lseek"),
    *("mmap", "munmap", "mremap", "mprotect", "madvise", "brk"),
    *("futex", "sched_yield", "sched_getaffinity", "restart_syscall", "sysinfo"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack"),
    *("clock_gettime", "gettimeofday", "getrusage", "getpid", "gettid", "getrandom"),
    *("getrlimit", "setrlimit", "exit", "exit_group"),
    *("set_robust_list", "rseq"),  # of a new thread
)
"""System calls of decoding and encoding in memory, of Python's allocator and of leaving."""


def enter(memory: int, parent: int) -> bool:
    """Give it all up. ``memory``: bytes that may be added to what is mapped now. True if a system
    call filter is in force as well.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    mapped = _mapped_bytes()
    filtered = _syscall_filter()
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    if sys.platform == "linux":
        # After the change of user, which clears both.
        libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        libc.prctl(_SET_DUMPABLE, 0)  # nobody of the same user may trace it
    if os.getppid() != parent:
        os._exit(1)
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(limit, (0, 0))
    if mapped:
        resource.setrlimit(resource.RLIMIT_AS, (mapped + memory, mapped + memory))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    if filtered is not None:
        filtered.load()
    return filtered is not None


def limit_cpu(seconds: int) -> None:
    """Let the kernel end this process once it has used so many more seconds of CPU time."""
    used = int(time.process_time()) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, hard))


def _mapped_bytes() -> int:
    """The address space in use; 0 where the system does not say (then it is not limited)."""
    with contextlib.suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        return pages * resource.getpagesize()
    return 0


def _syscall_filter() -> Any:
    """A filter that refuses (EPERM) all but the needed calls; None without libseccomp."""
    try:
        import pyseccomp  # raises where the system's libseccomp is not installed
    except (ImportError, OSError, RuntimeError):
        return None
    allowed = pyseccomp.SyscallFilter(defaction=pyseccomp.ERRNO(errno.EPERM))
    for name in _NEEDED:
        with contextlib.suppress(Exception):  # a call that this architecture does not have
            allowed.add_rule(pyseccomp.ALLOW, name)
    # Limits of its own alone: as another process of the same user it could end its parent by one.
    own = pyseccomp.Arg(0, pyseccomp.EQ, 0)
    allowed.add_rule(pyseccomp.ALLOW, "prlimit64", own)
    # A filter cannot look into clone3's arguments: the C library falls back on clone.
    allowed.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    thread = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD)
    allowed.add_rule(pyseccomp.ALLOW, "clone", thread)
    return allowed
