#!/usr/bin/env python3
"""Makes the first inputs of each target's corpus from the test vectors."""

import base64
import json
import pathlib
import zlib

HERE = pathlib.Path(__file__).parent
VECTORS = HERE.parent / "tests" / "vectors"


def put(target, name, data):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"seed-{name}").write_bytes(data if isinstance(data, bytes) else data.encode())


codes = json.loads((VECTORS / "code" / "v1.json").read_text(encoding="utf-8"))
for vector in codes["codes"]:
    if vector["name"] in ("green", "shortest-name", "longest-name", "rare-han", "last-second", "forged"):
        put("code", vector["name"] + "-bytes", bytes.fromhex(vector["bytes"]))
        put("code", vector["name"] + "-text", vector["text"])
for vector in codes["malformed"]:
    if vector["name"] != "4-kilobytes":
        put("code", vector["name"], vector["text"])
for vector in codes["readings"]:
    put("code", vector["name"], vector["text"])
for number, text in enumerate([
    "HC1:NCFOXN", "shc:/5676290952432060", "https://s.sh.gov.cn/1642941877644",
    "https://gate.test/qrcode/traffic/?QR=1", '{"type":"icao.vacc"}', "@\n\x1e\rANSI 636000",
]):
    put("code", f"other-{number}", text)

NUMBERS = [
    "11010519491231002X", "110105491231002", "110105194912310021", "810000199001010019",
    "830000199001010039", "911398199012310021", "KAZ110090123105", "E00000000", "140000000",
    "L898902C3", "AB12<<<<5", "C00000000", "T00000000", "H1234567801", "MA0000001",
    "00000001", "0000000001(B)", " 110105 19491231 002x\r\n", "１１０１０５１９４９１２３１００２ｘ", "欧阳小明",
]
for number, text in enumerate(NUMBERS):
    put("number", f"text-{number}", text)
for path in sorted((VECTORS / "samv").glob("*.hex")):
    frame = bytes.fromhex(path.read_text())
    # The photo is never looked at: the block without it makes a smaller input.
    put("number", path.stem + "-block", frame[14:270])
put("number", "frame", frame)

for path in sorted((VECTORS / "feeds").glob("*.json")):
    vector = json.loads(path.read_text(encoding="utf-8"))
    if "payload" in vector:
        put("feed", path.stem, bytes([vector["kind"]]) + bytes.fromhex(vector["payload"]))
        put("feed", path.stem + "-sealed", bytes.fromhex(vector["sealed"]))
cities = json.loads((VECTORS / "feeds" / "cities.json").read_text(encoding="utf-8"))
cities = json.loads(bytes.fromhex(cities["payload"]))


def list_of(name, change):
    """The list of cities with something else in it."""
    changed = json.loads(json.dumps(cities))
    change(changed, changed["cities"][0], changed["cities"][1])
    put("cities", name, json.dumps(changed, ensure_ascii=False, separators=(",", ":")))


list_of("good", lambda _, none, fuzhou: None)
list_of("no-city", lambda all, none, fuzhou: all["cities"].clear())
list_of("falling", lambda all, none, fuzhou: all["cities"].reverse())
list_of("twice", lambda all, none, fuzhou: none.update(code=fuzhou["code"]))
list_of("sequence-0", lambda all, none, fuzhou: all.update(sequence=0))
list_of("no-step", lambda _, none, fuzhou: fuzhou["directory"]["deltas"].clear())
list_of("step-twice", lambda _, none, fuzhou: fuzhou["directory"]["deltas"].append(fuzhou["directory"]["deltas"][0]))
list_of("unknown-field", lambda _, none, fuzhou: fuzhou.update(mayor="?"))
list_of("negative", lambda _, none, fuzhou: none.update(code=-1))
put("feed", "status-step", b"\x00" + bytes(range(64)))
put("feed", "directory-step", b"\x09" + bytes(range(120)))

# Files read as streams: in what pieces, where the flaw is, the kind, and the payload or the file.
for number, path in enumerate(sorted((VECTORS / "feeds").glob("*.json"))):
    vector = json.loads(path.read_text(encoding="utf-8"))
    if "payload" in vector:
        begin = bytes([number, number * 29 % 256, 0, vector["kind"]])
        if len(vector["payload"]) < 2000:
            put("sealed", path.stem, begin + bytes.fromhex(vector["payload"]))
        if vector["kind"] == 6:
            put("sealed", path.stem + "-sealed", begin + bytes.fromhex(vector["sealed"]))
            put("snapshot", path.stem, bytes([number]) + bytes.fromhex(vector["payload"]))


