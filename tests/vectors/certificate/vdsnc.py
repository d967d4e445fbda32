"""ICAO's seals; run by make.py."""

import base64
import copy
import datetime
import hashlib
import json

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from signed import ec_key, instant, rsa_key, scalar, seconds, sign, write

SIGNER, OTHER = ec_key("yanma test seal"), ec_key("yanma test seal other")
AUTHORITY = ec.derive_private_key(scalar("yanma test csca"), ec.SECP384R1())
RSA_AUTHORITY = rsa_key("yanma test csca rsa")
FROM, AT, UNTIL = map(seconds, ("2021-09-01T00:00:00Z", "2021-11-01T00:00:00Z", "2031-09-01T00:00:00Z"))
DATA = {
    "hdr": {"is": "UTO", "t": "icao.vacc", "v": 1},
    "msg": {"pid": {"dob": "1990-01-02", "i": "A1234567Z", "n": "CITIZEN  JANE SUE", "sex": "F"},
            "uvci": "U32870",
            "ve": [{"des": "XM68M6", "dis": "RA01.0", "nam": "Comirnaty", "vd": [
                {"adm": "RIVM", "ctr": "UTO", "dvc": "2021-03-03", "lot": "VC35679", "seq": 1},
                {"adm": "RIVM", "ctr": "UTO", "dvc": "2021-03-24", "lot": "VC87540", "seq": 2}]}]},
}
TEST = {
    "hdr": {"is": "UTO", "t": "icao.test", "v": 1},
    "msg": {"pid": {"dob": "1990-01-02", "n": "CITIZEN  JANE SUE"}, "utci": "U32871",
            "sp": {"spn": "General Hospital", "ctr": "UTO"},
            "dat": {"sc": "2021-10-30T12:00:00+08:00", "ri": "2021-10-30T14:00:00+08:00"},
            "tr": {"tc": "molecular(PCR)", "r": "negative"}},
}


def name(common, country="UT"):
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, country),
                      x509.NameAttribute(NameOID.COMMON_NAME, common)])


def day(number):
    return datetime.datetime.fromtimestamp(number, datetime.timezone.utc)


