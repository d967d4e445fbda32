//! The table `sites` (场所).

use yanma_domain::trust::Words;
use yanma_protocol::stations::{Site, SiteRecord};

use crate::database::{Change, Ddl, Session, params};
use crate::error::Error;

pub(crate) const TABLE_1: Ddl = Ddl {
    sqlite: "
CREATE TABLE sites (
    -- Its name for programs.
    id      TEXT PRIMARY KEY,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    scene   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
",
    postgres: "
CREATE TABLE sites (
    id      TEXT PRIMARY KEY,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    scene   TEXT NOT NULL
);
",
};

/// A site and what its desks do unless told otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SiteRow {
    pub(crate) site: Site,
    pub(crate) scene: String,
}

impl SiteRow {
    pub(crate) fn new(id: &str, zh: &str, en: &str, scene: &str) -> Self {
        Self {
            site: Site { id: id.to_owned(), name: Words { zh: zh.to_owned(), en: en.to_owned() } },
            scene: scene.to_owned(),
        }
    }
}

/// Adds a site, or gives one other names and another scene.
pub(crate) fn put(change: &Change<'_>, row: &SiteRow) -> Result<(), Error> {
    change.execute(
        "INSERT INTO sites (id, name_zh, name_en, scene) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE SET
             name_zh = excluded.name_zh, name_en = excluded.name_en, scene = excluded.scene",
        params![row.site.id, row.site.name.zh, row.site.name.en, row.scene],
    )?;
    Ok(())
}

/// Every site, with the number of its stations.
pub(crate) fn all(session: &Session<'_>) -> Result<Vec<SiteRecord>, Error> {
    let sql = "
        SELECT id, name_zh, name_en, scene,
               (SELECT count(*) FROM stations
                WHERE stations.site = sites.id AND revoked_at IS NULL) AS stations
        FROM sites ORDER BY id";
    session.rows(sql, params![], |row| {
        Ok(SiteRecord {
            id: row.get("id")?,
            name: Words { zh: row.get("name_zh")?, en: row.get("name_en")? },
            scene: row.get("scene")?,
            stations: row.get("stations")?,
        })
    })
}

pub(crate) fn find(session: &Session<'_>, id: &str) -> Result<Option<SiteRow>, Error> {
    let sql = "SELECT id, name_zh, name_en, scene FROM sites WHERE id = $1";
    session.row(sql, params![id], |row| {
        Ok(SiteRow {
            site: Site {
                id: row.get("id")?,
                name: Words { zh: row.get("name_zh")?, en: row.get("name_en")? },
            },
            scene: row.get("scene")?,
        })
    })
}
