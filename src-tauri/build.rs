//! Embeds the pages and the permissions.

fn main() {
    tauri_build::build();
}
