//! A publisher of updates for a try: signs a file as Tauri's tools do, and gives it to whoever asks.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The version that is offered: newer than any that is built.
pub const VERSION: &str = "9.9.9";

/// A folder with a key, files and their description, given over HTTP while this program runs.
#[derive(Debug)]
pub struct Publisher {
    folder: PathBuf,
    /// Of the description.
    pub address: String,
    /// The public key.
    pub key: String,
    tauri: PathBuf,
}

impl Publisher {
    /// Makes a key in a folder and begins to give what lies there. `root` is the project's, where
    /// Tauri's tools are.
    ///
    /// # Errors
    /// When there is no such folder, or the tools are not installed.
    pub fn start(root: &Path, folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let tauri = root.join("ui/node_modules/.bin/tauri");
        let key = folder.join("key");
        let made = Command::new(&tauri)
            .args(["signer", "generate", "--ci", "--force", "--password", "", "--write-keys"])
            .arg(&key)
            .output()?;
        ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = format!("http://{}/latest.json", listener.local_addr()?);
        let given = folder.to_owned();
        std::thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                if let Err(error) = give(socket, &given) {
                    eprintln!("updates: {error}");
                }
            }
        });
        let key = std::fs::read_to_string(key.with_extension("pub"))?.trim().to_owned();
        Ok(Self { folder: folder.to_owned(), address, key, tauri })
    }

    /// Signs a file, and describes it as the newest for a target, as `linux-x86_64-deb`.
    ///
    /// # Errors
    /// When it cannot be written or signed.
    pub fn offer(&self, name: &str, bytes: &[u8], target: &str) -> Result<()> {
        let file = self.folder.join(name);
        std::fs::write(&file, bytes)?;
        let signed = Command::new(&self.tauri)
            .args(["signer", "sign", "--password", "", "--app-version", VERSION])
            .arg("--private-key-path")
            .arg(self.folder.join("key"))
            .arg(&file)
            .output()?;
        ensure!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
        let signature = std::fs::read_to_string(self.folder.join(format!("{name}.sig")))?;
        let description = serde_json::json!({
            "version": VERSION,
            "notes": "A try.",
            "platforms": { target: { "url": name, "signature": signature.trim() } },
        });
        std::fs::write(self.folder.join("latest.json"), description.to_string())?;
        Ok(())
    }

    /// Changes the last byte of a file that was signed; a second time, back to what it was.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn spoil(&self, name: &str) -> Result<()> {
        let file = self.folder.join(name);
        let mut bytes = std::fs::read(&file)?;
        *bytes.last_mut().context("an empty file")? ^= 1;
        Ok(std::fs::write(file, bytes)?)
    }
}

fn give(mut socket: TcpStream, folder: &Path) -> Result<()> {
    let mut lines = BufReader::new(socket.try_clone()?).lines();
    let asked = lines.next().context("nothing was asked")??;
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let name = asked.split(' ').nth(1).and_then(|path| path.strip_prefix('/'));
    let name = name.filter(|name| !name.contains('/') && *name != "key");
    let (status, body) = match name.map(|name| std::fs::read(folder.join(name))) {
        Some(Ok(body)) => ("200 OK", body),
        _ => ("404 Not Found", Vec::new()),
    };
    let length = body.len();
    write!(socket, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n")?;
    Ok(socket.write_all(&body)?)
}
