//! A code on paper, printed and read back.

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use jiff::SignedDuration;
use serde_json::{Value, json};
use yanma_barcode::{Budget, Formats, GreyImage};

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
    let citizen = world.browser();
    let login = json!({"phone": "13900000000", "password": "correct horse"});
    citizen.post("/v1/accounts/login", login).await.expect(200);
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
    let citizen = world.browser();
    let login = json!({"phone": "13900000000", "password": "correct horse"});
    citizen.post("/v1/accounts/login", login).await.expect(200);
    // The world's clock goes on while it is made.
    let paper = citizen.get("/v1/papers").await.expect(200);
    assert!(paper["expires_at"].as_str().unwrap().starts_with("2020-09-29T08:00:"), "{paper}");
    citizen.get("/v1/papers/sheet.pdf").await.expect(404);
    world.stop().await;
}
