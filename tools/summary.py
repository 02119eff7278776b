"""Sum up the pytest reports of several parts in one line."""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

KINDS = ("tests", "failures", "errors", "skipped")


def suite_of(report: Path) -> ET.Element | None:
    """Read the report of a part; None if it crashed before writing one."""
    try:
        return ET.parse(report).find("testsuite")
    except (OSError, ET.ParseError):
        return None


def seconds(suites: list[ET.Element]) -> float:
    """Seconds from the start of the first part to the end of the last; parts may overlap."""
    started = [datetime.fromisoformat(suite.get("timestamp", "")) for suite in suites]
    durations = [timedelta(seconds=float(suite.get("time", "0"))) for suite in suites]
    ended = [start + duration for start, duration in zip(started, durations, strict=True)]
    return (max(ended) - min(started)).total_seconds() if suites else 0.0


def main(folder: Path, parts: list[str]) -> int:
    """Print the sum of the reports in `folder`.

    Returns 1 if a test failed, or if a part crashed or ran no test.
    """
    found = {part: suite_of(folder / f"{part}.xml") for part in parts}
    suites = [suite for suite in found.values() if suite is not None]
    tests, failures, errors, skipped = (
        sum(int(suite.get(kind, "0")) for suite in suites) for kind in KINDS
    )
    failed = failures + errors
    broken = [part for part, suite in found.items() if suite is None or suite.get("tests") == "0"]
    for part in broken:
        print(f"\n== {part} has no report: it crashed, or found no test")
    passed = tests - failed - skipped
    print(f"\n== {passed} passed, {failed} failed, {skipped} skipped in {seconds(suites):.2f}s ==")
    return 0 if passed and not failed and not broken else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
