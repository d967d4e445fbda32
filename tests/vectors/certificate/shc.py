"""SMART Health Cards; run by make.py."""

import base64
import hashlib
import json
import zlib

from signed import ec_key, instant, seconds, sign, spki, write

KEY, OTHER = ec_key("yanma test shc"), ec_key("yanma test shc other")
FROM, AT = seconds("2021-06-01T18:59:00Z"), seconds("2021-07-01T00:00:00Z")
ISS = "https://cards.yanma.test/issuer"


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def jwk(key):
    numbers = key.public_key().public_numbers()
    return {"crv": "P-256", "kty": "EC", "x": b64(numbers.x.to_bytes(32, "big")),
            "y": b64(numbers.y.to_bytes(32, "big"))}


# RFC 7638.
KID = b64(hashlib.sha256(json.dumps(jwk(KEY), separators=(",", ":")).encode()).digest())
PATIENT = {"resourceType": "Patient", "name": [{"family": "Anyperson", "given": ["John", "B."]}],
           "birthDate": "1951-01-20"}


def shot(day, **more):
    return {"resourceType": "Immunization", "status": "completed", "occurrenceDateTime": day,
            "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "207"}]},
            "patient": {"reference": "resource:0"}, **more}


def result(code):
    return {"resourceType": "Observation", "status": "final", "effectiveDateTime": "2021-02-17T09:00:00Z",
            "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": code}]}}


def payload(resources, iss=ISS, nbf=FROM, **more):
    vc = {"type": ["https://smarthealth.cards#health-card"], "credentialSubject": {
        "fhirVersion": "4.0.1", "fhirBundle": {"resourceType": "Bundle", "type": "collection", "entry": [
            {"fullUrl": f"resource:{n}", "resource": r} for n, r in enumerate(resources)]}}}
    if "rid" in more:
        vc["rid"] = more.pop("rid")
    return {k: v for k, v in {"iss": iss, "nbf": nbf, "vc": vc, **more}.items() if v is not None}


