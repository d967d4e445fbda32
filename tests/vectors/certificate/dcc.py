"""The European certificates; run by make.py."""

import base64
import hashlib
import zlib

from signed import base45, cbor, cose, ec_key, instant, rsa_key, seconds, spki, write, Tag

KEY, OTHER, RSA = ec_key("yanma test signer"), ec_key("yanma test other"), rsa_key("yanma test rsa")
KID, RSA_KID = bytes.fromhex("a1b2c3d4e5f60718"), bytes.fromhex("0102030405060708")
ISSUED, AT, EXPIRES = map(seconds, ("2021-06-01T08:00:00Z", "2021-07-01T08:00:00Z", "2022-06-01T08:00:00Z"))
ES256, PS256, EDDSA = -7, -37, -8

NAME = {"fn": "Müller-Gößling", "fnt": "MUELLER<GOESSLING", "gn": "Änne", "gnt": "AENNE"}
SHOT = {"tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215",
        "dn": 2, "sd": 2, "dt": "2021-05-29", "co": "AT", "is": "Ministry of Health, Austria",
        "ci": "URN:UVCI:01:AT:YANMATEST0001#S"}
TEST = {"tg": "840539006", "tt": "LP6464-4", "nm": "PCR", "sc": "2021-06-30T12:34:56Z",
        "tr": "260415000", "tc": "Test centre", "co": "AT", "is": "Ministry of Health, Austria",
        "ci": "URN:UVCI:01:AT:YANMATEST0002#T"}
RECOVERY = {"tg": "840539006", "fr": "2021-02-20", "co": "AT", "is": "Ministry of Health, Austria",
            "df": "2021-04-04", "du": "2021-10-04", "ci": "URN:UVCI:01:AT:YANMATEST0003#R"}
VACCINATED = {"ver": "1.3.0", "nam": NAME, "dob": "1998-02-26", "v": [SHOT]}


def signer(key, kid, **more):
    return {"format": "eu-dcc", "issuer": "AT", "key_id": base64.b64encode(kid).decode(),
            "key": spki(key), **more}


TRUST = {"signers": [signer(KEY, KID), signer(RSA, RSA_KID)]}


def claims(content, iss="AT", iat=ISSUED, exp=EXPIRES, **more):
    out = {1: iss, 4: exp, 6: iat, -260: {1: content}}
    return {k: v for k, v in out.items() if v is not None}


def hc1(token, pack=True):
    return "HC1:" + base45(zlib.compress(token, 9) if pack else token)


def made(content=VACCINATED, key=KEY, protected=None, unprotected=None, body=None, **more):
    protected = {1: ES256, 4: KID} if protected is None else protected
    return hc1(cose(key, protected, unprotected or {}, body or claims(content), **more))


cases = []


def case(name, text, outcome="holds", reason=None, trust=None, at=AT, says=("vaccination",),
         birth="1998-02-26", key="AENNE GOESSLING MUELLER"):
    cases.append({"name": name, "text": text, "at": instant(at), "outcome": outcome, "reason": reason,
                  "format": "eu-dcc", "issuer": "AT", "says": list(says), "name_key": key,
                  "birth": birth, **({} if trust is None else {"trust": trust})})


def broken(name, text, error):
    cases.append({"name": name, "text": text, "error": error})


def without(content, field):
    return {k: v for k, v in content.items() if k != field}


TOKEN = cose(KEY, {1: ES256, 4: KID}, {}, claims(VACCINATED))
PACKED = "the certificate cannot be unpacked"
TEXT = "the certificate's text was not read whole or not read right"
ENVELOPE = "the certificate's envelope is not of its form"


def field(name):
    return f"the certificate's field {name} is missing or not of its form"


