"""The passes of New Zealand; run by make.py."""

import base64

from signed import cbor, cose, ec_key, instant, seconds, spki, write

KEY, OTHER = ec_key("yanma test nz"), ec_key("yanma test nz other")
FROM, AT, UNTIL = map(seconds, ("2021-11-02T20:05:30Z", "2021-12-01T00:00:00Z", "2022-05-02T20:05:30Z"))
DID = "did:web:nz.yanma.test"
WHO = {"givenName": "Jane Mary", "familyName": "O'Example", "dob": "1979-04-14"}
VC = {"@context": ["https://www.w3.org/2018/credentials/v1", "https://nzcp.covid19.health.nz/contexts/v1"],
      "version": "1.0.0", "type": ["VerifiableCredential", "PublicCovidPass"], "credentialSubject": WHO}


def signer(key=KEY, **more):
    return {"format": "nz-pass", "issuer": DID, "key_id": "key-1", "key": spki(key), **more}


TRUST = {"signers": [signer()]}


def claims(vc=VC, iss=DID, nbf=FROM, exp=UNTIL):
    out = {1: iss, 5: nbf, 4: exp, 7: bytes(range(16)), "vc": vc}
    return {k: v for k, v in out.items() if v is not None}


def text(token):
    return "NZCP:/1/" + base64.b32encode(token).decode().rstrip("=")


def made(body=None, key=KEY, protected=None, **more):
    return text(cose(key, protected or {4: b"key-1", 1: -7}, {}, body or claims(), **more))


cases = []


def case(name, text, outcome="holds", reason=None, at=AT, trust=None):
    cases.append({"name": name, "text": text, "at": instant(at), "outcome": outcome, "reason": reason,
                  "format": "nz-pass", "issuer": DID, "says": ["pass"], "name_key": "JANE MARY OEXAMPLE",
                  "birth": "1979-04-14", **({} if trust is None else {"trust": trust})})


def broken(name, text, error):
    cases.append({"name": name, "text": text, "error": error})


def field(name):
    return f"the certificate's field {name} is missing or not of its form"


def make():
    good = made()
    case("a pass", good)
    case("small letters and a line end", good.lower() + "\r\n")
    case("the key is named in words", made(protected={4: "key-1", 1: -7}))
    case("the first second", good, at=FROM)
    case("a minute early", good, at=FROM - 60)
    case("more than a minute early", good, "fails", "X-FUT", at=FROM - 61)
    case("the last second", good, at=UNTIL - 1)
    case("just over", good, "fails", "X-EXP", at=UNTIL)
    case("no trust data", good, "not-checked", "X-TRUST", trust={})
    case("a key of another name", made(protected={4: b"key-2", 1: -7}), "not-checked", "X-KEY")
    case("the same name of another issuer", good, "not-checked", "X-KEY",
         trust={"signers": [signer(issuer="did:web:other.test")]})
    case("another's key", made(key=OTHER), "fails", "X-SIG")
    case("an altered signature", made(change=lambda p, s: (p, s[:-1] + bytes([s[-1] ^ 1]))), "fails", "X-SIG")
    case("another algorithm", made(protected={4: b"key-1", 1: -8}), "not-checked", "X-ALG")
    whole = "the certificate's text was not read whole or not read right"
    broken("a digit that base32 does not have", good[:50] + "1" + good[51:], whole)
    broken("no version", good.replace("/1/", "/"), whole)
    broken("another version", good.replace("/1/", "/2/"),
           "the certificate is of a version that is not known here")
    broken("the end is missing", good[:-8], whole)
    broken("no credential", made({1: DID, 5: FROM, 4: UNTIL}), field("vc"))
    broken("a credential of another type", made(claims({**VC, "type": ["VerifiableCredential"]})), field("vc.type"))
    broken("an issuer of another kind", made(claims(iss="https://nz.test")), field("iss"))
    broken("no beginning", made(claims(nbf=None)), field("nbf"))
    broken("no end", made(claims(exp=None)), field("exp"))
    broken("no date of birth", made(claims({**VC, "credentialSubject": {"givenName": "Jane"}})), field("dob"))
    broken("no name", made(claims({**VC, "credentialSubject": {"dob": "1979-04-14"}})), field("givenName"))
    write("nzcp", "Passes of New Zealand.", TRUST, cases)
