//! A code on paper, printed and read back.

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use yanma_authority::keys::KeyRing;
use yanma_barcode::{Budget, Formats, GreyImage};
use yanma_domain::code::{DecodedCode, Lifetime};
use yanma_domain::encounter::{ColourFact, Encounter, Presented, Source, View};
use yanma_domain::judge::judge;
use yanma_domain::policy::Policy;
use yanma_domain::verdict::{ClockState, Decision};

use crate::feeds;
use crate::world::{Caller, World, fact};

const NUMBER: &str = "350100190001010004";

/// Pixels in a point: 216 to the inch, as a cheap printer and a cheap camera have it.
const SCALE: f32 = 3.0;

/// The sheet as it comes out of a printer: its width and height in millimetres, and the text
/// of the code on it.
pub(crate) async fn print(citizen: &Caller<'_>, query: &str) -> (f32, f32, String) {
    let url = citizen.url(&format!("/v1/papers/sheet.pdf{query}"));
    let answer = citizen.client.get(url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/pdf");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let pdf = Pdf::new(answer.bytes().await.unwrap().to_vec()).unwrap();
    let page = &pdf.pages()[0];
    let (width, height) = page.render_dimensions();
    let look = PixmapSettings { x_scale: SCALE, y_scale: SCALE, bg_color: WHITE };
    let (cache, settings) = (RenderCache::new(), InterpreterSettings::default());
    let sheet = render(page, &cache, &settings, &RenderSettings::default(), &look);
    let grey = sheet.data().iter().map(|pixel| pixel.g).collect();
    let grey = GreyImage::new(u32::from(sheet.width()), u32::from(sheet.height()), grey).unwrap();
    let found = yanma_barcode::read(&grey, &Formats::CODES, Budget::PATIENT);
    assert_eq!(found.len(), 1, "one code on the sheet");
    (width / 72.0 * 25.4, height / 72.0 * 25.4, found[0].text.clone())
}

/// The holder, back after a day.
async fn log_in(world: &World) -> Caller<'_> {
    let citizen = world.browser();
    let login = json!({"phone": "13900000000", "password": "correct horse"});
    citizen.post("/v1/accounts/login", login).await.expect(200);
    citizen
}

