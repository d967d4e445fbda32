//! Answering the desks of one network by plain HTTP: a folder of feed files, and what others bring.

use std::io::Read as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path as Named, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tower::ServiceExt as _;
use tower_http::services::ServeFile;
use yanma_station::authority::region_folder;
use yanma_station::domain::IssuerId;
use yanma_station::protocol::envelope::FileKind;
use yanma_station::protocol::file_name::FileName;
use yanma_station::protocol::head::{FILES_PATH, HEAD_PATH, REGIONS_PATH};

/// Connections at once; more wait in the system's queue.
const MOST_CONNECTIONS: usize = 32;
/// How long the head of a request may take, and how long a connection may be idle.
const HEAD_LIMIT: Duration = Duration::from_secs(10);
/// How long a connection may last: a directory over a slow radio.
const CONNECTION_LIMIT: Duration = Duration::from_secs(10 * 60);
/// How long to wait after the system refused a connection.
const REFUSED_PAUSE: Duration = Duration::from_millis(100);
/// A file that no head names any more is left to whoever is fetching by the head before.
const KEPT: Duration = Duration::from_secs(3600);

/// Listens to the desks of this network.
pub(crate) struct Server(TcpListener, u16);

impl Server {
    /// At a port that is free, of every IPv4 address.
    pub(crate) async fn bind() -> std::io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))).await?;
        let port = listener.local_addr()?.port();
        Ok(Self(listener, port))
    }

    pub(crate) fn port(&self) -> u16 {
        self.1
    }

    /// Serves for ever. Whoever drops it ends every connection.
    pub(crate) async fn serve(self, router: Router) {
        let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        let mut connections = JoinSet::new();
        loop {
            while connections.try_join_next().is_some() {}
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            match self.0.accept().await {
                Ok((stream, _)) => {
                    let router = router.clone();
                    connections.spawn(async move {
                        let _ =
                            tokio::time::timeout(CONNECTION_LIMIT, answer(stream, router)).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection of another desk could not be accepted");
                    tokio::time::sleep(REFUSED_PAUSE).await;
                }
            }
        }
    }
}

/// A folder of feed files.
pub(crate) fn lists(folder: PathBuf) -> Router {
    Router::new()
        .route(HEAD_PATH, get(head))
        .route(&format!("{FILES_PATH}{{name}}"), get(file))
        .route(&format!("{REGIONS_PATH}{{issuer}}/head"), get(region_head))
        .route(&format!("{REGIONS_PATH}{{issuer}}/files/{{name}}"), get(region_file))
        .with_state(Arc::new(folder))
}

async fn head(State(folder): State<Arc<PathBuf>>, request: Request) -> Response {
    send(&folder.join("head.yf"), request).await
}

async fn file(
    State(folder): State<Arc<PathBuf>>,
    Named(name): Named<String>,
    request: Request,
) -> Response {
    file_in(&folder, &name, request).await
}

async fn region_head(
    State(folder): State<Arc<PathBuf>>,
    Named(issuer): Named<u8>,
    request: Request,
) -> Response {
    send(&region_folder(&folder, IssuerId(issuer)).join("head.yf"), request).await
}

async fn region_file(
    State(folder): State<Arc<PathBuf>>,
    Named((issuer, name)): Named<(u8, String)>,
    request: Request,
) -> Response {
    file_in(&region_folder(&folder, IssuerId(issuer)), &name, request).await
}

/// Nothing of a folder has another name.
async fn file_in(folder: &Path, name: &str, request: Request) -> Response {
    match name.parse::<FileName>() {
        Ok(name) => send(&folder.join("files").join(name.to_string()), request).await,
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// From the disk piece by piece, whole or from a byte on.
async fn send(path: &Path, request: Request) -> Response {
    match ServeFile::new(path).oneshot(request).await {
        Ok(response) => response.map(Body::new),
    }
}

async fn answer(stream: TcpStream, router: Router) {
    let mut server = Builder::new(TokioExecutor::new()).http1_only();
    // Without a timer hyper waits for the head of a request for ever.
    server.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_LIMIT);
    let service = router.map_request(|request: axum::http::Request<_>| request.map(Body::new));
    let service = TowerToHyperService::new(service);
    if let Err(error) = server.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(error, "a connection of another desk ended early");
    }
}

/// Removes files that were last written an hour ago and that no head names, of the desk's own
/// authority and of other issuers.
pub(crate) fn remove_old(folder: &Path) {
    let regions = std::fs::read_dir(folder.join("regions")).into_iter().flatten().flatten();
    regions
        .map(|region| region.path())
        .chain([folder.to_owned()])
        .for_each(|of| remove_old_in(&of));
}

fn remove_old_in(folder: &Path) {
    let Ok(files) = std::fs::read_dir(folder.join("files")) else { return };
    let Ok(head) = std::fs::read(folder.join("head.yf")) else { return };
    let is_in =
        |text: &[u8], name: &str| text.windows(name.len()).any(|part| part == name.as_bytes());
    let list = city_list(folder, |name| is_in(&head, name));
    let named = |name: &str| is_in(&head, name) || is_in(&list, name);
    let is_old = |at: SystemTime| at.elapsed().is_ok_and(|age| age > KEPT);
    for file in files.flatten() {
        let is_old = file.metadata().and_then(|data| data.modified()).is_ok_and(is_old);
        if is_old
            && !named(&file.file_name().to_string_lossy())
            && let Err(error) = std::fs::remove_file(file.path())
        {
            tracing::debug!(%error, "an old file stays");
        }
    }
}

/// The list of the directories of single cities, of the files that the head names; it names files
/// in its turn. Empty when there is none.
fn city_list(folder: &Path, named: impl Fn(&str) -> bool) -> Vec<u8> {
    let files = std::fs::read_dir(folder.join("files")).into_iter().flatten().flatten();
    let mut named = files.filter(|file| named(&file.file_name().to_string_lossy()));
    let is_list = |path: &Path| {
        let list = FileKind::Cities.beginning();
        let mut first = [0; 5];
        std::fs::File::open(path).is_ok_and(|mut file| file.read_exact(&mut first).is_ok())
            && first == list
    };
    let list = named.find(|file| is_list(&file.path()));
    list.and_then(|list| std::fs::read(list.path()).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_files_go_but_for_those_of_the_head_and_of_the_list_of_cities_that_it_names() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("files")).unwrap();
        std::fs::write(folder.path().join("head.yf"), "… whole.yf … cities.yf …").unwrap();
        let files = [
            ("whole.yf", "YMF1\u{6}…"),
            ("cities.yf", "YMF1\u{8}… of-a-city.yf …"),
            ("of-a-city.yf", "YMF1\u{6}…"),
            ("of-before.yf", "YMF1\u{8}… of-a-city-before.yf …"),
            ("of-a-city-before.yf", "YMF1\u{6}…"),
        ];
        let path = |name: &str| folder.path().join("files").join(name);
        for (name, text) in files {
            std::fs::write(path(name), text).unwrap();
            let file = std::fs::File::options().write(true).open(path(name)).unwrap();
            let now = file.metadata().unwrap().modified().unwrap();
            file.set_modified(now - 2 * KEPT).unwrap();
        }
        std::fs::write(path("just-now.yf"), "…").unwrap();
        remove_old(folder.path());
        let kept: Vec<_> = files.iter().map(|(name, _)| path(name).exists()).collect();
        assert_eq!(kept, [true, true, true, false, false]);
        assert!(path("just-now.yf").exists());
    }
}
