//! The cookies that sessions are in.

use reqwest::Method;
use serde_json::json;

use crate::world::{World, registration};

const OUT: [&str; 2] = ["/v1/accounts/logout", "/v1/clerks/me/sign-out"];

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_is_taken_away_from_whoever_sends_one_and_from_nobody_else() {
    let world = World::new().await;
    for path in OUT {
        // As a form of another site sends it: without the cookie that the browser keeps.
        let answer = world.nobody().post(path, json!({})).await;
        assert_eq!((answer.status, answer.headers.get("set-cookie")), (204, None), "{path}");
    }
    let citizen = world.holder().await;
    let answer = citizen.post(OUT[0], json!({})).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("yanma_session=;") && cookie.contains("Max-Age=0"), "{cookie}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secure_cookie_is_one_that_no_other_host_can_set() {
    let world = World::with(|settings| settings.secure_cookie = true).await;
    let request = registration("350100190001010004", "样本明", "13900000000");
    let registered = world.nobody().post("/v1/accounts/register", request).await;
    let cookie = registered.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-yanma_session="), "{cookie}");
    assert!(cookie.contains("; Secure") && cookie.contains("; Path=/;"), "{cookie}");
    assert!(!cookie.contains("Domain"), "{cookie}");
    let sent = cookie.split(';').next().unwrap();
    let other = sent.strip_prefix("__Host-").unwrap();
    for (cookie, status) in [(sent, 200), (other, 401)] {
        let request = world.nobody().request(Method::GET, "/v1/me").header("cookie", cookie);
        assert_eq!(request.send().await.unwrap().status(), status, "{cookie}");
    }
}
