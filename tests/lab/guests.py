"""Cases on one kernel, shared out among several guests: each takes the next case that nobody has taken."""

import json
import os
import re
import selectors
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import report
from machine import LAB, Deadline, Machine

SILENCE = 60    # seconds without a line before the runner says what it waits for
CASES = LAB / "cases"
# With half of its time a guest waits for timers of RFC 2661 and of pppd: so many keep a processor busy.
GUESTS_PER_CPU = 2
GUESTS_MOST = 8


def how_many(memory: int) -> int:
    """Guests at a time that this machine can feed."""
    fields = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    free = int(fields["MemAvailable"].split()[0]) // 1024
    return max(1, min(GUESTS_PER_CPU * (os.cpu_count() or 1), GUESTS_MOST, free * 3 // 4 // memory))


def collect(pytest_args: list[str]) -> int:
    """The number of cases that match, or 1: what is wrong with the arguments is told by a guest."""
    cmd = [*pytest_command(pytest_args), "--collect-only", "-q", "-q"]
    done = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          check=False, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    return max(1, sum(".py::" in line for line in done.stdout.splitlines()))


def pytest_command(pytest_args: list[str]) -> list[str]:
    cmd = ["/usr/bin/python3", "-m", "pytest", "-v", "--color=no", "-p", "no:cacheprovider",
           "-o", "console_output_style=classic", "-c", str(CASES / "pytest.ini"),
           "--rootdir", str(CASES), *pytest_args]
    if not any(a.split("::")[0].endswith(".py") for a in pytest_args):
        cmd.append(str(CASES))
    return cmd


def pump(machine: Machine, line_seen: Callable[[str | None, str], None], deadline: Deadline) -> bool:
    """Pass the guest's output on, line by line. False: it was killed at the deadline."""
    out = machine.proc.stdout
    sel = selectors.DefaultSelector()
    sel.register(out, selectors.EVENT_READ)
    rest, last = b"", time.monotonic()
    while True:
        if deadline.left() <= 0:
            machine.kill()
            machine.proc.wait()
            return False
        if not sel.select(min(5, deadline.left())):
            if time.monotonic() - last > SILENCE:
                last = time.monotonic()
                line_seen(None, rest.decode(errors="replace").strip())
            continue
        data = os.read(out.fileno(), 65536)
        if not data:
            machine.proc.wait()
            if rest:
                line_seen(rest.decode(errors="replace").rstrip(), "")
            return True
        last = time.monotonic()
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            line_seen(line.decode(errors="replace").rstrip("\r"), "")


class Meter:
    """The processor time that a guest takes for each of its cases, seen from outside."""

    def __init__(self, pid: int, result: report.Result):
        self.pid = pid
        self.result = result
        self.before = 0.0

    def line(self, line: str) -> None:
        """A line of pytest -v."""
        if line.startswith("collecting") or line.startswith("collected"):
            name = "(start of a guest)"
        elif match := re.match(r"(\w+)\.py::(\S+) (PASSED|FAILED|SKIPPED)", line):
            name = f"{match[1]}::{match[2]}"
        else:
            return
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return
        now = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        self.result.processor(name, now - self.before)
        self.before = now


class Judge:
    """Runs tshark for the guests, in whose emulated processors it would take 5 s to start.

    A guest leaves N.ask, the arguments as JSON, and finds N.said: exit code, stdout, stderr.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.folder.mkdir()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while not self.over.wait(0.1):
            for ask in sorted(self.folder.glob("*.ask")):
                said = ask.with_suffix(".new")
                said.write_text(json.dumps(self._run(json.loads(ask.read_text()))))
                ask.unlink()
                said.rename(ask.with_suffix(".said"))

    @staticmethod
    def _run(args: list[str]) -> list:
        try:
            done = subprocess.run(["tshark", *args], stdin=subprocess.DEVNULL, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=100,
                                  check=False)
        except (OSError, subprocess.TimeoutExpired) as e:
            return [1, "", str(e)]
        return [done.returncode, done.stdout, done.stderr]

    def close(self) -> None:
        self.over.set()
        self.thread.join()


class KernelRun:
    """All cases on one kernel."""

    def __init__(self, lab, name: str, out: Path, guests: int):
        self.lab = lab
        self.name = name
        self.out = out
        self.guests = guests
        self.result = report.Result(name, out)

    def run(self) -> report.Result:
        shutil.rmtree(self.out, ignore_errors=True)
        (self.out / "claims").mkdir(parents=True)
        self.lab.say(f"[{self.name}] {self.guests} guests, results in {self.out}")
        judge = Judge(self.out / "judge")
        threads = [threading.Thread(target=self._one, args=(n,), daemon=True)
                   for n in range(1, self.guests + 1)]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            judge.close()
        self.result.finished()
        return self.result

    def _one(self, number: int) -> None:
        """One guest, from start to end, in a thread of its own: it dies with this thread."""
        try:
            self._guest(number)
        except Exception as e:
            self.result.broke(f"guest-{number}: {type(e).__name__}: {e}")
            self.lab.say(f"[{self.name}/{number}] {e}")

    def _guest(self, number: int) -> None:
        guest = f"guest-{number}"
        label = self.name if self.guests == 1 else f"{self.name}/{number}"
        deadline = Deadline(self.lab.args.deadline)
        machine = self.lab.machine(self.name, self.out, guest, self.guests)
        command = [*pytest_command(self.lab.args.pytest), "-o", f"junit_suite_name={self.name}",
                   f"--junitxml={self.out / guest / 'junit.xml'}"]
        env = {"LAB_CLAIMS": str(self.out / "claims"), "LAB_GUEST": guest}
        if machine.outside_helps:
            env["LAB_JUDGE"] = str(self.out / "judge")
        machine.prepare(self.lab.script(command, CASES, self.out, self.name, env))
        machine.start()
        meter = Meter(machine.proc.pid, self.result)
        with open(self.out / guest / "output.log", "w") as log:
            def line_seen(line: str | None, waiting: str) -> None:
                if line is None:
                    self.lab.say(f"[{label}] ... {self.result.seconds():.0f} s, "
                                 f"{waiting or 'still running'}")
                    return
                line = line.rpartition("\r")[2]     # pytest counts up while it collects
                log.write(line + "\n")
                log.flush()
                meter.line(line)
                self.lab.say(f"[{label}] {line}")
            in_time = pump(machine, line_seen, deadline)
        self.result.guest_ended(self.out / guest, machine.exit_code(),
                                None if in_time else self.lab.args.deadline)