async fn ask(desk: &Caller<'_>, code: &str) -> Value {
    let asked = desk.post("/v1/verify", json!({"items": [{"code": code}]})).await.expect(200);
    asked["answers"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_is_printed_read_coloured_and_replaced() {
    let mut world = World::new().await;
    let citizen = world.holder().await;
    let (desk, _) = world.desk().await;
    citizen.get("/v1/papers").await.expect(404);
    let made = citizen.post("/v1/papers", json!({})).await.expect(201);
    assert_eq!(citizen.get("/v1/papers").await.expect(200), made);
    assert_eq!(made["name_masked"], "样*明");

    let (width, height, text) = print(&citizen, "").await;
    assert!((width - 105.0).abs() < 0.1 && (height - 148.0).abs() < 0.1, "{width} × {height}");
    let (width, height, card) = print(&citizen, "?size=card").await;
    assert!((width - 85.6).abs() < 0.1 && (height - 54.0).abs() < 0.1, "{width} × {height}");
    assert_eq!(card, text, "one code, whatever the size of the sheet");

    // The paper is not the code on the phone, and both have the person's colour.
    let phone = citizen.post("/v1/shows", json!({})).await.expect(200)["text"].clone();
    let (on_paper, on_phone) = (ask(&desk, &text).await, ask(&desk, phone.as_str().unwrap()).await);
    assert_ne!(on_paper["index"], on_phone["index"]);
    assert_eq!((&on_paper["colour"], &on_paper["name_masked"]), (&json!("green"), &json!("样*明")));
    let report = fact(NUMBER, "fever-clinic", world.now(), 1);
    let department = world.with_token(&world.department);
    department.post("/v1/facts", json!({"facts": [report]})).await.expect(200);
    assert_eq!(ask(&desk, &text).await["colour"], "amber");
    world.pass(SignedDuration::from_hours(14 * 24));
    let green = async || ask(&desk, &text).await["colour"] == "green";
    crate::world::until(std::time::Duration::from_secs(5), green).await;

    // A new one withdraws it, and leaves the phone alone.
    let citizen = log_in(&world).await;
    citizen.post("/v1/papers", json!({})).await.expect(201);
    assert_eq!(ask(&desk, &text).await["colour"], "withdrawn");
    let (_, _, second) = print(&citizen, "").await;
    assert_eq!(ask(&desk, &second).await["colour"], "green");
    assert_eq!(ask(&desk, phone.as_str().unwrap()).await["colour"], "green");

    // One that was lost is withdrawn alone.
    citizen.post("/v1/papers/withdraw", json!({})).await.expect(204);
    assert_eq!(ask(&desk, &second).await["colour"], "withdrawn");
    assert_eq!(ask(&desk, phone.as_str().unwrap()).await["colour"], "green");
    citizen.get("/v1/papers").await.expect(404);
    citizen.get("/v1/papers/sheet.pdf").await.expect(404);
    citizen.post("/v1/papers/withdraw", json!({})).await.error(404);
    world.nobody().post("/v1/papers/withdraw", json!({})).await.error(401);
    citizen.post("/v1/papers", json!({})).await.expect(201);
    let (_, _, third) = print(&citizen, "").await;
    assert_eq!(ask(&desk, &third).await["colour"], "green");
    assert_eq!(ask(&desk, &second).await["colour"], "withdrawn", "for ever");

    // Whoever gives the code back gives the paper back.
    citizen.post("/v1/holder/withdraw", json!({})).await.expect(204);
    assert_eq!(ask(&desk, &third).await["colour"], "withdrawn");
    citizen.get("/v1/papers").await.expect(404);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_that_somebody_made_ends_when_the_code_passes_to_its_person() {
    let mut world = World::new().await;
    let (desk, _) = world.desk().await;
    let stranger = world.holder().await;
    let member = json!({"relation": "relative", "document_type": "resident-id",
        "number": "350100190001010012", "name": "欧阳样本"});
    let of_member = stranger.post("/v1/family", member.clone()).await.expect(201);
    stranger.post("/v1/papers", json!({"member": of_member["id"]})).await.expect(201);
    let query = format!("?member={}", of_member["id"].as_str().unwrap());
    let (_, _, paper) = print(&stranger, &query).await;
    // To claim the same again changes nothing about the paper.
    stranger.post("/v1/family", member).await.expect(200);
    assert_eq!(ask(&desk, &paper).await["colour"], "green");

    let owner = world.citizen("350100190001010012", "欧阳样本", "13900000002").await;
    owner.post("/v1/claims", json!({})).await.expect(200);
    assert_eq!(ask(&desk, &paper).await["colour"], "withdrawn");
    owner.get("/v1/papers").await.error(404);
    owner.post("/v1/papers", json!({})).await.expect(201);
    let (_, _, own) = print(&owner, "").await;
    assert_eq!(ask(&desk, &own).await["colour"], "green");
    drop((desk, stranger, owner));
    world.stop().await;
}

/// What a desk says of a code by what is published, without asking anybody.
async fn judged(desk: &feeds::Desk, world: &World, text: &str) -> (Decision, Vec<&'static str>) {
    let code = DecodedCode::from_text(text).unwrap();
    let (issuer, index) = (code.body().key.issuer, code.body().index);
    let status = desk.follow(&desk.head().await, None).await;
    let view = View {
        clock: ClockState::Trusted,
        trust: Some(desk.trust.clone()),
        colours: vec![ColourFact {
            issuer,
            index,
            colour: status.list.get(index),
            source: Source::Feed(status.position),
            as_of: world.now(),
        }],
        documents: Vec::new(),
        hashed: None,
    };
    let policy = include_str!("../../../../assets/policies/general.toml");
    let policy: Policy = toml::from_str(policy).unwrap();
    let encounter = Encounter { presented: vec![Presented::Code(Box::new(code))], names: None };
    let verdict = judge(&encounter, &view, &policy, world.now());
    (verdict.decision, verdict.reasons().iter().map(|reason| reason.code()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_is_the_same_after_its_key_was_rotated_and_the_settings_changed() {
    let mut world = World::new().await;
    let citizen = world.holder().await;
    let made = citizen.post("/v1/papers", json!({})).await.expect(201);
    let (_, _, first) = print(&citizen, "").await;

    // Longer ago than a new key is good for, so that it could not have signed the paper.
    world.pass(SignedDuration::from_hours(24 * 3));
    KeyRing::rotate(&world.keys(), world.now()).unwrap();
    world.settings.paper_lifetime = Lifetime::days(2).unwrap();
    world.restart().await;
    let desk = feeds::Desk::new(&world).await;
    let (asking, _) = world.desk().await;
    let citizen = log_in(&world).await;
    assert_eq!(citizen.get("/v1/papers").await.expect(200), made, "until the same day");
    let (_, _, again) = print(&citizen, "?size=card").await;
    assert_eq!(again, first, "what is printed again is the same paper");
    let answer = ask(&asking, &again).await;
    assert_eq!((&answer["colour"], &answer["name_masked"]), (&json!("green"), &json!("样*明")));
    assert_eq!(judged(&desk, &world, &again).await, (Decision::Admit, vec![]));

    // One that is made now is signed by the new key, lives as is set now, and ends the other.
    let other = citizen.post("/v1/papers", json!({})).await.expect(201);
    let life = |paper: &Value| {
        let at = |field: &str| paper[field].as_str().unwrap().parse::<Timestamp>().unwrap();
        // Codes carry whole seconds.
        (at("expires_at").duration_since(at("issued_at")).as_secs() + 1) / 3_600
    };
    assert_eq!((life(&made), life(&other)), (24 * 90, 24 * 2));
    let (_, _, second) = print(&citizen, "").await;
    assert_eq!(ask(&asking, &second).await["colour"], "green");
    assert_eq!(ask(&asking, &first).await["colour"], "withdrawn");
    let withdrawn = async || judged(&desk, &world, &first).await.0 == Decision::Refuse;
    crate::world::until(std::time::Duration::from_secs(5), withdrawn).await;
    assert_eq!(judged(&desk, &world, &second).await, (Decision::Admit, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_from_before_its_code_was_kept_is_printed_as_long_as_its_key_is_there() {
    let mut world = World::new().await;
    let citizen = world.holder().await;
    let made = citizen.post("/v1/papers", json!({})).await.expect(201);
    let (_, _, first) = print(&citizen, "").await;
    crate::place::ask(world.folder(), "DELETE FROM papers");
    assert_eq!(citizen.get("/v1/papers").await.expect(200), made);
    assert_eq!(print(&citizen, "").await.2, first);

    world.pass(SignedDuration::from_hours(24 * 3));
    KeyRing::rotate(&world.keys(), world.now()).unwrap();
    world.restart().await;
    let (asking, _) = world.desk().await;
    let citizen = log_in(&world).await;
    citizen.get("/v1/papers").await.error(404);
    citizen.get("/v1/papers/sheet.pdf").await.error(404);
    assert_eq!(ask(&asking, &first).await["colour"], "green", "the one on paper still counts");
    citizen.post("/v1/papers", json!({})).await.expect(201);
    assert_eq!(ask(&asking, &first).await["colour"], "withdrawn");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_ends_and_bad_questions_name_the_field() {
    let mut world = World::new().await;
    let citizen = world.holder().await;
    citizen.post("/v1/papers", json!({})).await.expect(201);
    for (query, field) in [("?size=a4", "size"), ("?member=7", "member"), ("?x=1", "query")] {
        let refused = citizen.get(&format!("/v1/papers/sheet.pdf{query}")).await;
        assert_eq!(refused.error(400).1.as_deref(), Some(field), "{query}");
    }
    for member in ["0000002a", "00000042", "12345678"] {
        citizen.get(&format!("/v1/papers?member={member}")).await.expect(404);
    }
    world.nobody().get("/v1/papers/sheet.pdf").await.expect(401);
    world.pass(SignedDuration::from_hours(90 * 24));
    let citizen = log_in(&world).await;
    // The world's clock goes on while it is made.
    let paper = citizen.get("/v1/papers").await.expect(200);
    assert!(paper["expires_at"].as_str().unwrap().starts_with("2020-09-29T08:00:"), "{paper}");
    citizen.get("/v1/papers/sheet.pdf").await.expect(404);
    world.stop().await;
}
