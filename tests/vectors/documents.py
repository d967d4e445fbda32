#!/usr/bin/env python3
"""Makes the tables of zones, numbers, boarding passes and licences.

The check digits are computed here, apart from the code under test. Published specimens
(ICAO Doc 9303, the issuers' sample documents) and synthetic persons only.
"""

import json
import pathlib

HERE = pathlib.Path(__file__).parent
TODAY = "2020-03-01"


def value(c):
    return 0 if c == "<" else int(c) if c.isdigit() else ord(c) - 55


def cd(text):
    return str(sum(value(c) * (7, 3, 1)[i % 3] for i, c in enumerate(text)) % 10)


def nibbles(name):
    return "".join(chr(65 + (b >> 4)) + chr(65 + (b & 15)) for b in name.encode("gbk"))


def td3(kind, state, name, number, nationality, birth, sex, expiry, optional=""):
    first = (kind + state + name).ljust(44, "<")
    opt = optional.ljust(14, "<")
    second = number.ljust(9, "<")
    second += cd(second) + nationality.ljust(3, "<") + birth + cd(birth) + sex + expiry + cd(expiry)
    second += opt + ("<" if opt == "<" * 14 else cd(opt))
    return [first, second + cd(second[0:10] + second[13:20] + second[21:43])]


def td2(kind, state, name, number, nationality, birth, sex, expiry, optional=""):
    first = (kind + state + name).ljust(36, "<")
    if len(number) > 9:
        second, rest = number[:9] + "<", number[9:] + cd(number)
        optional = rest + "<" + optional
    else:
        second = number.ljust(9, "<")
        second += cd(second)
    second += nationality.ljust(3, "<") + birth + cd(birth) + sex + expiry + cd(expiry) + optional.ljust(7, "<")
    return [first, second + cd(second[0:10] + second[13:20] + second[21:35])]


def td1(kind, state, number, birth, sex, expiry, nationality, name, optional="", optional2=""):
    if len(number) > 9:
        first = kind + state + number[:9] + "<" + number[9:] + cd(number) + "<" + optional
    else:
        body = number.ljust(9, "<")
        first = kind + state + body + cd(body) + optional
    first = first.ljust(30, "<")
    second = birth + cd(birth) + sex + expiry + cd(expiry) + nationality.ljust(3, "<") + optional2.ljust(11, "<")
    second += cd(first[5:30] + second[0:7] + second[8:15] + second[18:29])
    return [first, second, name.ljust(30, "<")]


def visa(width, kind, state, name, number, nationality, birth, sex, expiry, optional=""):
    first = (kind + state + name).ljust(width, "<")
    body = number.ljust(9, "<")
    second = body + cd(body) + nationality.ljust(3, "<") + birth + cd(birth) + sex + expiry + cd(expiry)
    return [first, (second + optional).ljust(width, "<")]


def exit_permit(kind, number, expiry, birth):
    a, b, c = number + cd(number), expiry + cd(expiry), birth + cd(birth)
    return [f"{kind}{a}<{b}<{c}<{cd(a + b + c)}"]


def entry(kind, number, issue, expiry, sex, birth, chinese, omitted, home, latin, end, with_count=False, century="B"):
    first = kind + number.ljust(9, "<")
    first += cd(first[2:11]) + issue + cd(issue) + expiry + cd(expiry) + sex + birth + cd(birth)
    if kind == "CR":
        home = home.ljust(9, "<")
        tail = home + cd(home)
    else:
        tail = home.ljust(10, "<")
    if kind == "CF":
        middle = nibbles(chinese).ljust(12, "<") + "<<<" + "UTO" + century
    else:
        middle = nibbles(chinese).ljust(16, "<") + omitted + "A" + century
    head = first[2:15] if with_count else first[2:12]
    composite = cd(head + first[15:22] + first[23:30] + tail)
    return [first, middle + tail + composite, latin.ljust(26, "<") + end]


def permit_1999(number, birth, sex, expiry, name, centuries="12"):
    first = ("C<CHN" + "0000" * 3).ljust(25, "<") + "A0<<0"
    second = birth + cd(birth) + sex + expiry + cd(expiry) + number + cd(number) + centuries + "0"
    return [first, second, name.ljust(30, "<")]


zones, broken = [], []


def good(name, lines, layout, document=None, number=None, **more):
    zones.append(dict(name=name, lines=lines, layout=layout, document=document, number=number, **more))


def bad(name, lines, error, field=None):
    broken.append(dict(name=name, lines=lines, error=error, field=field))


def swap(lines, line, at, character):
    text = lines[line]
    assert text[at] != character, (lines, at)
    return [t if i != line else text[:at] + character + text[at + 1:] for i, t in enumerate(lines)]


SPECIMEN = td3("P<", "UTO", "ERIKSSON<<ANNA<MARIA", "L898902C3", "UTO", "740812", "F", "120415", "ZE184226B")
assert SPECIMEN[1] == "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
good("td3-specimen", SPECIMEN, "td3", "passport-foreign", "L898902C3", name_text="ERIKSSON, ANNA MARIA",
     birth="1974-08-12", expiry="2012-04-15", sex="female", issuer="UTO", nationality="UTO", optional="ZE184226B")
good("td3-empty-optional-filler", td3("P<", "UTO", "DOE<<JOHN", "123456789", "UTO", "000229", "M", "250228"), "td3",
     "passport-foreign", "123456789", name_text="DOE, JOHN", birth="2000-02-29", expiry="2025-02-28", sex="male")
