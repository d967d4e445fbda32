#!/usr/bin/env python3
"""The feed formats a second time, written from docs/feeds.md and from no other code.

Writes the vectors beside it. They are pinned: run it to compare (`git diff` must stay
empty), not to change them. It needs nothing but Python 3.8 and takes a few seconds.
"""
import hashlib
import json
import math
import pathlib
import struct

HERE = pathlib.Path(__file__).parent
SEED = bytes(range(32))
ISSUER, ROOT, FEEDS = 35, 0, 2
COLOURS = ["green", "amber", "red", "withdrawn"]


# Ed25519 (RFC 8032, section 5.1), on affine points: slow and short.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
BASE_Y = 4 * pow(5, -1, P) % P


def x_of(y):
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    return x if x % 2 == 0 else P - x


def add(one, other):
    (x1, y1), (x2, y2) = one, other
    cross = D * x1 * x2 * y1 * y2 % P
    return ((x1 * y2 + x2 * y1) * pow(1 + cross, -1, P) % P,
            (y1 * y2 + x1 * x2) * pow(1 - cross, -1, P) % P)


def times(scalar, point):
    result = (0, 1)
    for bit in bin(scalar)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def packed(point):
    return (point[1] | (point[0] % 2) << 255).to_bytes(32, "little")


def sign(message):
    digest = hashlib.sha512(SEED).digest()
    secret = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | 1 << 254
    base = (x_of(BASE_Y), BASE_Y)
    public = packed(times(secret, base))

    def number(*parts):
        return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % L

    nonce = number(digest[32:], message)
    commitment = packed(times(nonce, base))
    answer = (nonce + number(commitment, public, message) * secret) % L
    return commitment + answer.to_bytes(32, "little"), public


# The formats.
def bits_to_bytes(bits):
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at:at + 8], 2) for at in range(0, len(bits), 8))


def rice(numbers):
    """(k, bits) of a rising list: the shortest, and of those the smallest k."""
    gaps = [b - a - 1 for a, b in zip([-1] + numbers, numbers)]
    if not gaps:
        return 0, b""
    k = min(range(64), key=lambda k: sum((gap >> k) + 1 + k for gap in gaps))
    code = "".join("1" * (gap >> k) + "0" + (f"{gap % 2**k:0{k}b}" if k else "") for gap in gaps)
    return k, bits_to_bytes(code)


def rice_tail(numbers):
    k, code = rice(numbers)
    return struct.pack("<BI", k, len(code)) + code


def rice_set(numbers):
    return struct.pack("<I", len(numbers)) + rice_tail(numbers)