def deflate(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def jws(body, key=KEY, header=None, change=None, pack=True):
    header = {"alg": "ES256", "zip": "DEF", "kid": KID} if header is None else header
    data = json.dumps(body, separators=(",", ":")).encode()
    signed = b64(json.dumps(header).encode()) + "." + b64(deflate(data) if pack else data)
    signature = sign(key, signed.encode())
    return signed + "." + b64(change(signature) if change else signature)


def digits(text):
    return "".join(f"{ord(c) - 45:02}" for c in text)


def shc(text):
    return "shc:/" + digits(text)


TWO = [PATIENT, shot("2021-01-01"), shot("2021-01-29")]
TRUST = {"signers": [{"format": "smart-health-card", "issuer": ISS, "key_id": KID, "key": spki(KEY)}]}
cases = []


def case(name, text, outcome="holds", reason=None, at=AT, trust=None, says=("vaccination", "vaccination"),
         birth="1951-01-20", issuer=ISS):
    cases.append({"name": name, "text": text, "at": instant(at), "outcome": outcome, "reason": reason,
                  "format": "smart-health-card", "issuer": issuer, "says": list(says),
                  "name_key": "ANYPERSON B JOHN", "birth": birth,
                  **({} if trust is None else {"trust": trust})})


def broken(name, text, error):
    cases.append({"name": name, "text": text, "error": error})


def field(name):
    return f"the certificate's field {name} is missing or not of its form"


def revoked(*entries, **more):
    return {**TRUST, "revoked": [{"format": "smart-health-card", "issuer": ISS, "key_id": KID,
                                  "by": "card-identifier", "entries": list(entries), **more}]}


def make():
    good = shc(jws(payload(TWO)))
    case("two doses", good)
    case("capital letters and a line end", good.replace("shc", "SHC") + "\r")
    case("a test", shc(jws(payload([PATIENT, result("260415000")]))), says=["test"])
    case("a dose that was not given", shc(jws(payload([PATIENT, shot("2021-01-01", status="not-done")]))), says=[])
    case("no date of birth", shc(jws(payload([{**PATIENT, "birthDate": None}, shot("2021-01-01")]))),
         says=["vaccination"], birth=None)
    case("not packed", shc(jws(payload(TWO), header={"alg": "ES256", "kid": KID}, pack=False)))
    case("times with fractions", shc(jws(payload(TWO, nbf=FROM + 0.25))))
    case("the first second", good, at=FROM)
    case("more than a minute early", good, "fails", "X-FUT", at=FROM - 61)
    ending = shc(jws(payload(TWO, exp=AT)))
    case("the last second", ending, at=AT - 1)
    case("just over", ending, "fails", "X-EXP")
    case("no trust data", good, "not-checked", "X-TRUST", trust={})
    case("another issuer's key of this name", shc(jws(payload(TWO, iss="https://other.test"))), "not-checked",
         "X-KEY", issuer="https://other.test")
    case("no key named", shc(jws(payload(TWO), header={"alg": "ES256", "zip": "DEF"})), "not-checked", "X-KEY")
    case("no signature wanted", shc(jws(payload(TWO), header={"alg": "none", "zip": "DEF", "kid": KID})),
         "not-checked", "X-ALG")
    case("another's key", shc(jws(payload(TWO), key=OTHER)), "fails", "X-SIG")
    case("an altered signature", shc(jws(payload(TWO), change=lambda s: s[:-1] + bytes([s[-1] ^ 1]))), "fails", "X-SIG")
    case("an empty signature", shc(jws(payload(TWO), change=lambda s: b"")), "fails", "X-SIG")

    card = shc(jws(payload(TWO, rid="AQPCj4wwk6Mt")))
    case("revoked", card, "fails", "X-REV", trust=revoked("x", "AQPCj4wwk6Mt"))
    case("revoked if older", card, "fails", "X-REV", trust=revoked(f"AQPCj4wwk6Mt.{FROM + 1}"))
    case("not older", card, trust=revoked(f"AQPCj4wwk6Mt.{FROM}"))
    case("another card revoked", card, trust=revoked("AQPCj4wwk6M"))
    case("a list that is too old", card, "not-checked", "X-OLD", trust=revoked("x", until=instant(AT)))
    case("revoked in a list that is too old", card, "fails", "X-REV",
         trust=revoked("AQPCj4wwk6Mt", until=instant(AT)))
    case("a list in its last second", card, trust=revoked("x", until=instant(AT + 1)))

    whole = "the certificate's text was not read whole or not read right"
    envelope = "the certificate's envelope is not of its form"
    broken("the mark only", "shc:/", whole)
    broken("a digit is missing", good[:-1], whole)
    broken("a letter", good[:-1] + "A", whole)
    broken("a number past the letters", good[:-2] + "99", whole)
    broken("two parts", shc("e30.e30"), envelope)
    broken("four parts", shc(jws(payload(TWO)) + ".e30"), envelope)
    broken("no JSON", shc("AAAA.AAAA.AAAA"), envelope)
    broken("packed in another way", shc(jws(payload(TWO), header={"alg": "ES256", "zip": "GZ", "kid": KID})), field("zip"))
    broken("cannot be unpacked", shc(jws(payload(TWO), pack=False)), "the certificate cannot be unpacked")
    broken("too much in it", shc(jws({"x": "0" * 100_000})), "the certificate unpacks to more than any certificate holds")
    broken("no bundle", shc(jws({"iss": ISS, "nbf": FROM})), field("fhirBundle"))
    broken("no patient", shc(jws(payload([shot("2021-01-01")]))), field("Patient"))
    broken("no issuer", shc(jws(payload(TWO, iss=None))), field("iss"))
    broken("no beginning", shc(jws(payload(TWO, nbf=None))), field("nbf"))
    broken("a beginning in words", shc(jws(payload(TWO, nbf="now"))), field("nbf"))
    broken("part none of two", "shc:/0/2/5676", "the part of the card has an impossible number")
    broken("a part without digits", "shc:/1/2/", whole)
    write("shc", "SMART Health Cards.", TRUST, cases)
