"""What a run on each kernel came to: JUnit files read, merged, summed up."""

import re
import time
import xml.etree.ElementTree as ET
from pathlib import Path

# Lines of a kernel log that mean the kernel itself is in trouble.
TROUBLE = re.compile(r"\b(BUG|WARNING|Oops|Kernel panic|Call Trace|general protection|lockup"
                     r"|refcount_t|unregister_netdevice: waiting)\b")


class Result:
    """One kernel's run."""

    def __init__(self, name: str, out: Path):
        self.name = name
        self.out = out
        self.start = time.monotonic()
        self.took = 0.0
        self.passed = self.failed = self.skipped = 0
        self.note = ""
        self.suite: ET.Element | None = None

    def seconds(self) -> float:
        return time.monotonic() - self.start

    def finished(self, code: int | None, deadline: float | None) -> None:
        """Read the guest's JUnit file; a guest that left none did not finish."""
        self.took = self.seconds()
        try:
            self.suite = ET.parse(self.out / "junit.xml").getroot().find("testsuite")
        except (OSError, ET.ParseError):
            self.suite = None
        if self.suite is not None:
            self._count()
        if deadline is not None:
            self.broke(f"killed after {deadline:.0f} s")
        elif code is None:
            self.broke("the guest ended without a result; see console.log")
        elif self.suite is None:
            self.broke(f"pytest ended with {code} and left no results; see output.log")
        elif code not in (0, 1, 5) and not self.failed:
            self.broke(f"pytest ended with {code}; see output.log")
        self.note = self.note or self._kernel_trouble()

    def broke(self, why: str) -> None:
        """The run itself failed: counts as one failed case, so that nobody overlooks it."""
        if self.suite is None:
            self.suite = ET.Element("testsuite", name=self.name)
            self._count_lines()
        case = ET.SubElement(self.suite, "testcase", classname="lab", name=f"run on {self.name}")
        ET.SubElement(case, "error", message=why)
        self.failed += 1
        self.note = why

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

    def _count_lines(self) -> None:
        """Without a JUnit file, count what pytest -v printed before the end."""
        try:
            text = (self.out / "output.log").read_text(errors="replace")
        except OSError:
            return
        ends = re.findall(r"^\S+::.* (PASSED|FAILED|ERROR|SKIPPED)\b", text, re.MULTILINE)
        self.passed += ends.count("PASSED")
        self.failed += ends.count("FAILED") + ends.count("ERROR")
        self.skipped += ends.count("SKIPPED")

    def _kernel_trouble(self) -> str:
        try:
            text = (self.out / "console.log").read_text(errors="replace")
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
    for r in results:
        if r.suite is not None:
            r.suite.set("name", r.name)
            suites.append(r.suite)
    ET.ElementTree(suites).write(out / "junit.xml", encoding="utf-8", xml_declaration=True)
    say("")
    for r in results:
        note = f"; {r.note}" if r.note else ""
        say(f"kernel {r.name}: {counts(r.passed, r.failed, r.skipped)} in {r.took:.0f} s{note}")
    say(f"results: {out}")
    passed, failed = sum(r.passed for r in results), sum(r.failed for r in results)
    if not passed and not failed:
        failed = 1
        say("no case ran")
    say(counts(passed, failed, sum(r.skipped for r in results)))
    return 1 if failed else 0
