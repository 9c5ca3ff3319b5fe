"""JUnit XML: one test case per check, so that a CI shows findings as failed tests."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

from curator.files import write_bytes
from curator.model import Finding
from curator.reports.data import CheckReport, CheckRun, Gate
from curator.text import plural

_SHOWN = 10
# What XML 1.0 does not allow in a text, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def dumps(report: CheckReport) -> bytes:
    """The report as XML. A case fails where a gate of its check is not met; gates of no check are cases too."""
    found = report.by_check()
    cases = [_check_case(run, found.get(run.name, []), report) for run in report.checks]
    names = {run.name for run in report.checks}
    cases += [_gate_case(gate) for gate in report.gates if gate.check not in names]
    suite = ET.Element(
        "testsuite",
        name="curator check",
        tests=str(len(cases)),
        failures=str(sum(case.find("failure") is not None for case in cases)),
        errors="0",
        skipped=str(sum(case.find("skipped") is not None for case in cases)),
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (("curator", report.version), ("task", str(report.task)), ("seed", str(report.seed))):
        ET.SubElement(properties, "property", name=name, value=value)
    suite.extend(cases)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    data: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def write(report: CheckReport, path: str | Path) -> None:
    """Write the XML; raises EnvironmentFailure where `path` cannot be written."""
    write_bytes(path, dumps(report))


def _check_case(run: CheckRun, findings: list[Finding], report: CheckReport) -> ET.Element:
    case = ET.Element("testcase", classname="curator.check", name=run.name, time="0")
    if run.skipped is not None:
        ET.SubElement(case, "skipped", message=_clean(run.skipped))
        return case
    said = f"{plural(run.findings, 'finding')} on {plural(run.examples, 'example')}"
    missed = [gate for gate in report.gates if gate.check == run.name and not gate.met]
    if missed:
        rules = ", ".join(gate.rule for gate in missed)
        failure = ET.SubElement(case, "failure", type="gate", message=_clean(f"{said}; not met: {rules}"))
        lines = [_line(finding, report) for finding in findings[:_SHOWN]]
        if run.findings > len(lines):
            lines.append(f"and {run.findings - len(lines):,} more")
        failure.text = _clean("\n".join(lines))
    else:
        ET.SubElement(case, "system-out").text = said
    return case


def _gate_case(gate: Gate) -> ET.Element:
    case = ET.Element("testcase", classname="curator.gate", name=_clean(gate.rule), time="0")
    if not gate.met:
        value = "unknown" if gate.value is None else f"{gate.value:g}"
        detail = f": {gate.detail}" if gate.detail else ""
        ET.SubElement(case, "failure", type="gate", message=_clean(f"not met: {gate.rule} (it is {value}{detail})"))
    return case


def _line(finding: Finding, report: CheckReport) -> str:
    example = report.examples.get(finding.examples[0]) if finding.examples else None
    where = "" if example is None else f"{example.ref}: "
    return f"{finding.severity}: {where}{finding.message}"


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
