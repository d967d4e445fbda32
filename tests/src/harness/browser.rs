//! The harness itself, tried on a page that has nothing to do with the house.

use std::net::TcpListener;

use super::driver::Page;
use super::proxy::serve;
use crate::harness::artefact;

const PAGE: &str = "<!doctype html><html lang=zh-CN><meta charset=utf-8><title>t</title>\
    <button data-testid=press onclick=\"this.textContent='放行'\">验码</button>";

#[tokio::test(flavor = "multi_thread")]
async fn chromium_opens_a_page_and_presses_a_button() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let _server = serve(listener, "text/html", PAGE);
    let profile = tempfile::tempdir().unwrap();
    let page = Page::of_chromium(profile.path(), 390, 844).await.unwrap();
    page.client().goto(&format!("http://127.0.0.1:{port}/")).await.unwrap();
    let button = page.part("press").await.unwrap();
    assert_eq!(button.text().await.unwrap(), "验码");
    button.click().await.unwrap();
    assert_eq!(button.text().await.unwrap(), "放行");
    let picture = artefact("harness-chromium.png").unwrap();
    page.picture(&picture).await.unwrap();
    assert!(std::fs::metadata(&picture).unwrap().len() > 1000);
    page.close().await.unwrap();
}