def status_root(holders, coloured):
    cells = bytearray(math.ceil(holders / 4))
    for index, colour in coloured:
        cells[index // 4] |= COLOURS.index(colour) << 2 * (index % 4)
    root = hashlib.sha256(b"yanma-status-root-v1" + struct.pack("<I", holders))
    for at in range(0, len(cells), 16384):
        root.update(hashlib.sha256(cells[at:at + 16384]).digest())
    return root.digest()


def indexes(coloured, colour):
    return sorted(index for index, its in coloured if its == colour)


def status_snapshot(s):
    head = struct.pack("<III", s["epoch"], s["sequence"], s["holders"])
    sets = [rice_set(indexes(s["coloured"], colour)) for colour in COLOURS[1:]]
    return head + status_root(s["holders"], s["coloured"]) + b"".join(sets)


def status_delta(s):
    old, new = s["old"], s["new"]
    before, after = dict(old["coloured"]), dict(new["coloured"])
    changed = [(index, after.get(index, "green")) for index in range(new["holders"])
               if before.get(index, "green") != after.get(index, "green")]
    head = struct.pack("<IIIII", new["epoch"], old["sequence"], new["sequence"],
                       old["holders"], new["holders"])
    roots = b"".join(status_root(its["holders"], its["coloured"]) for its in (old, new))
    return head + roots + b"".join(rice_set(indexes(changed, colour)) for colour in COLOURS)


def directory_root(rows):
    body = b"".join(bytes.fromhex(hash) + struct.pack(">I", index) for hash, index in rows)
    return hashlib.sha256(b"yanma-directory-root-v1" + struct.pack("<I", len(rows)) + body).digest()


def columns(rows):
    width = max((index for _, index in rows), default=0).bit_length()
    code = "".join(f"{index:0{width}b}" for _, index in rows) if width else ""
    return (rice_tail([int(hash, 16) for hash, _ in rows])
            + struct.pack("<B", width) + bits_to_bytes(code))


def directory_snapshot(s):
    head = struct.pack("<IIII", s["epoch"], s["sequence"], len(s["rows"]), s["key_generation"])
    return head + directory_root(s["rows"]) + columns(s["rows"])


def directory_delta(s):
    old, new = s["old"], s["new"]
    added = [row for row in new["rows"] if row not in old["rows"]]
    removed = [int(row[0], 16) for row in old["rows"] if row not in new["rows"]]
    head = struct.pack("<III", new["epoch"], old["sequence"], new["sequence"])
    roots = directory_root(old["rows"]) + directory_root(new["rows"])
    return head + roots + struct.pack("<I", len(added)) + columns(added) + rice_set(removed)


def as_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def write(name, kind, feed, namespace, state, payload, slot=FEEDS):
    header = b"YMF1" + bytes([kind, ISSUER, slot, 0]) + struct.pack("<I", len(payload))
    message = b"yanma-feed-" + namespace + b"-v1" + header + payload
    signature, _ = sign(message)
    sealed = header + payload + signature
    sha256 = hashlib.sha256(sealed).hexdigest()
    file_name = f"{feed}-{state.get('from', 0)}-{state['sequence']}-{sha256[:16]}.yf"
    vector = {
        "key_seed": SEED.hex(), "public_key": sign(b"")[1].hex(),
        "kind": kind, "issuer": ISSUER, "slot": slot, "state": state,
        "payload": payload.hex(), "signed_message": message.hex(),
        "sealed": sealed.hex(), "sha256": sha256, "name": file_name,
    }
    text = json.dumps(vector, ensure_ascii=False, indent=1) + "\n"
    (HERE / name).with_suffix(".json").write_text(text, encoding="utf-8")
    return {"name": file_name, "from": state.get("from", 0), "to": state["sequence"],
            "bytes": len(sealed), "sha256": sha256}


def main():
    def status(sequence, holders, coloured):
        return {"epoch": 3, "sequence": sequence, "holders": holders, "coloured": coloured}

    def directory(sequence, rows):
        return {"epoch": 3, "sequence": sequence, "key_generation": 2, "rows": rows}

    # The list has more than one block of cells, so that the root has two leaves.
    old = status(6, 70000, [[0, "amber"], [1, "amber"], [9, "red"], [40000, "amber"],
                            [65535, "withdrawn"], [65536, "amber"], [69999, "red"]])
    new = status(7, 70003, [[1, "amber"], [2, "amber"], [9, "amber"], [40000, "amber"],
                            [65535, "withdrawn"], [65536, "withdrawn"], [69999, "red"],
                            [70002, "red"]])
    whole = write("status-snapshot", 4, "status", b"status", old, status_snapshot(old))
    empty = status(1, 0, [])
    write("status-snapshot-empty", 4, "status", b"status", empty, status_snapshot(empty))
    steps = {"from": 6, "sequence": 7, "old": old, "new": new}
    step = write("status-delta", 5, "status", b"status", steps, status_delta(steps))

    before = directory(1, [["0000000000000000", 0], ["0123456789abcdef", 1000],
                           ["7dc5def0ca8503a5", 69999], ["ffffffffffffffff", 7]])
    after = directory(2, [["0000000000000000", 0], ["0123456789abcdef", 1001],
                          ["8000000000000000", 2], ["ffffffffffffffff", 7]])
    base = write("directory-snapshot", 6, "directory", b"directory", before,
                 directory_snapshot(before))
    empty = directory(1, [])
    write("directory-snapshot-empty", 6, "directory", b"directory", empty,
          directory_snapshot(empty))
    steps = {"from": 1, "sequence": 2, "old": before, "new": after}
    moved = write("directory-delta", 7, "directory", b"directory", steps, directory_delta(steps))

    public = sign(b"")[1].hex()
    key = {"slot": ROOT, "public": public, "purposes": ["root"],
           "from": "2020-02-01T00:00:00Z", "until": None}
    trust = {"sequence": 5, "issued_at": "2020-06-30T00:00:00Z", "issuers": [
        {"id": ISSUER, "name": {"zh": "福建省", "en": "Fujian"}, "amber": "orange",
         "keys": [key, {**key, "slot": FEEDS, "purposes": ["feeds"]}]}]}
    state = {"sequence": 5, "list": trust}
    trusted = write("trust", 2, "trust", b"trust", state, as_json(trust), slot=ROOT)
    policies = {"sequence": 1, "policies": []}
    ruled = write("policy-empty", 3, "policy", b"policy", policies, as_json(policies))

    def files(epoch, sequence, root, size, snapshot, deltas=()):
        return {"epoch": epoch, "sequence": sequence, "root": root.hex(), "size": size,
                "snapshot": snapshot, "deltas": list(deltas)}

    def sha256(value):
        return hashlib.sha256(as_json(value)).digest()

    head = {"issuer": ISSUER, "number": 1593590400, "issued_at": "2020-07-01T08:00:00Z",
            "next_due_at": "2020-07-01T08:01:00Z", "feeds": {
                "trust": files(0, 5, sha256(trust), 1, trusted),
                "policy": files(3, 1, sha256(policies), 0, ruled),
                "status": files(3, 7, status_root(new["holders"], new["coloured"]),
                                new["holders"], whole, [step]),
                "directory": files(3, 2, directory_root(after["rows"]), 4, base, [moved])}}
    # A head has no sequence and no name of this form; the fields are filled all the same.
    write("head", 1, "head", b"head", {"sequence": 1593590400, "head": head}, as_json(head))

    # Files are files: the same ones stand for those of two cities and of whoever is in none.
    alone = files(3, 1, directory_root(before["rows"]), 4, base)
    cities = {"sequence": 4, "cities": [
        {"code": 0, "name": {"zh": "其他人员", "en": "Everybody else"}, "directory": alone},
        {"code": 3501, "name": {"zh": "福州市", "en": "Fuzhou"},
         "directory": head["feeds"]["directory"]}]}
    state = {"sequence": 4, "list": cities}
    listed = write("cities", 8, "directory", b"cities", state, as_json(cities))
    head["feeds"]["cities"] = listed
    state = {"sequence": 1593590400, "head": head}
    write("head-with-cities", 1, "head", b"head", state, as_json(head))


if __name__ == "__main__":
    main()
