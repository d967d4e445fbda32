//! Feeds that are refused: the old data stays in force with its true age, nothing is
//! written, and the next good head is taken. Policies or a directory that are refused hold up
//! nothing else.

use jiff::{SignedDuration, Timestamp};
use yanma_station::authority::AuthorityError;
use yanma_station::domain::Colour;
use yanma_station::protocol::FeedError;
use yanma_station::protocol::file_name::FeedName;
use yanma_station::protocol::head::{FileList, Head};
use yanma_station::store::{FeedName as Stored, HighWater};
use yanma_station::sync::{Instead, SyncError, Why};
use yanma_station::{Clock, DeskError, Notice};

use crate::support::house::{House, reasons};
use crate::support::people::{GREEN, STRANGER, card, typed};
use crate::support::province::{Carrier, Health, Signer};
use crate::support::publishing::{NEIGHBOUR, Press};

/// Everything of the feeds that the store has.
type Stock = (HighWater, Vec<Option<yanma_station::store::Feed>>);

fn stock(house: &House) -> Stock {
    let issuer = yanma_station::domain::IssuerId::FUJIAN;
    let feeds = [Stored::Trust, Stored::Policy, Stored::Status, Stored::Directory];
    let feeds = feeds.into_iter().map(|feed| house.desk.store().feed(issuer, feed).unwrap());
    (house.desk.store().high_water().unwrap(), feeds.collect())
}

/// A desk at work for ten minutes, and a province that has news in every feed.
async fn with_news() -> House {
    let house = House::at_work().await;
    house.clock.turn(600);
    let now = house.clock.now();
    house.province.change(|press| {
        press.set(GREEN.index, Colour::Red);
        press.claim(77, GREEN.index);
        press.revise("general", |_| {});
        press.trust.sequence += 1;
        press.trust.issued_at = now;
    });
    house
}

/// Syncs once, expects `refused`, and that nothing changed; then an honest carrier.
async fn check(house: House, case: &str, refused: impl FnOnce(&DeskError) -> bool) {
    let before = stock(&house);
    let error = house.desk.sync().await.expect_err(case);
    assert!(refused(&error), "{case}: {error:?}");
    assert_eq!(stock(&house), before, "{case}: the store is as it was");
    assert_eq!(house.desk.standing().unwrap().age_seconds, Some(600), "{case}: its true age");
    let checked = house.show(card());
    assert_eq!(reasons(&checked), "", "{case}: the old list is in force");
    assert_eq!(checked.verdict.basis.age_seconds, Some(600), "{case}");
    house.province.carried_by(Carrier::Honest);
    house.province.publish();
    house.desk.sync().await.expect(case);
    assert_eq!(house.notices(), [], "{case}");
    house.next_person();
    assert_eq!(reasons(&house.show(card())), "C-RED", "{case}: the next good head is taken");
    house.close();
}

/// The same for the directory: that one stays, with its age, and the rest is taken over.
async fn check_directory(house: House, case: &str, refused: impl FnOnce(&DeskError) -> bool) {
    let before = house.desk.knowledge().directory;
    let error = house.desk.sync().await.expect_err(case);
    assert!(refused(&error), "{case}: {error:?}");
    assert_eq!(house.desk.knowledge().directory, before, "{case}: with its true age");
    assert_eq!(house.notices(), [Notice::FeedRefused], "{case}");
    assert_eq!(house.desk.standing().unwrap().age_seconds, Some(0), "{case}: the colours are new");
    assert_eq!(reasons(&house.show(card())), "C-RED", "{case}");
    house.next_person();
    assert_eq!(reasons(&house.show(typed(STRANGER))), "N-DIR", "{case}: not checked");
    let house = house.restarted();
    assert_eq!(house.desk.knowledge().directory, before, "{case}: also after a restart");
    house.enrol_as_before();
    house.province.carried_by(Carrier::Honest);
    // A head that lied has a number of its own, and was taken but for the directory.
    house.province.publish();
    house.province.publish();
    house.desk.sync().await.expect(case);
    assert_eq!(house.notices(), [], "{case}");
    house.next_person();
    assert_eq!(reasons(&house.show(typed(STRANGER))), "N-NONE", "{case}: the next is taken");
    house.close();
}

