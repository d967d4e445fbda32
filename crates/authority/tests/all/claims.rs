//! Who may claim a code: the three groups, and the family.

use std::time::Duration;

use serde_json::{Value, json};
use yanma_domain::document::check_digit::mod_11_2;

use crate::place;
use crate::world::{Caller, World, fact, until};

/// The number of a made-up resident: an area that was never given out, a date of birth.
pub(crate) fn number(born: &str, tail: u16) -> String {
    let digits = format!("350100{born}{tail:03}");
    let check = mod_11_2(digits.as_bytes()).unwrap();
    format!("{digits}{}", char::from(check))
}

pub(crate) fn member(relation: &str, number: &str) -> Value {
    json!({"relation": relation, "document_type": "resident-id", "number": number,
        "name": "样本亲"})
}

async fn put_relatives(world: &World, numbers: &[String]) {
    let rows: String =
        numbers.iter().map(|number| format!("resident-id,{number},样本亲\n")).collect();
    world.import(&rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thirteen_members_of_the_family_and_not_one_more() {
    let mut world = World::new().await;
    let mut plan = Vec::new();
    for (relation, born, most) in [
        ("parent", "19500101", 4),
        ("child", "20150101", 3),
        ("spouse", "19820101", 1),
        ("relative", "19990101", 5),
    ] {
        plan.extend((0..=most).map(|tail| (relation, number(born, tail), tail == most)));
    }
    let numbers: Vec<_> = plan.iter().map(|(_, number, _)| number.clone()).collect();
    put_relatives(&world, &numbers).await;
    let citizen = world.holder().await;
    let mut claimed = Vec::new();
    for (relation, number, over) in &plan {
        let answer = citizen.post("/v1/family", member(relation, number)).await;
        if *over {
            let code = match *relation {
                "spouse" => "spouse-full".to_owned(),
                "child" => "children-full".to_owned(),
                other => format!("{other}s-full"),
            };
            assert_eq!(answer.error(409).0, code);
        } else {
            claimed.push(answer.expect(201));
        }
    }
    let family = citizen.get("/v1/family").await.expect(200);
    assert_eq!(family["members"], json!(claimed));
    assert_eq!(claimed.len(), 13);
    assert_eq!(claimed[0]["relation"], "parent");
    assert_eq!(claimed[0]["holder"]["group"], "resident");
    assert!(!family.to_string().contains("19500101"), "numbers stay masked");

    // A second claim finds the code; a withdrawn one leaves a place.
    citizen.post("/v1/family", member(plan[0].0, &plan[0].1)).await.expect(200);
    let withdraw = json!({"member": claimed[0]["id"]});
    citizen.post("/v1/holder/withdraw", withdraw.clone()).await.expect(204);
    citizen.post("/v1/holder/withdraw", withdraw).await.expect(404);
    citizen.post("/v1/family", member("parent", &plan[4].1)).await.expect(201);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ages_count_on_the_day_and_each_refusal_says_which_rule() {
    let mut world = World::new().await;
    // The test begins on 2020-07-01 at 16:00 in the province.
    let (old, young) = (number("19650701", 1), number("19650702", 1));
    let (minor, adult) = (number("20020702", 1), number("20020701", 1));
    put_relatives(&world, &[old.clone(), young.clone(), minor.clone(), adult.clone()]).await;
    world.import("home-return,H12345678,样本亲\n").await;
    let citizen = world.holder().await;
    let ask = async |relation: &str, number: &str| {
        citizen.post("/v1/family", member(relation, number)).await
    };
    assert_eq!(ask("parent", &young).await.error(422).0, "parent-too-young");
    assert_eq!(ask("child", &adult).await.error(422).0, "child-too-old");
    assert_eq!(ask("relative", "350100190001010004").await.error(422).0, "not-registered");
    ask("parent", &old).await.expect(201);
    ask("child", &minor).await.expect(201);
    ask("relative", &young).await.expect(201);
    let own = json!({"relation": "spouse", "document_type": "resident-id",
        "number": "350100190001010004", "name": "样本明"});
    assert_eq!(citizen.post("/v1/family", own).await.error(409).0, "own-person");

    let mut permit = json!({"relation": "parent", "document_type": "home-return",
        "number": "H12345678", "name": "样本亲"});
    assert_eq!(citizen.post("/v1/family", permit.clone()).await.error(422).0, "age-unknown");
    // Nobody is born tomorrow, nor ten thousand years ago; today is a day of the province.
    for born in ["2020-07-02", "2099-01-01", "-009999-01-01", "1899-12-31"] {
        permit["born"] = json!(born);
        let refused = citizen.post("/v1/family", permit.clone()).await.error(400);
        assert_eq!(refused, ("bad-field".to_owned(), Some("born".to_owned())), "{born}");
    }
    permit["born"] = json!("1950-01-01");
    citizen.post("/v1/family", permit).await.expect(201);
    let mut wrong = member("parent", &old);
    wrong["born"] = json!("1950-01-01");
    let (code, field) = citizen.post("/v1/family", wrong).await.error(400);
    assert_eq!((code.as_str(), field.as_deref()), ("bad-field", Some("born")));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_is_shown_by_proxy_until_the_person_claims_the_code() {
    let mut world = World::new().await;
    let grandmother = number("19480101", 1);
    put_relatives(&world, std::slice::from_ref(&grandmother)).await;
    let citizen = world.holder().await;
    let claimed = citizen.post("/v1/family", member("parent", &grandmother)).await.expect(201);
    let show = json!({"member": claimed["id"]});
    let shown = citizen.post("/v1/shows", show.clone()).await.expect(200);
    assert_eq!((&shown["name_masked"], &shown["shown_count"]), (&json!("样*亲"), &json!(1)));

    // What is reported about her colours her code, and not her grandson's.
    let department = world.with_token(&world.department);
    let report = fact(&grandmother, "fever-clinic", world.now(), 1);
    department.post("/v1/facts", json!({"facts": [report]})).await.expect(200);
    let shown = citizen.post("/v1/shows", show.clone()).await.expect(200);
    assert_eq!(shown["colour"], "amber");
    assert_eq!(citizen.post("/v1/shows", json!({})).await.expect(200)["colour"], "green");

    // Another account can neither claim nor show it; her own can, and then only hers.
    let stranger = world.citizen("350100190001010012", "欧阳样本", "13900000001").await;
    let refused = stranger.post("/v1/family", member("relative", &grandmother)).await;
    assert_eq!(refused.error(409).0, "already-claimed");
    stranger.post("/v1/shows", show.clone()).await.expect(404);
    let own = world.citizen(&grandmother, "样本亲", "13900000002").await;
    own.post("/v1/shows", json!({})).await.expect(404);
    // Both of her shows are on the disk within a second.
    let family = async || citizen.get("/v1/family").await.expect(200)["members"].clone();
    until(Duration::from_secs(30), async || family().await[0]["holder"]["shown_count"] == 2).await;
    let taken = own.post("/v1/claims", json!({})).await.expect(200);
    assert_eq!((&taken["colour"], &taken["shown_count"]), (&json!("amber"), &json!(2)));
    own.post("/v1/shows", json!({})).await.expect(200);
    citizen.post("/v1/shows", show).await.expect(404);
    assert_eq!(citizen.get("/v1/family").await.expect(200), json!({"members": []}));
    world.stop().await;
}

async fn claim(citizen: &Caller<'_>, from: Value) -> crate::world::Answer {
    citizen.post("/v1/claims", json!({"from": from})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn people_from_other_provinces_say_where_they_come_from() {
    let mut world = World::new().await;
    let citizen = world.citizen("350100190001010012", "欧阳样本", "13900000001").await;
    let from = |household: &str| json!({"group": "other-province", "departure": "420100", "household": household});
    assert_eq!(claim(&citizen, from("350100")).await.error(422).0, "household-here");
    let within = json!({"group": "other-province", "departure": "350200", "household": "420100"});
    let refused = claim(&citizen, within).await.error(400);
    assert_eq!(refused, ("bad-field".to_owned(), Some("from.departure".to_owned())));
    for nowhere in ["200000", "550000"] {
        let refused = claim(&citizen, from_elsewhere(nowhere)).await.error(400);
        assert_eq!(refused, ("bad-field".to_owned(), Some("from.household".to_owned())));
    }
    let missing = claim(&citizen, json!({"group": "other-province"})).await;
    assert_eq!(missing.error(400).1.as_deref(), Some("from.departure"));
    let claimed = claim(&citizen, from("110105")).await.expect(201);
    assert_eq!(claimed["group"], "other-province");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_from_abroad_must_have_arrived_in_time() {
    let mut world = World::new().await;
    world
        .import_arrivals(
            "passport-foreign,L898902C3,ANNA SAMPLE,2020-03-04\n\
             passport-foreign,L898902C4,BORIS SAMPLE,2020-03-05\n",
        )
        .await;
    let register = async |number: &str, name: &str, phone: &str| {
        let browser = world.browser();
        let request = json!({"document_type": "passport-foreign", "number": number,
            "name": name, "phone": phone, "password": "correct horse"});
        browser.post("/v1/accounts/register", request).await.expect(201);
        browser
    };
    let abroad = json!({"group": "abroad", "contact": "+85290000000"});
    let early = register("L898902C3", "ANNA SAMPLE", "+4915200000001").await;
    assert_eq!(claim(&early, abroad.clone()).await.error(422).0, "arrived-too-early");
    let arrived = register("L898902C4", "BORIS SAMPLE", "+4915200000002").await;
    for resident in [
        json!({"group": "resident"}),
        json!({"group": "other-province", "departure": "420100", "household": "110105"}),
    ] {
        assert_eq!(claim(&arrived, resident).await.error(422).0, "claim-from-abroad");
    }
    assert_eq!(claim(&arrived, abroad.clone()).await.expect(201)["group"], "abroad");
    // A family that travels together.
    world.import_arrivals("passport-foreign,L898902C5,CLARA SAMPLE,2020-03-05\n").await;
    let child = json!({"relation": "child", "document_type": "passport-foreign",
        "number": "L898902C5", "name": "Clara Sample", "born": "2015-01-01", "from": abroad});
    assert_eq!(arrived.post("/v1/family", child).await.expect(201)["holder"]["group"], "abroad");
    // A resident who never left the country.
    let resident = world.citizen("350100190001010004", "样本明", "13900000000").await;
    assert_eq!(claim(&resident, abroad).await.error(422).0, "no-arrival");
    world.stop().await;
}

fn from_elsewhere(household: &str) -> Value {
    json!({"group": "other-province", "departure": "420100", "household": household})
}

/// What is on file of the declarations that count: departure, household, contact.
fn declared(world: &World) -> String {
    place::ask(
        world.folder(),
        "SELECT coalesce(departure, ''), coalesce(household, ''), coalesce(contact, '')
         FROM declarations
         JOIN holders ON holder = status_index AND withdrawn_at IS NULL ORDER BY declared_at",
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relation_that_was_wrong_is_put_right_by_its_own_rule() {
    let world = World::new().await;
    let parents: Vec<_> = (0..5).map(|tail| number("19500101", tail)).collect();
    put_relatives(&world, &parents).await;
    let citizen = world.holder().await;
    let claim = async |relation: &str, number: &str| {
        citizen.post("/v1/family", member(relation, number)).await
    };
    let relative = claim("relative", &parents[0]).await.expect(201);
    assert_eq!(claim("child", &parents[0]).await.error(422).0, "child-too-old");
    let parent = claim("parent", &parents[0]).await.expect(200);
    assert_eq!((&parent["id"], &parent["relation"]), (&relative["id"], &json!("parent")));
    for number in &parents[1..4] {
        claim("parent", number).await.expect(201);
    }
    claim("relative", &parents[4]).await.expect(201);
    assert_eq!(claim("parent", &parents[4]).await.error(409).0, "parents-full");
    // The same again takes no further place.
    claim("parent", &parents[0]).await.expect(200);
    let family = citizen.get("/v1/family").await.expect(200);
    let members = family["members"].as_array().unwrap();
    let relations: Vec<_> = members.iter().map(|member| member["relation"].clone()).collect();
    assert_eq!(relations, ["parent", "parent", "parent", "parent", "relative"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_declared_is_replaced_and_counts_where_it_belongs() {
    let world = World::new().await;
    let citizen = world.citizen("350100190001010012", "欧阳样本", "13900000001").await;
    claim(&citizen, json!({"group": "resident"})).await.expect(201);
    let id = async || citizen.get("/v1/me").await.expect(200)["holder"]["claimed_at"].clone();
    let first = id().await;
    let figures = async || {
        let figures = world.authority.statistics().await.unwrap();
        (figures.residents, figures.from_other_provinces, figures.codes_issued)
    };
    assert_eq!(figures().await, (1, 0, 1));

    let moved = claim(&citizen, from_elsewhere("110105")).await.expect(200);
    assert_eq!(
        (&moved["group"], moved["home"].as_array().unwrap().len()),
        (&json!("other-province"), 2)
    );
    assert_eq!((figures().await, declared(&world)), ((0, 1, 1), "420100|110105|".to_owned()));
    // A rule that stands against it leaves everything as it is.
    assert_eq!(claim(&citizen, from_elsewhere("350100")).await.error(422).0, "household-here");
    assert_eq!(claim(&citizen, json!({"group": "abroad"})).await.error(422).0, "no-arrival");
    let homes = async || {
        let me = citizen.get("/v1/me").await.expect(200);
        let homes = me["holder"]["home"].as_array().unwrap().clone();
        homes.iter().map(|home| home["issuer"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((homes().await, declared(&world)), (vec![11, 42], "420100|110105|".to_owned()));
    // A household that was mistyped: nobody is asked there any more.
    claim(&citizen, from_elsewhere("330100")).await.expect(200);
    assert_eq!((homes().await, declared(&world)), (vec![33, 42], "420100|330100|".to_owned()));

    let back = claim(&citizen, json!({"group": "resident"})).await.expect(200);
    assert_eq!((&back["group"], &back["home"]), (&json!("resident"), &Value::Null));
    assert_eq!((figures().await, declared(&world)), ((1, 0, 1), String::new()));
    assert_eq!(id().await, first, "it is the same code");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_contact_replaces_the_one_before_also_of_a_member() {
    let world = World::new().await;
    world
        .import_arrivals(
            "passport-foreign,L898902C4,BORIS SAMPLE,2020-06-30\n\
             passport-foreign,L898902C5,CLARA SAMPLE,2020-06-30\n",
        )
        .await;
    let browser = world.browser();
    let request = json!({"document_type": "passport-foreign", "number": "L898902C4",
        "name": "BORIS SAMPLE", "phone": "+4915200000002", "password": "correct horse"});
    browser.post("/v1/accounts/register", request).await.expect(201);
    let abroad = |contact: Option<&str>| json!({"group": "abroad", "contact": contact});
    claim(&browser, abroad(Some("+85290000000"))).await.expect(201);
    claim(&browser, abroad(Some("13900000007"))).await.expect(200);
    assert_eq!(declared(&world), "||13900000007");
    claim(&browser, abroad(None)).await.expect(200);
    assert_eq!(declared(&world), "||");
    let member = |contact| {
        json!({"relation": "relative", "document_type": "passport-foreign",
            "number": "L898902C5", "name": "Clara Sample", "from": abroad(contact)})
    };
    browser.post("/v1/family", member(None)).await.expect(201);
    browser.post("/v1/family", member(Some("13900000008"))).await.expect(200);
    assert_eq!(declared(&world), "||\n||13900000008");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_a_code_over_says_where_they_come_from() {
    let world = World::new().await;
    let uncle = number("19700101", 1);
    put_relatives(&world, std::slice::from_ref(&uncle)).await;
    let citizen = world.holder().await;
    let claimed = citizen.post("/v1/family", member("relative", &uncle)).await.expect(201);
    let paper = json!({"member": claimed["id"]});
    citizen.post("/v1/papers", paper).await.expect(201);
    let himself = world.citizen(&uncle, "样本亲", "13900000002").await;
    let taken = claim(&himself, from_elsewhere("330100")).await.expect(200);
    assert_eq!(taken["group"], "other-province");
    assert_eq!(declared(&world), "420100|330100|");
    let rows = place::ask(
        world.folder(),
        "SELECT medium, claim_group, relation, coalesce(city, 0) FROM holders
         WHERE claim_group = 2 ORDER BY medium",
    );
    assert_eq!(rows, "0|2|0|0", "the paper was made by another account, and is withdrawn");
    assert_eq!(citizen.get("/v1/family").await.expect(200), json!({"members": []}));
}
