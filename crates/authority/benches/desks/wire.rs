//! One connection to a server, kept for as long as the server keeps it, as a desk's is.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How much is read at once of what is not kept.
const PIECE_BYTES: usize = 64 * 1024;

/// More than any answer's head has.
const HEAD_BYTES: usize = 4 * 1024;

pub(crate) struct Wire {
    address: SocketAddr,
    stream: Option<TcpStream>,
    /// Connections so far.
    pub(crate) opened: u64,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) tag: Option<String>,
    /// Empty when it was only counted.
    pub(crate) body: Vec<u8>,
    pub(crate) body_bytes: u64,
    /// Bytes that came, the head included.
    pub(crate) bytes: u64,
}

/// What becomes of a body.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Body {
    Kept,
    /// A province's directory, of which so many are fetched at once that they have no room.
    Counted,
}

impl Wire {
    pub(crate) fn to(address: SocketAddr) -> Self {
        Self { address, stream: None, opened: 0 }
    }

    /// Asks over the connection that is kept, and once more over a new one when the server has
    /// ended that meanwhile.
    pub(crate) async fn get(
        &mut self,
        path: &str,
        known: Option<&str>,
        body: Body,
    ) -> io::Result<Answer> {
        let known = known.map_or(String::new(), |tag| format!("if-none-match: {tag}\r\n"));
        let request = format!("GET {path} HTTP/1.1\r\nhost: feeds\r\n{known}\r\n");
        if let Some(mut stream) = self.stream.take()
            && let Ok(answer) = ask(&mut stream, &request, body).await
        {
            self.stream = Some(stream);
            return Ok(answer);
        }
        let mut stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        self.opened += 1;
        let answer = ask(&mut stream, &request, body).await?;
        self.stream = Some(stream);
        Ok(answer)
    }
}

async fn ask(stream: &mut TcpStream, request: &str, kind: Body) -> io::Result<Answer> {
    stream.write_all(request.as_bytes()).await?;
    let mut head = vec![0; HEAD_BYTES];
    let (mut filled, mut end) = (0, None);
    while end.is_none() {
        filled += some(stream, &mut head[filled..]).await?;
        end = head[..filled].windows(4).position(|window| window == b"\r\n\r\n");
    }
    let end = end.unwrap_or(filled);
    let text = std::str::from_utf8(&head[..end]).map_err(io::Error::other)?;
    let status = text.get(9..12).and_then(|digits| digits.parse().ok());
    let status = status.ok_or_else(|| io::Error::other("an answer without a status"))?;
    let field = |name: &str| {
        text.lines().skip(1).find_map(|line| {
            let (field, value) = line.split_once(':')?;
            field.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    let length = field("content-length").and_then(|length| length.parse().ok()).unwrap_or(0_u64);
    let tag = field("etag").map(str::to_owned);
    let mut body = head[end + 4..filled].to_vec();
    let bytes = end as u64 + 4 + length;
    let begun = body.len();
    if kind == Body::Kept {
        body.resize(length as usize, 0);
        stream.read_exact(&mut body[begun..]).await?;
    } else {
        let mut left = length - begun as u64;
        body.resize(left.min(PIECE_BYTES as u64) as usize, 0);
        while left > 0 {
            let most = left.min(PIECE_BYTES as u64) as usize;
            left -= some(stream, &mut body[..most]).await? as u64;
        }
        body.clear();
    }
    Ok(Answer { status, tag, body, body_bytes: length, bytes })
}

async fn some(stream: &mut TcpStream, into: &mut [u8]) -> io::Result<usize> {
    match stream.read(into).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        read => Ok(read),
    }
}
