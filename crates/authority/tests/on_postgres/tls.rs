//! TLS to the server: with the certificates that the address names, or not at all.

use std::net::TcpListener;

use yanma_authority::Error;
use yanma_authority::database::Database;

use crate::server::Server;

const HOW: &str =
    "SELECT version || \' \' || ssl AS how FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_believed_when_its_certificate_is() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (_server, folder) = Server::with_tls(port);
    let open = async |host: &str, query: &str| {
        let url = format!("postgres://postgres@{host}:{port}/postgres?{query}");
        let open = move || Database::open(&url.parse()?);
        tokio::task::spawn_blocking(open).await.unwrap()
    };
    let roots = |name: &str| format!("sslrootcert={}", folder.join(name).display());

    let database = open("localhost", &format!("{}&sslmode=verify-full", roots("ca.pem"))).await;
    let how = database
        .unwrap()
        .read(|session| session.row(HOW, &[], |row| row.get::<String>("how")))
        .await
        .unwrap();
    assert_eq!(how.as_deref(), Some("TLSv1.3 true"));

    // Another's certificate; and the right one, for another name.
    for (host, root) in [("localhost", "other.pem"), ("127.0.0.1", "ca.pem")] {
        let refused = open(host, &roots(root)).await.unwrap_err();
        assert!(matches!(&refused, Error::Database(_)), "{refused:?}");
    }
    assert!(matches!(open("localhost", "sslmode=require").await, Err(Error::DatabaseTls)));
    // As ever, for a server on this machine.
    drop(open("localhost", "").await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_not_asked_in_clear() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // Somebody on the way who says that there is no TLS here.
    let asked = std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 8];
        stream.read_exact(&mut request).unwrap();
        stream.write_all(b"N").unwrap();
        let mut more = Vec::new();
        stream.read_to_end(&mut more).unwrap();
        (request, more)
    });
    let roots = "/etc/ssl/certs/ca-certificates.crt";
    let url = format!("postgres://postgres@localhost:{port}/postgres?sslrootcert={roots}");
    let open = move || Database::open(&url.parse()?);
    let refused = tokio::task::spawn_blocking(open).await.unwrap().unwrap_err();
    assert!(matches!(refused, Error::Database(_)), "{refused:?}");
    let (request, more) = asked.join().unwrap();
    assert_eq!(request[4..], 80_877_103u32.to_be_bytes(), "an SSLRequest");
    assert!(more.is_empty(), "it went on in clear");
}
