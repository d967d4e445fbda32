#!/usr/bin/env python3
"""Makes the dialogues with the chips of passports that do not exist, and what is on them.

A second implementation, written from ICAO Doc 9303, parts 10 (files), 11 (Basic Access Control
and secure messaging) and 12 (the security object). The first dialogue is the worked example of
part 11, appendix D, and must come out as it is printed there.
"""

import base64
import datetime
import hashlib
import json
import pathlib

from cryptography import x509
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.x509.oid import NameOID

HERE = pathlib.Path(__file__).parent


# --- Ciphers (part 11, 9.8) -----------------------------------------------------------------
def des(key, data, decrypt=False):
    """Triple DES with a key of one, two or three parts, CBC, zeros as the first block."""
    cipher = Cipher(TripleDES({8: key * 3, 16: key + key[:8]}[len(key)]), modes.CBC(bytes(8)))
    way = cipher.decryptor() if decrypt else cipher.encryptor()
    return way.update(data) + way.finalize()


def pad(data):
    return data + b"\x80" + bytes(-(len(data) + 1) % 8)


def mac(key, data):
    """ISO/IEC 9797-1, algorithm 3, over padded data."""
    last = des(key[:8], pad(data))[-8:]
    return des(key[:8], des(key[8:], last, decrypt=True))


def derive(seed, number):
    return hashlib.sha1(seed + number.to_bytes(4, "big")).digest()[:16]


# --- Basic Access Control and secure messaging ------------------------------------------------
class Dialogue:
    """What is said to a chip, and what it answers."""

    def __init__(self, key, rnd_ic, k_ic, rnd_ifd, k_ifd):
        self.steps = []
        self.rnd_ic, self.k_ic, self.rnd_ifd, self.k_ifd = rnd_ic, k_ic, rnd_ifd, k_ifd
        seed = hashlib.sha1(key.encode()).digest()[:16]
        self.enc, self.mac = derive(seed, 1), derive(seed, 2)

    def step(self, command, answer):
        self.steps.append([command.hex().upper(), answer.hex().upper()])

    def open(self):
        self.step(bytes.fromhex("00A4040C07A0000002471001"), bytes.fromhex("9000"))
        self.step(bytes.fromhex("0084000008"), self.rnd_ic + b"\x90\x00")
        sent = des(self.enc, self.rnd_ifd + self.rnd_ic + self.k_ifd)
        said = des(self.enc, self.rnd_ic + self.rnd_ifd + self.k_ic)
        self.step(b"\x00\x82\x00\x00\x28" + sent + mac(self.mac, sent) + b"\x28",
                  said + mac(self.mac, said) + b"\x90\x00")
        seed = bytes(a ^ b for a, b in zip(self.k_ifd, self.k_ic))
        self.enc, self.mac = derive(seed, 1), derive(seed, 2)
        self.count = int.from_bytes(self.rnd_ic[4:] + self.rnd_ifd[4:], "big")

    def counted(self):
        self.count = (self.count + 1) % 2**64
        return self.count.to_bytes(8, "big")

    def sealed(self, header, data=None, length=None, answer=b"", status=b"\x90\x00"):
        parts = b""
        if data is not None:
            parts += tlv(0x87, b"\x01" + des(self.enc, pad(data)))
        if length is not None:
            parts += tlv(0x97, bytes([length]))
        header = bytes([header[0] | 0x0C]) + header[1:]
        parts += tlv(0x8E, mac(self.mac, self.counted() + pad(header) + parts))
        said = tlv(0x87, b"\x01" + des(self.enc, pad(answer))) if answer else b""
        said += tlv(0x99, status)
        said += tlv(0x8E, mac(self.mac, self.counted() + said))
        self.step(header + bytes([len(parts)]) + parts + b"\x00", said + status)

    def select(self, file, status=b"\x90\x00"):
        self.sealed(b"\x00\xA4\x02\x0C", data=file.to_bytes(2, "big"), status=status)

    def read(self, file, content, most=0xDF):
        """The first four bytes say how many there are."""
        self.select(file)
        at = 0
        while at < len(content):
            length = 4 if at == 0 else min(most, len(content) - at)
            self.sealed(b"\x00\xB0" + at.to_bytes(2, "big"), length=length, answer=content[at:at + length])
            at += length


