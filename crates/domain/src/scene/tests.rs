use std::collections::BTreeMap;

use super::*;

const HOSPITAL: &str = include_str!("../../../../assets/scenes/hospital.toml");
const SHIPPED: [&str; 4] = [
    include_str!("../../../../assets/scenes/general.toml"),
    HOSPITAL,
    include_str!("../../../../assets/scenes/hotel.toml"),
    include_str!("../../../../assets/scenes/airport.toml"),
];

fn hospital() -> Scene {
    toml::from_str(HOSPITAL).unwrap()
}

fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(field, answer)| ((*field).to_owned(), (*answer).to_owned())).collect()
}

#[test]
fn what_is_shipped_can_be_used() {
    for text in SHIPPED {
        let scene: Scene = toml::from_str(text).unwrap();
        scene.check().unwrap_or_else(|error| panic!("{}: {error}", scene.id));
    }
}

#[test]
fn a_hospital_turns_nobody_away() {
    let hospital = hospital();
    for decision in [Decision::Admit, Decision::Refer, Decision::Refuse] {
        assert!(!hospital.path(decision).actions.contains(&Action::TurnedAway), "{decision:?}");
    }
}

/// Changes one line of the hospital's scene and says what is wrong with it then.
#[test]
fn a_scene_that_cannot_be_used_says_which_field() {
    let check = |from: &str, to: &str, field: &str, problem: SceneProblem| {
        assert!(HOSPITAL.contains(from), "{from} is in the file");
        let scene: Scene = toml::from_str(&HOSPITAL.replacen(from, to, 1)).unwrap();
        let error = scene.check().expect_err(to);
        assert_eq!((error.field.as_str(), error.problem), (field, problem), "{to}");
    };
    check("id = \"hospital\"", "id = \"Hospital\"", "id", SceneProblem::Id);
    check("id = \"purpose\"", "id = \"\"", "fields[0].id", SceneProblem::Id);
    check("id = \"department\"", "id = \"purpose\"", "fields", SceneProblem::Twice);
    check("id = \"ward\"", "id = \"clinic\"", "fields[0].takes.options", SceneProblem::Twice);
    check("\"37.3\"", "\"44.0\"", "fields[2].takes.fever_from", SceneProblem::Fever);
    check("longest = 40", "longest = 0", "fields[3].takes.longest", SceneProblem::Length);
    check("[\"sent\"]", "[\"admitted\"]", "paths.refuse.actions", SceneProblem::AdmitsRefused);
    check("[\"sent\"]", "[]", "paths.refuse.actions", SceneProblem::Empty);
    let minds = "dignity = true\nanti_passback = true";
    check("dignity = true", minds, "anti_passback", SceneProblem::NotCounted);
    check("zh = \"医院\"", "zh = \" \"", "name", SceneProblem::Empty);
    let with = "fields[4].required_with";
    check("{ purpose = [\"carer\"] }", "{ purpose = [\"nurse\"] }", with, SceneProblem::With);
    check("{ purpose = [\"carer\"] }", "{ purpose = [] }", with, SceneProblem::With);
    check("{ purpose = [\"carer\"] }", "{ bed = [\"carer\"] }", with, SceneProblem::With);
    check("{ purpose = [\"carer\"] }", "{ temperature = [\"37\"] }", with, SceneProblem::With);
}

#[test]
fn unknown_keys_are_refused_by_name() {
    for (from, to) in [
        ("dignity = true", "dignety = true"),
        ("longest = 40", "longest = 40\nlongst = 4"),
        ("kind = \"temperature\"", "kind = \"thermometer\""),
        ("\"37.3\"", "\"warm\""),
    ] {
        let error = toml::from_str::<Scene>(&HOSPITAL.replacen(from, to, 1)).expect_err(to);
        assert!(error.to_string().contains("line"), "{to}: {error}");
    }
}

#[test]
fn answers_are_taken_in_the_scenes_own_form() {
    let filled = hospital()
        .fill(
            Action::Admitted,
            &given(&[
                ("purpose", "clinic"),
                ("temperature", "３６，８℃"),
                ("appointment", "  A 17 "),
            ]),
        )
        .unwrap();
    let answers: Vec<_> = filled.iter().collect();
    assert_eq!(answers, [("appointment", "A 17"), ("purpose", "clinic"), ("temperature", "36.8")]);
    let kept = filled.impersonal(&hospital());
    assert_eq!(kept.iter().collect::<Vec<_>>(), [("purpose", "clinic")], "the rest is personal");
    assert!(!format!("{filled:?}").contains("36.8"), "no answer in a log");
}

#[test]
fn an_answer_that_cannot_be_taken_names_its_field() {
    let check = |action: Action, pairs: &[(&str, &str)], field: &str, problem: AnswerProblem| {
        let error = hospital().fill(action, &given(pairs)).expect_err(field);
        assert_eq!((error.field.as_str(), error.problem), (field, problem));
    };
    let whole = [("purpose", "visit"), ("temperature", "36.5")];
    check(Action::Admitted, &[], "purpose", AnswerProblem::Missing);
    check(Action::Admitted, &whole[..1], "temperature", AnswerProblem::Missing);
    check(Action::Sent, &[whole[0], ("temperature", " ")], "temperature", AnswerProblem::Missing);
    check(Action::Left, &[("room", "12")], "room", AnswerProblem::NoSuchField);
    check(Action::Left, &[("purpose", "探视")], "purpose", AnswerProblem::NoSuchOption);
    check(Action::Left, &[("temperature", "98.6")], "temperature", AnswerProblem::Temperature);
    check(Action::Left, &[("appointment", "a\nb")], "appointment", AnswerProblem::Text);
    let long = "x".repeat(41);
    check(Action::Left, &[("appointment", &long)], "appointment", AnswerProblem::Text);
    assert!(hospital().fill(Action::Left, &given(&[])).unwrap().is_empty(), "nothing required");
}

