//! The comparison by tables: what the pass says, what the other says, and the answer.

use super::{NameMatch, ShownName, compare_names};
use crate::boarding_pass::BoardingPass;
use crate::document::{DocumentNumber, DocumentType};
use crate::evidence::{self, Evidence};
use crate::name::HolderName;
use NameMatch::{CannotTell, Different, Same};

/// A pass whose name field is exactly so, filled or cut to its 20 characters.
fn pass(name: &str) -> ShownName {
    let field: String = name.chars().chain(std::iter::repeat(' ')).take(20).collect();
    let text = format!("M1{field}EABC123 FOCPEKMF 8101 045Y012A0025 100");
    ShownName::of(&Evidence::BoardingPass(Box::new(BoardingPass::read(&text).unwrap()))).unwrap()
}

fn document(kind: DocumentType, number: &str, name: &str) -> ShownName {
    let number = DocumentNumber::parse(kind, number).unwrap();
    ShownName::of(&Evidence::NamedDocument(number, HolderName::parse(name).unwrap())).unwrap()
}

fn resident(name: &str) -> ShownName {
    document(DocumentType::ResidentId, "11010519491231002X", name)
}

/// A holder of a permit of Hong Kong or Macau.
fn of_hong_kong(name: &str) -> ShownName {
    document(DocumentType::HkMacauResidence, "810000199408230021", name)
}

fn foreigner(name: &str) -> ShownName {
    document(DocumentType::ForeignPassport, "L898902C3", name)
}

#[track_caller]
fn check(holder: &ShownName, on_pass: &str, expect: NameMatch) {
    let found = compare_names(&[holder.clone(), pass(on_pass)]);
    assert_eq!(found, Some(expect), "{on_pass}");
    assert_eq!(compare_names(&[pass(on_pass), holder.clone()]), found, "whatever is shown first");
}

#[test]
fn characters_of_the_mainland_are_written_in_pinyin() {
    let zhang = resident("张三丰");
    for on_pass in [
        "ZHANG/SANFENG",
        "ZHANG/SANFENGMR",
        "ZHANG/SANFENG MR",
        "ZHANG/SAN FENG",
        "ZHANG/SANFENGCHD",
        "SANFENG/ZHANG",
        "ZHANGSANFENG",
    ] {
        check(&zhang, on_pass, Same);
    }
    for on_pass in ["LI/SANFENGMR", "ZHANG/SAN", "ZHANG/SANFENGXIAO", "ZHANG/WUJI", "WANG/WU"] {
        check(&zhang, on_pass, Different);
    }
    // A given name of another language may be theirs, and is not theirs for certain.
    check(&zhang, "ZHANG/DAVID", CannotTell);
    check(&zhang, "ZHANG", CannotTell);
    check(&zhang, "SMITH/JOHN", CannotTell);
}

#[test]
fn every_reading_counts_and_those_of_surnames() {
    for (name, on_pass) in [
        ("单田芳", "SHAN/TIANFANG"),
        ("仇英", "QIU/YING"),
        ("区永强", "OU/YONGQIANG"),
        ("解晓东", "XIE/XIAODONG"),
        ("曾乐", "ZENG/LE"),
        ("曾乐", "ZENG/YUE"),
        ("吕绿", "LU/LU"),
        ("吕绿", "LYU/LYU"),
        ("吕绿", "LV/LVMS"),
        ("女略", "NYU/LYUE"),
        ("欧阳小明", "OUYANG/XIAOMING"),
        ("欧阳小明", "OU/YANGXIAOMING"),
        ("司马光", "SIMA/GUANG"),
        ("张王小明", "ZHANGWANG/XIAOMING"),
    ] {
        check(&resident(name), on_pass, Same);
    }
    check(&resident("徐红"), "XUE/HONG", Different);
    check(&resident("吕绿"), "LI/LU", Different);
}

#[test]
fn a_full_field_may_have_lost_the_end_of_a_name() {
    // Twenty characters: the rest, or the end of a title, is not there.
    let long = resident("欧阳双双霜");
    check(&long, "OUYANG/SHUANGSHUANGSHUANGMR", Same);
    let two = resident("张双庄");
    check(&two, "ZHANG/SHUANGZHUANG M", Same);
    check(&foreigner("KONSTANTINIDIS, ALEXANDROS"), "KONSTANTINIDIS/ALEXA", Same);
    check(&foreigner("KONSTANTINIDIS, ALEXANDROS"), "KONSTANTINIDIS/MARIA", Different);
    check(&foreigner("WOLFESCHLEGELSTEINHAUSEN, ANNA"), "WOLFESCHLEGELSTEINHA", Same);
}

#[test]
fn spellings_of_hong_kong_and_taiwan_are_not_told() {
    for (name, on_pass) in [
        ("陈大文", "CHAN/TAIMAN"),
        ("陳大文", "CHAN/TAI MAN DAVID"),
        ("许志明", "HUI/CHIMING"),
        ("黄小明", "WONG/SIUMING"),
        ("欧阳锋", "AUYEUNG/FUNG"),
    ] {
        check(&of_hong_kong(name), on_pass, CannotTell);
        check(&resident(name), on_pass, CannotTell);
    }
    // Wade–Giles is regular: that it is the same can be told, though not of the mainland's.
    for (name, on_pass) in [
        ("许志明", "HSU/CHIH-MING"),
        ("徐志摩", "HSU/CHIHMO"),
        ("张国荣", "CHANG/KUOJUNG"),
        ("谢雪红", "HSIEH/HSUEHHUNG"),
        ("蔡英文", "TSAI/INGWEN"),
    ] {
        let expect = if name == "蔡英文" { CannotTell } else { Same };
        check(&of_hong_kong(name), on_pass, expect);
        check(&resident(name), on_pass, CannotTell);
    }
    // The known spelling of other surnames, and none of this one's.
    check(&of_hong_kong("陈大文"), "WONG/SIUMING", Different);
    check(&of_hong_kong("陈大文"), "NGUYEN/VAN", CannotTell);
    check(&of_hong_kong("陈大文"), "CHEN/DAWEN", Same);
}

