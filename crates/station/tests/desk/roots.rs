//! The root key is replaced: whoever has pinned one that introduced it follows, and nobody else
//! is followed.

use yanma_station::domain::Colour;
use yanma_station::protocol::FeedError;
use yanma_station::protocol::file_name::FeedName;
use yanma_station::sync::SyncError;
use yanma_station::{DeskError, Notice};

use crate::support::house::{House, reasons};
use crate::support::people::{GREEN, card, code_of};
use crate::support::province::Signer;
use crate::support::publishing::Press;

fn pinned(house: &House) -> Option<Signer> {
    let root = house.desk.enrolment().unwrap().root_key;
    let known = [Signer::Root, Signer::NewRoot, Signer::NewestRoot, Signer::Forger];
    known.into_iter().find(|signer| signer.public() == root)
}

fn rotate(press: &mut Press, next: Signer) {
    let now_in_use = press.root_signer;
    press.introduce_root(next, now_in_use);
}

#[tokio::test]
async fn a_desk_follows_the_root_key_that_its_own_introduces() {
    let house = House::at_work().await;
    assert_eq!(reasons(&house.show(card())), "");
    house.province.change(|press| rotate(press, Signer::NewRoot));
    assert_eq!(house.desk.sync().await.unwrap().files, 1, "the trust list, and nothing else");
    assert_eq!(pinned(&house), Some(Signer::NewRoot));
    house.next_person();
    assert_eq!(reasons(&house.show(code_of(&GREEN).scanned())), "");
    // From now on the new one is what counts, over a restart too.
    let house = house.restarted();
    assert_eq!(pinned(&house), Some(Signer::NewRoot));
    house.enrol_as_before();
    house.province.change(|press| {
        press.trust.sequence += 1;
        press.set(GREEN.index, Colour::Red);
    });
    house.desk.sync().await.unwrap();
    house.next_person();
    assert_eq!(reasons(&house.show(card())), "C-RED");
    assert_eq!(house.notices(), []);
    house.close();
}

#[tokio::test]
async fn a_desk_that_was_away_during_two_rotations_follows_both() {
    let house = House::at_work().await;
    house.province.change(|press| rotate(press, Signer::NewRoot));
    house.province.change(|press| rotate(press, Signer::NewestRoot));
    house.clock.turn(9 * 3600);
    house.province.publish();
    house.desk.sync().await.unwrap();
    assert_eq!(pinned(&house), Some(Signer::NewestRoot));
    assert_eq!(reasons(&house.show(card())), "");
    house.close();
}

#[tokio::test]
async fn root_and_directory_key_may_be_replaced_in_one() {
    let house = House::at_work().await;
    house.province.change(|press| {
        rotate(press, Signer::NewRoot);
        press.rotate_directory_key();
    });
    house.desk.sync().await.unwrap();
    assert_eq!(pinned(&house), Some(Signer::NewRoot));
    assert_eq!(house.desk.enrolment().unwrap().directory_key_generation(), 2);
    assert_eq!(reasons(&house.show(card())), "");
    house.close();
}

#[tokio::test]
async fn a_root_key_that_none_known_here_introduced_is_refused_and_changes_nothing() {
    type Attack = fn(&mut Press);
    let attacks: [(&str, Attack, FeedError); 5] = [
        (
            "no word of anybody",
            |press| {
                press.root_signer = Signer::Forger;
                press.trust.sequence += 1;
            },
            FeedError::Signature,
        ),
        (
            "a word in the root key's name",
            |press| press.introduce_root(Signer::Forger, Signer::Forger),
            FeedError::RootStatement { number: 1 },
        ),
        (
            "a chain of its own",
            |press| {
                press.root_signer = Signer::Forger;
                press.introduce_root(Signer::NewestRoot, Signer::Forger);
            },
            FeedError::UnknownRoot,
        ),
        (
            "the true word, and another hand",
            |press| {
                rotate(press, Signer::NewRoot);
                press.root_signer = Signer::Forger;
            },
            FeedError::Signature,
        ),
        (
            "a word twice",
            |press| {
                rotate(press, Signer::NewRoot);
                let again = press.roots[0].clone();
                press.roots.push(again);
            },
            FeedError::NotCanonical,
        ),
    ];
    for (what, attack, expect) in attacks {
        let house = House::at_work().await;
        let trust = house.desk.knowledge().trust.clone();
        house.province.change(attack);
        let refused = house.desk.sync().await.unwrap_err();
        let by_name = matches!(
            refused,
            DeskError::Feed(SyncError::File { file, error })
                if error == expect && file.feed() == FeedName::Trust
        );
        assert!(by_name, "{what}: {refused:?}");
        assert_eq!(house.notices(), [Notice::FeedRefused], "{what}");
        let asked = house.province.inner().asked.files;
        house.province.publish();
        house.desk.sync().await.unwrap_err();
        assert_eq!(house.province.inner().asked.files, asked, "{what}: not fetched again");
        assert_eq!(pinned(&house), Some(Signer::Root), "{what}");
        assert_eq!(house.desk.knowledge().trust, trust, "{what}");
        assert_eq!(reasons(&house.show(card())), "", "{what}: what is known goes on");
        house.close();
    }
}

#[tokio::test]
async fn a_root_key_that_has_retired_counts_for_nothing() {
    let house = House::at_work().await;
    house.province.change(|press| rotate(press, Signer::NewRoot));
    house.desk.sync().await.unwrap();
    // Whoever stole the first one afterwards introduces a key of their own with it.
    house.province.change(|press| {
        press.roots.clear();
        press.root_signer = Signer::Root;
        press.introduce_root(Signer::Forger, Signer::Root);
    });
    let refused = house.desk.sync().await.unwrap_err();
    let by_name =
        matches!(refused, DeskError::Feed(SyncError::File { error: FeedError::UnknownRoot, .. }));
    assert!(by_name, "{refused:?}");
    assert_eq!(pinned(&house), Some(Signer::NewRoot));
    house.close();
}
