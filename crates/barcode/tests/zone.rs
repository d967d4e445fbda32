//! Machine-readable zones in pictures: rendered pages, whole and spoilt.
//!
//! `YANMA_ZONE_PAGES` names a folder with the same pages in another cut of OCR-B
//! (`tests/vectors/zone/pictures.py`), `YANMA_ZONE_KEPT` one into which every spoilt picture is
//! written with its text, for other engines (`benches/zones.py`).

#[expect(dead_code, reason = "shared with other tests")]
mod frame;

use std::path::Path;
use std::time::{Duration, Instant};

use frame::{desk, inverted, lay, noisy};
use yanma_barcode::mrz::{MOST_GUESSES, read_zone};
use yanma_barcode::{GreyImage, Symbology, load};

const PASSPORT: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n\
                        L898902C36UTO7408122F1204159ZE184226B<<<<<10";
const CHINESE: &str = "POCHNZHANG<<SAN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<\n\
                       EA00000019CHN9001011M3001019NFMFMIPN<<<<A984";
const CARD: &str = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\n\
                    ERIKSSON<<ANNA<MARIA<<<<<<<<<<";
const SMALL: &str = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6";
const PERMIT: &str = "CRH1234567830002212119F8108038\nNGKELMPONBPJLBLOAABA1234567842\n\
                      ZHENG<JIAN<<YANG<BEN<<<<<<<<<<";
const EXIT: &str = "CSC000000004<2404200<8108038<6";

const PAGES: [(&str, &str); 6] = [
    ("td3-specimen", PASSPORT),
    ("china-two-characters", CHINESE),
    ("td1-specimen", CARD),
    ("td2-specimen", SMALL),
    ("cr-specimen", PERMIT),
    ("cs-specimen", EXIT),
];

fn page(name: &str) -> GreyImage {
    let pages = "../../tests/vectors/zone/pictures";
    let pages = std::env::var("YANMA_ZONE_PAGES").unwrap_or_else(|_| pages.to_owned());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(pages);
    let bytes = std::fs::read(folder.join(format!("{name}.png"))).expect("the page is there");
    load(&bytes).expect("the page is a picture")
}

/// What stands in for check digits here: only the very text is taken.
fn read(picture: &GreyImage, expect: &str) -> bool {
    read_zone(picture, |text| text == expect).is_some()
}

fn changed(picture: &GreyImage, change: impl Fn(u32, u32, f32) -> f32) -> GreyImage {
    let width = picture.width();
    let pixels = picture.pixels().iter().enumerate().map(|(at, grey)| {
        let at = u32::try_from(at).expect("a small picture");
        change(at % width, at / width, f32::from(*grey)).clamp(0.0, 255.0) as u8
    });
    GreyImage::new(width, picture.height(), pixels.collect()).expect("the same size")
}

/// The mean of a square around each pixel.
fn blurred(picture: &GreyImage, reach: i64) -> GreyImage {
    let count = ((2 * reach + 1) * (2 * reach + 1)) as f32;
    changed(picture, |x, y, _| {
        let mut sum = 0.0;
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                sum += f32::from(picture.at(i64::from(x) + dx, i64::from(y) + dy));
            }
        }
        sum / count
    })
}

fn skewed(picture: &GreyImage, degrees: f32) -> GreyImage {
    let grey = changed(picture, |_, _, _| 120.0);
    lay(&grey, picture, (640.0, 360.0), degrees)
}

/// Every page spoilt in one way, by name.
fn spoilt(picture: &GreyImage) -> Vec<(String, GreyImage)> {
    let mut all = vec![("whole".to_owned(), picture.clone())];
    for degrees in [-10.0, -7.0, -4.0, -2.0, -1.0, 1.0, 2.0, 4.0, 7.0, 10.0] {
        all.push((format!("skew {degrees}"), skewed(picture, degrees)));
    }
    for strength in [10, 25, 40, 60] {
        all.push((format!("noise {strength}"), noisy(picture, strength, 7)));
    }
    for reach in [1, 2, 3] {
        all.push((format!("blur {reach}"), blurred(picture, reach)));
    }
    for contrast in [0.5, 0.25, 0.12] {
        all.push((
            format!("contrast {contrast}"),
            changed(picture, |_, _, grey| 128.0 + (grey - 128.0) * contrast),
        ));
    }
    for dark in [0.6, 0.3] {
        all.push((
            format!("shadow {dark}"),
            changed(picture, |x, y, grey| if x + y / 2 > 700 { grey * dark } else { grey }),
        ));
    }
    all.push((
        "light from one side".to_owned(),
        changed(picture, |x, _, grey| grey * (0.25 + 0.75 * x as f32 / 1280.0)),
    ));
    all.push((
        "skew 3, blur 1, noise 20, contrast 0.5".to_owned(),
        noisy(
            &changed(&blurred(&skewed(picture, 3.0), 1), |_, _, g| 128.0 + (g - 128.0) * 0.5),
            20,
            3,
        ),
    ));
    all.push((
        "skew -6, blur 1, noise 15, shadow".to_owned(),
        noisy(
            &changed(
                &blurred(&skewed(picture, -6.0), 1),
                |x, _, g| if x > 600 { g * 0.5 } else { g },
            ),
            15,
            5,
        ),
    ));
    all
}