zero = td3("P<", "UTO", "DOE<<JOHN", "123456789", "UTO", "000229", "M", "250228")
zero = [zero[0], zero[1][:42] + "0"]
zero[1] += cd(zero[1][0:10] + zero[1][13:20] + zero[1][21:43])
good("td3-empty-optional-zero", zero, "td3", "passport-foreign", "123456789")
good("td3-germany", td3("P<", "D<<", "MUSTERMANN<<ERIKA", "C01X00T47", "D", "640812", "F", "270228"), "td3",
     "passport-foreign", "C01X00T47", issuer="D", nationality="D", birth="1964-08-12", expiry="2027-02-28")
good("td3-one-name", td3("P<", "UTO", "ARKFREITH", "ABC12345", "UTO", "900101", "<", "300101"), "td3",
     "passport-foreign", "ABC12345", name_text="ARKFREITH", sex=None)
good("td3-unknown-birthday", td3("P<", "UTO", "DOE<<JOHN", "123456789", "UTO", "40<<<<", "M", "250228"), "td3",
     "passport-foreign", "123456789", birth=None)
good("td3-unknown-month-as-zeros", td3("P<", "UTO", "DOE<<JOHN", "123456789", "UTO", "400000", "M", "250228"), "td3",
     "passport-foreign", "123456789", birth=None)
good("td3-born-today", td3("P<", "UTO", "DOE<<JOHN", "123456789", "UTO", "200301", "M", "250228"), "td3",
     "passport-foreign", "123456789", birth="2020-03-01")
good("td3-born-a-century-ago", td3("P<", "UTO", "DOE<<JOHN", "123456789", "UTO", "200302", "M", "250228"), "td3",
     "passport-foreign", "123456789", birth="1920-03-02")
good("td3-valid-for-fifty-years", td3("P<", "UTO", "DOE<<JOHN", "123456789", "UTO", "900101", "M", "700301"), "td3",
     "passport-foreign", "123456789", expiry="2070-03-01")
good("td3-expired-long-ago", td3("P<", "UTO", "DOE<<JOHN", "123456789", "UTO", "900101", "M", "710301"), "td3",
     "passport-foreign", "123456789", expiry="1971-03-01")
good("td3-name-cut", td3("P<", "UTO", "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONGKRA"[:39], "123456789", "UTO", "900101", "M", "300101"),
     "td3", "passport-foreign", "123456789", name_is_cut=True)
good("china-specimen", ["POCHNZHENGJIAN<<YANGBEN".ljust(44, "<"), "E000000008CHN8310291F2202059NGKELMPONBPJB972"], "td3",
     "passport-cn", "E00000000", name_text="ZHENGJIAN, YANGBEN", birth="1983-10-29", expiry="2022-02-05")
good("china-specimen-2", ["POCHNZHENGJIAN<<YANGBEN".ljust(44, "<"), "EF12608921CHN8503208F2901178NGKELMPONBPJB978"], "td3",
     "passport-cn", "EF1260892", sex="female")
good("china-two-characters", td3("PO", "CHN", "ZHANG<<SAN", "EA0000001", "CHN", "900101", "M", "300101", nibbles("张三").ljust(12, "<") + "A9"),
     "td3", "passport-cn", "EA0000001", name_text="张三", kind="PO", sex="male")
good("china-diplomatic", ["PDCHNBAI<<LE".ljust(44, "<"), "DE00000003CHN8509037F2611158NBOONFNB<<<<A912"], "td3",
     "passport-cn", "DE0000000")
good("hong-kong", ["P<CHNSAMPLE<<NAME".ljust(44, "<"), "K000000000CHN8008080F1702057HK8888888<<<<<34"], "td3",
     "passport-cn", "K00000000", optional="HK8888888")
good("macau", td3("P<", "CHN", "SAMPLE<<NAME", "MA0000001", "CHN", "900101", "M", "300101"), "td3", "passport-cn", "MA0000001")
good("taiwan-passport-has-no-code", td3("P<", "TWN", "SAMPLE<<NAME", "300000001", "TWN", "900101", "M", "300101"), "td3",
     None, "300000001", other="travel-document")
good("china-number-digit-mended",
     swap(td3("PO", "CHN", "ZHANG<<SAN", "E01234561", "CHN", "900101", "M", "300101"), 1, 8, "I"), "td3",
     "passport-cn", "E01234561", mended=["number"])
good("td3-birth-mended", [SPECIMEN[0], SPECIMEN[1].replace("740812", "74O8I2")], "td3", "passport-foreign", "L898902C3",
     mended=["birth"], birth="1974-08-12")
good("td3-expiry-mended", [SPECIMEN[0], SPECIMEN[1].replace("120415", "I2O4IS")], "td3", "passport-foreign", "L898902C3",
     mended=["expiry"], expiry="2012-04-15")
good("td3-name-mended", [SPECIMEN[0].replace("ERIKSSON", "ER1K5S0N"), SPECIMEN[1]], "td3", "passport-foreign", "L898902C3",
     mended=["name"], name_text="ERIKSSON, ANNA MARIA")
good("td3-composite-mended", [SPECIMEN[0], SPECIMEN[1][:43] + "O"], "td3", "passport-foreign", "L898902C3", mended=["composite"])
good("td3-name-line-without-fillers", ["P<UTOERIKSSON<<ANNA<MARIA", SPECIMEN[1]], "td3", "passport-foreign", "L898902C3",
     mended=["name"], name_text="ERIKSSON, ANNA MARIA")
