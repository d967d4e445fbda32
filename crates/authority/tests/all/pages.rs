//! The citizen page and the console: which files are served, and under which headers.

use std::fs;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_opens_at_the_root_and_at_a_code_and_the_console_at_its_name() {
    let portal = tempfile::tempdir().unwrap();
    fs::create_dir(portal.path().join("assets")).unwrap();
    fs::write(portal.path().join("index.html"), "<!doctype html>page").unwrap();
    fs::write(portal.path().join("console.html"), "<!doctype html>console").unwrap();
    fs::write(portal.path().join("assets/app-1a2b.js"), "run()").unwrap();
    let world = World::with(|settings| settings.portal = Some(portal.path().to_owned())).await;
    let get = async |path: &str| {
        let url = format!("{}{path}", world.url);
        let response = world.nobody().client.get(url).send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, response.text().await.unwrap())
    };
    let digits = "9".repeat(224);
    for path in ["/", &format!("/{digits}")] {
        let (status, headers, text) = get(path).await;
        assert_eq!((status, text.as_str()), (200, "<!doctype html>page"), "{path}");
        assert!(headers["content-type"].to_str().unwrap().starts_with("text/html"));
        assert_eq!(headers["cache-control"], "no-cache");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'self'"));
        assert!(policy.contains("frame-ancestors 'none'"));
    }
    let (status, headers, text) = get("/console").await;
    assert_eq!((status, text.as_str()), (200, "<!doctype html>console"));
    assert_eq!(headers["cache-control"], "no-cache");
    let (status, headers, text) = get("/assets/app-1a2b.js").await;
    assert_eq!((status, text.as_str()), (200, "run()"));
    assert!(headers["cache-control"].to_str().unwrap().contains("immutable"));

    for path in ["/missing.html", "/assets", "/..%2fCargo.toml", "/v1/nothing", "/123/456"] {
        let answer = world.nobody().get(path).await;
        assert_eq!(answer.headers["content-type"], "application/json", "{path}");
        assert_eq!(answer.error(404).0, "not-found", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_portal_there_is_no_page() {
    let world = World::new().await;
    for path in ["/", "/12345", "/index.html"] {
        assert_eq!(world.nobody().get(path).await.error(404).0, "not-found");
    }
    assert!(world.folder().join("keys/codes.json").exists());
}
