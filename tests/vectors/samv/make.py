#!/usr/bin/env python3
"""Makes the tables of SAM_V card readers: commands, answers, and cards.

Frames, checksums and the number of a module are computed here, apart from the code under
test. Cards are synthetic or a published specimen; their frames are `samv_*.hex`.
"""

import hashlib
import json
import pathlib
import struct

HERE = pathlib.Path(__file__).parent
PREAMBLE = bytes.fromhex("AAAAAA9669")


def framed(*body, data=b""):
    body = bytes(body) + data
    counted = struct.pack(">H", len(body) + 1) + body
    checksum = 0
    for byte in counted:
        checksum ^= byte
    return PREAMBLE + counted + bytes([checksum])


def answer(status, data=b""):
    return framed(0, 0, status, data=data)


def command(name, *body):
    return {"name": name, "frame": framed(*body).hex().upper()}


def heard(name, frame, status, **more):
    return {"name": name, "frame": frame.hex().upper(), "status": status, **more}


def module(*numbers):
    data = struct.pack("<HHIII", *numbers)
    return answer(0x90, data), "%02d.%02d-%08d-%010d-%010d" % numbers


def text_of(kind):
    return bytes.fromhex((HERE / f"samv_{kind}.hex").read_text())[14:270]


def read(kind, *parts):
    """Text and photo, and as many bytes of fingerprints as `parts` says, if it says any."""
    lengths = bytes.fromhex("01000400") + b"".join(struct.pack(">H", part) for part in parts)
    return answer(0x90, lengths + text_of(kind) + bytes(1024 + sum(parts)))


commands = [
    command("reset", 0x10, 0xFF),
    command("status", 0x11, 0xFF),
    command("module", 0x12, 0xFF),
    command("find", 0x20, 0x01),
    command("select", 0x20, 0x02),
    command("read", 0x30, 0x01),
    command("read-with-fingerprints", 0x30, 0x10),
    command("more-address", 0x30, 0x03),
    command("management", 0x30, 0x05),
    command("baud-115200", 0x60, 0),
    command("baud-9600", 0x60, 4),
    command("longest-radio-frame-80", 0x61, 0xFF, 0x50),
]

WORDS = [0x90, 0x9F, 0x91, 0x10, 0x11, 0x21, 0x23, 0x24, 0x31, 0x32, 0x33, 0x40, 0x41, 0x47, 0x60,
         0x66, 0x80, 0x81]
first, first_says = module(5, 1, 20200214, 1, 1)
largest, largest_says = module(65535, 65535, 2**32 - 1, 2**32 - 1, 2**32 - 1)
resident = text_of("resident").hex().upper()
answers = [
    *(heard(f"status-{status:02x}", answer(status), status) for status in WORDS),
    heard("found", answer(0x9F, bytes(4)), 0x9F),
    heard("selected", answer(0x90, bytes(8)), 0x90),
    heard("module", first, 0x90, module=first_says),
    heard("module-of-largest-numbers", largest, 0x90, module=largest_says),
    heard("module-one-byte-short", answer(0x90, bytes(15)), 0x90),
    heard("module-refused", answer(0x66, bytes(16)), 0x66),
    heard("read", read("resident"), 0x90, text=resident),
    heard("read-with-two-fingerprints", read("resident", 1024), 0x90),
    heard("read-with-no-fingerprint", read("resident", 0), 0x90),
    heard("read-without-photo", answer(0x90, bytes.fromhex("01000000") + text_of("resident")), 0x90),
]


def card(kind, layout, document, number, name, sex, birth, valid_from, valid_to, latin=None):
    frame = bytes.fromhex((HERE / f"samv_{kind}.hex").read_text())
    return {
        "file": f"samv_{kind}.hex", "sha256": hashlib.sha256(frame).hexdigest(), "layout": layout,
        "document": document, "number": number, "name": name, "latin": latin, "sex": sex,
        "birth": birth, "from": valid_from, "to": valid_to,
    }


cards = [
    card("resident", "Resident", "resident-id", "11010519491231002X", "证件样本", "female",
         "1949-12-31", "2020-01-01", None),
    card("J", "ResidencePermit", "hk-macau-residence", "810000199001010019", "证件样本", "male",
         "1990-01-01", "2020-01-01", "2025-01-01"),
    card("I", "Permanent2017", "permanent-residence", "UTO350100010104", "安娜", "female",
         "1900-01-01", "2020-01-01", "2030-01-01", "ERIKSSON, ANNA MARIA"),
    card("Y", "Permanent2023", "permanent-residence", "911398199012310021", "安娜", "female",
         "1990-12-31", "2023-12-01", "2033-12-01", "ERIKSSON, ANNA MARIA"),
]


def changed(kind, at, text, error):
    """A card on which another text stands from byte `at` on."""
    return {"file": f"samv_{kind}.hex", "at": at, "text": text, "error": error}


broken = [
    changed("resident", 0, "        ", "Text(Name)"),
    changed("resident", 0, "\u202e", "Text(Name)"),
    changed("resident", 30, "3", "Text(Sex)"),
    changed("resident", 30, " ", "Text(Sex)"),
    changed("resident", 36, "19490229", "Text(Birth)"),
    changed("resident", 36, "1949123 ", "Text(Birth)"),
    changed("resident", 36, "+9491231", "Text(Birth)"),
    changed("resident", 36, "2000101 ", "Text(Birth)"),
    changed("resident", 188, "        ", "Text(From)"),
    changed("resident", 204, "短", "Text(To)"),
    changed("resident", 204, "20191231", "Text(To)"),
    changed("resident", 122, "110105194912310021", "Number(CheckDigit)"),
    changed("resident", 122, "11010519491331002X", "Number(Date)"),
    changed("resident", 248, "J", "Number(Alphabet { position: 1 })"),
    changed("Y", 52, "\x07", "Text(LatinName)"),
]

tables = {"commands": commands, "answers": answers, "cards": cards, "broken": broken}
lines = []
for name, rows in tables.items():
    inside = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    lines.append(f' "{name}": [\n{inside}\n ]')
(HERE / "samv.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
