"""Add up pytest's reports of several parts and print them as one summary line."""

import sys
from pathlib import Path
from xml.etree import ElementTree as ET

KINDS = ("tests", "failures", "errors", "skipped")


def main(folder: Path) -> int:
    """Print the sum of all reports in `folder`; 1 where a test failed or none ran."""
    suites = [ET.parse(report).find("testsuite") for report in folder.glob("*.xml")]
    tests, failures, errors, skipped = (
        sum(int(suite.get(kind, "0")) for suite in suites if suite is not None) for kind in KINDS
    )
    failed = failures + errors
    seconds = sum(float(suite.get("time", "0")) for suite in suites if suite is not None)
    passed = tests - failed - skipped
    print(f"\n== {passed} passed, {failed} failed, {skipped} skipped in {seconds:.2f}s ==")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