/// The same for the policies.
async fn check_policies(house: House, case: &str, refused: impl FnOnce(&DeskError) -> bool) {
    let began = house.clock.now() - SignedDuration::from_secs(600);
    let before = house.desk.knowledge().policy_position;
    let error = house.desk.sync().await.expect_err(case);
    assert!(refused(&error), "{case}: {error:?}");
    let is_refused = |house: &House| {
        assert_eq!(house.notices(), [Notice::FeedRefused], "{case}");
        let refusal = house.desk.standing().unwrap().refusal.unwrap();
        assert_eq!(house.desk.kept_as_of(&refusal), Some(began), "{case}: with their true age");
        assert_eq!(house.desk.knowledge().policy_position, before, "{case}");
    };
    is_refused(&house);
    assert_eq!(house.desk.standing().unwrap().age_seconds, Some(0), "{case}: the colours are new");
    let checked = house.show(card());
    assert_eq!(reasons(&checked), "C-RED", "{case}");
    assert_eq!(checked.verdict.basis.policy.version, 1, "{case}: by the policy of before");
    house.next_person();
    assert_eq!(reasons(&house.show(typed(STRANGER))), "N-NONE", "{case}: so is the directory");
    let house = house.restarted();
    is_refused(&house);
    house.enrol_as_before();
    house.province.publish();
    house.province.publish();
    house.desk.sync().await.expect_err(case);
    is_refused(&house);
    house.province.carried_by(Carrier::Honest);
    house.desk.sync().await.expect(case);
    assert_eq!(house.notices(), [], "{case}");
    house.next_person();
    let checked = house.show(card());
    assert_eq!(checked.verdict.basis.policy.version, 2, "{case}: the same head, or the next");
    house.close();
}

/// Either of them, as the feed that is refused asks for.
async fn check_feed(
    name: FeedName,
    house: House,
    case: &str,
    refused: impl FnOnce(&DeskError) -> bool,
) {
    match name {
        FeedName::Directory => check_directory(house, case, refused).await,
        FeedName::Policy => check_policies(house, case, refused).await,
        _ => check(house, case, refused).await,
    }
}

fn feed(error: &DeskError) -> Option<(FeedName, FeedError)> {
    match error {
        DeskError::Feed(SyncError::File { file, error }) => Some((file.feed(), *error)),
        _ => None,
    }
}

fn head(error: &DeskError) -> Option<FeedError> {
    match error {
        DeskError::Feed(SyncError::Head(error)) => Some(*error),
        _ => None,
    }
}

#[tokio::test]
async fn files_that_are_not_what_the_head_says_are_refused() {
    for name in FeedName::ALL {
        for (carrier, expect) in [
            (Carrier::Cuts(name, 40), FeedError::Length),
            (Carrier::Cuts(name, 0), FeedError::Length),
            (Carrier::Lengthens(name), FeedError::Length),
            (Carrier::Alters(name), FeedError::Hash),
        ] {
            let house = with_news().await;
            let case = format!("{carrier:?}");
            house.province.carried_by(carrier);
            let refused = |error: &DeskError| feed(error) == Some((name, expect));
            check_feed(name, house, &case, refused).await;
        }
    }
}

#[tokio::test]
async fn a_missing_file_is_named() {
    for name in FeedName::ALL {
        let house = with_news().await;
        house.province.carried_by(Carrier::Lacks(name));
        let case = format!("{name:?} is missing");
        let missing = |error: &DeskError| match error {
            DeskError::Feed(SyncError::Missing(file)) => file.feed() == name,
            _ => false,
        };
        check_feed(name, house, &case, missing).await;
    }
}

#[tokio::test]
async fn a_connection_that_breaks_half_way_changes_nothing() {
    for name in FeedName::ALL {
        let house = with_news().await;
        house.province.carried_by(Carrier::Breaks(name));
        let case = format!("breaks in {name:?}");
        check(house, &case, |error| {
            matches!(error, DeskError::Authority(AuthorityError::Unreachable))
        })
        .await;
    }
}

/// Serves one head, made of the newest state.
fn serve(house: &House, make: impl FnOnce(&mut Press, Timestamp) -> Vec<u8>) {
    let now = house.clock.now();
    let mut inner = house.province.inner();
    let head = make(&mut inner.press, now);
    inner.carrier = Carrier::Head(head);
}

fn altered(press: &mut Press, now: Timestamp, change: impl FnOnce(&mut Head)) -> Vec<u8> {
    let mut head = press.compose(now);
    change(&mut head);
    press.seal(&head)
}

