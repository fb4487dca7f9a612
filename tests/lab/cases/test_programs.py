"""Programs that test one part on a real kernel. plugin_selftest.py is run by hand for now."""

import os
import subprocess

from lablib import BUILD


def passes(*cmd: str) -> None:
    done = subprocess.run(cmd, text=True, capture_output=True, timeout=280,
                          env={**os.environ, "L2TPD_BUILD": str(BUILD)})
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


def test_linux_layer():
    passes(str(BUILD / "tests/lab/linux_selftest"))