def certify(key, subject="UT 01", issuer="CSCA UTO", by=AUTHORITY, since=FROM, until=UNTIL, digest=None,
            country="UT", issued_in="UT"):
    builder = (x509.CertificateBuilder().subject_name(name(subject, country)).issuer_name(name(issuer, issued_in))
               .public_key(key.public_key()).serial_number(7)
               .not_valid_before(day(since)).not_valid_after(day(until)))
    return builder.sign(by, digest or hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def b64(data):
    return base64.b64encode(data).decode()


def url64(data, pad=False):
    text = base64.urlsafe_b64encode(data).decode()
    return text if pad else text.rstrip("=")


CSCA = certify(AUTHORITY, "CSCA UTO", digest=hashes.SHA384())
RSA_CSCA = certify(RSA_AUTHORITY, "CSCA UTO", by=RSA_AUTHORITY)


def trust(*anchors, **more):
    return {"anchors": [{"format": "vds-nc", "certificate": b64(anchor)} for anchor in anchors], **more}


TRUST = trust(CSCA)
BSC = certify(SIGNER)


def canonical(value):
    # RFC 8785 for what is in seals: texts in the basic plane and whole numbers.
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def made(data=DATA, key=SIGNER, certificate=BSC, alg="ES256", change=None, pad=False, indent=None):
    signature = sign(key, canonical(data))
    data = copy.deepcopy(data)
    if change:
        change(data)
    seal = {"data": data, "sig": {"alg": alg, "cer": url64(certificate, pad), "sigvl": url64(signature, pad)}}
    return json.dumps(seal, ensure_ascii=False, indent=indent)


cases = []


def case(name, text, outcome="holds", reason=None, at=AT, says=("vaccination", "vaccination"), trust=None,
         birth="1990-01-02", key="CITIZEN JANE SUE", issuer="UTO"):
    cases.append({"name": name, "text": text, "at": instant(at), "outcome": outcome, "reason": reason,
                  "format": "vds-nc", "issuer": issuer, "says": list(says), "name_key": key,
                  "birth": birth, **({} if trust is None else {"trust": trust})})


def broken(name, text, error):
    cases.append({"name": name, "text": text, "error": error})


def field(name):
    return f"the certificate's field {name} is missing or not of its form"


def without(data, *path):
    data = copy.deepcopy(data)
    inner = data
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return data


def make():
    good = made()
    case("two doses", good)
    case("a test", made(TEST), says=["test"])
    case("with padding, in lines", made(pad=True, indent=2))
    case("an authority with RSA", made(certificate=certify(SIGNER, by=RSA_AUTHORITY)), trust=trust(RSA_CSCA))
    case("two authorities of one name", good, trust=trust(RSA_CSCA, CSCA))
    case("no date of birth", made(without(DATA, "msg", "pid", "dob")), birth=None)
    case("letters beyond ASCII", made({**DATA, "msg": {**DATA["msg"], "pid": {"n": "Ж"}}}), birth=None, key=None)
    case("the first second of the signer", good, at=FROM)
    case("before the signer", good, "fails", "X-KDT", at=FROM - 1)
    case("the last second of the signer", good, at=UNTIL)
    case("after the signer", good, "fails", "X-KDT", at=UNTIL + 1)
    case("after the authority", good, "fails", "X-KDT",
         trust=trust(certify(AUTHORITY, "CSCA UTO", until=AT - 1, digest=hashes.SHA384())))
    case("no trust data", good, "not-checked", "X-TRUST", trust={})
    case("an unknown authority", good, "not-checked", "X-KEY", trust=trust(certify(AUTHORITY, "CSCA ATO")))
    case("another authority of that name", good, "fails", "X-SIG", 
         trust=trust(certify(ec.derive_private_key(99, ec.SECP384R1()), "CSCA UTO")))
    case("a certificate that signed itself", made(certificate=certify(SIGNER, issuer="UT 01", by=SIGNER)),
         "not-checked", "X-KEY")
    case("signed by another than the certificate says", made(key=OTHER), "fails", "X-SIG")
    case("an altered name", made(change=lambda d: d["msg"]["pid"].update(n="CITIZEN  JOHN SUE")), "fails", "X-SIG",
         key="CITIZEN JOHN SUE")
    case("a field more", made(change=lambda d: d["msg"].update(x="")), "fails", "X-SIG")
    case("another algorithm", made(alg="ES384"), "not-checked", "X-ALG")
    case("a certificate that cannot be read", made(certificate=BSC[:-1]), "not-checked", "X-KEY")
    aus = {**DATA, "hdr": {**DATA["hdr"], "is": "AUS"}}
    case("for another state", made(aus), "fails", "X-USE", issuer="AUS")
    case("by a signer of another state", made(certificate=certify(SIGNER, country="AU")), "fails", "X-USE")
    case("for the signer's state, by an authority of another", made(aus, certificate=certify(SIGNER, country="AU")),
         "fails", "X-USE", issuer="AUS")
    case("a state in small letters", made(certificate=certify(SIGNER, country="ut")))
    germany = certify(AUTHORITY, "CSCA UTO", digest=hashes.SHA384(), country="DE", issued_in="DE")
    case("a state with a code of its own", made({**DATA, "hdr": {**DATA["hdr"], "is": "D"}},
                                                certificate=certify(SIGNER, country="DE", issued_in="DE")),
         trust=trust(germany), issuer="D")
    fingerprint = b64(hashlib.sha256(BSC).digest()[:16])
    lists = [{"format": "vds-nc", "by": "signer-certificate", "entries": [fingerprint]}]
    case("a signer that was revoked", good, "fails", "X-REV", trust=trust(CSCA, revoked=lists))

    version = "the certificate is of a version that is not known here"
    broken("cut", good[:-10], "the certificate's text was not read whole or not read right")
    broken("another version", made({**DATA, "hdr": {**DATA["hdr"], "v": 2}}), version)
    broken("another kind", made({**DATA, "hdr": {**DATA["hdr"], "t": "icao.visa"}}), version)
    broken("no message", made(without(DATA, "msg")), field("msg"))
    broken("no name", made(without(DATA, "msg", "pid", "n")), field("pid.n"))
    broken("an impossible date of birth", made({**DATA, "msg": {**DATA["msg"], "pid": {"n": "X", "dob": "1990-2-2"}}}), field("pid.dob"))
    broken("a number with a fraction", made({**DATA, "x": 1.5}), field("number"))
    broken("no issuer", made(without(DATA, "hdr", "is")), field("hdr.is"))
    broken("a signature in other letters", good.replace('"sigvl": "', '"sigvl": "*'), field("sig.sigvl"))
    write("vds-nc", "ICAO's seals.", TRUST, cases)
