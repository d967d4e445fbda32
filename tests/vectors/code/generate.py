#!/usr/bin/env python3
"""Writes v1.json, the golden vectors of health code version 1.

A second implementation of docs/health-code.md, which shares nothing with the one in
crates/domain. Keys and documents are made up and fixed, so the file comes out the same
every time. What a vector expects is written down here by hand from the rules; nothing in
it was taken from a program's answer.

Needs Python 3.9 and `cryptography` from PyPI:

    python3 -m venv /tmp/vectors && /tmp/vectors/bin/pip install cryptography
    /tmp/vectors/bin/python generate.py
"""

import hashlib
import hmac
import json
import pathlib
from datetime import datetime, timedelta, timezone

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NAMESPACE = b"yanma-code-v1"
ZERO = datetime(2020, 1, 1, tzinfo=timezone.utc)
NOW = datetime(2020, 7, 1, 8, 0, 0, tzinfo=timezone.utc)
COLOURS = {"green": 0, "amber": 1, "red": 2, "withdrawn": 3}
DIRECTORY_KEY = bytes(range(32))
# The order of the group of Ed25519 (RFC 8032, section 5.1).
L = 2**252 + 27742317777372353535851937790883648493
DAY = 86_400

# Name: code on the wire, and a number that nobody has (specimens and invented ones).
DOCUMENTS = {
    "resident-id": (1, "11010519491231002X"),
    "hk-macau-residence": (2, "810000199001010019"),
    "taiwan-residence": (3, "830000199001010039"),
    "permanent-residence": (4, "911398199012310021"),
    "passport-cn": (5, "E00000000"),
    "passport-foreign": (6, "L898902C3"),
    "exit-hk-macau": (7, "C00000000"),
    "exit-taiwan": (8, "L00000000"),
    "home-return": (9, "H00000001"),
    "mainland-taiwan": (10, "00000001"),
}

SEEDS = {
    name: hashlib.sha256(b"yanma vectors " + name.encode()).digest()
    for name in ["fujian-codes", "fujian-feeds", "fujian-retired", "fujian-coming", "national-codes", "edge-codes", "stranger"]
}
KEYS = {name: Ed25519PrivateKey.from_private_bytes(seed) for name, seed in SEEDS.items()}