def make():
    good = made()
    case("a vaccination", good)
    case("a test", made({**without(VACCINATED, "v"), "t": [TEST]}), says=["test"])
    case("a recovery", made({**without(VACCINATED, "v"), "r": [RECOVERY]}), says=["recovery"])
    case("two things said", made({**VACCINATED, "t": [TEST]}), says=["vaccination", "test"])
    case("counts later than it was issued", made(body={**claims(VACCINATED), 5: AT + 61}), "fails", "X-FUT")
    case("signed with RSA", made(key=RSA, protected={1: PS256, 4: RSA_KID}))
    case("the key is named in the unprotected header", made(protected={1: ES256}, unprotected={4: KID}))
    case("the key of the protected header comes first", made(unprotected={4: RSA_KID}))
    case("a wrong key in the protected header is not made good by the other",
         made(protected={1: ES256, 4: b"\x09" * 8}, unprotected={4: KID}), "not-checked", "X-KEY")
    case("the algorithm stands in the unprotected header", made(protected={4: KID}, unprotected={1: ES256}))
    case("no tag", made(tags=()))
    case("the tag of a web token around it", made(tags=(61, 18)))
    case("times with fractions", made(body=claims(VACCINATED, iat=ISSUED + 0.5, exp=EXPIRES + 0.5)))
    case("times with a tag", made(body=claims(VACCINATED, iat=Tag(1, ISSUED), exp=Tag(1, EXPIRES))))
    case("no times", made(body=claims(VACCINATED, iat=None, exp=None)))
    case("the month of birth", made({**VACCINATED, "dob": "1998-02"}), birth="1998-02")
    case("the year of birth", made({**VACCINATED, "dob": "1998"}), birth="1998")
    case("no date of birth", made({**VACCINATED, "dob": ""}), birth=None)
    case("no place for a date of birth", made(without(VACCINATED, "dob")), birth=None)
    case("one name only", made({**VACCINATED, "nam": {"fn": "Änne", "fnt": "AENNE"}}), key="AENNE")
    case("small letters", good.lower())
    case("a line end of the scanner", good + "\r\n")
    case("full-width letters", "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in good))
    case("two keys of one name, the second signed", good,
         trust={"signers": [signer(OTHER, KID), signer(KEY, KID)]})
    case("a signer for vaccinations", good, trust={"signers": [signer(KEY, KID, signs=["vaccination"])]})

    case("the first second", good, at=ISSUED)
    case("a minute early", good, at=ISSUED - 60)
    case("more than a minute early", good, "fails", "X-FUT", at=ISSUED - 61)
    case("the last second", good, at=EXPIRES - 1)
    case("just over", good, "fails", "X-EXP", at=EXPIRES)

    case("no trust data", good, "not-checked", "X-TRUST", trust={})
    case("an unknown signer", good, "not-checked", "X-KEY", trust={"signers": [signer(RSA, RSA_KID)]})
    case("no key named", made(protected={1: ES256}), "not-checked", "X-KEY")
    case("an unknown algorithm", made(protected={1: EDDSA, 4: KID}), "not-checked", "X-ALG")
    case("another's key under this name", made(key=OTHER), "fails", "X-SIG")
    case("an altered letter", made(change=lambda p, s: (p.replace(b"1998", b"1989"), s)), "fails", "X-SIG",
         birth="1989-02-26")
    case("an altered signature", made(change=lambda p, s: (p, bytes([s[0] ^ 1]) + s[1:])), "fails", "X-SIG")
    case("a signature of nothing", made(change=lambda p, s: (p, b"\0" * 64)), "fails", "X-SIG")
    case("no signature", made(change=lambda p, s: (p, b"")), "fails", "X-SIG")
    case("the other algorithm for the same key", made(protected={1: PS256, 4: KID}), "fails", "X-SIG")
    case("a signer for tests", good, "fails", "X-USE", trust={"signers": [signer(KEY, KID, signs=["test"])]})
    case("a signer whose time came later", good, "fails", "X-KDT",
         trust={"signers": [signer(KEY, KID, **{"from": instant(ISSUED + 1)})]})
    case("a signer whose time was over", good, "fails", "X-KDT",
         trust={"signers": [signer(KEY, KID, until=instant(ISSUED))]})
    case("a signer in its last second", good, trust={"signers": [signer(KEY, KID, until=instant(ISSUED + 1))]})

    # Revocation (eHealth Network, "EU DCC Revocation", 1.0): the first 16 bytes of a hash.
    def listed(by, *entries, **more):
        entries = [base64.b64encode(hashlib.sha256(entry).digest()[:16]).decode() for entry in entries]
        return {**TRUST, "revoked": [{"format": "eu-dcc", "by": by, "entries": sorted(entries), **more}]}

    signature, rsa_signature = [], []
    es = made(change=lambda p, s: (signature.append(s), (p, s))[1])
    rs = made(key=RSA, protected={1: PS256, 4: RSA_KID}, change=lambda p, s: (rsa_signature.append(s), (p, s))[1])
    uci = SHOT["ci"].encode()
    kid = base64.b64encode(KID).decode()
    case("revoked by its identifier", good, "fails", "X-REV", trust=listed("identifier", b"x", uci))
    case("revoked by country and identifier", good, "fails", "X-REV", trust=listed("country-identifier", b"AT" + uci))
    case("the identifier of another country", good, trust=listed("country-identifier", b"DE" + uci))
    case("revoked by its signature", es, "fails", "X-REV", trust=listed("signature", signature[0][:32]))
    case("half an RSA signature says nothing", rs, trust=listed("signature", rsa_signature[0][:128]))
    case("revoked by its RSA signature", rs, "fails", "X-REV", trust=listed("signature", rsa_signature[0]))
    case("revoked for this key", good, "fails", "X-REV", trust=listed("identifier", uci, key_id=kid))
    case("revoked for another key", good, trust=listed("identifier", uci, key_id="AAAAAAAAAAA="))
    case("revoked for another country", good, trust=listed("identifier", uci, issuer="DE"))
    case("a list that is too old", good, "not-checked", "X-OLD", trust=listed("identifier", b"x", until=instant(AT)))

    # Rules, in the form of the European gateway.
    def rule(logic, identifier="VR-XX-0001", **more):
        return {"Identifier": identifier, "Type": "Acceptance", "Country": "XX", "Version": "1.0.0",
                "SchemaVersion": "1.0.0", "Engine": "CERTLOGIC", "EngineVersion": "1.0.0",
                "CertificateType": "Vaccination", "Description": [{"lang": "en", "desc": "A rule."}],
                "ValidFrom": "2021-06-01T00:00:00Z", "ValidTo": "2030-06-01T00:00:00Z",
                "AffectedFields": ["v.0"], "Logic": logic, **more}

    def ruled(*rules, **more):
        return {**TRUST, "rules": list(rules), "rules_of": "XX", **more}

    whole_series = {">=": [{"var": "payload.v.0.dn"}, {"var": "payload.v.0.sd"}]}
    known = {"in": [{"var": "payload.v.0.mp"}, {"var": "external.valueSets.vaccines-covid-19-names"}]}
    two_weeks = {"not-before": [{"plusTime": [{"var": "external.validationClock"}, 0, "day"]},
                                {"plusTime": [{"var": "payload.v.0.dt"}, 14, "day"]}]}
    never = {"===": [1, 2]}
    sets = {"vaccines-covid-19-names": ["EU/1/20/1528"]}
    case("the whole series", good, trust=ruled(rule(whole_series)))
    case("half of it", made({**VACCINATED, "v": [{**SHOT, "dn": 1}]}), "fails", "X-RULE", trust=ruled(rule(whole_series)))
    case("a known vaccine", good, trust=ruled(rule(known), value_sets=sets))
    case("an unknown vaccine", good, "fails", "X-RULE", trust=ruled(rule(known), value_sets={**sets, "vaccines-covid-19-names": []}))
    case("two weeks ago", good, trust=ruled(rule(two_weeks)), at=seconds("2021-06-12T00:00:00Z"))
    case("not two weeks ago", good, "fails", "X-RULE", trust=ruled(rule(two_weeks)), at=seconds("2021-06-11T23:59:59Z"))
    case("a set that is not there", good, "not-checked", "X-OPEN", trust=ruled(rule(known)))
    case("a rule that cannot be read", good, "not-checked", "X-OPEN", trust=ruled(rule({"magic": []})))
    case("one rule open, one broken", good, "fails", "X-RULE", trust=ruled(rule({"magic": []}), rule(never, "VR-XX-0002")))
    case("in another language", good, "not-checked", "X-OPEN", trust=ruled(rule(never, Engine="OTHER")))
    case("the newest version counts", good, trust=ruled(rule(never, Version="1.9.0"), rule(whole_series, Version="1.10.0")))
    case("rules of another country", good, trust=ruled(rule(never, Country="YY")))
    case("no country asked for", good, trust={**TRUST, "rules": [rule(never)]})
    case("rules for tests", good, trust=ruled(rule(never, CertificateType="Test")))
    case("rules for all", good, "fails", "X-RULE", trust=ruled(rule(never, CertificateType="General")))
    case("a rule of tomorrow", good, trust=ruled(rule(never, ValidFrom=instant(AT + 1))))
    case("a rule of yesterday", good, trust=ruled(rule(never, ValidTo=instant(AT - 1))))
    case("the country of issue takes it back", good, "fails", "X-RULE",
         trust=ruled(rule(never, "IR-AT-0001", Type="Invalidation", Country="AT")))

    broken("the mark only", "HC1:", PACKED)
    broken("a letter that base45 does not have", good[:40] + "," + good[41:], TEXT)
    broken("a number that two bytes do not hold", "HC1::::", TEXT)
    broken("one letter left over", "HC1:6BFA", TEXT)
    broken("the end is missing", good[:len(good) // 2 // 3 * 3 + 4], PACKED)
    broken("not packed", hc1(TOKEN, pack=False), PACKED)
    broken("too much in it", hc1(b"\0" * 100_000), "the certificate unpacks to more than any certificate holds")
    broken("a byte behind the envelope", made(also=b"\0"), ENVELOPE)
    broken("three parts", hc1(cbor([b"", {}, b""])), ENVELOPE)
    broken("a text for the payload", hc1(cbor([b"", {}, "", b""])), ENVELOPE)
    broken("nested without end", hc1(b"\x81" * 5000), ENVELOPE)
    broken("a length that is not there", hc1(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff"), ENVELOPE)
    broken("no certificate in it", made(body={1: "AT"}), field("hcert"))
    broken("no issuer", made(body=claims(VACCINATED, iss=None)), field("iss"))
    broken("a time as text", made(body=claims(VACCINATED, exp="2022")), field("exp"))
    broken("a time without end", made(body=claims(VACCINATED, exp=2**62)), field("exp"))
    broken("no name", made(without(VACCINATED, "nam")), field("nam"))
    broken("an impossible date of birth", made({**VACCINATED, "dob": "1998-02-30"}), field("dob"))
    broken("nothing said", made(without(VACCINATED, "v")), field("v, t or r"))

    write("dcc", "European certificates; `outcome` is what checking against `trust` at `at` comes to.", TRUST, cases)
