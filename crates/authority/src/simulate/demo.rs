//! `demo.json`: everything a demo or a test needs to know about the simulated people.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use yanma_domain::document::DocumentType;
use yanma_domain::trust::Words;
use yanma_domain::{AmberName, Colour, IssuerId};

use super::people::{Plan, SimulatedPerson};
use crate::error::Error;

/// The contents of `demo.json`. It has passwords and tokens in clear: it is for demos only,
/// and only its owner can read it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Demo {
    /// Whose codes these are.
    pub issuer: IssuerId,
    /// The colour scheme's name.
    pub scheme: String,
    /// The host in codes.
    pub code_host: String,
    /// The people.
    pub holders: Vec<DemoHolder>,
    /// The token of a clerk.
    pub clerk_token: String,
    /// The token of a department.
    pub department_token: String,
    /// The token of an administrator, who sets up an app for one-time passwords at first.
    #[serde(default)]
    pub administrator_token: String,
    /// Where desks can stand.
    pub sites: Vec<DemoSite>,
    /// One-time codes, one for each site.
    pub enrolment_codes: Vec<DemoEnrolment>,
}

/// A simulated person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DemoHolder {
    /// Whom they stand for, in a few words.
    pub label: String,
    /// The kind of document.
    pub document_type: DocumentType,
    /// Its number.
    pub number: String,
    /// The name.
    pub name: String,
    /// The phone number to log in with; `null` without an account.
    pub phone: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// `green`, `orange` or `withdrawn`; `null` without a code.
    pub colour: Option<String>,
    /// The facts behind an orange code.
    pub because: Vec<String>,
}

/// A site of the demo.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DemoSite {
    /// Its name for programs.
    pub id: String,
    /// Its name for people.
    pub name: Words,
    /// What its desks do.
    pub scene: String,
}

/// An enrolment code of the demo.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DemoEnrolment {
    /// Where.
    pub site: String,
    /// The scene that comes with it.
    pub scene: String,
    /// The code.
    pub enrolment_code: String,
    /// Until when it works.
    pub expires_at: Timestamp,
}

/// One site for each scene.
pub(super) fn sites() -> Vec<DemoSite> {
    [
        ("demo-hospital", "示例医院一号门", "Demo Hospital, Gate 1", "hospital"),
        ("demo-hotel", "示例宾馆前台", "Demo Hotel, Front Desk", "hotel"),
        ("demo-airport", "示例机场二号航站楼", "Demo Airport, Terminal 2", "airport"),
        ("demo-hall", "示例政务大厅", "Demo Service Hall", "general"),
    ]
    .into_iter()
    .map(|(id, zh, en, scene)| DemoSite {
        id: id.to_owned(),
        name: Words { zh: zh.to_owned(), en: en.to_owned() },
        scene: scene.to_owned(),
    })
    .collect()
}

impl DemoHolder {
    pub(super) fn new(person: &SimulatedPerson, amber: AmberName) -> Self {
        let colour = match person.plan {
            Plan::Green | Plan::Expired | Plan::Cleared => Some(Colour::Green),
            Plan::Orange(_) => Some(Colour::Amber),
            Plan::Withdrawn => Some(Colour::Withdrawn),
            Plan::NoClaim | Plan::NoAccount | Plan::Unknown => None,
        };
        let has_account = !matches!(person.plan, Plan::NoAccount | Plan::Unknown);
        Self {
            label: person.label.to_owned(),
            document_type: person.document.document_type(),
            number: person.document.reveal().to_owned(),
            name: person.name.reveal().to_owned(),
            phone: has_account.then(|| person.phone.clone()),
            password: has_account.then(|| person.password.clone()),
            colour: colour.map(|colour| colour.called(amber).to_owned()),
            because: match person.plan {
                Plan::Orange(kind) => vec![kind.as_str().to_owned()],
                _ => Vec::new(),
            },
        }
    }
}

impl Demo {
    fn path(folder: &Path) -> PathBuf {
        folder.join("demo.json")
    }

    /// The demo that an earlier run wrote; `None` when there is none that reads.
    pub fn read(folder: &Path) -> Option<Self> {
        let text = fs::read_to_string(Self::path(folder)).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Writes `demo.json` whole or not at all.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        let path = Self::path(folder);
        let write = || -> io::Result<()> {
            fs::create_dir_all(folder)?;
            let text = serde_json::to_string_pretty(self)?;
            let beside = folder.join("demo.json.new");
            let mut options = fs::OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            io::Write::write_all(&mut options.open(&beside)?, text.as_bytes())?;
            fs::rename(beside, &path)
        };
        write().map_err(|source| Error::Io { path: path.clone(), source })
    }
}
