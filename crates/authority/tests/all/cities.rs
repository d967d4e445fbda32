//! The directories of cities, as people claim, give back and claim again.

use std::time::Duration;

use serde_json::json;
use yanma_domain::document::DocumentHash;
use yanma_protocol::city_list::{CityCode, CityList};
use yanma_protocol::directory_file::{DirectoryDelta, DirectoryRows, DirectorySnapshot};
use yanma_protocol::envelope::Envelope;
use yanma_protocol::head::{FileList, Head};

use crate::feeds::{Desk, file};
use crate::world::{World, document_hash, until};

const LIMIT: Duration = Duration::from_secs(30);
/// Fuzhou, by its first four digits.
const NUMBER: &str = "350100190001010004";
const FUZHOU: CityCode = CityCode(3501);

impl Desk {
    /// The list of cities that a head names.
    pub(crate) async fn cities(&self, head: &Head) -> CityList {
        let bytes = file(&self.url, &head.feeds.cities.unwrap()).await;
        let envelope = Envelope::parse(&bytes).unwrap();
        CityList::decode(&envelope.verify(&self.feeds_key()).unwrap()).unwrap()
    }

    /// The rows of a city, from nothing on.
    pub(crate) async fn city(&self, list: &FileList) -> DirectoryRows {
        let (key, mut state) = (self.feeds_key(), None);
        for step in list.route(None).unwrap() {
            let bytes = file(&self.url, step).await;
            let verified = Envelope::parse(&bytes).unwrap().verify(&key).unwrap();
            state = Some(match state {
                None => DirectorySnapshot::decode(&verified).unwrap(),
                Some(state) => DirectoryDelta::decode(&verified).unwrap().apply(&state).unwrap(),
            });
        }
        let state: DirectorySnapshot = state.unwrap();
        assert_eq!((state.position, state.rows.root()), (list.position(), list.root.0));
        state.rows
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_in_the_directory_of_the_city_where_the_code_in_force_counts() {
    let mut world = World::new().await;
    let (_, enrolled) = world.desk().await;
    let desk = Desk::of(&world.url, &enrolled).await;
    let hash = document_hash(&enrolled, NUMBER);
    let hash = DocumentHash::from_u64(u64::from_str_radix(&hash, 16).unwrap());
    // In which cities the document is, of those that were there before it was claimed.
    let cities_of = async |head: &Head| {
        let mut found = Vec::new();
        for city in desk.cities(head).await.cities {
            let rows = desk.city(&city.directory).await;
            found.extend(rows.get(hash).map(|index| (city.code, index)));
        }
        found
    };
    assert_eq!(desk.cities(&desk.head().await).await.cities.len(), 10, "nine, and everybody else");
    assert_eq!(cities_of(&desk.head().await).await, []);

    let citizen = world.holder().await;
    until(LIMIT, async || cities_of(&desk.head().await).await.len() == 1).await;
    let first = cities_of(&desk.head().await).await;
    assert_eq!(first[0].0, FUZHOU);
    citizen.post("/v1/holder/withdraw", json!({})).await.expect(204);
    let head = desk.head().await;
    assert_eq!(cities_of(&head).await, first, "it leads to the code that was withdrawn");

    // Claimed anew as somebody from another province.
    let from = json!({"group": "other-province", "departure": "420100", "household": "420100"});
    citizen.post("/v1/claims", json!({"from": from})).await.expect(201);
    until(LIMIT, async || cities_of(&desk.head().await).await != first).await;
    let moved = cities_of(&desk.head().await).await;
    assert_eq!(moved.len(), 1, "in one alone");
    assert_eq!(moved[0].0, CityCode::NONE);
    assert_ne!(moved[0].1, first[0].1, "another code");

    // And once more with the code that is there: then the directory is as it was.
    let root = desk.head().await.feeds.directory.root;
    citizen.post("/v1/claims", json!({})).await.expect(200);
    until(LIMIT, async || cities_of(&desk.head().await).await == [(FUZHOU, moved[0].1)]).await;
    assert_eq!(desk.head().await.feeds.directory.root, root);

    let before = desk.cities(&desk.head().await).await;
    drop(citizen);
    world.restart().await;
    let desk = Desk::of(&world.url, &enrolled).await;
    assert_eq!(desk.cities(&desk.head().await).await, before, "as it was, in every file");
}