good("td3-small-letters", [line.lower() for line in SPECIMEN], "td3", "passport-foreign", "L898902C3")
good("td3-input-method", [line.replace("<<", "《《").replace("<", "〈") for line in SPECIMEN], "td3", "passport-foreign", "L898902C3")
good("td3-full-width", ["".join(chr(ord(c) + 0xFEE0) for c in line) for line in SPECIMEN], "td3", "passport-foreign", "L898902C3")
good("td3-spaces", [" ".join(SPECIMEN[0]), "  " + SPECIMEN[1] + " "], "td3", "passport-foreign", "L898902C3")

TD2 = td2("I<", "UTO", "ERIKSSON<<ANNA<MARIA", "D23145890", "UTO", "740812", "F", "120415")
assert TD2[1] == "D231458907UTO7408122F1204159<<<<<<<6"
good("td2-specimen", TD2, "td2", None, "D23145890", other="foreign-id-card", name_text="ERIKSSON, ANNA MARIA", birth="1974-08-12")
good("td2-long-number", td2("I<", "UTO", "DOE<<JANE", "D2314589073", "UTO", "740812", "F", "250415"), "td2", None, "D2314589073",
     other="foreign-id-card")
good("td2-passport-card", td2("P<", "UTO", "DOE<<JANE", "D23145890", "UTO", "740812", "F", "250415", "AB"), "td2",
     "passport-foreign", "D23145890", optional="AB")
TD1 = td1("I<", "UTO", "D23145890", "740812", "F", "120415", "UTO", "ERIKSSON<<ANNA<MARIA")
assert TD1[0] == "I<UTOD231458907<<<<<<<<<<<<<<<" and TD1[1] == "7408122F1204159UTO<<<<<<<<<<<6"
good("td1-specimen", TD1, "td1", None, "D23145890", other="foreign-id-card", name_text="ERIKSSON, ANNA MARIA", birth="1974-08-12")
LONG = td1("I<", "UTO", "D23145890734", "340712", "M", "950712", "UTO", "STEVENSON<<PETER<JOHN")
assert LONG[0] == "I<UTOD23145890<7349<<<<<<<<<<<", LONG[0]
good("td1-long-number-of-doc-9303", LONG, "td1", None, "D23145890734", other="foreign-id-card", birth="1934-07-12")
good("td1-both-optional-fields", td1("ID", "UTO", "123456789", "900101", "F", "300101", "UTO", "DOE<<JANE", "ABC", "XYZ"), "td1", None,
     "123456789", other="foreign-id-card", optional="ABC XYZ")
good("td1-name-line-without-fillers", [TD1[0], TD1[1], "ERIKSSON<<ANNA<MARIA"], "td1", None, "D23145890", other="foreign-id-card", mended=["name"])
good("td1-costa-rica-is-no-permit", td1("ID", "CRI", "123456789", "900101", "F", "300101", "CRI", "DOE<<JANE"), "td1", None, "123456789",
     other="foreign-id-card")
good("visa-a", visa(44, "V<", "UTO", "ERIKSSON<<ANNA<MARIA", "L8988901C", "XXX", "400907", "F", "961210", "6ZE184226B"), "visa-a", None,
     "L8988901C", other="visa", birth="1940-09-07", expiry="1996-12-10")
assert zones[-1]["lines"][1] == "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"
good("visa-b", visa(36, "V<", "UTO", "ERIKSSON<<ANNA<MARIA", "L8988901C", "XXX", "400907", "F", "961210"), "visa-b", None, "L8988901C",
     other="visa")
assert zones[-1]["lines"][1] == "L8988901C4XXX4009078F9612109<<<<<<<<"

good("cs-specimen", ["CSC000000004<2404200<8108038<6"], "exit-permit", "exit-hk-macau", "C00000000", birth="1981-08-03", expiry="2024-04-20")
good("cd-specimen", ["CDL000000007<2508197<8208031<6"], "exit-permit", "exit-taiwan", "L00000000", birth="1982-08-03")
good("cs-second-letter", exit_permit("CS", "CB0000001", "300101", "900101"), "exit-permit", "exit-hk-macau", "CB0000001")
assert zones[-1]["lines"] == ["CSCB00000018<3001019<9001011<4"]
good("cs-number-mended", ["CSC0O0000004<2404200<8108038<6"], "exit-permit", "exit-hk-macau", "C00000000", mended=["number"])
good("cr-specimen", ["CRH1234567830002212119F8108038", "NGKELMPONBPJLBLOAABA1234567842", "ZHENG<JIAN<<YANG<BEN<<<<<<<<<<"],
     "entry-permit", "home-return", "H12345678", name_text="证件样本", latin="ZHENG JIAN, YANG BEN", birth="1981-08-03", expiry="2022-12-11",
     sex="female", optional="A12345678", issue_count=0)
good("ct-specimen", ["CT00000000<00262006084F8108038", "NGKELMPONBPJLBLOAABR0000000001", "ZHENG<JIAN<<YANG<BEN<<<<<<3500"],
     "entry-permit", "mainland-taiwan", "00000000", name_text="证件样本", issue_count=2, optional="R000000000")
good("cr-synthetic", entry("CR", "H00000001", "00", "300101", "F", "900101", "证件样本", "A", "A0000000", "ZHENG<JIAN<<YANG<BEN", "HKGL"),
     "entry-permit", "home-return", "H00000001", name_text="证件样本", birth="1990-01-01")
assert zones[-1]["lines"][1].endswith("A0000000<00"), zones[-1]
good("ct-synthetic", entry("CT", "00000001", "01", "300101", "M", "900101", "证件样本", "A", "A000000000", "ZHENG<JIAN<<YANG<BEN", "3500"),
     "entry-permit", "mainland-taiwan", "00000001", name_text="证件样本", issue_count=1)