def snapshot(count, k, gaps, width, indexes):
    """A directory's snapshot with a root of zeros, which the target sets right."""
    head = b"".join(n.to_bytes(4, "little") for n in (1, 1, count, 1)) + bytes(32)
    return head + bytes([k]) + len(gaps).to_bytes(4, "little") + gaps + bytes([width]) + indexes


for number, (name, payload) in enumerate({
    "good": snapshot(3, 1, bytes.fromhex("d3a0"), 2, b"\x6c"),
    "no-index-above-0": snapshot(3, 1, bytes.fromhex("d3a0"), 0, b""),
    "width-too-large": snapshot(3, 1, bytes.fromhex("d3a0"), 3, b"\x29\x80"),
    "width-of-33": snapshot(1, 0, b"\x00", 33, bytes(5)),
    "widest": snapshot(1, 63, b"\x7f" + b"\xff" * 7, 32, b"\x80\0\0\0"),
    "past-the-last-hash": snapshot(2, 63, b"\x7f" + b"\xff" * 15, 0, b""),
    "quotient-past-64-bits": snapshot(1, 62, b"\xff\xc0" + bytes(8), 0, b""),
    "k-of-64": snapshot(1, 64, bytes(9), 0, b""),
    "more-than-fit": snapshot(9, 0, b"\x00", 0, b""),
    "more-than-there-may-be": snapshot(2**26 + 1, 0, bytes(8), 0, b""),
    "padding": snapshot(3, 1, bytes.fromhex("d3a1"), 2, b"\x6c"),
    "padding-of-indexes": snapshot(3, 1, bytes.fromhex("d3a0"), 2, b"\x6d"),
    "a-byte-left": snapshot(3, 1, bytes.fromhex("d3a000"), 2, b"\x6c"),
    "no-end-of-ones": snapshot(1, 0, b"\xff" * 40, 0, b""),
    "many-in-few-bytes": snapshot(8 * 200, 0, bytes(200), 0, b""),
    "cut-at-the-width": snapshot(3, 1, bytes.fromhex("d3a0"), 2, b"")[:-1],
    "cut-in-the-head": snapshot(3, 1, b"", 0, b"")[:30],
}.items()):
    put("snapshot", name, bytes([number]) + payload)

# Steps: of a directory, 15 rows and then for each step how many rows go and come, and those.
rows = bytes(range(1, 16))
put("directory_step", "come-and-go", rows + b"\x12\x01\x31\x11" + b"\x11\x31\x01")
put("directory_step", "moved-twice", rows + b"\x11\x01\x21\x11\x21\x41\x11\x41\x01")
put("directory_step", "gone-twice", rows + b"\x10\x01\x10\x01")
put("directory_step", "there-already", rows + b"\x01\x02")
put("directory_step", "the-same-again", rows + b"\x11\x02\x02")
put("directory_step", "to-nothing", rows + b"\xf0" + rows)
put("directory_step", "from-nothing", b"")
put("directory_step", "first-and-last", rows + b"\x02\x00\x17\x20\x00\x17")
# Of a status list, its holders and who is in which colour, and for each step who is new and so on.
put("status_step", "come-and-go", bytes([100, 0x02, 0x11, 5, 9, 50, 99, 3, 0x11, 0, 5, 101]))
put("status_step", "no-holders", bytes([0, 0, 0]))
put("status_step", "past-the-end", bytes([10, 1, 0, 10]))
put("status_step", "past-the-end-of-a-step", bytes([10, 0, 0, 1, 1, 0, 11]))
put("status_step", "in-two-colours", bytes([10, 0x01, 0x10, 3, 3]))
put("status_step", "in-two-colours-of-a-step", bytes([10, 0, 0, 0, 0x01, 0x10, 3, 3]))
put("status_step", "without-need", bytes([10, 0x01, 0, 3, 0, 0x01, 0, 3]))
put("status_step", "new-and-green", bytes([10, 0, 0, 5, 0x10, 0, 12]))

zones = json.loads((VECTORS / "zone" / "zones.json").read_text(encoding="utf-8"))
for row in zones["zones"] + zones["broken"]:
    put("zone", row["name"], "\n".join(row["lines"]))
