//! Where the authority of a test keeps its data: here a database of its own in a PostgreSQL
//! server that lives as long as this process.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use crate::server::Server;

static SERVER: LazyLock<Server> = LazyLock::new(Server::start);
static MADE: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

/// The address of the database that belongs to a folder.
pub(crate) fn url(folder: &Path) -> String {
    let name = name(folder);
    if MADE.lock().unwrap().insert(name.clone()) {
        SERVER.create(&name);
    }
    SERVER.url(&name)
}

/// What a question to that database finds, one row a line.
pub(crate) fn ask(folder: &Path, sql: &str) -> String {
    SERVER.ask(&name(folder), sql)
}

/// Makes the database as a step of the schema left it, with these rows.
pub(crate) fn load_step(folder: &Path, step: u32, rows: &str) {
    let [_, postgres] = yanma_authority::database::statements_up_to(step);
    url(folder);
    let versions: String =
        (1..=step).map(|step| format!("INSERT INTO schema_version VALUES ({step});")).collect();
    let made = "CREATE TABLE schema_version (version BIGINT NOT NULL);";
    SERVER.load(&name(folder), &format!("BEGIN;{made}{postgres}{rows}{versions}COMMIT;"));
}

/// Bytes as the database has them written.
pub(crate) fn bytes(hex: &str) -> String {
    format!("'\\x{hex}'")
}

/// Makes the database as the second step of the schema left it, with people in it.
pub(crate) fn load_second_step(folder: &Path) {
    url(folder);
    SERVER.load(&name(folder), include_str!("../schemas/2.postgres.sql"));
}

/// The address of the same database by way of a socket in the folder.
pub(crate) fn url_by_way_of(folder: &Path) -> String {
    let host = folder.to_str().unwrap().replace('/', "%2F");
    format!("postgres://postgres@{host}/{}", name(folder))
}

/// The socket of the server.
pub(crate) fn socket() -> PathBuf {
    SERVER.socket()
}

fn name(folder: &Path) -> String {
    format!("t{}", hex::encode(folder.file_name().unwrap().to_str().unwrap()))
}
