//! Compiles the vendored reader with the C++ compiler that is there.
//!
//! Where there is none that knows C++20, the crate still builds and says so: it then reads
//! nothing, and `yanma-barcode` goes on with its other engines. `YANMA_ZXING=required` makes that
//! an error instead; set it where what is shipped is built. `YANMA_ZXING_FLAGS` are further flags
//! for the compiler, such as those of a sanitizer (`fuzz/README.md`).

use std::path::{Path, PathBuf};

const ROOMS: [&str; 6] = ["", "aztec", "datamatrix", "oned", "pdf417", "qrcode"];

fn main() {
    println!("cargo:rustc-check-cfg=cfg(zxing)");
    println!("cargo:rerun-if-changed=src/shim.cpp");
    println!("cargo:rerun-if-changed=vendor");
    println!("cargo:rerun-if-env-changed=YANMA_ZXING");
    println!("cargo:rerun-if-env-changed=YANMA_ZXING_FLAGS");
    let sources = Path::new("vendor/zxing-cpp");
    let mut files = vec![PathBuf::from("src/shim.cpp")];
    for room in ROOMS {
        let mut in_room: Vec<PathBuf> = std::fs::read_dir(sources.join(room))
            .unwrap_or_else(|error| panic!("{}: {error}", sources.join(room).display()))
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|ending| ending == "cpp"))
            .collect();
        in_room.sort();
        files.extend(in_room);
    }
    let made = compile_tables(sources).and_then(|()| compile_reader(sources, &files));
    match made {
        Ok(()) => println!("cargo:rustc-cfg=zxing"),
        Err(why) if std::env::var("YANMA_ZXING").as_deref() == Ok("required") => {
            panic!("zxing-cpp could not be compiled: {why}")
        }
        Err(why) => {
            let why = why.lines().next().unwrap_or_default().to_owned();
            println!("cargo:warning=without zxing-cpp, so fewer codes are read: {why}");
        }
    }
}

/// Optimised in every profile: a frame would take a second otherwise.
fn build(sources: &Path) -> cc::Build {
    let mut build = cc::Build::new();
    build.include(sources).opt_level(3).debug(false).warnings(false);
    for flag in std::env::var("YANMA_ZXING_FLAGS").unwrap_or_default().split_whitespace() {
        build.flag(flag);
    }
    build
}

fn compile_reader(sources: &Path, files: &[PathBuf]) -> Result<(), String> {
    let mut reader = build(sources);
    reader.cpp(true).std("c++20").define("ZXING_INTERNAL", None).files(files);
    if reader.get_compiler().is_like_msvc() {
        reader.flag("/utf-8").flag("/EHsc").define("NOMINMAX", None);
        reader.define("_CRT_SECURE_NO_WARNINGS", None);
    }
    reader.try_compile("yanma-zxing").map_err(|error| error.to_string())
}

/// Character sets of ECI, plain C.
fn compile_tables(sources: &Path) -> Result<(), String> {
    let mut tables = build(sources);
    tables.define("ZUECI_EMBED_NO_TO_ECI", None).file(sources.join("libzueci/zueci.c"));
    tables.try_compile("yanma-zueci").map_err(|error| error.to_string())
}
