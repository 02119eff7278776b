"""Add up pytest's reports of several parts and print them as one summary line."""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

KINDS = ("tests", "failures", "errors", "skipped")


def suite_of(report: Path) -> ET.Element | None:
    """Give what a part reported; None where it broke off before it did."""
    try:
        return ET.parse(report).find("testsuite")
    except (OSError, ET.ParseError):
        return None


def seconds(suites: list[ET.Element]) -> float:
    """Seconds from the first part's begin to the last one's end; some run side by side."""
    begun = [datetime.fromisoformat(suite.get("timestamp", "")) for suite in suites]
    lasted = [timedelta(seconds=float(suite.get("time", "0"))) for suite in suites]
    ended = [begin + lasts for begin, lasts in zip(begun, lasted, strict=True)]
    return (max(ended) - min(begun)).total_seconds() if suites else 0.0


def main(folder: Path, parts: list[str]) -> int:
    """Print the sum of the parts' reports in `folder`.

    1 where a test failed, or where a part broke off or has no test.
    """
    found = {part: suite_of(folder / f"{part}.xml") for part in parts}
    suites = [suite for suite in found.values() if suite is not None]
    tests, failures, errors, skipped = (
        sum(int(suite.get(kind, "0")) for suite in suites) for kind in KINDS
    )
    failed = failures + errors
    broken = [part for part, suite in found.items() if suite is None or suite.get("tests") == "0"]
    for part in broken:
        print(f"\n== {part} has no report: it broke off, or found no test")
    passed = tests - failed - skipped
    print(f"\n== {passed} passed, {failed} failed, {skipped} skipped in {seconds(suites):.2f}s ==")
    return 0 if passed and not failed and not broken else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
