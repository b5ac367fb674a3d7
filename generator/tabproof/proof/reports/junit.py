"""The report as JUnit's XML, which CI systems read: a suite for each sample. Pure."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree as ET

from tabproof.model.catalog import Catalog
from tabproof.proof.reports.report_data import Report, SampleReport
from tabproof.samples.tree import FOLDER

NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document may hold (XML 1.0, section 2.2)."""


def text(report: Report, _catalog: Catalog) -> str:
    """The whole document."""
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
    # A parser's fault is a failure; its praise is no test that passed.
    for said in account.syntax:
        if said.verdict == "failed":
            values = {"classname": group, "name": said.parser, "file": file}
            case = ET.SubElement(suite, "testcase", values)
            ET.SubElement(case, "failure", {"message": _clean(said.reason)})


def _counts(accounts: tuple[SampleReport, ...]) -> dict[str, str]:
    verdicts = Counter(r.verdict for account in accounts for r in account.results)
    faulty = sum(s.verdict == "failed" for account in accounts for s in account.syntax)
    return {
        "tests": str(verdicts.total() + faulty),
        "failures": str(verdicts["failed"] + faulty),
        "errors": "0",
        "skipped": str(verdicts["skipped"]),
    }


def _clean(words: str) -> str:
    return NOT_XML.sub(lambda match: f"\\x{ord(match[0]):02x}", words)
