#!/usr/bin/env python3
"""Reads the results of KUnit from a kernel log.

usage: ktap.py PARSER-DIRECTORY LOG

The parser is the kernel's own, tools/testing/kunit. Prints each test that
failed with what it said, and one line of counts. Fails when a test failed, when
results are missing, and when there are none.
"""

import contextlib
import io
import re
import sys

TIMESTAMP = re.compile(r"^\[[ 0-9.]+\] ")


def documents(log):
    """The KTAP documents of a log: each module that is loaded writes one."""
    document = None
    for line in log:
        line = TIMESTAMP.sub("", line.rstrip("\r\n"))
        if line.startswith("KTAP version"):
            if document:
                yield document
            document = []
        if document is not None:
            document.append(line)
    if document:
        yield document


def leaves(test, path=()):
    """The tests that have no tests below them, with their full names."""
    if not test.subtests:
        yield ".".join(path), test
    for subtest in test.subtests:
        yield from leaves(subtest, path + (subtest.name,))


def parse(kunit_parser, kunit_printer, document):
    """Since 6.15 the parser is told where to print."""
    null_printer = getattr(kunit_printer, "null_printer", None)
    if null_printer is None:
        return kunit_parser.parse_run_tests(document)
    return kunit_parser.parse_run_tests(document, null_printer)


def counts_line(passed, failed, skipped):
    line = f"{passed} passed, {failed} failed"
    return line + (f", {skipped} skipped" if skipped else "")


def main(directory, log_file):
    sys.path.insert(0, directory)
    # Its own rendering goes where its printer finds stdout when it is imported.
    with contextlib.redirect_stdout(io.StringIO()):
        import kunit_parser
        import kunit_printer

    passed = failed = skipped = 0
    complete = True
    with open(log_file, encoding="utf-8", errors="replace") as log:
        for document in documents(log):
            if "1..0" in document[:2]:
                continue
            result = parse(kunit_parser, kunit_printer, document)
            passed += result.counts.passed
            failed += result.counts.failed + result.counts.crashed
            skipped += result.counts.skipped
            complete = complete and not result.counts.errors
            for name, test in leaves(result):
                if not test.ok_status():
                    print(f"{test.status.name.lower().replace('_', ' ')}: {name}")
                    for line in test.log:
                        print(f"  {line}")

    if not complete:
        print("results are missing: the log is not complete KTAP")
    if passed + failed == 0:
        print("no test ran")
    print(counts_line(passed, failed, skipped), flush=True)
    return 0 if complete and passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