#[tokio::test]
async fn heads_that_nobody_may_have_made_are_refused() {
    type Case = (&'static str, fn(&mut Press, Timestamp) -> Vec<u8>, fn(FeedError) -> bool);
    let cases: [Case; 7] = [
        ("cut", |press, _| press.head()[..100].to_vec(), |e| e == FeedError::Truncated),
        ("empty", |_, _| Vec::new(), |e| e == FeedError::Truncated),
        ("a page", |_, _| b"<!doctype html><h1>Log in</h1>".to_vec(), |e| e == FeedError::Magic),
        (
            "one bit",
            |press, _| {
                let mut bytes = press.head().to_vec();
                *bytes.last_mut().unwrap() ^= 1;
                bytes
            },
            |e| e == FeedError::Signature,
        ),
        (
            "a forger's",
            |press, now| {
                let head = press.compose(now);
                press.seal_as(&head, Signer::Forger)
            },
            |e| e == FeedError::Signature,
        ),
        (
            "signed by the codes key",
            |press, now| {
                let head = press.compose(now);
                press.seal_as(&head, Signer::Codes)
            },
            |e| e == FeedError::Signature,
        ),
        (
            "by a key of no list",
            |press, now| {
                let head = press.compose(now);
                press.feeds_signer = Signer::NewFeeds;
                let bytes = press.seal(&head);
                press.feeds_signer = Signer::Feeds;
                bytes
            },
            |e| matches!(e, FeedError::UnknownKey(_)),
        ),
    ];
    for (case, make, expect) in cases {
        let house = with_news().await;
        serve(&house, make);
        check(house, case, |error| head(error).is_some_and(expect)).await;
    }
}

#[tokio::test]
async fn heads_that_go_back_are_refused() {
    let back = |error: &DeskError| matches!(head(error), Some(FeedError::Rollback { .. }));
    // The desk has taken head 2.
    let prepared = || async {
        let house = House::at_work().await;
        house.province.publish();
        house.desk.sync().await.unwrap();
        house.clock.turn(600);
        house.province.change(|press| press.set(GREEN.index, Colour::Red));
        house
    };
    let house = prepared().await;
    serve(&house, |press, _| press.head_number(1));
    check(house, "replayed", back).await;

    let house = prepared().await;
    serve(&house, |press, now| altered(press, now, |head| head.number = 1));
    check(house, "an older number", back).await;

    let house = prepared().await;
    serve(&house, |press, now| altered(press, now, |head| head.number = 2));
    check(house, "the same number over another state", back).await;

    // The state of head 2, under its number and another time: its data would look younger.
    let house = House::at_work().await;
    house.clock.turn(600);
    serve(&house, |press, now| altered(press, now, |head| head.number = 1));
    house.province.inner().press.set(GREEN.index, Colour::Red);
    check(house, "the same number at another time", back).await;

    let house = with_news().await;
    house.desk.sync().await.unwrap();
    let before = stock(&house);
    house.clock.turn(600);
    serve(&house, |press, now| {
        let number = press.number + 1;
        let mut fresh = Press::new(now);
        altered(&mut fresh, now, |head| head.number = number)
    });
    let error = house.desk.sync().await.unwrap_err();
    assert!(back(&error), "an authority that was set back: {error:?}");
    assert_eq!(stock(&house), before);
    assert_eq!(house.notices(), [Notice::FeedRefused]);
    house.close();
}

#[tokio::test]
async fn one_state_has_one_content() {
    let house = House::at_work().await;
    house.clock.turn(600);
    // A publisher that lost its last step: the same position, and another list behind it.
    serve(&house, |press, now| {
        press.set(GREEN.index, Colour::Red);
        let number = press.number + 1;
        press.begin_epoch(1);
        altered(press, now, |head| head.number = number)
    });
    house.desk.sync().await.unwrap();
    assert_eq!(reasons(&house.show(card())), "C-RED", "the newest signed word counts");
    house.close();
}

#[tokio::test]
async fn a_head_from_the_far_future_is_refused_and_a_near_one_not() {
    let far = |error: &DeskError| matches!(error, DeskError::Feed(SyncError::FarFuture));
    let house = with_news().await;
    serve(&house, |press, now| {
        let later = now + SignedDuration::from_secs(24 * 3600 + 1);
        altered(press, later, |head| head.number += 1)
    });
    check(house, "a day and a second", far).await;

    let house = with_news().await;
    serve(&house, |press, now| {
        let later = now + SignedDuration::from_secs(60);
        altered(press, later, |head| head.number += 1)
    });
    house.desk.sync().await.unwrap();
    assert_eq!(house.desk.standing().unwrap().age_seconds, Some(0), "a minute ahead is no age");
    house.close();
}

#[tokio::test]
async fn a_trust_list_of_any_hand_but_the_roots_is_refused() {
    for signer in [Signer::Feeds, Signer::Forger] {
        let house = with_news().await;
        serve(&house, |press, now| {
            let mut head = press.compose(now);
            head.number += 1;
            press.trust.sequence += 1;
            press.trust.issuers[0].keys[1].public = signer.public();
            let key = yanma_station::domain::KeyId {
                issuer: head.issuer,
                slot: yanma_station::domain::KeySlot::ROOT,
            };
            let file = yanma_station::protocol::trust_file::TrustFile(press.trust.clone());
            let unsigned = file.encode(key).unwrap();
            head.feeds.trust.sequence = press.trust.sequence;
            head.feeds.trust.snapshot =
                press.keep(FeedName::Trust, 0, press.trust.sequence, unsigned, signer);
            press.trust.issuers[0].keys[1].public = Signer::Feeds.public();
            press.seal_as(&head, signer)
        });
        let expect = Some((FeedName::Trust, FeedError::Signature));
        check(house, "a trust list of its own making", |error| feed(error) == expect).await;
    }
}

#[tokio::test]
async fn a_head_that_lies_about_its_lists_is_refused() {
    for name in FeedName::ALL {
        let house = with_news().await;
        lie_about(&house, name);
        let case = format!("{name:?}");
        let wrong = FeedError::RootMismatch;
        check_feed(name, house, &case, |error| match name {
            // The trust list is what it is: the head is at fault.
            FeedName::Trust => head(error) == Some(wrong),
            _ => feed(error) == Some((name, wrong)),
        })
        .await;
    }
}

/// Says `change` of the trust list in the next head, which leaves that list as it is.
fn lie_about_trust(house: &House, change: fn(&mut FileList)) {
    house.province.change(|press| press.set(GREEN.index, Colour::Red));
    serve(house, |press, now| {
        altered(press, now, |head| {
            head.number += 1;
            change(&mut head.feeds.trust);
        })
    });
}

#[tokio::test]
async fn a_head_that_lies_about_the_trust_list_at_hand_is_refused_whole() {
    type Lie = fn(&mut FileList);
    let cases: [(&str, Lie); 2] =
        [("its root", |list| list.root.0[0] ^= 1), ("its size", |list| list.size += 1)];
    for (case, change) in cases {
        let house = House::at_work().await;
        house.clock.turn(600);
        lie_about_trust(&house, change);
        check(house, case, |error| head(error) == Some(FeedError::RootMismatch)).await;
    }
}

#[tokio::test]
async fn another_trust_list_under_the_same_sequence_is_taken_when_the_root_key_signed_it() {
    let house = House::at_work().await;
    house.clock.turn(600);
    // The authority was set back, and recognises others since.
    house.province.change(|press| {
        press.trust.issuers.retain(|issuer| issuer.id != NEIGHBOUR);
    });
    assert_eq!(house.desk.sync().await.unwrap().files, 1);
    let known = house.desk.knowledge();
    let issuers = known.trust.as_ref().map(|trust| trust.issuers.len());
    assert_eq!(issuers, Some(2));
    let house = house.restarted();
    assert_eq!(house.desk.knowledge().trust, known.trust);
    assert_eq!(house.desk.knowledge().trust_root, known.trust_root);
    house.enrol_as_before();
    house.province.publish();
    assert_eq!(house.desk.sync().await.unwrap().files, 0, "it is at hand from now on");
    house.close();
}

#[tokio::test]
async fn the_screen_says_what_is_wrong() {
    let house = with_news().await;
    house.province.carried_by(Carrier::Alters(FeedName::Status));
    house.desk.sync().await.unwrap_err();
    assert_eq!(house.notices(), [Notice::FeedRefused]);
    house.province.carried_by(Carrier::Honest);
    let page = AuthorityError::NotTheAuthority { status: 404 };
    for (health, notices) in [
        (
            Health::Answers(AuthorityError::InTrouble { status: 500 }),
            vec![Notice::AuthorityTrouble],
        ),
        (Health::Answers(page), vec![Notice::AuthorityTrouble]),
        (Health::Down, vec![]),
        (Health::Answers(AuthorityError::TimedOut), vec![]),
        (Health::Well, vec![]),
    ] {
        house.province.is(health.clone());
        assert_eq!(house.desk.sync().await.is_ok(), health == Health::Well);
        assert_eq!(house.notices(), notices, "{health:?}");
    }
    house.close();
}

/// Serves a head that says another root of a feed than its files lead to.
fn lie_about(house: &House, name: FeedName) {
    serve(house, |press, now| {
        altered(press, now, |head| {
            head.number += 1;
            let list = match name {
                FeedName::Trust => &mut head.feeds.trust,
                FeedName::Policy => &mut head.feeds.policy,
                FeedName::Status => &mut head.feeds.status,
                FeedName::Directory => &mut head.feeds.directory,
            };
            list.root.0[0] ^= 1;
        })
    });
}

#[tokio::test]
async fn what_cannot_become_right_is_not_fetched_again_until_the_head_names_others() {
    for name in [FeedName::Policy, FeedName::Status, FeedName::Directory] {
        let house = House::at_work().await;
        house.clock.turn(600);
        house.province.change(|press| {
            press.set(GREEN.index, Colour::Red);
            press.claim(77, GREEN.index);
            press.revise("general", |_| {});
        });
        lie_about(&house, name);
        let first = house.desk.sync().await.unwrap_err();
        let refusal = house.desk.standing().unwrap().refusal.unwrap();
        assert_eq!((refusal.feed, refusal.code.as_str()), (Some(name), "FEED-ROOT"));
        assert_eq!((refusal.why, refusal.instead), (Why::Wrong, Instead::NextHead));
        assert!(first.to_string().contains(&refusal.file), "{first}");

        let asked = house.province.inner().asked;
        for _ in 0..3 {
            house.clock.turn(2);
            let again = house.desk.sync().await.unwrap_err();
            assert_eq!(again.to_string(), first.to_string(), "it says the same");
        }
        let now = house.province.inner().asked;
        assert_eq!((now.heads, now.files), (asked.heads + 3, asked.files), "{name:?}");
        let told = house.desk.standing().unwrap().refusal;
        assert_eq!(told.as_ref(), Some(&refusal), "and since when it does");

        house.province.carried_by(Carrier::Honest);
        house.province.publish();
        house.province.publish();
        house.desk.sync().await.unwrap();
        assert_eq!(house.desk.standing().unwrap().refusal, None);
        house.close();
    }
}

#[tokio::test]
async fn a_file_that_came_damaged_or_was_missing_is_fetched_again_for_the_same_head() {
    for (carrier, code, why) in [
        (Carrier::Alters(FeedName::Status), "FEED-HASH", Why::Damaged),
        (Carrier::Cuts(FeedName::Policy, 9), "FEED-LEN", Why::Damaged),
        (Carrier::Lacks(FeedName::Directory), "FEED-MISS", Why::Missing),
    ] {
        let house = with_news().await;
        house.province.carried_by(carrier);
        house.desk.sync().await.unwrap_err();
        let refusal = house.desk.standing().unwrap().refusal.unwrap();
        assert_eq!((refusal.code.as_str(), refusal.why), (code, why));
        assert_eq!(refusal.instead, Instead::Again, "{code}");
        house.province.carried_by(Carrier::Honest);
        house.desk.sync().await.unwrap();
        assert_eq!(house.desk.standing().unwrap().refusal, None, "{code}");
        assert_eq!(reasons(&house.show(card())), "C-RED", "{code}");
        house.close();
    }
}

#[tokio::test]
async fn what_was_refused_is_known_over_a_restart_and_to_whoever_looks() {
    let house = with_news().await;
    let began = house.clock.now() - SignedDuration::from_secs(600);
    lie_about(&house, FeedName::Status);
    house.desk.sync().await.unwrap_err();
    let refused = house.desk.standing().unwrap().refusal;
    let looking = house.looking();
    assert_eq!(looking.standing().unwrap().refusal, refused);
    let kept = looking.kept_as_of(&refused.clone().unwrap());
    assert_eq!(kept, Some(began), "what stays in force, with its true age");
    drop(looking);
    let house = house.restarted();
    assert_eq!(house.desk.standing().unwrap().refusal, refused);
    assert_eq!(house.notices(), [Notice::FeedRefused]);
    house.enrol_as_before();
    house.province.carried_by(Carrier::Honest);
    house.province.publish();
    house.desk.sync().await.unwrap();
    assert_eq!(house.looking().standing().unwrap().refusal, None);
    house.close();
}
