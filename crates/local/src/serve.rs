//! Listens on the loopback address, and on no other.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request};
use axum::{Router, middleware};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tower::{Service, service_fn};

use crate::problem::{Code, Problem};
use crate::{App, describe, door};

/// The longest body of a request.
pub(crate) const MAX_BODY_BYTES: usize = 16 * 1024;
/// Connections at once; more wait in the system's queue.
const MOST_CONNECTIONS: usize = 64;
/// How long the head of a request may take, and how long a connection may be idle.
const HEAD_LIMIT: Duration = Duration::from_secs(10);
/// How long to wait after the system refused a connection.
const REFUSED_PAUSE: Duration = Duration::from_millis(100);

/// The loopback addresses, at a port; 0 takes one that is free.
pub(crate) struct Listeners {
    v4: TcpListener,
    /// The same port of `::1`, where this computer has it.
    v6: Option<TcpListener>,
    pub(crate) port: u16,
}

impl Listeners {
    pub(crate) async fn at(port: u16) -> std::io::Result<Self> {
        let v4 = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        let port = v4.local_addr()?.port();
        let v6 = TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).await;
        Ok(Self { v4, v6: v6.ok(), port })
    }

    async fn accept(&self) -> std::io::Result<TcpStream> {
        let accepted = match &self.v6 {
            None => self.v4.accept().await,
            Some(v6) => tokio::select! {
                accepted = self.v4.accept() => accepted,
                accepted = v6.accept() => accepted,
            },
        };
        accepted.map(|(stream, _)| stream)
    }
}

/// Every path, and what applies to all of them.
fn router(app: App) -> Router {
    let routes: Router<App> = describe::routes().into();
    routes
        .fallback(async || Problem::new(Code::NotFound))
        .method_not_allowed_fallback(async || Problem::new(Code::Method))
        .with_state(app)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(door::limit_time))
        .layer(middleware::from_fn(door::only_from_here))
        .layer(middleware::from_fn(door::protect))
}

/// Answers for ever. Whoever drops it ends every connection; what was being checked is
/// written all the same.
pub(crate) async fn serve(app: App, listeners: Listeners) {
    let router = router(app);
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listeners.accept().await {
            Ok(stream) => {
                let router = router.clone();
                connections.spawn(async move {
                    answer(stream, router).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection of another program could not be accepted");
                tokio::time::sleep(REFUSED_PAUSE).await;
            }
        }
    }
}

async fn answer(stream: TcpStream, router: Router) {
    // Small answers should not wait for one another; without it they are only slower.
    drop(stream.set_nodelay(true));
    let mut server = Builder::new(TokioExecutor::new()).http1_only();
    // Without a timer hyper waits for the head of a request for ever.
    server.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_LIMIT);
    let service = TowerToHyperService::new(service_fn(move |request: axum::http::Request<_>| {
        let request: Request = request.map(axum::body::Body::new);
        router.clone().call(request)
    }));
    if let Err(error) = server.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(error, "a connection of another program ended early");
    }
}
