//! A printed sheet: fetched by the page as a browser does, put on paper, photographed.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use image::GrayImage;
use serde_json::{Value, json};

use super::driver::Page;

/// Pixels in a point: 216 to the inch, as a cheap printer and a cheap camera have it.
const SCALE: f32 = 3.0;

/// The bytes of an answer as numbers: a web driver carries JSON.
const FETCH: &str = "
    const done = arguments[arguments.length - 1];
    fetch(arguments[0]).then(async (answer) =>
        done([answer.headers.get('content-type'), [...new Uint8Array(await answer.arrayBuffer())]]),
        (error) => done([String(error), []]));";

/// Fetches the PDF at `href` with the page's session and saves a picture of the print.
pub(crate) async fn print(page: &Page, href: &str, picture: &Path) -> Result<()> {
    let answer = page.client().execute_async(FETCH, vec![json!(href)]).await?;
    ensure!(answer[0] == "application/pdf", "{href} is of type {}", answer[0]);
    let bytes = answer[1].as_array().context("bytes")?.iter().filter_map(Value::as_u64);
    let bytes = bytes.map(u8::try_from).collect::<Result<Vec<u8>, _>>()?;
    let pdf = Pdf::new(bytes).map_err(|error| anyhow::anyhow!("no PDF: {error:?}"))?;
    ensure!(pdf.pages().len() == 1, "a sheet of {} pages", pdf.pages().len());
    let look = PixmapSettings { x_scale: SCALE, y_scale: SCALE, bg_color: WHITE };
    let (cache, settings) = (RenderCache::new(), InterpreterSettings::default());
    let sheet = render(&pdf.pages()[0], &cache, &settings, &RenderSettings::default(), &look);
    let grey = sheet.data().iter().map(|pixel| pixel.g).collect();
    let (width, height) = (u32::from(sheet.width()), u32::from(sheet.height()));
    GrayImage::from_raw(width, height, grey).context("a whole picture")?.save(picture)?;
    Ok(())
}