#[test]
fn names_of_other_peoples_are_not_told_by_pinyin() {
    check(&resident("古丽娜扎尔"), "GULNEZER/BAHTIYAR", CannotTell);
    check(&resident("阿卜杜拉·买买提"), "ABUDULA/MAIMAITI", CannotTell);
    check(&resident("扎西多吉"), "ZHAXI/DUOJI", Same);
}

#[test]
fn latin_names_are_one_however_they_are_written() {
    for (name, on_pass) in [
        ("ERIKSSON, ANNA MARIA", "ERIKSSON/ANNA MRS"),
        ("ERIKSSON, ANNA MARIA", "ERIKSSON/ANNAMARIAMS"),
        ("ERIKSSON, ANNA MARIA", "ERIKSSON/MARIA"),
        ("ERIKSSON, ANNA MARIA", "ANNAMARIA/ERIKSSON"),
        ("GARCIA MARQUEZ, GABRIEL", "GARCIA/GABRIELMR"),
        ("Müller, Jürgen", "MUELLER/JUERGENMR"),
        ("MUELLER, JUERGEN", "MULLER/JURGEN"),
        ("Sørensen, Łukasz", "SOERENSEN/LUKASZ"),
        ("Gößmann, Þóra", "GOSSMANN/THORA"),
        ("O'CONNOR, ENYA", "OCONNOR/ENYAMISS"),
        ("LYU, LYU", "LU/LV"),
    ] {
        check(&foreigner(name), on_pass, Same);
    }
    for (name, on_pass) in [
        ("ERIKSSON, ANNA MARIA", "ERIKSSON/LARS"),
        ("ERIKSSON, ANNA MARIA", "SVENSSON/ANNA"),
        ("LI, ANNA", "LI/AN"),
    ] {
        check(&foreigner(name), on_pass, Different);
    }
    check(&foreigner("SUKARNO"), "SUKARNO", Same);
    check(&foreigner("SUKARNO"), "SUKARNO/MR", CannotTell);
    check(&foreigner("ERIKSSON, ANNA"), "ERIKSSON", CannotTell);
}

#[test]
fn a_masked_name_can_only_be_told_to_be_anothers() {
    let masked = |name: &str, on_pass: &str| {
        let shown = super::masked(name);
        let pass = super::PassName::read(&HolderName::parse(on_pass).unwrap());
        super::chinese::compare_masked(&pass, shown, true)
    };
    for (name, on_pass, expect) in [
        ("张*丰", "ZHANG, SANFENGMR", CannotTell),
        ("张*", "ZHANG, SAN", CannotTell),
        ("张*丰", "LI, SANFENG", Different),
        ("张*丰", "ZHANG, SANMING", Different),
        ("张*丰", "ZHANG, DAVID", CannotTell),
        ("张*丰", "CHANG, SANFENG", CannotTell),
        ("陈*文", "CHAN, TAIMAN", CannotTell),
        ("陈*文", "HSU, TAIMAN", CannotTell),
        ("欧**明", "OUYANG, XIAOMING", CannotTell),
        ("*", "LI, SI", CannotTell),
        ("E***A", "SVENSSON, LARS", CannotTell),
    ] {
        assert_eq!(masked(name, on_pass), expect, "{name} {on_pass}");
    }
}

#[test]
fn several_names_are_one_answer() {
    let (zhang, li) = (resident("张三丰"), resident("李四"));
    let of = |names: &[&ShownName]| {
        compare_names(&names.iter().map(|name| (*name).clone()).collect::<Vec<_>>())
    };
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[&pass("ZHANG/SANFENG")]), None, "nothing to compare it with");
    assert_eq!(of(&[&zhang, &li]), None, "no pass");
    assert_eq!(of(&[&zhang, &li, &pass("LI/SI")]), Some(Different), "one of them is not theirs");
    assert_eq!(of(&[&zhang, &pass("ZHANG/SANFENG"), &pass("LI/SI")]), Some(Different));
    let hong_kong = of_hong_kong("陈大文");
    assert_eq!(of(&[&hong_kong, &zhang, &pass("ZHANG/SANFENG")]), Some(Same));
}

#[test]
fn debug_shows_nobody() {
    for shown in [pass("ZHANG/SANFENG"), resident("张三丰"), foreigner("ERIKSSON, ANNA")] {
        let text = format!("{shown:?}");
        assert!(
            !text.contains("ZHANG") && !text.contains('张') && !text.contains("ERIK"),
            "{text}"
        );
    }
}

#[test]
fn a_letter_that_a_camera_may_have_misread_makes_no_other_person() {
    let zone = |name: &str| {
        let above = format!("{:<<44}", format!("P<UTO{name}"));
        let text = format!("{above}L898902C36UTO7408122F1204159ZE184226B<<<<<10");
        ShownName::of(&evidence::read(&text)).unwrap()
    };
    check(&zone("DANIEL<<ANNA"), "DANIEL/ANNA", Same);
    check(&zone("OANIEL<<ANNA"), "DANIEL/ANNA", Different);
    check(&zone("0ANIEL<<ANNA"), "DANIEL/ANNA", CannotTell);
    check(&zone("0LSEN<<ANNA"), "OLSEN/ANNA", Same);
}
