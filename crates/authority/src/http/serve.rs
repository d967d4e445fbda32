//! Listens, answers, and ends in order.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;

use super::router;
use crate::authority::Authority;
use crate::error::Error;
use crate::publishing;

/// Answers on `listener` until `stop` is done; requests that are under way are finished.
///
/// The background work (publishing, colours that end by themselves, sessions that ended,
/// changes made by other processes) runs for as long.
///
/// # Errors
///
/// [`Error::Io`] when the socket fails.
pub async fn serve(
    authority: Arc<Authority>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    let background = publishing::start(Arc::clone(&authority)).await?;
    let app = router(authority).into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, app)
        .with_graceful_shutdown(stop)
        .await;
    background.stop().await;
    served.map_err(|source| Error::Io {
        path: PathBuf::from("socket"),
        source,
    })
}