# --- DER and the files (part 10) --------------------------------------------------------------
def tlv(tag, *content):
    content = b"".join(content)
    size = len(content)
    length = bytes([size]) if size < 128 else None
    if length is None:
        digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
        length = bytes([0x80 | len(digits)]) + digits
    return tag.to_bytes((tag.bit_length() + 7) // 8, "big") + length + content


def oid(text):
    first, second, *rest = map(int, text.split("."))
    out = b""
    for number in [first * 40 + second, *rest]:
        digits = [number & 127]
        while number := number >> 7:
            digits.insert(0, 128 | number & 127)
        out += bytes(digits)
    return tlv(0x06, out)


SHA256, SHA512, SHA1 = "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.3", "1.3.14.3.2.26"
NULL = b"\x05\x00"


def sequence(*content):
    return tlv(0x30, *content)


def integer(number):
    return tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def dg1(lines):
    return tlv(0x61, tlv(0x5F1F, "".join(lines).encode()))


# --- Signers and the security object (part 12) -------------------------------------------------
NOW = datetime.datetime(2020, 3, 1)


def name(common):
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "UT"), x509.NameAttribute(NameOID.COMMON_NAME, common)])


def certificate(subject, key, issuer, issuer_key, years=(2018, 2030), number=7):
    builder = x509.CertificateBuilder(
        issuer_name=name(issuer), subject_name=name(subject), public_key=key.public_key(), serial_number=number,
        not_valid_before=datetime.datetime(years[0], 1, 1), not_valid_after=datetime.datetime(years[1], 1, 1))
    return builder.sign(issuer_key, hashes.SHA256(), ecdsa_deterministic=True)


def ec_key(number, curve=ec.SECP256R1()):
    return ec.derive_private_key(int.from_bytes(hashlib.sha256(f"chip {number}".encode()).digest(), "big") >> 8, curve)


def rsa_key(file):
    """A key of 2,048 bits, made once and kept: making one is not repeatable."""
    path = HERE / file
    if not path.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        path.write_bytes(key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
                                           serialization.NoEncryption()))
    return serialization.load_der_private_key(path.read_bytes(), None)


def der(cert):
    return cert.public_bytes(serialization.Encoding.DER)


def sod(groups, signer, key, kind="ecdsa", digest=SHA256, change=None):
    """The security object over data groups: number and content."""
    take = {SHA256: hashlib.sha256, SHA512: hashlib.sha512, SHA1: hashlib.sha1}[digest]
    listed = [sequence(integer(n), tlv(0x04, take(content).digest())) for n, content in groups]
    content = sequence(integer(0), sequence(oid(digest), NULL), sequence(*listed))
    attributes = [
        sequence(oid("1.2.840.113549.1.9.3"), tlv(0x31, oid("2.23.136.1.1.1"))),
        sequence(oid("1.2.840.113549.1.9.4"), tlv(0x31, tlv(0x04, take(content).digest()))),
    ]
    signed = tlv(0x31, *attributes)
    hash_of = {SHA256: hashes.SHA256(), SHA512: hashes.SHA512(), SHA1: hashes.SHA1()}[digest]
    if kind == "ecdsa":
        # The nonce is chosen so that the same bytes come out again.
        signature = key.sign(signed, ec.ECDSA(hash_of, deterministic_signing=True))
        algorithm = sequence(oid({SHA256: "1.2.840.10045.4.3.2", SHA512: "1.2.840.10045.4.3.4", SHA1: "1.2.840.10045.4.1"}[digest]))
    else:
        signature = key.sign(signed, padding.PKCS1v15(), hash_of)
        algorithm = sequence(oid("1.2.840.113549.1.1.11"), NULL)
    issuer = signer.issuer.public_bytes()
    info = sequence(integer(1), sequence(issuer, integer(signer.serial_number)), sequence(oid(digest), NULL),
                    tlv(0xA0, *attributes), algorithm, tlv(0x04, signature))
    if change == "content":
        content = content[:-1] + bytes([content[-1] ^ 1])
    if change == "signature":
        info = info[:-1] + bytes([info[-1] ^ 1])
    data = sequence(integer(3), tlv(0x31, sequence(oid(digest), NULL)),
                    sequence(oid("2.23.136.1.1.1"), tlv(0xA0, tlv(0x04, content))),
                    tlv(0xA0, der(signer)), tlv(0x31, info))
    return tlv(0x77, sequence(oid("1.2.840.113549.1.7.2"), tlv(0xA0, data)))


# --- The tables ---------------------------------------------------------------------------------
def hexes(text):
    return bytes.fromhex(text)


