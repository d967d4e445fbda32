//! Filling a database with the people of a province, beside a bare load of the same rows.
//!
//! `cargo bench -p yanma-authority --bench fill [HOLDERS] [sqlite | postgres]`, 200,000 unless
//! told. SQLite in a file; and PostgreSQL, the server of the tests, which this starts.
//!
//! The limits, in the same run: the rows that the fill has made are read back and loaded into
//! tables of the same columns, each table with one bare `COPY` in PostgreSQL and one prepared
//! `INSERT` in one transaction in SQLite: once into tables with all indexes, keys and checks
//! of the schema, and once into tables with none.
#![expect(clippy::unwrap_used, reason = "a bench that cannot run has nothing to say")]
#![expect(clippy::print_stdout, reason = "it prints figures")]

#[path = "../tests/on_postgres/server.rs"]
#[expect(dead_code, reason = "the tests ask more of the server")]
mod server;

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};
use rusqlite::types::Value;
use yanma_authority::database::{Database, DatabaseUrl};
use yanma_authority::keys::KeyRing;
use yanma_authority::simulate::fill;
use yanma_authority::{Clock, Settings};

/// The tables that a fill writes, in the order in which they refer to each other.
const TABLES: [&str; 7] =
    ["persons", "entrants", "accounts", "holders", "declarations", "facts", "colour_changes"];

fn main() {
    let holders = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let holders: u32 = holders.unwrap_or(200_000);
    let folder = tempfile::tempdir().unwrap();
    let only = |name: &str| std::env::args().any(|argument| argument == name);
    println!("{holders} holders");
    if !only("postgres") {
        on_sqlite(folder.path(), holders);
    }
    if !only("sqlite") {
        let server = server::Server::start();
        server.create("fill");
        on_postgres(folder.path(), &server.url("fill"), holders);
    }
}

/// Rows that are held in memory at once while they are read back from SQLite.
const AT_ONCE: usize = 500_000;

/// Fills the database; says how long it took.
fn run(folder: &Path, url: &DatabaseUrl, holders: u32) -> Duration {
    let settings = Settings::new(url.clone(), folder.join("data")).unwrap();
    let clock = Clock::system();
    if !KeyRing::exists(&settings.keys()) {
        KeyRing::make(&settings.keys(), clock.now()).unwrap();
    }
    let begun = Instant::now();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(fill(&settings, &clock, holders, 7, |_| {})).unwrap();
    begun.elapsed()
}

fn say(what: &str, rows: u64, took: Duration, fill: Option<Duration>) {
    let per_second = rows as f64 / took.as_secs_f64();
    let beside = fill.map_or(String::new(), |fill| {
        format!("; the fill is at {:.2} of it", took.as_secs_f64() / fill.as_secs_f64())
    });
    println!("  {what}: {rows} rows in {took:.2?}, {per_second:.0} rows/s{beside}");
}

fn on_sqlite(folder: &Path, holders: u32) {
    println!("SQLite");
    let file = folder.join("fill.db");
    let took = run(folder, &DatabaseUrl::sqlite(&file), holders);
    let connection = rusqlite::Connection::open(&file).unwrap();
    let count = |table| -> u64 {
        let sql = format!("SELECT count(*) FROM {table}");
        connection.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap() as u64
    };
    let rows = TABLES.into_iter().map(count).sum();
    say("fill", rows, took, None);
    println!("  {} bytes", std::fs::metadata(&file).unwrap().len());
    for (what, with_rules) in [("limit, same tables", true), ("limit, no indexes", false)] {
        let bare = folder.join(format!("bare-{with_rules}.db"));
        let limit = bare_sqlite(&connection, &bare, with_rules);
        say(what, rows, limit, Some(took));
    }
}

