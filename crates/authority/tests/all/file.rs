//! What is so only where the database is a file.

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn two_do_not_publish_in_one_folder() {
    let world = World::new().await;
    let second = yanma_authority::publishing::start(std::sync::Arc::clone(&world.authority)).await;
    assert!(matches!(second.err(), Some(yanma_authority::Error::SecondPublisher(_))));
}
