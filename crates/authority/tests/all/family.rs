//! Everything that somebody does for a member of the family beside claiming and showing:
//! paper, appeals, members from other provinces, and the day on which an age counts.

use std::time::Duration;

use serde_json::{Value, json};

use crate::claims::{member, number};
use crate::papers::print;
use crate::regions::ask;
use crate::world::{Caller, World, fact, instant, until};

const LIMIT: Duration = Duration::from_secs(30);

async fn put(world: &World, numbers: &[&str]) {
    let rows: String =
        numbers.iter().map(|number| format!("resident-id,{number},样本亲\n")).collect();
    world.import(&rows).await;
}

async fn report(world: &World, number: &str, kind: &str, tail: u32) {
    let department = world.with_token(&world.department);
    let report = fact(number, kind, world.now(), tail);
    department.post("/v1/facts", json!({"facts": [report]})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_for_a_member_is_made_printed_replaced_and_handed_over() {
    let world = World::new().await;
    let grandmother = number("19480101", 1);
    put(&world, &[&grandmother]).await;
    let citizen = world.holder().await;
    let (desk, _) = world.desk().await;
    let claimed = citizen.post("/v1/family", member("parent", &grandmother)).await.expect(201);
    let id = claimed["id"].as_str().unwrap();
    let (body, query) = (json!({"member": id}), format!("?member={id}"));
    let path = format!("/v1/papers{query}");
    citizen.get(&path).await.error(404);
    let made = citizen.post("/v1/papers", body.clone()).await.expect(201);
    assert_eq!((&made["name_masked"], &made["colour"]), (&json!("样*亲"), &json!("green")));
    assert_eq!(citizen.get(&path).await.expect(200), made);
    citizen.get("/v1/papers").await.error(404);
    let (width, height, first) = print(&citizen, &query).await;
    assert!((width - 105.0).abs() < 0.1 && (height - 148.0).abs() < 0.1, "{width} × {height}");
    let answer = ask(&desk, &first).await;
    assert_eq!((&answer["colour"], &answer["name_masked"]), (&json!("green"), &json!("样*亲")));

    // What is reported about her colours her paper, and nothing of her grandson's.
    citizen.post("/v1/papers", json!({})).await.expect(201);
    let (_, _, own) = print(&citizen, "").await;
    report(&world, &grandmother, "fever-clinic", 1).await;
    assert_eq!(ask(&desk, &first).await["colour"], "amber");
    assert_eq!(ask(&desk, &own).await["colour"], "green");

    // A new one withdraws it, and none but hers.
    let replaced = citizen.post("/v1/papers", body.clone()).await.expect(201);
    assert_eq!(replaced["colour"], "amber");
    let (_, _, second) = print(&citizen, &query).await;
    assert_eq!(ask(&desk, &first).await["colour"], "withdrawn");
    assert_eq!(ask(&desk, &second).await["colour"], "amber");
    assert_eq!(ask(&desk, &own).await["colour"], "green");

    // So does withdrawing one that was lost.
    citizen.post("/v1/papers/withdraw", body.clone()).await.expect(204);
    assert_eq!(ask(&desk, &second).await["colour"], "withdrawn");
    assert_eq!(ask(&desk, &own).await["colour"], "green");
    citizen.post("/v1/papers/withdraw", body.clone()).await.error(404);
    citizen.post("/v1/papers", body.clone()).await.expect(201);
    let (_, _, second) = print(&citizen, &query).await;

    // She claims her code: who knows in whose hands the paper is? She makes one of her own.
    let herself = world.citizen(&grandmother, "样本亲", "13900000002").await;
    herself.get("/v1/papers").await.error(404);
    herself.post("/v1/claims", json!({})).await.expect(200);
    citizen.get(&path).await.error(404);
    citizen.post("/v1/papers/withdraw", body.clone()).await.error(404);
    citizen.post("/v1/papers", body).await.error(404);
    herself.get("/v1/papers").await.error(404);
    assert_eq!(ask(&desk, &second).await["colour"], "withdrawn");
    herself.post("/v1/papers", json!({})).await.expect(201);
    let (_, _, third) = print(&herself, "").await;
    herself.post("/v1/holder/withdraw", json!({})).await.expect(204);
    assert_eq!(ask(&desk, &third).await["colour"], "withdrawn");
    assert_eq!(ask(&desk, &own).await["colour"], "green", "her grandson keeps his");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_members_paper_goes_with_the_members_code() {
    let world = World::new().await;
    let child = number("20150101", 1);
    put(&world, &[&child]).await;
    let citizen = world.holder().await;
    let (desk, _) = world.desk().await;
    let claimed = citizen.post("/v1/family", member("child", &child)).await.expect(201);
    let body = json!({"member": claimed["id"]});
    citizen.post("/v1/papers", body.clone()).await.expect(201);
    let query = format!("?member={}", claimed["id"].as_str().unwrap());
    let (_, _, text) = print(&citizen, &query).await;
    citizen.post("/v1/holder/withdraw", body.clone()).await.expect(204);
    assert_eq!(ask(&desk, &text).await["colour"], "withdrawn");
    citizen.post("/v1/papers", body).await.error(404);
    // Claimed anew there is no paper, until one is made.
    let again = citizen.post("/v1/family", member("child", &child)).await.expect(201);
    let path = format!("/v1/papers?member={}", again["id"].as_str().unwrap());
    citizen.get(&path).await.error(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colour_of_a_member_is_contested_by_whoever_claimed_it() {
    let world = World::new().await;
    let (mother, father) = (number("19480101", 1), number("19480101", 2));
    put(&world, &[&mother, &father]).await;
    let citizen = world.holder().await;
    let claim = async |number: &str| {
        citizen.post("/v1/family", member("parent", number)).await.expect(201)["id"].clone()
    };
    let (of_mother, of_father) = (claim(&mother).await, claim(&father).await);
    let contest = |member: &Value| json!({"member": member, "words": "她没有去过发热门诊。"});
    let green = citizen.post("/v1/appeals", contest(&of_mother)).await;
    assert_eq!(green.error(409).0, "nothing-to-contest");
    report(&world, &mother, "fever-clinic", 1).await;
    report(&world, &father, "fever-clinic", 2).await;
    // Nobody else can, and nothing is to be contested about oneself.
    let stranger = world.citizen("350100190001010012", "欧阳样本", "13900000001").await;
    stranger.post("/v1/appeals", contest(&of_mother)).await.error(404);
    let own = citizen.post("/v1/appeals", json!({"words": "我没有去过发热门诊。"})).await;
    assert_eq!(own.error(409).0, "nothing-to-contest");

    let opened = citizen.post("/v1/appeals", contest(&of_mother)).await.expect(201);
    assert_eq!((&opened["member"], &opened["state"]), (&of_mother, &json!("open")));
    let again = citizen.post("/v1/appeals", contest(&of_mother)).await;
    assert_eq!(again.error(409).0, "appeal-open", "one about her waits");
    citizen.post("/v1/appeals", contest(&of_father)).await.expect(201);

    // The clerk sees whom it is about, and decides for her alone.
    let clerk = world.with_token(&world.clerk);
    let waiting = clerk.get("/v1/console/appeals").await.expect(200);
    let about = &waiting["appeals"][0];
    assert_eq!((&about["id"], &about["name_masked"]), (&opened["id"], &json!("样*亲")));
    assert_eq!(about["because"][0]["kind"], "fever-clinic");
    let decide = format!("/v1/console/appeals/{}", opened["id"].as_str().unwrap());
    let tag = &about["facts_tag"];
    let granted = json!({"decision": "granted", "facts_tag": tag, "answer": "已更正。"});
    clerk.post(&decide, granted).await.expect(200);
    let colours = async || {
        let family = citizen.get("/v1/family").await.expect(200);
        let of = |id: &Value| {
            let members = family["members"].as_array().unwrap();
            members.iter().find(|member| member["id"] == *id).unwrap()["holder"]["colour"].clone()
        };
        (of(&of_mother), of(&of_father))
    };
    assert_eq!(colours().await, (json!("green"), json!("amber")));
    let told = citizen.get("/v1/appeals").await.expect(200);
    let told: Vec<_> = told["appeals"].as_array().unwrap().iter().collect();
    assert_eq!((&told[0]["member"], &told[0]["state"]), (&of_father, &json!("open")));
    assert_eq!((&told[1]["member"], &told[1]["answer"]), (&of_mother, &json!("已更正。")));

    // Her husband takes his code over while the other appeal waits: it still is about him.
    let himself = world.citizen(&father, "样本亲", "13900000002").await;
    himself.post("/v1/claims", json!({})).await.expect(200);
    let second = himself.post("/v1/appeals", json!({"words": "我没有去过发热门诊。"})).await;
    assert_eq!(second.error(409).0, "appeal-open");
    // It has gone with the code: he sees that it waits, and what is answered.
    let of = async |caller: &Caller<'_>| {
        let told = caller.get("/v1/appeals").await.expect(200);
        let told = told["appeals"].as_array().unwrap().clone();
        told.iter().map(|one| (one["member"].clone(), one["answer"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(of(&himself).await, [(Value::Null, Value::Null)]);
    assert_eq!(of(&citizen).await, [(of_mother.clone(), json!("已更正。"))]);
    let waiting = clerk.get("/v1/console/appeals").await.expect(200);
    let decide = format!("/v1/console/appeals/{}", waiting["appeals"][0]["id"].as_str().unwrap());
    let tag = &waiting["appeals"][0]["facts_tag"];
    let granted = json!({"decision": "granted", "facts_tag": tag, "answer": "好。"});
    clerk.post(&decide, granted).await.expect(200);
    assert_eq!(himself.get("/v1/me").await.expect(200)["holder"]["colour"], "green");
    assert_eq!(of(&himself).await, [(Value::Null, json!("好。"))]);
    assert_eq!(of(&citizen).await, [(of_mother.clone(), json!("已更正。"))]);
    // Without a code it still is about him; claimed for him by another, it is that one's.
    himself.post("/v1/holder/withdraw", json!({})).await.expect(204);
    assert_eq!(of(&himself).await, [(Value::Null, json!("好。"))]);
    stranger.post("/v1/family", member("relative", &father)).await.expect(201);
    assert_eq!(of(&himself).await, []);
    assert_eq!(of(&stranger).await, [], "what he wrote is for nobody else");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_may_come_from_another_province() {
    let world = World::new().await;
    let (uncle, aunt) = (number("19700101", 1), number("19700101", 2));
    put(&world, &[&uncle, &aunt]).await;
    let citizen = world.holder().await;
    let of = |number: &str, from: Value| {
        let mut claim = member("relative", number);
        claim["from"] = from;
        claim
    };
    let from = |departure: &str, household: &str| json!({"group": "other-province", "departure": departure, "household": household});
    // A household of this province makes a resident; what is missing is named.
    let resident = citizen.post("/v1/family", of(&uncle, from("420100", "350200"))).await;
    assert_eq!(resident.error(422).0, "household-here");
    let half = json!({"group": "other-province", "departure": "420100"});
    let half = citizen.post("/v1/family", of(&uncle, half)).await;
    assert_eq!(half.error(400).1.as_deref(), Some("from.household"));
    let claimed =
        citizen.post("/v1/family", of(&uncle, from("420100", "330100"))).await.expect(201);
    assert_eq!(claimed["holder"]["group"], "other-province");
    citizen.post("/v1/family", of(&aunt, json!({"group": "resident"}))).await.expect(201);
    // Asked about where the household is and where the journey began, as for oneself.
    let homes = async || {
        let family = citizen.get("/v1/family").await.expect(200);
        let member = |nth: usize| family["members"][nth]["holder"]["home"].clone();
        (member(0), member(1))
    };
    until(LIMIT, async || homes().await.0[0]["state"] == "could-not-ask").await;
    let (of_uncle, of_aunt) = homes().await;
    let mut issuers: Vec<_> =
        of_uncle.as_array().unwrap().iter().map(|home| home["issuer"].as_u64().unwrap()).collect();
    issuers.sort_unstable();
    assert_eq!((issuers, of_aunt), (vec![33, 42], Value::Null));
    let figures = world.authority.statistics().await.unwrap();
    assert_eq!((figures.from_other_provinces, figures.residents, figures.codes_issued), (1, 2, 3));
    // Shown by proxy as everybody else.
    let shown = citizen.post("/v1/shows", json!({"member": claimed["id"]})).await.expect(200);
    let (desk, _) = world.desk().await;
    assert_eq!(ask(&desk, shown["text"].as_str().unwrap()).await["colour"], "green");
}

/// Brings the clock to an instant of 1 or 2 July, and logs in anew: hours have passed.
async fn at<'w>(world: &'w World, time: &str) -> Caller<'w> {
    world.pass(instant(time).duration_since(world.now()));
    let citizen = world.browser();
    let login = json!({"phone": "13900000000", "password": "correct horse"});
    citizen.post("/v1/accounts/login", login).await.expect(200);
    citizen
}

#[tokio::test(flavor = "multi_thread")]
async fn an_age_counts_on_the_day_of_the_province_and_not_of_utc() {
    let world = World::new().await;
    // 55 and 18 years old on 2 July; and on 3 July.
    let (parent, child) = (number("19650702", 1), number("20020702", 1));
    let (next_parent, next_child) = (number("19650703", 1), number("20020703", 1));
    let late_child = number("20020702", 2);
    put(&world, &[&parent, &child, &next_parent, &next_child, &late_child]).await;
    world.holder().await;
    let claim = async |citizen: &Caller<'_>, relation: &str, number: &str| {
        citizen.post("/v1/family", member(relation, number)).await
    };
    // 23:59:30 in the province, and 1 July in UTC as well.
    let citizen = at(&world, "2020-07-01T15:59:30Z").await;
    assert_eq!(claim(&citizen, "parent", &parent).await.error(422).0, "parent-too-young");
    claim(&citizen, "child", &child).await.expect(201);
    // Midnight in the province; in UTC it still is 1 July.
    let citizen = at(&world, "2020-07-01T16:00:00Z").await;
    claim(&citizen, "parent", &parent).await.expect(201);
    assert_eq!(claim(&citizen, "child", &late_child).await.error(422).0, "child-too-old");
    // Midnight of UTC is eight in the morning, and changes nothing.
    for time in ["2020-07-01T23:59:30Z", "2020-07-02T00:00:00Z"] {
        let citizen = at(&world, time).await;
        let young = claim(&citizen, "parent", &next_parent).await;
        assert_eq!(young.error(422).0, "parent-too-young", "{time}");
    }
    let citizen = at(&world, "2020-07-02T00:00:10Z").await;
    claim(&citizen, "child", &next_child).await.expect(201);
}
