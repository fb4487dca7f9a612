# SPDX-License-Identifier: GPL-2.0-or-later
"""Completion of l2tpctl in bash, and in zsh and fish, which ask bash's; those two where they are installed."""

import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
L2TPCTL = pathlib.Path(os.environ.get("L2TPCTL", ROOT / "build" / "l2tpctl"))
BASH = ROOT / "data" / "l2tpctl.bash-completion"

CASES = [("", {"open", "close", "show", "save", "reload", "import", "console"}), ("show ", {"links", "sessions", "counters"}),
         ("show se", {"sessions", "session"}), ("import ", {"mpd", "xl2tpd"}), ("create link ", {"static", "template"})]


def run(tmp_path, *cmd):
    """With l2tpctl on the PATH, and no daemon."""
    env = {"PATH": f"{L2TPCTL.parent}:/usr/bin:/bin", "HOME": str(tmp_path), "TERM": "dumb"}
    done = subprocess.run(cmd, env=env, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    return set(done.stdout.split()), done.stderr


def installed(tmp_path, shell):
    """Its file, as the installation writes it."""
    folder = tmp_path / "bash"
    folder.mkdir(exist_ok=True)
    shutil.copy(BASH, folder / "l2tpctl")
    return (ROOT / "data" / f"l2tpctl.{shell}-completion").read_text().replace("@bashcompletions@", str(folder))


@pytest.mark.parametrize("line,some", CASES)
def test_bash(tmp_path, line, some):
    script = f'source {BASH}; COMP_WORDS=(l2tpctl {line.rstrip()} {"" if line.split() and not line.endswith(" ") else chr(34) * 2})\n' \
             'COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _l2tpctl; printf "%s\\n" "${COMPREPLY[@]}"'
    found, said = run(tmp_path, "bash", "-c", script)
    assert some <= found, (found, said)


@pytest.mark.skipif(not shutil.which("fish"), reason="no fish")
@pytest.mark.parametrize("line,some", CASES)
def test_fish(tmp_path, line, some):
    found, said = run(tmp_path, "fish", "-c", installed(tmp_path, "fish") + f"\ncomplete -C 'l2tpctl {line}'")
    assert some <= found, (found, said)


@pytest.mark.skipif(not shutil.which("zsh"), reason="no zsh")
@pytest.mark.parametrize("line,some", CASES)
def test_zsh(tmp_path, line, some):
    """What it would offer: compadd is the shell's word for that."""
    words = f'words=(l2tpctl {line.rstrip()} {"" if line.split() and not line.endswith(" ") else chr(34) * 2}); CURRENT=$#words'
    found, said = run(tmp_path, "zsh", "-f", "-c", f"compadd() {{ shift; print -l -- $@ }}\n{words}\n" + installed(tmp_path, "zsh"))
    assert some <= found, (found, said)
