"""JUnit XML, as in junit-10.xsd of Jenkins' xUnit plugin; the extra `cli` installs its library."""

import re

from junitparser import Failure, JUnitXml, TestCase, TestSuite

from petsage.checks import Status
from petsage.smoke.report import Report, Result

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2
_SUITE = "petsage"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def write(report: Report, *, strict: bool) -> str:
    """Return a document with one suite, in which each check is a case; a warning is output of its case."""
    suite = TestSuite(_SUITE)
    suite.timestamp = report.began.isoformat(timespec="seconds")
    for result in report.results:
        suite.add_testcase(_case(result, strict=strict))
    suite.time = round(report.seconds, 3)
    document = JUnitXml()
    document.add_testsuite(suite)
    document.time = suite.time
    body: bytes = document.tostring()  # type: ignore[no-untyped-call] # the library types most of itself
    return f"{_HEAD}{body.decode().encode('ascii', 'xmlcharrefreplace').decode()}"


def _case(result: Result, *, strict: bool) -> TestCase:
    case = TestCase(result.name, classname=_SUITE, time=round((result.duration_ms or 0) / 1000, 3))
    text = _xml(f"{result.status}: {result.reason or 'no reason is known'}")
    if not result.holds(strict=strict):
        failure = Failure(_xml(result.reason or str(result.status)), type_=str(result.code or result.status))
        failure.text = f"{text} (ref {result.ref})" if result.ref else text
        case.result = [failure]
    elif result.status is Status.WARN:
        case.system_out = text
    return case


def _xml(text: str) -> str:
    return _NO_XML.sub(lambda found: ascii(found[0])[1:-1], text)
