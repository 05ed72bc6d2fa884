"""The environment of a demo: a fresh folder, a free port, settings of its own."""

import fcntl
import os
import random
import shutil
import socket
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.process_supervisor import ROOT
from shop.environment import PREFIX
from shop.labels.authority import issue
from shop.secret_checks import KEY_BYTES

_NOTE: Final = """\
This folder is a demo's: it is emptied when the next one begins. master.key lies beside the data
that it encrypts, and so protects nothing. A shop has its key in EIDER_MASTER_KEY, and never on the
disk of its data. labels and labels-root hold the keys that sign this demo's pictures, side by side:
a shop's root is offline, and its EIDER_LABEL_KEYS is not in the folder that its workers share.
"""

HOME: Final = ROOT / "var" / "demo"
PORT: Final = 8080
_BELOW_EPHEMERAL: Final = range(10_000, 32_768)  # net.ipv4.ip_local_port_range begins above
APART: Final = "data"
"""The data of a demo whose till only shops have: they keep label keys where no worker reads."""

_KEPT: Final = ("EIDER_BASE", "EIDER_BASES", "EIDER_ALLOW_NONCOMMERCIAL", "EIDER_DEVICE",
                "EIDER_TORCH_THREADS")  # fmt: skip


def fresh_folder(home: Path = HOME) -> Path:
    """``home``, emptied; a folder beside it while another demo runs there."""
    for number in range(1, 100):
        folder = home if number == 1 else home.with_name(f"{home.name}-{number}")
        if not _is_in_use(folder):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700, parents=True)
            return folder
    raise OSError(f"too many demos at {home}")


def free_port(wanted: int = PORT) -> int:
    """``wanted``, or any free one that no outgoing connection is given while nobody listens."""
    others = random.SystemRandom().sample(_BELOW_EPHEMERAL, 50)
    for port in (wanted, *others) if wanted else others:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port")


def demo_env(env: Mapping[str, str], folder: Path, port: int, data: str = "") -> dict[str, str]:
    """The environment of the demo's processes: only the engine's settings are taken over. The demo
    has the playground, the sandbox till, and keys of its own (:func:`keep_master_key`,
    :func:`keep_label_keys`). ``data`` names the folder in ``folder`` that workers share.
    """
    plain = {name: value for name, value in env.items() if not name.upper().startswith(PREFIX)}
    kept = {name: env[name] for name in _KEPT if name in env}
    return {
        **plain,
        **kept,
        "EIDER_DATA": str(folder / data),
        "EIDER_MASTER_KEY": keep_master_key(folder),
        "EIDER_LABEL_KEYS": str(keep_label_keys(folder)),
        "EIDER_PLAYGROUND": "yes",
        "EIDER_TILL": "sandbox",
        "EIDER_PORT": str(port),
        "EIDER_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "EIDER_LOG_FORMAT": "json",
        "EIDER_SALES_NEED": "none",  # the customer says hello while the processes start
        "OMP_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }


def keep_master_key(folder: Path) -> str:
    """The key in ``master.key``, in base64; made if there is none yet (mode 0600).

    Only the demo keeps one there, so that its folder can be looked into afterwards, and says so
    in a file beside it: a key protects nothing on the disk that it lies on.
    """
    path = folder / "master.key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    key = b64encode(os.urandom(KEY_BYTES)).decode()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{key}\n")
    (folder / "README").write_text(_NOTE, "utf-8")
    return key


def keep_label_keys(folder: Path) -> Path:
    """The folder of the demo's signing key, made with a root of its own if there is none yet."""
    keys = folder / "labels"
    if not keys.exists():
        issue(keys, folder / "labels-root", "Eider demo", datetime.now(UTC))
    return keys


def _is_in_use(folder: Path) -> bool:
    """Whether a demo runs there: its store holds a lock."""
    return any(_is_held(folder / data / "valkey" / "owner.lock") for data in ("", APART))


def _is_held(lock: Path) -> bool:
    try:
        handle = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
