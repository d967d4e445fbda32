"""Signing and packing, as the standards say it; used by the files beside it."""

import base64
import datetime
import hashlib
import json
import pathlib
import struct

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

HERE = pathlib.Path(__file__).parent
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


# CBOR (RFC 8949), definite lengths.
class Tag:
    def __init__(self, number, value):
        self.number, self.value = number, value


def head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * size:
            return bytes([major << 5 | code]) + number.to_bytes(size, "big")
    raise ValueError(number)


def cbor(value):
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())
    if isinstance(value, Tag):
        return head(6, value.number) + cbor(value.value)
    raise TypeError(value)


def base45(data):
    out = ""
    for at in range(0, len(data), 2):
        pair = data[at:at + 2]
        number, digits = int.from_bytes(pair, "big"), 3 if len(pair) == 2 else 2
        for _ in range(digits):
            out += BASE45[number % 45]
            number //= 45
    return out


# Keys.
def scalar(name):
    return int.from_bytes(hashlib.sha256(name.encode()).digest(), "big") % (2**255) + 1


def ec_key(name):
    return ec.derive_private_key(scalar(name), ec.SECP256R1())


def probably_prime(number):
    small = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37]
    if any(number % p == 0 for p in small):
        return number in small
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in small:
        x = pow(base, odd, number)
        if x in (1, number - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % number
            if x == number - 1:
                break
        else:
            return False
    return True


def rsa_key(name):
    def prime(label):
        seed = b"".join(hashlib.sha256(f"{name}{label}{n}".encode()).digest() for n in range(4))
        number = int.from_bytes(seed, "big") | 3 << 1022 | 1
        while not (probably_prime(number) and (number - 1) % 65537):
            number += 2
        return number

    p, q = prime("p"), prime("q")
    d = pow(65537, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(65537, p * q)
    return rsa.RSAPrivateNumbers(
        p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()


def sign(key, message):
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def spki(key):
    return base64.b64encode(key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).decode()


def seconds(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def instant(number):
    at = datetime.datetime.fromtimestamp(number, datetime.timezone.utc)
    return at.isoformat().replace("+00:00", "Z")


def write(name, about, trust, cases):
    """One case a line."""
    def line(value):
        return json.dumps(value, ensure_ascii=False)

    lines = ",\n".join("  " + line(case) for case in cases)
    text = f'{{\n "about": {line(about)},\n "trust": {line(trust)},\n "cases": [\n{lines}\n ]\n}}\n'
    (HERE / f"{name}.json").write_text(text, encoding="utf-8")


# COSE_Sign1 (RFC 9052) around a CBOR Web Token (RFC 8392).
def cose(key, protected, unprotected, claims, tags=(18,), change=None, also=b""):
    header = cbor(protected) if protected is not None else b""
    payload = cbor(claims)
    signature = sign(key, cbor(["Signature1", header, b"", payload]))
    if change:
        payload, signature = change(payload, signature)
    envelope = [header, unprotected, payload, signature]
    for tag in reversed(tags):
        envelope = Tag(tag, envelope)
    return cbor(envelope) + also
