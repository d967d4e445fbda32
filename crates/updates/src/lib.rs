//! New versions of the programs of a desk: where they are looked for, whether they are what they
//! say, and how they are put in the place of the running one.
//!
//! A publisher lays a small description and the files beside it on any web server, in the formats
//! of Tauri's updater, each file signed with minisign. A desk knows the address and the publisher's
//! public key by its settings; without both nothing is looked for. The server is not believed: a
//! file counts only when the publisher signed it *as that version*, and that version is newer than
//! this one. Nothing here starts by itself: the caller asks for each step. `docs/updates.md` says
//! the rest.

mod bundle;
mod settings;
mod signed;
mod source;

pub use bundle::{Bundle, InstallError};
pub use semver::Version;
pub use settings::{Settings, SettingsError};
pub use signed::SignatureError;
pub use source::{Found, Release, Source, UpdateError, tidy};

/// The version of this program.
pub fn this_version() -> Version {
    const THIS: &str = env!("CARGO_PKG_VERSION");
    // Cargo takes no other kind of version.
    Version::parse(THIS).unwrap_or(Version::new(0, 0, 0))
}