passes = json.loads((VECTORS / "boarding-pass" / "passes.json").read_text(encoding="utf-8"))
for row in passes["passes"] + passes["broken"]:
    put("pass", row["name"], row["text"])
licences = json.loads((VECTORS / "licence" / "licences.json").read_text(encoding="utf-8"))
for row in licences["licences"] + licences["broken"]:
    put("licence", row["name"], row["text"])

# Certificates: their texts, and for the targets that pack, what is packed in them.
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def unbase45(text):
    out = b""
    for at in range(0, len(text), 3):
        three = text[at:at + 3]
        number = sum(BASE45.index(c) * 45**place for place, c in enumerate(three))
        out += number.to_bytes(len(three) - 1, "big")
    return out


for target, file, most in (("dcc", "dcc", 24), ("nzcp", "nzcp", 24), ("shc", "shc", 22), ("vds_nc", "vds-nc", 22)):
    rows = json.loads((VECTORS / "certificate" / f"{file}.json").read_text(encoding="utf-8"))["cases"]
    # The broken ones are the short ones, and the ones that differ most.
    rows = [row for row in rows if target != "dcc" or (row["text"] == row["text"].upper() and row["text"].isascii())]
    for number, row in enumerate(sorted(rows, key=lambda row: ("outcome" in row, len(row["text"])))[:most]):
        text = row["text"]
        data = text.encode()
        if target == "dcc" and row.get("outcome"):
            data = zlib.decompress(unbase45(text.strip()[4:]))
        elif target == "dcc":
            data = data[4:]
        elif target == "nzcp" and row.get("outcome"):
            body = text.strip().upper()[8:]
            data = base64.b32decode(body + "=" * (-len(body) % 8))
        put(target, f"{number:02}", data)
put("shc", "parts", "shc:/1/2/5676\nshc:/2/2/2909")

DESCRIPTOR = bytes.fromhex(
    "058c0902a1018502150026ff00750805019501093b8102058c950309fb09fc09fd8102"
    "953809fe820201950281037501950109ff810295078103c0"
)


def scanner(vendor, descriptor, *reports):
    """A scanner's vendor and descriptor, and reports with the pauses before them."""
    data = vendor.to_bytes(2, "little") + bytes([len(descriptor)]) + descriptor
    for pause, report in reports:
        data += bytes([len(report), pause]) + report
    return data


def report(start, last=0):
    return start.ljust(63, b"\0") + bytes([last])


FULL = b"7" * 56
put("scanner", "described", scanner(0x0C2E, DESCRIPTOR, (0, report(b"\2\5]Q1hello"))))
put("scanner", "continued", scanner(
    0x0C2E, b"", (0, report(b"\2\x38]Q1" + FULL, 1)), (1, report(b"\2\4]Q1tail"))))
put("scanner", "broken-off", scanner(0x0C2E, DESCRIPTOR, (0, report(b"\2\x38]Q1" + FULL, 1))))
put("scanner", "another-symbol", scanner(
    0x0C2E, b"", (0, report(b"\2\x38]Q1" + FULL, 1)), (1, report(b"\2\4]L0next"))))
put("scanner", "newland", scanner(0x1EAB, b"", (0, report(b"\2\5hello"))))
put("scanner", "no-flag", scanner(0x1234, b"", (0, b"\1\x3e" + b"7" * 62), (1, report(b"\1\3end"))))
put("scanner", "too-long", scanner(0x0C2E, b"", (0, report(b"\2\x39]Q1"))))
put("scanner", "without-id", scanner(0x0C2E, b"", (0, report(b"\2\2]Q142")[1:])))
put("scanner", "bare", scanner(0x05E0, bytes.fromhex("058c7508950809fe8102"), (0, b"abc\r\n\0\0\0")))

NO_CARD, FOUND = (bytes.fromhex("aaaaaa9669" + rest) for rest in ("000400008084", "000800009f0000000097"))
put("reader", "no-card", b"\0" + NO_CARD)
put("reader", "found-in-noise", b"\2noise\xaa\xaa" + FOUND + b"\xaa" + NO_CARD)
put("reader", "damaged", b"\7" + FOUND[:-1] + b"\0" + NO_CARD)
put("reader", "cut-off", b"\7" + FOUND[:9] + NO_CARD)
put("reader", "too-long", b"\7" + bytes.fromhex("aaaaaa96690a01") + NO_CARD)
put("reader", "card", b"\x40" + frame)
