//! The scenes of this desk: those it was made with, and those that its site wrote.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};
use yanma_domain::scene::Scene;

use crate::policies;

const BUILT_IN: [&str; 4] = [
    include_str!("../../../assets/scenes/general.toml"),
    include_str!("../../../assets/scenes/hospital.toml"),
    include_str!("../../../assets/scenes/hotel.toml"),
    include_str!("../../../assets/scenes/airport.toml"),
];

/// The largest file that is read for a scene, in bytes.
const LARGEST: u64 = 256 * 1024;

/// Scenes by their id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenes(BTreeMap<String, Scene>);

/// Why a file is no scene. The others are taken all the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {fault}")]
pub struct SceneFileError {
    /// The file's name.
    pub file: String,
    /// What is wrong.
    pub fault: SceneFault,
}

/// What is wrong with a text that is no scene.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
pub struct SceneFault {
    /// The line, from 1; `None` where there is nothing to point at, such as of a file that cannot
    /// be read.
    pub line: Option<usize>,
    /// The key, such as `slep`, or the path of a field, such as `fields[1].takes.least`.
    pub key: Option<String>,
    /// What is wrong with it, in English.
    pub problem: String,
}

impl fmt::Display for SceneFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(key) = &self.key {
            write!(f, "{key}: ")?;
        }
        f.write_str(&self.problem)
    }
}

impl Scenes {
    /// Those that this program was made with.
    pub fn built_in() -> Self {
        let scenes = BUILT_IN.iter().filter_map(|text| read(text).ok());
        Self(scenes.map(|scene| (scene.id.clone(), scene)).collect())
    }

    /// The same, and every `*.toml` of a folder over them: a scene of the same id takes the
    /// place of the one that was there. A folder that does not exist has none.
    pub fn with_folder(folder: &Path) -> (Self, Vec<SceneFileError>) {
        let mut scenes = Self::built_in();
        let mut errors = Vec::new();
        let Ok(files) = std::fs::read_dir(folder) else { return (scenes, errors) };
        let mut paths: Vec<_> = files.filter_map(|file| Some(file.ok()?.path())).collect();
        paths.retain(|path| path.extension().is_some_and(|kind| kind == "toml"));
        paths.sort();
        for path in paths {
            match of_file(&path) {
                Ok(scene) => {
                    scenes.0.insert(scene.id.clone(), scene);
                }
                Err(fault) => {
                    let name = path.file_name().unwrap_or_default();
                    errors.push(SceneFileError { file: name.to_string_lossy().into(), fault });
                }
            }
        }
        (scenes, errors)
    }

    /// The scene of this id. One that only has a policy is the plain one under that policy.
    pub fn get(&self, id: &str) -> Scene {
        if let Some(scene) = self.0.get(id) {
            return scene.clone();
        }
        let plain = self.0.get(policies::PLAIN);
        let mut plain = plain.cloned().unwrap_or_else(|| unreachable!("it is built in"));
        plain.policy = id.to_owned();
        id.clone_into(&mut plain.id);
        plain
    }

    /// Whether there is a scene of this id.
    pub fn has(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Scene> {
        self.0.values()
    }
}

fn of_file(path: &Path) -> Result<Scene, SceneFault> {
    let of = |problem| SceneFault { problem, ..SceneFault::default() };
    let unread = |error: std::io::Error| of(format!("cannot be read: {error}"));
    if std::fs::metadata(path).map_err(unread)?.len() > LARGEST {
        return Err(of(format!("larger than {} KiB", LARGEST / 1024)));
    }
    read(&std::fs::read_to_string(path).map_err(unread)?)
}

/// Reads a scene and says where it is wrong, and how.
///
/// # Errors
/// The line and key of a text that is no scene, or of the field that cannot be.
pub fn read(text: &str) -> Result<Scene, SceneFault> {
    let scene: Scene = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        SceneFault {
            line: Some(line_of(text, at)),
            key: key_of(text, at),
            problem: error.message().to_owned(),
        }
    })?;
    scene.check().map_err(|error| SceneFault {
        line: place_of(text, &error.field).map(|place| line_of(text, place.start)),
        key: Some(error.field),
        problem: error.problem.to_string(),
    })?;
    Ok(scene)
}