good("ct-composite-with-issue-count", entry("CT", "00000001", "02", "300101", "M", "900101", "证件样本", "A", "A000000000", "ZHENG<<YANG", "3500", with_count=True),
     "entry-permit", "mainland-taiwan", "00000001")
good("cr-born-in-this-century", entry("CR", "M00000001", "03", "250101", "M", "150101", "张三", "A", "", "ZHANG<<SAN", "MACL", century="C"),
     "entry-permit", "home-return", "M00000001", name_text="张三", birth="2015-01-01", issue_count=3)
good("cr-born-a-century-ago", entry("CR", "H00000002", "03", "250101", "M", "150101", "张三", "A", "", "ZHANG<<SAN", "HKGL"),
     "entry-permit", "home-return", "H00000002", birth="1915-01-01")
good("cr-name-left-out-in-part", entry("CR", "H00000003", "00", "250101", "M", "900101", "证件样本", "B", "", "ZHENG<<YANG", "HKGL"),
     "entry-permit", "home-return", "H00000003", name_text="ZHENG, YANG")
good("cr-rare-character", entry("CR", "H00000004", "00", "250101", "M", "900101", "喆镕", "A", "", "ZHE<<RONG", "HKGL"),
     "entry-permit", "home-return", "H00000004", name_text="喆镕")
good("cr-number-mended", swap(entry("CR", "H00000001", "00", "300101", "F", "900101", "证件样本", "A", "A0000000", "ZHENG<<YANG", "HKGL"), 0, 5, "O"),
     "entry-permit", "home-return", "H00000001", mended=["number"])
good("cf-synthetic", entry("CF", "HA0000001", "00", "300101", "F", "900101", "安娜", "A", "", "ERIKSSON<<ANNA", "HKGL"),
     "entry-permit", "home-return", "HA0000001", name_text="安娜", latin="ERIKSSON, ANNA", nationality="UTO")
good("home-return-1999", permit_1999("H0000000101", "500101", "M", "091231", "SAMPLE<<NAME"), "home-return1999", "home-return", "H00000001",
     birth="1950-01-01", expiry="2009-12-31", name_text="SAMPLE, NAME")

bad("number", swap(SPECIMEN, 1, 0, "M"), "check-digit", "number")
bad("number-neighbours-swapped", [SPECIMEN[0], "L989802C3" + SPECIMEN[1][9:]], "check-digit", "number")
bad("birth", [SPECIMEN[0], SPECIMEN[1].replace("740812", "740813")], "check-digit", "birth")
bad("birth-letter", [SPECIMEN[0], SPECIMEN[1].replace("740812", "74X812")], "alphabet", "birth")
bad("birth-month-13", td3("P<", "UTO", "DOE<<JOHN", "123456789", "UTO", "741312", "M", "250228"), "date", "birth")
bad("birth-30-february", td3("P<", "UTO", "DOE<<JOHN", "123456789", "UTO", "740230", "M", "250228"), "date", "birth")
bad("birth-29-february-1999", td3("P<", "UTO", "DOE<<JOHN", "123456789", "UTO", "990229", "M", "250228"), "date", "birth")
bad("expiry", [SPECIMEN[0], SPECIMEN[1].replace("120415", "120416")], "check-digit", "expiry")
bad("expiry-day-0", td3("P<", "UTO", "DOE<<JOHN", "123456789", "UTO", "900101", "M", "250232"), "date", "expiry")
bad("sex", swap(SPECIMEN, 1, 20, "K"), "alphabet", "sex")
bad("optional", swap(SPECIMEN, 1, 28, "Y"), "check-digit", "optional")
bad("composite", swap(SPECIMEN, 1, 43, "1"), "check-digit", "composite")
bad("nationality", swap(SPECIMEN, 1, 11, "3"), "alphabet", "nationality")
bad("issuer-empty", ["P<<<<" + SPECIMEN[0][5:], SPECIMEN[1]], "alphabet", "issuer")
bad("number-empty", td3("P<", "UTO", "DOE<<JOHN", "", "UTO", "900101", "M", "250228"), "alphabet", "number")
bad("one-line-only", [SPECIMEN[0]], "length")
bad("second-line-only", [SPECIMEN[1]], "length")
bad("second-line-cut", [SPECIMEN[0], SPECIMEN[1][:43]], "length")
bad("a-character-too-many", [SPECIMEN[0], SPECIMEN[1] + "0"], "length")
bad("td1-two-lines-only", TD1[:2], "length")
bad("td1-lines-swapped", [TD1[1], TD1[0], TD1[2]], "not-a-zone")
bad("td1-composite", swap(TD1, 1, 29, "7"), "check-digit", "composite")
bad("td1-long-number", [LONG[0].replace("7349", "7348"), LONG[1], LONG[2]], "check-digit", "number")
bad("td2-composite", swap(TD2, 1, 35, "7"), "check-digit", "composite")
bad("cs-number", ["CSC000000014<2404200<8108038<6"], "check-digit", "number")
bad("cs-composite", ["CSC000000004<2404200<8108038<7"], "check-digit", "composite")
bad("cs-letter-for-no-digit", ["CSC0X0000004<2404200<8108038<6"], "alphabet", "number")
bad("cr-home-number", ["CRH1234567830002212119F8108038", "NGKELMPONBPJLBLOAABA1234568842", "ZHENG<JIAN<<YANG<BEN<<<<<<<<<<"], "check-digit", "optional")
bad("cr-issue-count", ["CRH1234567830102212119F8108038", "NGKELMPONBPJLBLOAABA1234567842", "ZHENG<JIAN<<YANG<BEN<<<<<<<<<<"], "check-digit", "issue-count")
bad("ct-composite", ["CT00000000<00262006084F8108038", "NGKELMPONBPJLBLOAABR0000000002", "ZHENG<JIAN<<YANG<BEN<<<<<<3500"], "check-digit", "composite")
bad("1999-number", swap(permit_1999("H0000000101", "500101", "M", "091231", "SAMPLE<<NAME"), 1, 20, "8"), "check-digit", "number")
bad("punctuation", [SPECIMEN[0], SPECIMEN[1].replace("ZE1", "Z.1")], "not-a-zone")
bad("no-filler", ["A" * 44, "B" * 44], "not-a-zone")
bad("empty", [""], "not-a-zone")
bad("fillers-only", ["<" * 44, "<" * 44], "not-a-zone")