def rfc3339(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def public(name):
    return KEYS[name].public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def trusted(slot, name, purpose="codes", start=ZERO, end=None):
    return {
        "slot": slot, "public": public(name), "purposes": [purpose],
        "from": rfc3339(start), "until": end and rfc3339(end),
    }


CHANGE_OF_KEYS = NOW - timedelta(seconds=10)
TRUST = {
    "sequence": 1,
    "issued_at": rfc3339(NOW - timedelta(days=1)),
    "issuers": [
        {"id": 35, "name": {"zh": "福建", "en": "Fujian"}, "amber": "orange", "keys": [
            trusted(1, "fujian-codes"),
            trusted(2, "fujian-feeds", "feeds"),
            trusted(4, "fujian-retired", end=CHANGE_OF_KEYS),
            trusted(5, "fujian-coming", start=CHANGE_OF_KEYS),
        ]},
        {"id": 0, "name": {"zh": "国家", "en": "National"}, "amber": "yellow", "keys": [trusted(1, "national-codes")]},
        {"id": 255, "name": {"zh": "边界", "en": "Edge"}, "amber": "yellow", "keys": [trusted(15, "edge-codes")]},
    ],
}


def policy(name, old_green="refer", days=128, amber="refuse", red="refuse", document=False):
    return {
        "id": name, "version": 1, "name": {"zh": name, "en": name},
        "freshness": {"live_minutes": 15, "normal_minutes": 240, "limit_minutes": 1440, "old_green": old_green},
        "code": {"skew_seconds": 60, "grace_seconds": 15, "longest_life_days": days, "expired": "refuse"},
        "colours": {"amber": amber, "red": red, "withdrawn": "refuse"},
        "identity": {"document_with_code": document, "no_code": "refer"},
    }


POLICIES = [
    policy("general"),
    policy("hospital", amber="refer", red="refer"),
    policy("hotel", old_green="admit", document=True),
    policy("gate", old_green="admit"),
    policy("short-paper", days=1),
]


def document_hash(kind):
    code, number = DOCUMENTS[kind]
    message = b"yanma-directory-v1" + bytes([code]) + number.encode()
    return hmac.new(DIRECTORY_KEY, message, hashlib.sha256).digest()[:8]


def body_of(f):
    seconds = f["issued_second"]
    return b"".join([
        bytes([f["version"] << 4 | f["profile"] << 2 | COLOURS[f["colour"]]]),
        bytes([f["issuer"]]),
        bytes([f["key_slot"] << 4 | f["document_type_code"]]),
        seconds.to_bytes(4, "big"),
        bytes([f["lifetime"]]),
        f["index"].to_bytes(4, "big"),
        bytes.fromhex(f["document_hash"]),
        bytes.fromhex(f["name_hex"]),
    ])


def digits_of(code):
    return str(int.from_bytes(code, "big"))


def fields(colour="green", issuer=35, slot=1, kind="resident-id", age=10, at=None, lifetime=1, index=41,
           holder="张*明", version=1, profile=0, type_code=None, hash_hex=None, now=NOW):
    issued = at if at is not None else now - timedelta(seconds=age)
    name = holder if isinstance(holder, bytes) else holder.encode()
    readable = {}
    if type_code is None and hash_hex is None:
        readable = {"document_type": kind, "document_number": DOCUMENTS[kind][1]}
    return {
        "version": version, "profile": profile, "colour": colour, "issuer": issuer, "key_slot": slot,
        "document_type_code": DOCUMENTS[kind][0] if type_code is None else type_code, **readable,
        "issued_at": rfc3339(issued), "issued_second": int((issued - ZERO).total_seconds()),
        "lifetime": lifetime,
        "lifetime_seconds": lifetime * 60 if lifetime < 128 else (lifetime - 127) * DAY,
        "index": index,
        "document_hash": document_hash(kind).hex() if hash_hex is None else hash_hex,
        "name": name.decode(errors="replace"), "name_hex": name.hex(),
    }


def stages(f, key="fujian-codes", host="YM.TEST", sign=None, alter=None):
    """Every stage from the fields to the text; `alter` changes the bytes after signing."""
    body = body_of(f)
    message = NAMESPACE + body
    signature = (sign or (lambda body: KEYS[key].sign(NAMESPACE + body)))(body)
    code = body + signature
    if alter:
        code = alter(code)
        body, signature, message = code[:-64], code[-64:], NAMESPACE + code[:-64]
    digits = digits_of(code)
    return {
        "signed_with": key, "body": body.hex(), "signing_input": message.hex(), "signature": signature.hex(),
        "bytes": code.hex(), "digits": digits, "host": host, "text": f"HTTPS://{host}/{digits}",
    }


VECTORS = []


def code(name, why, decision, reasons, verify="ok", status=("green", 60), policy="general", trust=True,
         clock="trusted", now=NOW, key="fujian-codes", host="YM.TEST", sign=None, alter=None, **changes):
    f = fields(now=now, **changes)
    VECTORS.append({
        "name": name, "why": why, "fields": f, **stages(f, key, host, sign, alter),
        "trust": trust, "verify": verify,
        "status": status and {"colour": status[0], "age_seconds": status[1]},
        "policy": policy, "clock": clock, "now": rfc3339(now),
        "expect": {"decision": decision, "reasons": reasons},
    })


def put(at, value):
    return lambda code: code[:at] + bytes([value]) + code[at + 1:]


def colours():
    code("green", "green everywhere", "admit", [])
    code("orange", "orange at issue and in the list", "refuse", ["C-ORA"], colour="amber", status=("amber", 60))
    code("orange-since", "green at issue, orange in the list", "refuse", ["C-ORA"], status=("amber", 60))
    code("yellow", "the national scheme calls it yellow", "refuse", ["C-YEL"], colour="amber", issuer=0,
         key="national-codes", status=("amber", 60))
    code("red", "red", "refuse", ["C-RED"], colour="red", status=("red", 60))
    code("withdrawn", "withdrawn", "refuse", ["C-WDR"], colour="withdrawn", status=("withdrawn", 60))
    code("red-since", "green at issue, red in an older list: what is worse stands", "refuse", ["C-RED"], status=("red", 60))
    code("hospital-orange", "a hospital turns nobody away for orange", "refer", ["C-ORA"], policy="hospital", status=("amber", 60))
    code("hospital-red", "nor for red", "refer", ["C-RED"], policy="hospital", status=("red", 60))
    code("hospital-withdrawn", "but a withdrawn code stands for nobody", "refuse", ["C-WDR"], policy="hospital", status=("withdrawn", 60))
    code("newer-than-list", "orange was signed after the list was made", "refuse", ["C-ORA"], colour="amber", age=59)
    code("as-old-as-list", "orange in the second of the list: the list has the last word", "admit", [], colour="amber", age=60)
    code("older-than-list", "orange at issue, green again in a later list", "admit", [], colour="amber", age=10, status=("green", 5))
    code("worse-list", "withdrawn in the list, orange in a newer code: the worse stands", "refuse", ["C-WDR"],
         colour="amber", status=("withdrawn", 60))
    code("not-in-list", "the list ends before the index", "refer", ["C-UNK"], status=(None, 60))
    code("not-in-list-red", "the same, and red at issue", "refuse", ["C-RED"], colour="red", age=70, lifetime=2, status=(None, 60))
    code("no-list", "no list of the issuer", "refer", ["C-ONL"], status=None)
    code("no-list-red", "no list, but red at issue", "refuse", ["C-RED"], colour="red", status=None)


def documents_names_and_edges():
    for kind in DOCUMENTS:
        if kind != "resident-id":
            code(f"document-{kind}", "one code for each kind of document", "admit", [], kind=kind)
    code("shortest-name", "a name of one byte: 85 bytes, the shortest code", "admit", [], holder="*")
    code("latin-name", "Latin letters", "admit", [], holder="J***n")
    code("longest-name", "9 bytes of three-byte Han: 93 bytes, the longest code", "admit", [], holder="欧***明")
    code("rare-han", "four-byte Han characters at both ends", "admit", [], holder="\U00020bb7*\U0002070e")
    code("two-byte-letters", "letters with marks", "admit", [], holder="Ł***ś")
    code("first-second", "the zero of the clock, issuer 0, index 0, an empty hash, shown in the last second of its grace",
         "admit", [], issuer=0, key="national-codes", at=ZERO, now=ZERO + timedelta(seconds=74), index=0,
         hash_hex="00" * 8, status=("green", 60))
    last = ZERO + timedelta(seconds=2**32 - 1)
    code("last-second", "the end of the clock in 2156, issuer 255, key 15, the last index, a hash of ones",
         "admit", [], issuer=255, slot=15, key="edge-codes", at=last, now=last + timedelta(seconds=10),
         index=2**32 - 1, hash_hex="ff" * 8, lifetime=255)
    code("long-host", "a host of 25 characters: the same digits behind it", "admit", [], host="CODES-1.HEALTH.FJ.EXAMPLE")


def time():
    for name, byte, seconds in [("minute", 1, 60), ("127-minutes", 127, 7620), ("day", 128, DAY), ("128-days", 255, 128 * DAY)]:
        code(f"{name}-last", f"life {seconds} s and grace 15 s: the last second", "admit", [], lifetime=byte, age=seconds + 14)
        code(f"{name}-over", "one second later", "refuse", ["S-EXP"], lifetime=byte, age=seconds + 15)
    code("skew", "a clock 60 s ahead is allowed", "admit", [], age=-60)
    code("future", "61 s is not, and cannot be told from a wrong clock here", "refer", ["S-FUT"], age=-61)
    code("too-long-a-life", "two days where a day is the most", "refuse", ["S-LIFE"], lifetime=129, policy="short-paper")
    code("allowed-life", "a day where a day is the most", "admit", [], lifetime=128, policy="short-paper")
    code("expired-and-orange", "both refuse; freshness is asked before colour", "refuse", ["S-EXP", "C-ORA"], age=75, status=("amber", 60))
    code("clock-set-back", "neither life nor age of data can be told", "refer", ["T-CLK"], clock="set-back")
    code("clock-set-back-red", "red needs no clock; the graver reason comes first", "refuse", ["C-RED", "T-CLK"],
         clock="set-back", status=("red", 60))


def age_of_data():
    code("list-15-min", "live", "admit", [], status=("green", 900))
    code("list-4-h", "normal to the last second", "admit", [], status=("green", 14_400))
    code("list-past-4-h", "old", "refer", ["D-OLD"], status=("green", 14_401))
    code("list-past-4-h-gate", "old where the scene admits with a notice", "admit", ["D-OLD"], policy="gate", status=("green", 14_401))
    code("list-24-h", "old to the last second", "refer", ["D-OLD"], status=("green", DAY))
    code("list-past-24-h", "too old", "refer", ["D-STALE"], status=("green", DAY + 1))
    code("list-past-24-h-gate", "too old in every scene", "refer", ["D-STALE"], policy="gate", status=("green", DAY + 1))
    code("list-old-red", "red never expires by age", "refuse", ["C-RED"], status=("red", 90 * DAY))
    code("list-ahead", "a list 60 s ahead is within the skew of clocks", "admit", [], status=("green", -60))
    code("list-from-the-future", "61 s is not", "refer", ["T-CLK"], status=("green", -61))
    code("expired-and-old-list", "a refusal before what could not be decided", "refuse", ["S-EXP", "D-OLD"], age=75, status=("green", 14_401))


def identity():
    code("hotel-code-alone", "a hotel wants the document too", "refer", ["I-REQ"], policy="hotel")
    code("hotel-orange", "the refusal comes first", "refuse", ["C-ORA", "I-REQ"], policy="hotel", status=("amber", 60))
    code("hotel-old-list", "what refers comes before a notice", "refer", ["I-REQ", "D-OLD"], policy="hotel", status=("green", 14_401))


def second_form(body):
    signature = KEYS["fujian-codes"].sign(NAMESPACE + body)
    s = int.from_bytes(signature[32:], "little") + L
    return signature[:32] + s.to_bytes(32, "little")


def signatures():
    refused = dict(verify="signature")
    code("forged", "signed with a stranger's key", "refuse", ["S-SIG"], key="stranger", **refused)
    code("other-issuers-key", "the national key under Fujian's name", "refuse", ["S-SIG"], key="national-codes", **refused)
    code("no-namespace", "the body alone was signed", "refuse", ["S-SIG"], sign=lambda body: KEYS["fujian-codes"].sign(body), **refused)
    code("other-namespace", "signed for a feed", "refuse", ["S-SIG"],
         sign=lambda body: KEYS["fujian-codes"].sign(b"yanma-feed-head-v1" + body), **refused)
    code("second-form", "S + L in place of S: RFC 8032 wants S below L", "refuse", ["S-SIG"], sign=second_form, **refused)
    code("altered-colour", "red made green", "refuse", ["S-SIG"], colour="red", status=("green", 60), alter=put(0, 0x10), **refused)
    code("altered-index", "another holder's index", "refuse", ["S-SIG"], alter=put(11, 42), **refused)
    code("altered-life", "a minute made 128 days", "refuse", ["S-SIG"], age=75, alter=put(7, 255), **refused)
    code("altered-name", "one letter of the name", "refuse", ["S-SIG"], holder="J***n", alter=put(20, ord("K")), **refused)
    code("altered-signature", "one bit of the signature", "refuse", ["S-SIG"], alter=lambda c: c[:-64] + bytes([c[-64] ^ 1]) + c[-63:], **refused)
    code("unknown-issuer", "nobody here knows issuer 44", "refer", ["S-ISS"], verify="unknown-issuer", issuer=44, key="stranger")
    code("unknown-key", "Fujian has no key 3 in this list", "refer", ["S-KEY"], verify="unknown-key", slot=3, key="stranger")
    code("feeds-key", "a key for feeds signs no codes", "refuse", ["S-KDT"], verify="key-not-in-force", slot=2, key="fujian-feeds")
    code("retired-key-last", "the last second of a retired key", "admit", [], slot=4, key="fujian-retired", age=11)
    code("retired-key-over", "its end is not part of it", "refuse", ["S-KDT"], verify="key-not-in-force", slot=4, key="fujian-retired", age=10)
    code("coming-key-first", "the first second of a coming key", "admit", [], slot=5, key="fujian-coming", age=10)
    code("coming-key-before", "one second too early", "refuse", ["S-KDT"], verify="key-not-in-force", slot=5, key="fujian-coming", age=11)
    code("no-trust-list", "a desk that has no trust list yet", "refer", ["D-TRUST"], verify=None, trust=False)


MALFORMED = []


def broken(name, why, error, reason, text, bytes_error=None, code=None):
    MALFORMED.append({
        "name": name, "why": why, "text": text, "error": error, "reason": reason,
        **({"bytes": code.hex(), "bytes_error": bytes_error or error} if code else {}),
    })


def text_of(digits):
    return f"HTTPS://YM.TEST/{digits}"


def malformed():
    good = stages(fields())
    digits, middle = good["digits"], len(good["digits"]) // 2
    shortest = stages(fields(holder="*"))["digits"]
    part, length = "incomplete", {"malformed": "length"}
    broken("leading-zero", "a second text for the same number", {"malformed": "leading-zero"}, "F-FORM", text_of("0" + digits))
    broken("digit-missing", "a tenth of the number begins with 0x19: profile 2, which is none", part, "F-PART",
           text_of(digits[:middle] + digits[middle + 1:]))
    broken("last-digit-missing", "the same", part, "F-PART", text_of(digits[:-1]))
    broken("digit-missing-of-the-shortest", "203 digits", part, "F-PART", text_of(shortest[:-1]))
    broken("two-digits-missing", "a hundredth of the number begins with 0x28, as version 2 does", {"version": 2}, "F-VER", text_of(digits[:-2]))
    broken("digit-too-many", "ten times the number begins with 0xa0: no version", part, "F-PART", text_of(digits + "0"))
    broken("half", "the first 110 digits", part, "F-PART", text_of(digits[:110]))
    broken("a-few-digits", "the beginning of a code by its shape alone", part, "F-PART", text_of("1234"))
    broken("host-alone", "no digit at all: nothing says that it is a code", part, "F-UNK", text_of(""))
    broken("two-codes-run-together", "twice the digits", length, "F-FORM", text_of(digits * 2))
    broken("4-kilobytes", "4,096 digits", length, "F-FORM", text_of("1234567890123456" * 256))

    def signed(name, why, error, reason, bytes_error=None, **changes):
        made = stages(fields(**changes))
        broken(name, why, error, reason, made["text"], bytes_error, bytes.fromhex(made["bytes"]))

    signed("version-0", "no version", part, "F-PART", version=0, colour="red")
    signed("version-2", "the next version", {"version": 2}, "F-VER", version=2)
    signed("version-3", "and the one after", {"version": 3}, "F-VER", version=3)
    signed("version-4", "taken for a part of a code", part, "F-PART", version=4)
    signed("profile-1", "reserved for SM2", {"profile": 1}, "F-VER", profile=1)
    signed("profile-2", "what a lost digit leaves behind", part, "F-PART", profile=2)
    signed("profile-3", "what a lost digit leaves behind", part, "F-PART", profile=3)
    for number in [0, 11, 15]:
        signed(f"document-type-{number}", "not in the table", {"malformed": "document-type"}, "F-FORM", type_code=number)
    signed("lifetime-0", "no life at all", {"malformed": "lifetime"}, "F-FORM", lifetime=0)
    for name, why, value in [
        ("bytes-ff", "no UTF-8", b"\xff*\xff"),
        ("overlong", "an overlong form of '/'", b"\xc0\xaf"),
        ("surrogate", "half of a pair", b"\xed\xa0\x80"),
        ("cut", "the first two bytes of a Han character", b"\xe5\xbc"),
        ("control", "a control character", b"a\x07"),
        ("override", "a mark that turns the direction of writing", "a\u202eb".encode()),
        ("untrimmed", "a space at the end", b"a "),
    ]:
        signed(f"name-{name}", why, {"malformed": "name"}, "F-FORM", holder=value)
    signed("name-of-10-bytes", "94 bytes are 226 digits", length, "F-FORM", holder="J********n")
    signed("name-of-none", "84 bytes are 202 digits", part, "F-PART", bytes_error=length, holder="")


def readings():
    """Texts that devices make of the first vector's code."""
    digits = VECTORS[0]["digits"]
    wide = "".join(chr(ord(c) - 0x21 + 0xFF01) for c in f"HTTPS://YM.TEST/{digits}")
    return [
        {"name": "digits-alone", "text": digits},
        {"name": "another-host", "text": f"https://other.example/{digits}"},
        {"name": "aim-prefix", "text": f"]Q1HTTPS://YM.TEST/{digits}"},
        {"name": "line-end", "text": f"HTTPS://YM.TEST/{digits}\r\n"},
        {"name": "another-keyboard", "text": f"HTTPS:&&YM.TEST&{digits}"},
        {"name": "full-width", "text": wide},
    ]


def main():
    for group in [colours, documents_names_and_edges, time, age_of_data, identity, signatures, malformed]:
        group()
    names = [vector["name"] for vector in VECTORS + MALFORMED]
    assert len(names) == len(set(names)), "a name twice"
    out = {
        "about": "Golden vectors of health code version 1; docs/health-code.md says how to use them. Made by generate.py.",
        "namespace": NAMESPACE.decode(),
        "directory_key": DIRECTORY_KEY.hex(),
        "keys": {name: {"seed": seed.hex(), "public": public(name)} for name, seed in SEEDS.items()},
        "trust_list": TRUST,
        "policies": POLICIES,
        "codes": VECTORS,
        "readings": readings(),
        "malformed": MALFORMED,
    }
    path = pathlib.Path(__file__).with_name("v1.json")
    path.write_text(json.dumps(out, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{len(VECTORS)} codes, {len(MALFORMED)} malformed, {path.stat().st_size} bytes")


main()
