//! Pictures of codes on the command line.
#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

mod support;

use serde_json::{Value, json};
use yanma_barcode::{GreyImage, draw};

use support::{said, yanma};

const CODE: &str = "HTTPS://YM.TEST/31415926535897932384626433832795028841971693993751";

/// What `yanma decode` says of a code with a round sticker of one `grey` in its middle.
fn decoded(radius: f32, grey: u8, arguments: &[&str]) -> String {
    let code = draw::qr_for_code(CODE).unwrap().to_grey(6, 8);
    let (width, middle) = (code.width(), code.width() as f32 / 2.0);
    let far = |at: u32| ((at % width) as f32 - middle).hypot((at / width) as f32 - middle);
    let pixels = code.pixels().iter().zip(0..);
    let pixels = pixels.map(|(pixel, at)| if far(at) < radius { grey } else { *pixel }).collect();
    let covered = GreyImage::new(width, code.height(), pixels).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("code.png");
    std::fs::write(&path, covered.to_png()).unwrap();
    let mut command = yanma(folder.path(), &["decode"]);
    said(command.args(arguments).arg(&path).output().unwrap())
}

fn answer(radius: f32, grey: u8) -> Value {
    serde_json::from_str(&decoded(radius, grey, &["--json"])).unwrap()
}

#[test]
fn a_code_that_is_read_has_no_hint() {
    let answer = answer(0.0, 0);
    assert_eq!(answer["symbols"][0]["text"], CODE);
    assert_eq!(answer["hint"], Value::Null);
}

#[test]
fn why_a_code_is_not_read_is_told() {
    for (grey, hint) in [(255, "glare"), (110, "unclear")] {
        let answer = answer(62.0, grey);
        assert_eq!(answer["symbols"], json!([]));
        assert_eq!(answer["hint"], hint);
        let said = decoded(62.0, grey, &[]);
        assert!(said.ends_with(&format!("a symbol is there, unread: {hint}\n")), "{said}");
    }
}
