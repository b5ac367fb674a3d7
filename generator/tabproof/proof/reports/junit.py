"""Write the report as JUnit's XML, which CI systems read: a suite for each sample. Pure."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree as ET

from tabproof.model.catalog import Catalog
from tabproof.proof.reports.report_data import Report, SampleReport
from tabproof.samples.tree import FOLDER

NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Matches the characters that XML does not allow (XML 1.0, section 2.2)."""


def text(report: Report, _catalog: Catalog) -> str:
    """Return the whole document."""
    root = ET.Element("testsuites", _counts(report.accounts))
    for account in report.accounts:
        _suite(root, account)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: ET.Element, account: SampleReport) -> None:
    suite = ET.SubElement(root, "testsuite", {"name": account.name, **_counts((account,))})
    properties = ET.SubElement(suite, "properties")
    for toolbox in account.toolboxes:
        values = {"name": "toolchain", "value": _clean(toolbox.label())}
        ET.SubElement(properties, "property", values)
    file, group = f"{FOLDER}/{account.path}", account.name.replace("/", ".")
    for result in account.results:
        values = {"classname": group, "name": result.case, "file": file}
        case = ET.SubElement(suite, "testcase", values)
        if result.verdict == "failed":
            ET.SubElement(case, "failure", {"message": _clean(result.reason)})
        elif result.verdict == "skipped":
            ET.SubElement(case, "skipped", {"message": _clean(result.reason)})
    # A fault that a parser reports is a failure; a sample that only parses is no passed test.
    for parsed in account.syntax:
        if parsed.verdict == "failed":
            values = {"classname": group, "name": parsed.parser, "file": file}
            case = ET.SubElement(suite, "testcase", values)
            ET.SubElement(case, "failure", {"message": _clean(parsed.reason)})


def _counts(accounts: tuple[SampleReport, ...]) -> dict[str, str]:
    verdicts = Counter(r.verdict for account in accounts for r in account.results)
    faulty = sum(s.verdict == "failed" for account in accounts for s in account.syntax)
    return {
        "tests": str(verdicts.total() + faulty),
        "failures": str(verdicts["failed"] + faulty),
        "errors": "0",
        "skipped": str(verdicts["skipped"]),
    }


def _clean(value: str) -> str:
    return NOT_XML.sub(lambda match: f"\\x{ord(match[0]):02x}", value)
