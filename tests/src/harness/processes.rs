//! Who started whom, as `/proc` tells it (proc(5)).

use std::path::Path;

/// The fields of `/proc/ID/stat` after the name.
pub(crate) fn stat(id: u32) -> Option<Vec<String>> {
    let text =
        std::fs::read_to_string(Path::new("/proc").join(id.to_string()).join("stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

/// The name of a program, its first fifteen letters.
pub(crate) fn name_of(id: u32) -> String {
    let name = std::fs::read_to_string(Path::new("/proc").join(id.to_string()).join("comm"));
    name.unwrap_or_default().trim().to_owned()
}

/// A program, its children and theirs.
pub(crate) fn family(first: u32) -> Vec<u32> {
    let mut parents = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let id: Option<u32> = entry.file_name().to_str().and_then(|name| name.parse().ok());
        if let Some(id) = id
            && let Some(parent) = stat(id).and_then(|stat| stat.get(1)?.parse::<u32>().ok())
        {
            parents.push((id, parent));
        }
    }
    let mut family = vec![first];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        family.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(id, _)| *id));
        next += 1;
    }
    family
}