EXAMPLE = dict(key="L898902C<369080619406236", rnd_ic=hexes("4608F91988702212"), k_ic=hexes("0B4F80323EB3191CB04970CB4052790B"),
               rnd_ifd=hexes("781723860C06C226"), k_ifd=hexes("0B795240CB7049B01C19B33E32804F0B"))
example = Dialogue(**EXAMPLE)
example.open()
example.select(0x011E)
COM = hexes("60145F0104303130365F36063034303030305C026175")
example.sealed(hexes("00B00000"), length=4, answer=COM[:4])
example.sealed(hexes("00B00004"), length=18, answer=COM[4:])
PRINTED = [
    ("0082000028" "72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2" "5F1448EEA8AD90A7" "28",
     "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F" "2F2D235D074D7449" "9000"),
    ("0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800", "990290008E08FA855A5D4C50A8ED9000"),
    ("0CB000000D9701048E08ED6705417E96BA5500", "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000"),
    ("0CB000040D9701128E082EA28A70F3C7B53500",
     "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000"),
]
assert example.steps[2:] == [list(step) for step in PRINTED], example.steps[2:]

TD3 = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]
TD1 = ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"]
CHINESE = ["POCHNZHANG<<SAN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "EA00000019CHN9001011M3001019NFMFMIPN<<<<A984"]
KEYS = {"td3": "L898902C3674081221204159", "td1": "D23145890774081221204159", "chinese": "EA0000001990010113001019"}

country, other = ec_key("country"), ec_key("another country")
CSCA = certificate("CSCA", country, "CSCA", country)
OTHER = certificate("CSCA", other, "CSCA", other, number=8)
signing = ec_key("signer")
DSC = certificate("Document signer", signing, "CSCA", country)
LATE = certificate("Document signer", signing, "CSCA", country, years=(2010, 2019))
p521 = ec.derive_private_key(int.from_bytes(hashlib.sha512(b"chip p521").digest(), "big"), ec.SECP521R1())
RSA_KEY = rsa_key("signer-rsa.der")
RSA_DSC = certificate("Document signer R", RSA_KEY, "CSCA", country)
P521_DSC = certificate("Document signer P", p521, "CSCA", country)

PAGES = {"td3": dg1(TD3), "td1": dg1(TD1), "chinese": dg1(CHINESE)}
FACE = b"\x75\x03\x01\x02\x03"


def dialogue(kind, sod_file, rnd=1, most=0xDF):
    talk = Dialogue(KEYS[kind], *(hashlib.sha256(f"{kind} {rnd} {n}".encode()).digest()[:s] for n, s in enumerate((8, 16, 8, 16))))
    talk.open()
    talk.read(0x0101, PAGES[kind], most)
    talk.read(0x011D, sod_file, most)
    return talk


def row(title, talk, key, expect, **more):
    return {"name": title, "key": key, "random": (talk.rnd_ifd + talk.k_ifd).hex().upper(), "steps": talk.steps,
            **expect, **more}


def whole(title, kind, rnd=1):
    object_ = sod([(1, PAGES[kind]), (2, FACE)], DSC, signing)
    talk = dialogue(kind, object_, rnd)
    lines = {"td3": TD3, "td1": TD1, "chinese": CHINESE}[kind]
    return row(title, talk, KEYS[kind], {"zone": "".join(lines), "dg1": PAGES[kind].hex().upper(), "sod": object_.hex().upper()})


def broken(title, error, at, answer=None, flip=None, kind="td3"):
    """The dialogue of a good passport up to step `at`, which is answered otherwise."""
    talk = dialogue(kind, sod([(1, PAGES[kind]), (2, FACE)], DSC, signing))
    talk.steps = talk.steps[:at + 1]
    if answer is None:
        said = bytearray(hexes(talk.steps[at][1]))
        said[flip] ^= 1
        answer = bytes(said).hex().upper()
    talk.steps[at][1] = answer
    return row(title, talk, KEYS[kind], {"error": error})


# Steps: 0 select, 1 challenge, 2 authenticate, 3 select DG1, 4 its head, 5 the rest, 6 select SOD, 7 head, 8 rest…
dialogues = [
    whole("passport", "td3"), whole("card", "td1"), whole("chinese", "chinese"),
    broken("no-passport", "no-application", 0, "6A82"),
    broken("no-passport-either", "no-application", 0, "6A86"),
    broken("refuses-a-challenge", "refused", 1, "6982"),
    broken("challenge-short", "form", 1, "01020304050607" "9000"),
    broken("another-key", "key", 2, "6300"),
    broken("another-key-6982", "key", 2, "6982"),
    broken("answer-of-39-bytes", "form", 2, "00" * 39 + "9000"),
    broken("answer-changed", "messaging", 2, flip=3),
    broken("answer-mac-changed", "messaging", 2, flip=39),
    broken("no-such-file", "refused", 3, "6A82"),
    broken("file-status-mac-changed", "messaging", 3, flip=8),
    broken("head-changed", "messaging", 4, flip=4),
    broken("head-without-mac", "messaging", 4, "9000"),
    broken("plain-answer", "messaging", 4, "615B5F1F" "9000"),
    broken("content-changed", "messaging", 5, flip=20),
    broken("gone-in-the-middle", "refused", 5, "6988"),
    broken("empty-answer", "form", 4, ""),
    broken("one-byte", "form", 4, "90"),
]

small = Dialogue(KEYS["td3"], *(hashlib.sha256(f"form {n}".encode()).digest()[:s] for n, s in enumerate((8, 16, 8, 16))))
small.open()
small.select(0x0101)
small.sealed(hexes("00B00000"), length=4, answer=hexes("62055F1F"))
dialogues.append(row("another-file-under-its-name", small, KEYS["td3"], {"error": "form"}))
large = Dialogue(KEYS["td3"], *(hashlib.sha256(f"large {n}".encode()).digest()[:s] for n, s in enumerate((8, 16, 8, 16))))
large.open()
large.select(0x0101)
large.sealed(hexes("00B00000"), length=4, answer=hexes("6182FFFF"))
dialogues.append(row("longer-than-any-file", large, KEYS["td3"], {"error": "form"}))

both = [(1, PAGES["td3"]), (2, FACE)]


def proof(title, outcome, object_, page="td3", anchors=(CSCA,), at="2020-03-01T00:00:00Z"):
    return {"name": title, "outcome": outcome, "dg1": PAGES[page].hex().upper(), "sod": object_.hex().upper(),
            "anchors": [base64.b64encode(der(anchor)).decode() for anchor in anchors], "at": at}


good = sod(both, DSC, signing)
proofs = [
    proof("good", "passed", good),
    proof("good-rsa", "passed", sod(both, RSA_DSC, RSA_KEY, "rsa")),
    proof("good-many-groups", "passed", sod([(n, PAGES["td3"] if n == 1 else FACE) for n in range(1, 16)], DSC, signing)),
    proof("two-anchors-of-one-name", "passed", good, anchors=(OTHER, CSCA)),
    proof("no-anchors", "X-TRUST", good, anchors=()),
    proof("another-anchor-of-the-name", "X-KEY", good, anchors=(OTHER,)),
    proof("anchor-of-another-name", "X-KEY", good, anchors=(certificate("Else", country, "Else", country),)),
    proof("another-page", "X-SIG", good, page="chinese"),
    proof("page-not-listed", "X-SIG", sod([(2, FACE)], DSC, signing)),
    proof("content-changed", "X-SIG", sod(both, DSC, signing, change="content")),
    proof("signature-changed", "X-SIG", sod(both, DSC, signing, change="signature")),
    proof("signed-by-another", "X-SIG", sod(both, DSC, other)),
    proof("signer-out-of-date", "X-KDT", sod(both, LATE, signing)),
    proof("anchor-out-of-date", "X-KDT", good, at="2031-01-01T00:00:00Z"),
    proof("p521", "X-ALG", sod(both, P521_DSC, p521, digest=SHA512)),
    proof("sha-1", "X-ALG", sod(both, DSC, signing, digest=SHA1)),
    proof("cut", "F-READ", good[:-1]),
    proof("nothing", "F-READ", b""),
    proof("something-else", "F-READ", tlv(0x77, sequence(oid("1.2.840.113549.1.7.1"), tlv(0xA0, sequence())))),
]


def write(file, tables):
    lines = []
    for part, rows in tables.items():
        inside = ",\n".join("  " + json.dumps(one) for one in rows)
        lines.append(f' "{part}": [\n{inside}\n ]')
    (HERE / file).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


write("dialogues.json", {"worked-example": [row("appendix-d", example, EXAMPLE["key"], {"com": COM.hex().upper()})],
                         "dialogues": dialogues})
write("proofs.json", {"proofs": proofs})