(HERE / "zone" / "zones.json").write_text(
    json.dumps(dict(today=TODAY, zones=zones, broken=broken), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

# --- numbers -------------------------------------------------------------------------------
numbers = [
    # text, document type or other document, what recognising it bare says
    ("11010519491231002X", "resident-id", "one"), ("440524188001010014", "resident-id", "one"),
    ("350100190001010004", "resident-id", "one"), ("350100190001010012", "resident-id", "one"),
    ("110105491231002", "resident-id", "one"), ("610104620927690", "resident-id", "one"),
    ("610104196209276908", "resident-id", "one"), ("11010519491231002x", "resident-id", "one"),
    ("１１０１０５１９４９１２３１００２Ｘ", "resident-id", "one"),
    ("810000199408230021", "hk-macau-residence", "one"), ("810000199001010019", "hk-macau-residence", "one"),
    ("820000199001010029", "hk-macau-residence", "one"), ("830000199201300022", "taiwan-residence", "one"),
    ("830000199001010039", "taiwan-residence", "one"), ("KAZ110090123105", "permanent-residence", "one"),
    ("UTO350100010104", "permanent-residence", "one"), ("911398199012310021", "permanent-residence", "one"),
    ("11010519491231002", None, "no"), ("110105194912310021", "resident-id", "broken"),
    ("110105194902290021", "resident-id", "broken"), ("810000199408230022", "hk-macau-residence", "broken"),
    ("830000199201300021", "taiwan-residence", "broken"), ("KAZ110090123107", "permanent-residence", "broken"),
    ("911398199012310022", "permanent-residence", "broken"),
    ("H12345678", "home-return", "several"), ("M12345678", "home-return", "several"), ("H1234567801", "home-return", "several"),
    ("HA0000001", "home-return", "several"), ("MA0000001", "home-return", "several"),
    ("00000001", "mainland-taiwan", "several"), ("0000000001", "mainland-taiwan", "several"),
    ("0000000001(B)", "mainland-taiwan", "several"), ("C00000000", "exit-hk-macau", "several"),
    ("CA0000001", "exit-hk-macau", "several"), ("W00000000", "exit-hk-macau", "several"),
    ("L00000000", "exit-taiwan", "several"), ("T00000000", "exit-taiwan", "several"),
    ("E00000000", "passport-cn", "several"), ("EA0000001", "passport-cn", "several"), ("G00000000", "passport-cn", "several"),
    ("DE0000000", "passport-cn", "several"), ("SE0000000", "passport-cn", "several"), ("PE0000000", "passport-cn", "several"),
    ("K00000000", "passport-cn", "several"), ("KJ0000000", "passport-cn", "several"), ("MB0000000", "passport-cn", "several"),
    ("140000000", "passport-cn", "several"), ("L898902C3", "passport-foreign", "several"), ("12345", "passport-foreign", "several"),
    ("1234", None, "no"), ("HELLO", None, "no"), ("CI0000001", "passport-foreign", "several"),
    ("G123456(A)", "hong-kong-id", "regional"), ("L555555(0)", "hong-kong-id", "regional"),
    ("AB987654(3)", "hong-kong-id", "regional"), ("C123456(9)", "hong-kong-id", "regional"),
    ("AY987654(A)", "hong-kong-id", "broken-regional"), ("1234567(8)", "macau-id", "regional"),
    ("5234567(A)", "macau-id", "regional"), ("A123456789", "taiwan-id", "regional"), ("B142610160", "taiwan-id", "regional"),
    ("Q155304680", "taiwan-id", "broken-regional"),
]
(HERE / "number" / "numbers.json").write_text(
    json.dumps([dict(text=t, document=d, bare=b) for t, d, b in numbers], ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

# --- boarding passes -----------------------------------------------------------------------
SIG = "GIWVC5EH7JNT684FVNJ91W2QA4DVN5J8K4F0L0GEQ3DF5TGBN8709HKT5D3DW3GBHFCVHMY7J5T6HFR41W2QA4DVN5J8K4F0L0GE"
ONE = "M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 100"
TWO = ("M2DESMARAIS/LUC       EABC123 YULFRAAC 0834 226F001A0025 14D>6181WW6225BAC 00141234560032A0141234567890 1AC AC 1234567890123    20KYLX58Z"
       "DEF456 FRAGVALH 3664 227C012C0002 12E2A0140987654321 1AC AC 1234567890123    2PCNWQ^164" + SIG)


def synthetic(name="ZHENG/YANGBEN", legs=1, day="045", tail="00", cabin="Y", seat="012A"):
    leg = "ABC123 FOCPEKMF 8101 " + day + cabin + seat + "0025 1" + tail
    return f"M{legs}{name.ljust(20)}E" + leg * legs


passes = [
    dict(name="one-leg-and-security", text=ONE + "^164" + SIG, name_text="DESMARAIS, LUC", flights=["AC834"], days=[326], security=100, seats=["1A"]),
    dict(name="two-legs-all-items", text=TWO, name_text="DESMARAIS, LUC", flights=["AC834", "LH3664"], days=[226, 227], security=100,
         seats=["1A", "12C"], serial="1234567890", frequent_flyer="1234567890123", airline_use=["LX58Z", "WQ"], version="6", bags=1, fast_track="Y"),
    dict(name="items-cut-short", text="M1TEST/PETER          E24Z5RN AMSBRUKL 1733 019M008A0001 316>503  W0D0742497067621", name_text="TEST, PETER",
         flights=["KL1733"], days=[19], version="5", serial="2497067621"),
    dict(name="spaces-at-the-end", text="M1TEST/HIDDEN         E8OQ6FU FRARLGLH 4010 012C004D0001 35C>2180WW6012BLH              2922023642241060 LH                        *30600000K09         ",
         name_text="TEST, HIDDEN", flights=["LH4010"], days=[12], version="2", airline_use=["*30600000K09         "]),
    dict(name="synthetic", text=synthetic(), name_text="ZHENG, YANGBEN", flights=["MF8101"], days=[45], dates=["2020-02-14"], seats=["12A"]),
    dict(name="line-end-after-it", text=synthetic() + "\r\n", name_text="ZHENG, YANGBEN", flights=["MF8101"], days=[45]),
    dict(name="four-legs", text=synthetic(legs=4), name_text="ZHENG, YANGBEN", flights=["MF8101"] * 4, days=[45] * 4),
    dict(name="last-day-of-a-leap-year", text=synthetic(day="366"), name_text="ZHENG, YANGBEN", flights=["MF8101"], days=[366], dates=["2020-12-31"]),
    dict(name="new-year-is-near", text=synthetic(day="365"), name_text="ZHENG, YANGBEN", flights=["MF8101"], days=[365], dates=["2019-12-31"]),
    dict(name="open-ticket", text=synthetic(day="   "), name_text="ZHENG, YANGBEN", flights=["MF8101"], days=[None], dates=[None]),
    dict(name="no-given-name", text=synthetic(name="ZHENG"), name_text="ZHENG", flights=["MF8101"], days=[45]),
    dict(name="name-fills-its-field", text=synthetic(name="ABCDEFGHIJ/KLMNOPQRS"), name_text="ABCDEFGHIJ, KLMNOPQRS", flights=["MF8101"], days=[45]),
    dict(name="airline-use-without-mark", text=synthetic(tail="05HELLO"), name_text="ZHENG, YANGBEN", flights=["MF8101"], days=[45], airline_use=["HELLO"]),
    dict(name="empty-security", text=synthetic() + "^100", name_text="ZHENG, YANGBEN", flights=["MF8101"], days=[45], security=0),
]
broken_passes = [
    dict(name="legs-x", text="MX" + synthetic()[2:], error="not-a-pass"),
    dict(name="legs-0", text="M0" + synthetic()[2:], error="not-a-pass"),
    dict(name="legs-5", text="M5" + synthetic()[2:], error="field", field="Legs"),
    dict(name="format-s", text="S" + synthetic()[1:], error="not-a-pass"),
    dict(name="cut-before-the-size", text=synthetic()[:-2], error="short", field="Size"),
    dict(name="second-leg-missing", text="M2" + synthetic()[2:], error="short", field="Booking"),
    dict(name="second-leg-cut", text="M2" + synthetic()[2:] + "ABC123 FOC", error="short", field="Airport"),
    dict(name="size-letters", text=synthetic(tail="0G"), error="field", field="Size"),
    dict(name="size-plus", text=synthetic(tail="+1A"), error="field", field="Size"),
    dict(name="items-cut", text=synthetic(tail="10>60"), error="short", field="Items"),
    dict(name="day-367", text=synthetic(day="367"), error="field", field="Day"),
    dict(name="day-letters", text=synthetic(day="A45"), error="field", field="Day"),
    dict(name="security-length-yy", text=ONE + "^1YY" + SIG, error="field", field="Security"),
    dict(name="security-cut", text=ONE + "^164" + SIG[:-1], error="short", field="Security"),
    dict(name="something-after-security", text=ONE + "^164" + SIG + "X", error="field", field="Security"),
    dict(name="something-after-the-leg", text=synthetic() + "X", error="field", field="Security"),
    dict(name="no-name", text=synthetic(name=""), error="field", field="Name"),
    dict(name="ticket-mark", text=synthetic()[:22] + "X" + synthetic()[23:], error="not-a-pass"),
    dict(name="empty", text="", error="not-a-pass"),
]
(HERE / "boarding-pass" / "passes.json").write_text(
    json.dumps(dict(today=TODAY, passes=passes, broken=broken_passes), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

# --- licences ------------------------------------------------------------------------------
BODY = ("DAQT64235789\nDCSSAMPLE\nDDEN\nDACMICHAEL\nDDFN\nDADJOHN\nDDGN\nDCUJR\nDCAD\nDCBK\nDCDPH\nDBD06062019\nDBB06061986\nDBA12102024\nDBC1\n"
        "DAU068 in\nDAYBRO\nDAG2300 WEST BROAD STREET\nDAIRICHMOND\nDAJVA\nDAK232690000  \nDCF2424244747474786102204\nDCGUSA\nDCK123456789\nDDAF\n"
        "DDB06062018\nDDC06062020\nDDD1\r")
VIRGINIA = "@\n\x1e\rANSI 636000100102DL00410278ZV03190008DL" + BODY + "ZVZVA01\r"


def licence(body, kind="DL", version="08", lead="@\n\x1e\r", mark="ANSI "):
    subfile = kind + body + "\r"
    head = mark + "636015" + version + ("" if version in ("00", "01") else "00") + "01"
    offset = len("@\n\x1e\r") + len(head) + 10
    return lead + head + kind + f"{offset:04}{len(subfile):04}" + subfile


BASIC = "DAQ12345678\nDCSSAMPLE\nDACANNA\nDADNONE\nDBB01021990\nDBA01022030\nDBC2\nDCGUSA"
CANADA = "DAQS1234-12345\nDCSSAMPLE\nDACANNA\nDBB19900102\nDBA20300102\nDBC2\nDCGCAN"
licences = [
    dict(name="virginia-specimen", text=VIRGINIA, issuer=636000, version=10, number="T64235789", name_text="SAMPLE, MICHAEL JOHN",
         birth="1986-06-06", expiry="2024-12-10", issued="2019-06-06", sex="male"),
    dict(name="synthetic", text=licence(BASIC), issuer=636015, version=8, number="12345678", name_text="SAMPLE, ANNA", birth="1990-01-02",
         expiry="2030-01-02", sex="female"),
    dict(name="identity-card", text=licence(BASIC, kind="ID"), issuer=636015, version=8, number="12345678", name_text="SAMPLE, ANNA", identity_card=True),
    dict(name="canada-year-first", text=licence(CANADA), issuer=636015, version=8, number="S1234-12345", name_text="SAMPLE, ANNA", birth="1990-01-02",
         expiry="2030-01-02"),
    dict(name="version-1", text=licence("DAQ12345678\nDAASAMPLE,ANNA\nDBB01021990", version="01"), issuer=636015, version=1, number="12345678",
         name_text="SAMPLE,ANNA", birth="1990-01-02"),
    dict(name="old-mark", text=licence(BASIC, version="01", mark="AAMVA"), issuer=636015, version=1, number="12345678", name_text="SAMPLE, ANNA"),
    dict(name="wedge-lost-the-separator", text=licence(BASIC).replace("\x1e", "").replace("\r", "\n"), issuer=636015, version=8, number="12345678",
         name_text="SAMPLE, ANNA"),
    dict(name="wedge-lost-the-lead", text=licence(BASIC, lead=""), issuer=636015, version=8, number="12345678", name_text="SAMPLE, ANNA"),
    dict(name="no-expiry", text=licence(BASIC.replace("DBA01022030", "DBANONE")), issuer=636015, version=8, number="12345678", name_text="SAMPLE, ANNA", expiry=None),
    dict(name="sex-not-stated", text=licence(BASIC.replace("DBC2", "DBC9")), issuer=636015, version=8, number="12345678", name_text="SAMPLE, ANNA", sex=None),
]
broken_licences = [
    dict(name="no-number", text=licence(BASIC.replace("DAQ12345678\n", "")), error="missing", element="DAQ"),
    dict(name="no-name", text=licence("DAQ12345678\nDBB01021990"), error="missing", element="DCS"),
    dict(name="birth-month-13", text=licence(BASIC.replace("DBB01021990", "DBB13021990")), error="element", element="DBB"),
    dict(name="birth-short", text=licence(BASIC.replace("DBB01021990", "DBB0102199")), error="element", element="DBB"),
    dict(name="expiry-letters", text=licence(BASIC.replace("DBA01022030", "DBASOON")), error="element", element="DBA"),
    dict(name="header-cut", text="@\n\x1e\rANSI 63601508", error="header"),
    dict(name="header-letters", text="@\n\x1e\rANSI 636015XX0001DL00310100DLDAQ1\r", error="header"),
    dict(name="no-licence-in-it", text="@\n\x1e\rANSI 636015080001ZV00310010ZVZVA01\r", error="subfile"),
    dict(name="cut-after-designators", text="@\n\x1e\rANSI 636015080001DL00310100", error="subfile"),
    dict(name="lines-ran-together", text=licence(BASIC).replace("\n", "").replace("\r", ""), error="missing", element="DCS"),
    dict(name="issuer-short", text="@\n\x1e\rANSI 63601", error="not-a-licence"),
    dict(name="no-mark", text="@\n\x1e\r636015080001DL", error="not-a-licence"),
    dict(name="empty", text="", error="not-a-licence"),
]
(HERE / "licence" / "licences.json").write_text(
    json.dumps(dict(licences=licences, broken=broken_licences), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

# --- what a text is -------------------------------------------------------------------------
# Which of all kinds a text is taken for, where it could be taken for more than one, and on both
# sides of every mark. Texts of one kind alone are in that kind's table.
CODE = json.loads((HERE / "code" / "v1.json").read_text(encoding="utf-8"))["codes"][0]["text"]
CODE_DIGITS = CODE.rsplit("/", 1)[1]
PASSPORT = "\n".join(SPECIMEN)


def wide(text):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "\u3000" if c == " " else c for c in text)


texts = [
    # name, text, kind; then more where a row says more
    ("licence", VIRGINIA, "licence"),
    ("licence-with-a-zone-in-its-name", licence(BASIC.replace("SAMPLE", "P<UTO")), "licence"),
    ("licence-mark-without-lead", "ANSI 636015080001DL00310100", "broken-licence"),
    ("licence-mark-of-five-digits", "ANSI 63601:", "unknown"),
    ("licence-mark-of-any-issuer", "ANSI 536015080001DL00310100", "broken-licence"),
    ("boarding-pass", synthetic(), "boarding-pass"),
    ("boarding-pass-full-width", wide(synthetic()), "boarding-pass"),
    ("boarding-pass-spaces-after-it-lost", synthetic()[:58], "broken-boarding-pass"),
    ("boarding-pass-57-characters", synthetic()[:57], "unknown"),
    ("boarding-pass-no-airports", synthetic().replace("FOCPEK", "FOC1EK"), "unknown"),
    ("boarding-pass-of-no-leg", "M0" + synthetic()[2:], "unknown"),
    ("certificate-mark-europe", "HC1:", "broken-certificate"),
    ("certificate-mark-europe-2", "HC2:6BFOXN", "unknown"),
    ("certificate-mark-new-zealand", "NZCP:/1/", "broken-certificate"),
    ("certificate-mark-health-card", "shc:/56", "broken-certificate"),
    ("certificate-part", "shc:/1/3/56", "certificate-part"),
    ("certificate-part-4-of-3", "shc:/4/3/56", "broken-certificate"),
    ("certificate-seal-cut", '{"data":{"hdr":{"is":"UTO","t":"icao.vacc","v":1}},"sig":{', "broken-certificate"),
    ("certificate-seal-cut-before-its-mark", '{"data":{"hdr":{"is":"UTO","t":"icao.vacc","v":1}', "unknown"),
    ("json-of-something-else", '{"a":1}', "unknown"),
    ("code", CODE, "code"),
    ("code-digits-alone", CODE_DIGITS, "code"),
    ("code-any-host", "https://other.example/" + CODE_DIGITS, "code"),
    ("code-host-of-another-system", "https://s.sh.gov.cn/" + CODE_DIGITS, "code"),
    ("code-at-a-place", "https://gate.test/place/" + CODE_DIGITS, "code"),
    ("code-full-width", wide(CODE), "code"),
    ("code-aim-identifier", "]Q1" + CODE, "code"),
    ("code-cut", CODE[:60], "broken-code"),
    ("code-host-and-digits", "HTTPS://YM.TEST/1234", "broken-code"),
    ("code-host-alone", "HTTPS://YM.TEST/", "unknown"),
    ("shanghai", "https://s.sh.gov.cn/1642941877644", "other-system", "随申码"),
    ("shanghai-capitals", "HTTPS://S.SH.GOV.CN/1642941877644", "other-system", "随申码"),
    # Its offline code is bytes behind the host; what of them is no text comes replaced.
    ("shanghai-bytes", "https://s.sh.gov.cn/\ufffd\x00\x00\x01\ufffd\ufffd5\x00##", "other-system", "随申码"),
    ("shanghai-another-host", "https://xs.sh.gov.cn.example/a", "unknown"),
    ("zhejiang", "https://h5.dingtalk.com/healthAct/index.html?x=1", "other-system", "浙江健康码"),
    ("zhejiang-other-host", "https://healthcode.dingtalk.com/healthAct/index.html?x=1", "other-system", "浙江健康码"),
    ("dingtalk-something-else", "https://h5.dingtalk.com/group/index.html", "unknown"),
    ("venue-gate", "https://gate.test/qrcode/traffic/?QR=17", "place"),
    ("venue-place", "https://jkm.example/place/17", "place"),
    ("venue-place-without-slash", "https://jkm.example/placement", "unknown"),
    ("zone", PASSPORT, "zone"),
    ("zone-one-line", "".join(SPECIMEN), "zone"),
    ("zone-full-width", wide(PASSPORT), "zone"),
    ("zone-small-letters", PASSPORT.lower(), "zone"),
    ("zone-check-digit", PASSPORT.replace("L898902C36", "L898902C37"), "broken-zone"),
    ("zone-permit-of-one-line", "CSC000000004<2404200<8108038<6", "zone"),
    ("zone-permit-looks-like-td1", "CT00000001<30133001019M9001011\nNGKELMPONBPJLBLOAABA0000000004\nZHENG<JIAN<<YANG<BEN<<<<<<3500", "zone"),
    ("number-resident", "11010519491231002X", "document"),
    ("number-resident-typed", " 110105 19491231 002x\r\n", "document"),
    ("number-resident-full-width", wide("11010519491231002X"), "document"),
    ("number-resident-15", "110105491231002", "document"),
    ("number-permit-before-resident", "810000199001010019", "document"),
    ("number-permanent-before-resident", "911398199012310021", "document"),
    ("number-permanent-2017", "KAZ110090123105", "document"),
    ("number-check-digit", "110105194912310021", "broken-number"),
    ("number-of-17", "11010519491231002", "unknown"),
    ("number-of-19", "11010519491231002X1", "unknown"),
    ("number-8-digits", "00000001", "ambiguous-number"),
    ("number-passport-or-permit", "C00000000", "ambiguous-number"),
    ("number-hong-kong", "G123456(A)", "regional-number"),
    ("number-hong-kong-check-digit", "AY987654(A)", "broken-regional-number"),
    ("number-taiwan", "A123456789", "regional-number"),
    ("word", "hello", "unknown"),
    ("name", "欧阳小明", "unknown"),
    ("address", "https://example.com/", "unknown"),
    ("nothing", "", "unknown"),
    ("spaces", "   ", "unknown"),
    ("control-characters", "\x00\x1d\x1e\x04", "unknown"),
    ("packed-bytes", "x\ufffd\ufffdV\ufffdr\ufffd0\x04\ufffd\x00", "unknown"),
]
rows = [dict(zip(("name", "text", "kind", "system"), row)) for row in texts]
(HERE / "reading" / "texts.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