/// Writes a picture and what it says where another engine is to read it, if somebody wants that.
fn keep(number: usize, picture: &GreyImage, text: &str) {
    let Ok(folder) = std::env::var("YANMA_ZONE_KEPT") else { return };
    let header = format!("P5\n{} {}\n255\n", picture.width(), picture.height());
    let file = Path::new(&folder).join(format!("{number:03}.pgm"));
    std::fs::write(file, [header.as_bytes(), picture.pixels()].concat())
        .expect("a writable folder");
    let file = Path::new(&folder).join(format!("{number:03}.txt"));
    std::fs::write(file, text).expect("a writable folder");
}

#[test]
fn every_whole_page_is_read() {
    for (name, expect) in PAGES {
        let picture = page(name);
        assert!(read(&picture, expect), "{name}");
        let turned = picture.pixels().iter().rev().copied().collect();
        let turned = GreyImage::new(picture.width(), picture.height(), turned).unwrap();
        assert!(read(&turned, expect), "{name} upside down");
        let symbol = read_zone(&picture, |text| text == expect).unwrap();
        assert_eq!((symbol.symbology, symbol.text.as_str()), (Symbology::Zone, expect));
        let inside = |(x, y): (f32, f32)| (0.0..1280.0).contains(&x) && (0.0..720.0).contains(&y);
        assert!(symbol.corners.into_iter().all(inside), "{name}: {:?}", symbol.corners);
    }
}

#[test]
fn most_spoilt_pages_are_read() {
    let mut missed = Vec::new();
    let mut count = 0;
    let mut spent = Duration::ZERO;
    for (name, expect) in PAGES {
        for (how, picture) in spoilt(&page(name)) {
            count += 1;
            keep(count, &picture, expect);
            let begun = Instant::now();
            let found = read(&picture, expect);
            spent += begun.elapsed();
            if !found {
                missed.push(format!("{name}: {how}"));
            }
        }
    }
    let empty = desk(1280, 720, 1);
    let begun = Instant::now();
    let nothing = (0..20).filter(|_| read(&empty, "")).count();
    println!(
        "{} of {count} read in {:?} each, an empty desk in {:?}; not: {missed:#?}",
        count - missed.len() + nothing,
        spent / count as u32,
        begun.elapsed() / 20,
    );
    assert!(missed.len() * 5 < count, "{} of {count} missed: {missed:#?}", missed.len());
}

#[test]
fn a_desk_without_a_zone_asks_nothing() {
    for seed in 1..5 {
        let asked = std::cell::Cell::new(0);
        let desk = desk(1280, 720, seed);
        let picture = if seed == 4 { inverted(&desk) } else { desk };
        let found = read_zone(&picture, |_| {
            asked.set(asked.get() + 1);
            true
        });
        assert_eq!((found, asked.get()), (None, 0));
    }
}

#[test]
fn guesses_are_bounded() {
    let asked = std::cell::Cell::new(0);
    let found = read_zone(&page("td3-specimen"), |_| {
        asked.set(asked.get() + 1);
        false
    });
    assert_eq!(found, None);
    assert!(asked.get() > 1 && asked.get() <= 4 * MOST_GUESSES, "{} guesses", asked.get());
}

#[test]
fn tiny_pictures_are_no_trouble() {
    for (width, height) in [(1, 1), (3, 1), (1, 50), (40, 2), (64, 64)] {
        let picture = GreyImage::new(width, height, vec![9; (width * height) as usize]).unwrap();
        assert_eq!(read_zone(&picture, |_| true), None);
    }
}