/// Loads what `from` holds into a new file; says how long the loading took.
fn bare_sqlite(from: &rusqlite::Connection, file: &Path, with_rules: bool) -> Duration {
    if with_rules {
        drop(Database::open(&DatabaseUrl::sqlite(file)).unwrap());
    }
    let mut to = rusqlite::Connection::open(file).unwrap();
    to.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -1048576;
         PRAGMA foreign_keys = ON;",
    )
    .unwrap();
    let mut took = Duration::ZERO;
    for table in TABLES {
        let mut question = from.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let names: Vec<String> = question.column_names().map(str::to_owned).collect();
        let width = names.len();
        if !with_rules {
            to.execute_batch(&format!("CREATE TABLE {table} ({})", names.join(", "))).unwrap();
        } else if table == "facts" {
            // Whoever reported.
            to.execute_batch(
                "INSERT OR IGNORE INTO clerks (id, name, role, created_at)
                 VALUES (1, 'command line', 'clerk', 0)",
            )
            .unwrap();
        }
        let places = vec!["?"; width].join(", ");
        let sql = format!("INSERT INTO {table} ({}) VALUES ({places})", names.join(", "));
        let transaction = to.transaction().unwrap();
        let mut statement = transaction.prepare(&sql).unwrap();
        let mut found = question.query([]).unwrap();
        // Not all at once: the rows of a province do not go into memory. Reading is not counted.
        let mut rows: Vec<Vec<Value>> = Vec::new();
        loop {
            rows.clear();
            while rows.len() < AT_ONCE
                && let Some(row) = found.next().unwrap()
            {
                rows.push((0..width).map(|at| row.get_unwrap(at)).collect());
            }
            if rows.is_empty() {
                break;
            }
            let begun = Instant::now();
            for row in &rows {
                statement.execute(rusqlite::params_from_iter(row)).unwrap();
            }
            took += begun.elapsed();
        }
        drop(statement);
        let begun = Instant::now();
        transaction.commit().unwrap();
        took += begun.elapsed();
    }
    took
}

fn on_postgres(folder: &Path, url: &str, holders: u32) {
    println!("PostgreSQL");
    let took = run(folder, &url.parse().unwrap(), holders);
    let mut client = Client::connect(url, NoTls).unwrap();
    let mut rows = 0;
    let mut copies = Vec::new();
    for table in TABLES {
        let mut bytes = Vec::new();
        let sql = format!("COPY {table} TO STDOUT BINARY");
        client.copy_out(&sql).unwrap().read_to_end(&mut bytes).unwrap();
        let count = client.query_one(&format!("SELECT count(*) FROM {table}"), &[]).unwrap();
        rows += u64::try_from(count.get::<_, i64>(0)).unwrap();
        copies.push((table, bytes));
    }
    say("fill", rows, took, None);
    let size = client.query_one("SELECT pg_database_size(current_database())", &[]).unwrap();
    println!("  {} bytes", size.get::<_, i64>(0));
    let foreign_keys = foreign_keys(&mut client);
    let mut limit = |what: &str, including: &str| {
        let mut make = String::from("DROP SCHEMA IF EXISTS bare CASCADE; CREATE SCHEMA bare;");
        for table in TABLES {
            write!(make, "CREATE TABLE bare.{table} (LIKE public.{table} {including});").unwrap();
        }
        if !including.is_empty() {
            // LIKE leaves foreign keys out.
            for (table, key) in &foreign_keys {
                write!(make, "ALTER TABLE bare.{table} ADD {key};").unwrap();
            }
        }
        client.batch_execute(&make).unwrap();
        let begun = Instant::now();
        for (table, bytes) in &copies {
            let mut copy = client.copy_in(&format!("COPY bare.{table} FROM STDIN BINARY")).unwrap();
            bytes.chunks(1 << 18).for_each(|chunk| copy.write_all(chunk).unwrap());
            copy.finish().unwrap();
        }
        say(what, rows, begun.elapsed(), Some(took));
    };
    limit("limit, same tables", "INCLUDING ALL");
    limit("limit, no indexes", "");
    client.batch_execute("DROP SCHEMA bare CASCADE").unwrap();
}

/// The foreign keys of the tables, those among themselves as they are to stand in `bare`.
fn foreign_keys(client: &mut Client) -> Vec<(String, String)> {
    let sql = "
        SELECT conrelid::regclass::text, pg_get_constraintdef(oid), confrelid::regclass::text
        FROM pg_constraint
        WHERE contype = 'f' AND conrelid::regclass::text = ANY ($1)";
    let rows = client.query(sql, &[&TABLES.as_slice()]).unwrap();
    let key = |row: &postgres::Row| {
        let (table, key, to): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        let schema = if TABLES.contains(&to.as_str()) { "bare" } else { "public" };
        (table, key.replace(&format!("REFERENCES {to}("), &format!("REFERENCES {schema}.{to}(")))
    };
    rows.iter().map(key).collect()
}
