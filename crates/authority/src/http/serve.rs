//! Listens, answers, and ends in order.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_io_timeout::TimeoutStream;
use tower::{Service, service_fn};

use super::router;
use crate::authority::Authority;
use crate::error::Error;
use crate::publishing;

/// Connections at once; more wait in the system's queue. A desk asks once a minute, and a connection
/// that nobody asks on is kept for the half of it: ten thousand desks without a proxy before them
/// have some 5,300 (`--bench desks`).
const MOST_CONNECTIONS: usize = 16_384;

/// How much is held of what a connection did not take yet, and of a request's head. A caller who
/// takes long to receive a large file costs some three times as much, with the piece that is read
/// next and the one that was.
const CONNECTION_BYTES: usize = 64 * 1024;

/// How long requests that are under way may still take after the order to stop.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// How long to wait after the system refused a connection, for instance because too many
/// files are open.
const REFUSED_PAUSE: Duration = Duration::from_millis(100);

/// Answers on `listener` until `stop` is done; requests that are under way are finished.
///
/// The background work (publishing, colours that end by themselves, sessions that ended,
/// changes made by other processes) runs for as long.
///
/// # Errors
///
/// What the first publishing says. Nothing was answered then.
pub async fn serve(
    authority: Arc<Authority>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    let app = router(Arc::clone(&authority));
    serve_app(authority, app, listener, stop).await
}

/// The same with other routes, such as a bench has.
///
/// # Errors
///
/// As [`serve`].
pub async fn serve_app(
    authority: Arc<Authority>,
    app: Router,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    let background = publishing::start(Arc::clone(&authority)).await?;
    let head_limit = Duration::from_secs(u64::from(authority.settings.head_seconds.max(1)));
    let connections = Connections {
        watcher: GracefulShutdown::new(),
        places: Arc::new(Semaphore::new(MOST_CONNECTIONS)),
        head_limit,
    };
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = connections.next(&listener) => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, peer, place)) => connections.answer(stream, peer, app.clone(), place),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(REFUSED_PAUSE).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(STOP_WITHIN, connections.watcher.shutdown()).await.is_err() {
        tracing::warn!("requests that took too long were cut off");
    }
    background.stop().await;
    Ok(())
}

struct Connections {
    watcher: GracefulShutdown,
    places: Arc<Semaphore>,
    head_limit: Duration,
}

impl Connections {
    /// The next connection, when there is a place for it.
    async fn next(
        &self,
        listener: &TcpListener,
    ) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(io::Error::other)?;
        let (stream, peer) = listener.accept().await?;
        Ok((stream, peer, place))
    }

    /// Answers the requests of one connection, in the background.
    fn answer(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        app: Router,
        place: OwnedSemaphorePermit,
    ) {
        // Small answers should not wait for one another; without it they are only slower.
        drop(stream.set_nodelay(true));
        let mut stream = TimeoutStream::new(stream);
        // Whoever asks for a large file and takes nothing of it would keep a place for ever.
        stream.set_write_timeout(Some(2 * self.head_limit));
        // Which version it is would be waited for without a limit, and without TLS nobody speaks
        // another one.
        let mut server = Builder::new(TokioExecutor::new()).http1_only();
        // Without a timer hyper waits for the head of a request for ever.
        server.http1().timer(TokioTimer::new()).header_read_timeout(self.head_limit);
        server.http1().max_buf_size(CONNECTION_BYTES);
        let service = TowerToHyperService::new(service_fn(move |request| {
            with_peer(app.clone(), request, peer)
        }));
        let connection =
            server.serve_connection(TokioIo::new(Box::pin(stream)), service).into_owned();
        let connection = self.watcher.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = %error, "a connection ended early");
            }
            drop(place);
        });
    }
}

/// Answers a request that knows where it came from.
fn with_peer<B>(
    mut app: Router,
    request: axum::http::Request<B>,
    peer: SocketAddr,
) -> impl Future<Output = Result<Response, Infallible>>
where
    B: axum::body::HttpBody<Data = axum::body::Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    let mut request: Request = request.map(axum::body::Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    app.call(request)
}
