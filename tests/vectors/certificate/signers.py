"""Certificates of European signers; run by make.py."""

import base64
import datetime
import json

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

from signed import HERE, ec_key, rsa_key

FROM, UNTIL = "2021-05-01T00:00:00Z", "2023-05-01T00:00:00Z"


def day(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def certificate(key, purposes=(), issuer=None, signer=None):
    name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "UT"),
                      x509.NameAttribute(NameOID.COMMON_NAME, "Yanma test signer")])
    builder = (x509.CertificateBuilder().subject_name(name).issuer_name(issuer or name)
               .public_key(key.public_key()).serial_number(1)
               .not_valid_before(day(FROM)).not_valid_after(day(UNTIL) - datetime.timedelta(seconds=1)))
    if purposes:
        usage = [ObjectIdentifier(purpose) for purpose in purposes]
        builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=False)
    return builder.sign(signer or key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def make():
    fingerprint = hashes.Hash
    cases = []

    def case(name, der, signs=None, error=None):
        digest = fingerprint(hashes.SHA256())
        digest.update(der)
        found = {"error": error} if error else {
            "key_id": base64.b64encode(digest.finalize()[:8]).decode(), "signs": signs,
            "from": FROM, "until": UNTIL}
        cases.append({"name": name, "certificate": base64.b64encode(der).decode(), **found})

    key = ec_key("yanma test signer")
    test, shot, recovery = (f"1.3.6.1.4.1.1847.2021.1.{n}" for n in (1, 2, 3))
    case("no purpose", certificate(key), [])
    case("vaccinations", certificate(key, [shot]), ["vaccination"])
    case("tests, in the other spelling", certificate(key, ["1.3.6.1.4.1.0.1847.2021.1.1"]), ["test"])
    case("all three", certificate(key, [recovery, shot, test]), ["test", "vaccination", "recovery"])
    case("another purpose", certificate(key, ["1.3.6.1.5.5.7.3.1"]), [])
    case("RSA", certificate(rsa_key("yanma test rsa")), [])
    case("another curve", certificate(ec.derive_private_key(12345, ec.SECP384R1())),
         error="the certificate's key is neither P-256 nor RSA")
    whole = certificate(key)
    form = "this is no X.509 certificate in DER"
    case("a byte short", whole[:-1], error=form)
    case("a byte more", whole + b"\0", error=form)
    case("nothing", b"", error=form)
    lines = ",\n".join("  " + json.dumps(case) for case in cases)
    (HERE / "signers.json").write_text(f'{{"cases": [\n{lines}\n]}}\n')
