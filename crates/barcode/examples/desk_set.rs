//! Writes the generated desk set: PNG files with their texts beside them, an empty text where
//! there is no code.
//!
//! `cargo run --release -p yanma-barcode --example desk_set -- FOLDER [FRAMES_PER_HARDSHIP [SET]]`, the set being a
//! number: 0 is the one that the decoder was tuned on.

#[path = "../tests/desk/mod.rs"]
#[expect(dead_code, reason = "sequences are for tests")]
mod desk;

use std::path::Path;

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("say where to: a folder")?;
    let each: u32 = arguments.next().map_or(Ok(20), |number| number.parse())?;
    let set: u32 = arguments.next().map_or(Ok(0), |number| number.parse())?;
    std::fs::create_dir_all(&folder)?;
    for hardship in desk::HARDSHIPS {
        // Empty desks come twice as often, so that their slowest can be told.
        let count = if hardship == "nothing" { each * 2 } else { each };
        for number in 0..count {
            let made = desk::frame(hardship, number, set);
            let (width, height) = (made.image.width(), made.image.height());
            let name = Path::new(&folder).join(format!("{hardship}-{number:02}"));
            let mut file =
                std::io::BufWriter::new(std::fs::File::create(name.with_extension("png"))?);
            PngEncoder::new(&mut file).write_image(
                made.image.pixels(),
                width,
                height,
                ExtendedColorType::L8,
            )?;
            std::fs::write(name.with_extension("txt"), made.text.unwrap_or_default())?;
        }
    }
    Ok(())
}