#[test]
fn a_carer_is_let_in_to_a_patient_and_to_nobody_else() {
    let fill = |action: Action, purpose: &str, patient: &str| {
        let pairs = [("purpose", purpose), ("temperature", "36.5"), ("patient", patient)];
        hospital().fill(action, &given(&pairs)).map_err(|error| (error.field, error.problem))
    };
    let missing = Err(("patient".to_owned(), AnswerProblem::Missing));
    assert_eq!(fill(Action::Admitted, "carer", " "), missing);
    assert!(fill(Action::Admitted, "carer", "3-12").is_ok());
    assert!(fill(Action::Admitted, "visit", "").is_ok(), "others may say whom they visit");
    assert!(fill(Action::Sent, "carer", "").is_ok(), "to the fever clinic one goes without a bed");
}

#[test]
fn a_slip_and_a_thermometer_fill_their_fields() {
    let check = |text: &str, expected: Option<(&str, &str)>| {
        let scene = hospital();
        let filled = scene.scanned(text);
        let filled = filled.as_ref().map(|(field, answer)| (*field, answer.as_str()));
        assert_eq!(filled, expected, "{text:?}");
    };
    check("YY-20261126-017\r\n", Some(("appointment", "YY-20261126-017")));
    check("ＹＹ１７", Some(("appointment", "YY17")));
    check("A017", Some(("appointment", "A017")));
    check(&"7".repeat(40), Some(("appointment", &"7".repeat(40))));
    check(&"7".repeat(41), None);
    check("A17", None);
    check("ABCDEF", None);
    check("https://pay.test/1234", None);
    check("预约1234", None);
    check("36.8", Some(("temperature", "36.8")));
    check("36，8℃", Some(("temperature", "36.8")));
    check("98.6", None);
    check("36", None);
    let general: Scene = toml::from_str(SHIPPED[0]).unwrap();
    assert_eq!(general.scanned("YY-20261126-017"), None, "nothing is asked at a gate");
    let airport: Scene = toml::from_str(SHIPPED[3]).unwrap();
    assert_eq!(airport.scanned("MF8101"), Some(("flight", "MF8101".to_owned())));
}

#[test]
fn numbers_keep_to_their_bounds() {
    let hotel: Scene = toml::from_str(SHIPPED[2]).unwrap();
    let fill = |nights: &str| {
        hotel.fill(Action::Admitted, &given(&[("room", "1208"), ("nights", nights)]))
    };
    assert_eq!(fill("007").unwrap().get("nights"), Some("7"));
    for wrong in ["0", "366", "-1", "1.5", "一", "4294967296"] {
        assert_eq!(fill(wrong).unwrap_err().problem, AnswerProblem::Number, "{wrong}");
    }
}

#[test]
fn a_fever_begins_where_the_scene_says() {
    let fever = |measured: &str| {
        let scene = hospital();
        let filled = scene.fill(Action::Left, &given(&[("temperature", measured)])).unwrap();
        scene.is_fever(&filled)
    };
    assert!(!fever("37.2"));
    assert!(fever("37.3"));
    assert!(!hospital().is_fever(&Answers::default()), "not measured is no fever, and no health");
}

#[test]
fn temperatures_are_read_as_people_type_them() {
    for (text, read) in [("36.8", "36.8"), ("37", "37.0"), ("37,5", "37.5"), ("36.8度", "36.8")] {
        assert_eq!(text.parse::<Celsius>().unwrap().to_string(), read, "{text}");
    }
    for text in ["", "29.9", "45.1", "36.85", "368", ".8", "36.", "36.8.1", "٣٦", "3 6"] {
        assert_eq!(text.parse::<Celsius>(), Err(CelsiusError), "{text}");
    }
    assert_eq!(("30.0".parse::<Celsius>(), "45.0".parse::<Celsius>()).0.unwrap().tenths(), 300);
}

#[test]
fn letting_in_against_a_refusal_is_an_override_and_nothing_else_is() {
    for action in Action::ALL {
        for decision in [Decision::Admit, Decision::Refer, Decision::Refuse] {
            let against = action == Action::Admitted && decision == Decision::Refuse;
            assert_eq!(action.overrides(decision), against, "{action:?} after {decision:?}");
        }
    }
}

#[test]
fn where_dignity_is_kept_the_guests_screen_has_words_alone() {
    let hospital = hospital();
    assert!(hospital.dignity);
    for decision in [Decision::Admit, Decision::Refer, Decision::Refuse] {
        let sees = hospital.shown_to_guest(decision);
        assert_eq!((sees.decision, sees.words), (None, &hospital.path(decision).guest));
        let open = Scene { dignity: false, ..hospital.clone() };
        assert_eq!(open.shown_to_guest(decision).decision, Some(decision));
    }
}
