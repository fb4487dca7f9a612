"""What a run on each kernel came to: JUnit files read, merged, summed up."""

import re
import threading
import time
import xml.etree.ElementTree as ET
from pathlib import Path

# Lines of a kernel log that mean the kernel itself is in trouble.
TROUBLE = re.compile(r"\b(BUG|WARNING|Oops|Kernel panic|Call Trace|general protection|lockup"
                     r"|refcount_t|unregister_netdevice: waiting)\b")


class Result:
    """One kernel's run, put together from what its guests left."""

    def __init__(self, name: str, out: Path):
        self.name = name
        self.out = out
        self.start = time.monotonic()
        self.took = 0.0
        self.passed = self.failed = self.skipped = 0
        self.note = ""
        self.suite = ET.Element("testsuite", name=name)
        self.lock = threading.Lock()
        self.cpu: dict[str, float] = {}     # processor time by case

    def processor(self, name: str, seconds: float) -> None:
        with self.lock:
            self.cpu[name] = self.cpu.get(name, 0) + seconds

    def seconds(self) -> float:
        return time.monotonic() - self.start

    def guest_ended(self, folder: Path, code: int | None, deadline: float | None) -> None:
        """Read the guest's JUnit file; a guest that left none did not finish."""
        try:
            cases = list(ET.parse(folder / "junit.xml").getroot().iter("testcase"))
        except (OSError, ET.ParseError):
            cases = None
        with self.lock:
            self.suite.extend(_cases_of_lines(folder / "output.log") if cases is None else cases)
        if deadline is not None:
            self.broke(f"{folder.name} was killed after {deadline:.0f} s")
        elif code is None:
            self.broke(f"{folder.name} ended without a result; see its console.log")
        elif cases is None:
            self.broke(f"pytest ended with {code} and left no results; see output.log of {folder.name}")
        elif code not in (0, 1, 5):
            self.broke(f"pytest ended with {code}; see output.log of {folder.name}")
        trouble = _kernel_trouble(folder / "console.log")
        if trouble:
            self.note = self.note or trouble

    def broke(self, why: str) -> None:
        """The run itself failed: counts as one failed case, so that nobody overlooks it."""
        with self.lock:
            case = ET.SubElement(self.suite, "testcase", classname="lab",
                                 name=f"run on {self.name}: {why}")
            ET.SubElement(case, "error", message=why)
            self.note = why

    def finished(self) -> None:
        """All guests have ended."""
        self.took = self.seconds()
        have = {claim_name(case.get("classname", ""), case.get("name", ""))
                for case in self.suite.iter("testcase")}
        begun = self.out / "claims"
        for name in sorted(p.name for p in begun.iterdir()) if begun.exists() else []:
            if name not in have and not name.startswith("."):
                self.broke(f"{name} was begun and has no result")
        self._count()

    def _count(self) -> None:
        """A case that passed and could not be cleaned up is in the file twice: it has failed."""
        worst: dict[tuple, int] = {}
        for case in self.suite.iter("testcase"):
            bad = case.find("failure") is not None or case.find("error") is not None
            rank = 2 if bad else 1 if case.find("skipped") is not None else 0
            key = (case.get("classname"), case.get("name"))
            worst[key] = max(rank, worst.get(key, 0))
        ranks = list(worst.values())
        self.passed, self.skipped, self.failed = (ranks.count(rank) for rank in (0, 1, 2))
        for name, value in (("tests", len(ranks)), ("failures", self.failed),
                            ("skipped", self.skipped), ("time", f"{self.took:.1f}")):
            self.suite.set(name, str(value))


def claim_name(module: str, case: str) -> str:
    """A case's name for a folder: results of it, and the claim of the guest that runs it."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", f"{module.split('.')[-1]}-{case}").strip("-")


def _cases_of_lines(log: Path) -> list[ET.Element]:
    """Without a JUnit file, what pytest -v printed before the end."""
    try:
        text = log.read_text(errors="replace")
    except OSError:
        return []
    cases = []
    for module, name, end in re.findall(
            r"^(\w+)\.py::(\S+) (PASSED|FAILED|ERROR|SKIPPED)\b", text, re.MULTILINE):
        case = ET.Element("testcase", classname=module, name=name)
        if end == "SKIPPED":
            ET.SubElement(case, "skipped")
        elif end != "PASSED":
            ET.SubElement(case, "failure", message="see output.log")
        cases.append(case)
    return cases


def _kernel_trouble(console: Path) -> str:
    try:
        text = console.read_text(errors="replace")
    except OSError:
        return ""
    bad = [line for line in text.splitlines() if TROUBLE.search(line)]
    return f"kernel log: {bad[0].strip()[:120]}" if bad else ""


def counts(passed: int, failed: int, skipped: int) -> str:
    text = f"{passed} passed, {failed} failed"
    return text + (f", {skipped} skipped" if skipped else "")


def summary(results: list[Result], out: Path, say) -> int:
    """One line a kernel, the merged JUnit file, the total. Returns the exit code."""
    suites = ET.Element("testsuites")
    suites.extend(r.suite for r in results)
    ET.ElementTree(suites).write(out / "junit.xml", encoding="utf-8", xml_declaration=True)
    (out / "durations.txt").write_text(durations(results))
    say("")
    for r in results:
        note = f"; {r.note}" if r.note else ""
        say(f"kernel {r.name}: {counts(r.passed, r.failed, r.skipped)} in {r.took:.0f} s{note}")
    say(f"results: {out}; the time each case took: {out / 'durations.txt'}")
    passed, failed = sum(r.passed for r in results), sum(r.failed for r in results)
    if not passed and not failed:
        failed = 1
        say("no case ran")
    say(counts(passed, failed, sum(r.skipped for r in results)))
    return 1 if failed else 0


def durations(results: list[Result]) -> str:
    """Seconds of each case on each kernel, and of a processor (as a guest is seen from outside)."""
    took: dict[str, dict[str, float]] = {}
    for r in results:
        for name in r.cpu:
            took.setdefault(name, {})
        for case in r.suite.iter("testcase"):
            of_case = took.setdefault(f"{case.get('classname')}::{case.get('name')}", {})
            of_case[r.name] = of_case.get(r.name, 0) + float(case.get("time") or 0)
    lines = ["".join(f"{r.name:>8}{'cpu':>8}" for r in results) + "  case"]
    for name, of_case in sorted(took.items(), key=lambda item: -max(item[1].values(), default=0)):
        cells = ((of_case.get(r.name), r.cpu.get(name)) for r in results)
        lines.append("".join("".join(f"{v:8.1f}" if v is not None else " " * 8 for v in pair)
                             for pair in cells) + f"  {name}")
    lines.append("".join(f"{sum(t.get(r.name, 0) for t in took.values()):8.1f}"
                         f"{sum(r.cpu.values()):8.1f}" for r in results) + "  all")
    return "\n".join(lines) + "\n"