/// The line of a place in a text, from 1.
fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// The key of the line of a place: what stands before `=`, or the table that begins there.
fn key_of(text: &str, at: usize) -> Option<String> {
    let line = text.lines().nth(line_of(text, at) - 1)?;
    let (key, is_table) = match line.split_once('=') {
        Some((key, _)) => (key.trim(), false),
        None => (line.trim(), true),
    };
    let key = if is_table { key.strip_prefix('[')?.trim_matches(['[', ']']) } else { key };
    (!key.is_empty()).then(|| key.to_owned())
}

/// Where the value of a path such as `fields[1].takes.least` stands; where the path leads to
/// nothing, the last value on the way.
fn place_of(text: &str, path: &str) -> Option<Range<usize>> {
    let whole = DeTable::parse(text).ok()?;
    let mut steps = path.split(['.', '[']).map(|step| step.trim_end_matches(']'));
    let mut here = whole.get_ref().get(steps.next()?)?;
    for step in steps {
        let below = match (here.get_ref(), step.parse::<usize>()) {
            (DeValue::Array(_), Ok(index)) => here.get_ref().get(index),
            (DeValue::Table(_), _) => here.get_ref().get(step),
            _ => None,
        };
        match below {
            Some(below) => here = below,
            None => break,
        }
    }
    Some(here.span())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scene_that_is_shipped_has_a_policy_that_is_shipped() {
        let scenes = Scenes::built_in();
        assert_eq!(scenes.iter().count(), BUILT_IN.len());
        for scene in scenes.iter() {
            assert!(policies::built_in(&scene.policy).is_some(), "{}", scene.id);
        }
    }

    #[test]
    fn a_scene_with_only_a_policy_is_the_plain_one_under_it() {
        let school = Scenes::built_in().get("school");
        assert_eq!((school.id.as_str(), school.policy.as_str()), ("school", "school"));
        assert!(school.fields.is_empty() && !Scenes::built_in().has("school"));
    }

    #[test]
    fn a_site_edits_and_adds_and_hears_of_its_mistakes() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).unwrap();
        };
        write("a.toml", &BUILT_IN[1].replace("longest = 40", "longest = 12"));
        write("b.toml", &BUILT_IN[0].replace("id = \"general\"", "id = \"school\""));
        write("c.toml", &BUILT_IN[0].replace("slip = true", "slep = true"));
        write("d.toml", &BUILT_IN[2].replace("least = 1\n", "least = 400\n"));
        write("e.toml", &"#".repeat(300_000));
        std::fs::write(folder.path().join("f.toml"), [0xB2, 0xE2]).unwrap();
        write("notes.txt", "not a scene");
        let (scenes, errors) = Scenes::with_folder(folder.path());
        assert!(scenes.has("school"));
        let fields = scenes.get("hospital").fields;
        assert!(format!("{fields:?}").contains("longest: 12"), "the site's own counts");
        let told: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(told[0].starts_with("c.toml: line 22: slep: unknown field `slep`"), "{}", told[0]);
        let least = "d.toml: line 39: fields[1].takes.least: ";
        assert!(told[1].starts_with(least), "{}", told[1]);
        assert!(told[2].starts_with("e.toml: larger than"), "{}", told[2]);
        assert!(told[3].starts_with("f.toml: cannot be read"), "{}", told[3]);
        let (none, errors) = Scenes::with_folder(&folder.path().join("nowhere"));
        assert_eq!((none, errors), (Scenes::built_in(), vec![]));
    }

    #[test]
    fn a_mistake_has_a_line_and_a_key() {
        let check = |from: &str, to: &str, expect: (usize, &str)| {
            assert!(BUILT_IN[2].contains(from), "{from}");
            let fault = read(&BUILT_IN[2].replacen(from, to, 1)).unwrap_err();
            let (line, key) = expect;
            assert_eq!((fault.line, fault.key.as_deref()), (Some(line), Some(key)), "{fault}");
        };
        check("version = 1", "versoin = 1", (3, "versoin"));
        check("version = 1", "version = 'one'", (3, "version"));
        check("[paths.refer]", "[paths.refre]", (13, "paths.refre"));
        check("kind = \"number\"", "kind = \"numbre\"", (38, "kind"));
        check("longest = 12", "longest = 0", (30, "fields[0].takes.longest"));
        let unclosed = read("id = \"hotel\"\nversion = ").unwrap_err();
        assert_eq!((unclosed.line, unclosed.key.as_deref()), (Some(2), Some("version")));
        let empty = read("").unwrap_err();
        assert_eq!((empty.line, empty.key), (Some(1), None), "{}", empty.problem);
    }
}
