#!/usr/bin/env python3
"""Makes the table of what scanners in HID POS mode report, and what they have read.

Where things stand in a report follows the makers' manuals (docs/devices.md names them), written
down here a second time.
"""

import json
import pathlib

HERE = pathlib.Path(__file__).parent
HONEYWELL, YOUJIE, NEWLAND, MICROSCAN = 0x0C2E, 0x23D0, 0x1EAB, 0x05E0


def usual(data, aim="]Q1", more=False, symbology=b"s"):
    """Id 2, length, three characters of AIM, 56 of data, the maker's symbology, two of flags."""
    report = bytes([2, len(data)]) + aim.encode() + data.ljust(56, b"\0") + symbology + b"\0"
    return report + bytes([more])


def newland(data, more=False):
    """Id 2, length, 56 of data, four unused, the maker's symbology, one of flags."""
    return bytes([2, len(data)]) + data.ljust(56, b"\0") + bytes(4) + b"s" + bytes([more])


def microscan(data):
    """Id 1, length, 62 of data; a full report is gone on with."""
    return bytes([1, len(data)]) + data.ljust(62, b"\0")


def usual_scan(data, aim="]Q1"):
    parts = [data[at:at + 56] for at in range(0, len(data), 56)]
    return [usual(part, aim, at + 1 < len(parts)) for at, part in enumerate(parts)]


def newland_scan(data):
    parts = [data[at:at + 56] for at in range(0, len(data), 56)]
    return [newland(part, at + 1 < len(parts)) for at, part in enumerate(parts)]


def microscan_scan(data):
    return [microscan(data[at:at + 62]) for at in range(0, len(data), 62)]


def row(name, vendor, reports, reads, aim=None):
    assert all(len(report) in (63, 64) for report in reports), name
    return {"name": name, "vendor": vendor, "reports": [report.hex() for report in reports],
            "reads": reads.hex(), "aim": aim}


PASS = b"M1GATHERGOOD/MICHAEL  YABCDEF LHRDURAK 3542 052Y003D23  100 "
NUMBER = b"11010519491231002X"
CODE = b"HTTPS://YM.TEST/" + b"31415926" * 27
LICENCE = b"@\n\x1e\rANSI 636000100102DL00410278ZV03190008DLDAQT64235789\nDCSSAMPLE\r"
BINARY = bytes(range(1, 256))

rows = [
    row("manual-boarding-pass", HONEYWELL, usual_scan(PASS, "]Q0"), PASS, "]Q0"),
    row("number", HONEYWELL, usual_scan(NUMBER, "]C0"), NUMBER, "]C0"),
    row("code-in-five", HONEYWELL, usual_scan(CODE), CODE, "]Q1"),
    row("youjie", YOUJIE, usual_scan(CODE), CODE, "]Q1"),
    row("exactly-one-report", HONEYWELL, usual_scan(b"7" * 56), b"7" * 56, "]Q1"),
    row("one-more-than-one-report", HONEYWELL, usual_scan(b"7" * 57), b"7" * 57, "]Q1"),
    row("line-end-is-no-data", HONEYWELL, usual_scan(NUMBER + b"\r\n"), NUMBER, "]Q1"),
    row("line-ends-inside-are", HONEYWELL, usual_scan(LICENCE, "]L0"), LICENCE[:-1], "]L0"),
    row("bytes-that-are-no-text", HONEYWELL, usual_scan(BINARY, "]d1"), BINARY, "]d1"),
    row("id-taken-away-by-the-system", HONEYWELL, [usual(NUMBER)[1:]], NUMBER, "]Q1"),
    row("newland-number", NEWLAND, newland_scan(NUMBER), NUMBER),
    row("newland-code", NEWLAND, newland_scan(CODE), CODE),
    row("newland-licence", NEWLAND, newland_scan(LICENCE), LICENCE[:-1]),
    row("microscan-number", MICROSCAN, microscan_scan(NUMBER), NUMBER),
    row("microscan-code", MICROSCAN, microscan_scan(CODE), CODE),
    row("microscan-exactly-full", MICROSCAN, microscan_scan(b"7" * 62), b"7" * 62),
]
inside = ",\n".join(" " + json.dumps(one) for one in rows)
(HERE / "reports.json").write_text(f"[\n{inside}\n]\n", encoding="utf-8")
