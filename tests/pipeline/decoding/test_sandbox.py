"""What a process inside the sandbox cannot do any more, tried from within."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ATTEMPTS = {
    "read a file": "open('/etc/hostname')",
    "write a file": "open('/tmp/eider-sandbox-test', 'w')",
    "write to what is open": "os.write(3, b'x')",
    "open a socket": "socket.socket()",
    "open a socket of the machine": "socket.socket(socket.AF_UNIX)",
    "reach out with a socket from before": "left.connect(('127.0.0.1', 9))",
    "start a process": "os.fork() or os._exit(0)",
    "become a program": "os.execv('/bin/true', ['true'])",
    "signal its parent": "os.kill(os.getppid(), 0)",
    "trace its parent": "traced(os.getppid())",
    "take more memory": "bytes(200 * 2**20)",
    "limit its parent": "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (3, 3))",
    "raise its limits": "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))",
    "become root again": "os.setuid(0)",
}
FILTERED = {"start a process", "become a program", "trace its parent", "signal its parent",
            "limit its parent", "reach out with a socket from before"}  # fmt: skip
SCRIPT = """
import ctypes, json, os, resource, socket, sys
from pipeline.decoding import sandbox

def traced(pid):
    if ctypes.CDLL(None).ptrace(16, pid, 0, 0) != 0:
        raise PermissionError

left = socket.socket()
assert os.dup2(os.open(sys.argv[2], os.O_WRONLY), 3) == 3
filtered = sandbox.enter(64 * 2**20, os.getppid())
done = {}
for name, attempt in json.loads(sys.argv[1]).items():
    try:
        exec(attempt)
        done[name] = "done"
    except BaseException as error:
        done[name] = type(error).__name__
print(json.dumps({"filtered": filtered, "done": done}), flush=True)
os._exit(0)
"""


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    target = tmp_path_factory.mktemp("sandbox") / "target"
    target.touch()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(ATTEMPTS), str(target)],
        capture_output=True, text=True, check=True, timeout=60, cwd=ROOT,
    )  # fmt: skip
    assert target.read_bytes() == b""
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is Linux's")
@pytest.mark.parametrize("attempt", list(ATTEMPTS))
def test_it_cannot(outcome, attempt):
    if attempt in FILTERED and not outcome["filtered"]:
        pytest.skip("wants libseccomp")
    assert outcome["done"][attempt] != "done"
