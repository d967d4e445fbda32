use std::fs;

use jiff::ToSpan;
use yanma_protocol::root_chain;

use super::*;

#[test]
fn keys_for_codes_take_turns_and_old_ones_are_still_verified() {
    let folder = tempfile::tempdir().unwrap();
    let mut now: Timestamp = "2020-07-01T00:00:00Z".parse().unwrap();
    KeyRing::make(folder.path(), now).unwrap();
    let first = KeyRing::load(folder.path()).unwrap();
    assert_eq!((first.code_slot(), first.rotations()), (KeySlot::CODES, 0));
    now += (24 * 7).hours();
    assert_eq!(KeyRing::rotate(folder.path(), now).unwrap().get(), 3);
    let second = KeyRing::load(folder.path()).unwrap();
    assert_eq!((second.code_slot().get(), second.rotations()), (3, 1));
    assert_ne!(first.sign_code(b"code"), second.sign_code(b"code"));
    let trusted = second.trusted().unwrap();
    let old = trusted.iter().find(|key| key.slot == KeySlot::CODES).unwrap();
    assert_eq!(old.public, first.trusted().unwrap()[1].public);
    assert_eq!(old.until, Some(now + 24.hours()));

    // Thirteen slots, each free again when no code of its key can be out.
    for slot in 4..=15 {
        assert_eq!(KeyRing::rotate(folder.path(), now).unwrap().get(), slot);
    }
    assert!(matches!(KeyRing::rotate(folder.path(), now), Err(KeyError::NoSlot)));
    assert_eq!(KeyRing::load(folder.path()).unwrap().rotations(), 13);
    now += (24 * 131).hours();
    assert_eq!(KeyRing::rotate(folder.path(), now).unwrap().get(), 3);
    assert_eq!(KeyRing::load(folder.path()).unwrap().rotations(), 14);
}

#[test]
fn another_key_for_feeds_takes_the_place_of_the_one_before_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut now: Timestamp = "2020-07-01T00:00:00Z".parse().unwrap();
    KeyRing::make(folder.path(), now).unwrap();
    let first = KeyRing::load(folder.path()).unwrap();
    now += (24 * 7).hours();
    for times in 1..=20 {
        assert_eq!(KeyRing::rotate_feeds(folder.path(), now).unwrap(), KeySlot::FEEDS);
        assert_eq!(KeyRing::load(folder.path()).unwrap().rotations(), times);
    }
    let last = KeyRing::load(folder.path()).unwrap();
    let feeds = |ring: &KeyRing| {
        let trusted = ring.trusted().unwrap().into_iter();
        trusted.filter(|key| key.purposes == [Purpose::Feeds]).collect::<Vec<_>>()
    };
    assert_eq!(feeds(&last).len(), 1, "whoever has stolen an earlier one signs nothing with it");
    assert_ne!(feeds(&last)[0].public, feeds(&first)[0].public);
    assert_eq!(feeds(&last)[0].public, last.feed_keys().unwrap().feeds.public);
    assert_eq!(last.root_public().unwrap(), first.root_public().unwrap());
    assert_eq!(last.code_slot(), first.code_slot());
    assert!(!folder.path().join("feeds.json.new").exists());
}

/// The directory key by the seed that is in codes, and in force, at hours after a first rotation
/// and a second one twelve hours later.
#[test]
fn directory_keys_come_into_codes_when_every_desk_may_have_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut now: Timestamp = "2020-07-01T00:00:00Z".parse().unwrap();
    KeyRing::make(folder.path(), now).unwrap();
    let load = || KeyRing::load(folder.path()).unwrap();
    let of = |keys: &KeyRing| keys.directory().to_hex();
    let first = of(&load());
    assert_eq!(load().directory_for_codes(now).to_hex(), first, "there is no other");
    now += (24 * 30).hours();
    assert_eq!(KeyRing::rotate_directory(folder.path(), now).unwrap(), 2);
    let second = of(&load());
    assert_eq!(KeyRing::rotate_directory(folder.path(), now + 12.hours()).unwrap(), 3);
    let keys = load();
    let third = of(&keys);
    assert_eq!(keys.directory_generation(), 3);
    assert_eq!(keys.rotations(), 0, "the trust list does not name it");
    for (hours, expect) in
        [(-200, &first), (0, &first), (47, &first), (48, &second), (59, &second), (60, &third)]
    {
        let got = keys.directory_for_codes(now + hours.hours()).to_hex();
        assert_eq!(&got, expect, "after {hours} hours");
    }

    // Desks are given the keys of before for as long as a code may carry a hash under them.
    let given = |days: i64| {
        let keys = keys.directory_keys(now + (24 * days).hours());
        keys.check().unwrap();
        assert_eq!((keys.directory_key.reveal(), keys.directory_key_generation), (&*third, 3));
        let earlier = keys.earlier_directory_keys.iter();
        earlier.map(|key| (key.generation, key.key.reveal().to_owned())).collect::<Vec<_>>()
    };
    let both = [(1, first.clone()), (2, second.clone())];
    assert_eq!(given(0), both);
    assert_eq!(given(130), both);
    assert_eq!(given(131), both[1..], "two days, and the 129 of the longest code");
    assert_eq!(given(132), []);
    now += (24 * 140).hours();
    assert_eq!(KeyRing::rotate_directory(folder.path(), now).unwrap(), 4);
    let text = fs::read_to_string(folder.path().join("directory-earlier.json")).unwrap();
    assert!(!text.contains(&first) && text.contains(&third), "what nobody needs is forgotten");
}

#[cfg(unix)]
#[test]
fn earlier_directory_keys_are_secrets_too() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    KeyRing::make(folder.path(), now()).unwrap();
    KeyRing::rotate_directory(folder.path(), now()).unwrap();
    let path = folder.path().join("directory-earlier.json");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(KeyRing::load(folder.path()), Err(KeyError::Open(of)) if of == path));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, "[{}]").unwrap();
    assert!(matches!(KeyRing::load(folder.path()), Err(KeyError::Damaged(of)) if of == path));
}

#[test]
fn a_rotation_of_the_directory_key_that_was_broken_off_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    KeyRing::make(folder.path(), now()).unwrap();
    let before = KeyRing::load(folder.path()).unwrap();
    let kept = fs::read(Use::Directory.file(folder.path())).unwrap();
    KeyRing::rotate_directory(folder.path(), now()).unwrap();
    // The power went before the last rename.
    fs::write(Use::Directory.file(folder.path()), kept).unwrap();
    let after = KeyRing::load(folder.path()).unwrap();
    assert_eq!(after.directory_keys(now()), before.directory_keys(now()));
    assert_eq!(KeyRing::rotate_directory(folder.path(), now()).unwrap(), 2);
}

#[test]
fn each_root_key_introduces_the_next_and_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    KeyRing::make(folder.path(), now()).unwrap();
    let load = || KeyRing::load(folder.path()).unwrap();
    let mut known = vec![load().root_public().unwrap()];
    for times in 1..=3 {
        let next = KeyRing::rotate_root(folder.path(), IssuerId::FUJIAN, now()).unwrap();
        let keys = load();
        assert_eq!(keys.root_public().unwrap(), next);
        assert_eq!(keys.rotations(), times, "the sequence of the trust list rises");
        assert_eq!(keys.roots.len() as u32, times);
        let in_list = keys.trusted().unwrap();
        let roots: Vec<_> = in_list.iter().filter(|key| key.slot == KeySlot::ROOT).collect();
        assert_eq!((roots.len(), roots[0].public), (1, next), "the ones before have retired");
        known.push(next);
        for pinned in &known {
            let led = root_chain::follow(&keys.roots, IssuerId::FUJIAN, pinned).unwrap();
            assert_eq!(led, next, "whoever knows any of them follows");
        }
    }
    let text = fs::read_to_string(folder.path().join("roots.json")).unwrap();
    let seed = fs::read_to_string(Use::Root.file(folder.path())).unwrap();
    assert!(!text.contains(seed.split('"').rfind(|part| part.len() == 64).unwrap()));
}

#[test]
fn a_root_rotation_that_was_broken_off_or_lost_its_words_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    KeyRing::make(folder.path(), now()).unwrap();
    let rotate = || KeyRing::rotate_root(folder.path(), IssuerId::FUJIAN, now());
    rotate().unwrap();
    let before = KeyRing::load(folder.path()).unwrap();
    let kept = fs::read(Use::Root.file(folder.path())).unwrap();
    rotate().unwrap();
    // The power went before the last rename: the key that was introduced never came into use.
    fs::write(Use::Root.file(folder.path()), kept).unwrap();
    let after = KeyRing::load(folder.path()).unwrap();
    assert_eq!(after.roots, before.roots);
    assert_eq!(after.root_public().unwrap(), before.root_public().unwrap());
    rotate().unwrap();
    let roots = folder.path().join("roots.json");
    let two: Vec<RootStatement> =
        serde_json::from_str(&fs::read_to_string(&roots).unwrap()).unwrap();
    assert_eq!(two.iter().map(|root| root.number).collect::<Vec<_>>(), [1, 2]);
    // An old copy of the words does not lead to the key in use.
    fs::write(&roots, serde_json::to_string(&two[..1]).unwrap()).unwrap();
    assert!(matches!(KeyRing::load(folder.path()), Err(KeyError::Damaged(of)) if of == roots));
}

#[test]
fn a_rotation_that_was_broken_off_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let now = "2020-07-01T00:00:00Z".parse().unwrap();
    KeyRing::make(folder.path(), now).unwrap();
    let before = KeyRing::load(folder.path()).unwrap();
    let codes = fs::read(Use::Codes.file(folder.path())).unwrap();
    KeyRing::rotate(folder.path(), now).unwrap();
    fs::write(Use::Codes.file(folder.path()), codes).unwrap();
    let after = KeyRing::load(folder.path()).unwrap();
    assert_eq!(after.trusted().unwrap(), before.trusted().unwrap());
    assert_eq!(KeyRing::rotate(folder.path(), now).unwrap().get(), 3);
}

fn now() -> Timestamp {
    "2020-07-01T00:00:00.900Z".parse().unwrap()
}

#[test]
fn keys_are_made_once_and_signatures_hold() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    assert!(!KeyRing::exists(&keys));
    KeyRing::make(&keys, now()).unwrap();
    assert!(KeyRing::exists(&keys));
    let before = fs::read(keys.join("codes.json")).unwrap();
    assert!(matches!(KeyRing::make(&keys, now()), Err(KeyError::Exists(_))));
    assert_eq!(fs::read(keys.join("codes.json")).unwrap(), before);

    let ring = KeyRing::load(&keys).unwrap();
    let trusted = ring.trusted().unwrap();
    let lent = ring.feed_keys().unwrap();
    let signatures = [(lent.root.sign)(b"m"), ring.sign_code(b"m"), (lent.feeds.sign)(b"m")];
    for (key, signature) in trusted.iter().zip(&signatures) {
        assert!(key.public.signed(b"m", signature));
        assert!(!key.public.signed(b"n", signature));
        assert_eq!(key.from.to_string(), "2020-06-30T00:00:00Z");
    }
    assert_eq!(ring.root_public().unwrap(), trusted[0].public);
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    KeyRing::make(folder.path(), now()).unwrap();
    let path = folder.path().join("codes.json");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(KeyRing::load(folder.path()), Err(KeyError::Open(_))));
}

#[test]
fn a_missing_or_damaged_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        KeyRing::load(folder.path()),
        Err(KeyError::Missing(path)) if path.ends_with("root.json")
    ));
    KeyRing::make(folder.path(), now()).unwrap();
    let codes = fs::read_to_string(folder.path().join("codes.json")).unwrap();
    for broken in [
        String::new(),
        codes.replace("codes", "feeds"),
        codes.replace("seed\": \"", "seed\": \"zz"),
    ] {
        fs::write(folder.path().join("codes.json"), broken).unwrap();
        assert!(matches!(
            KeyRing::load(folder.path()),
            Err(KeyError::Damaged(path)) if path.ends_with("codes.json")
        ));
    }
}

#[test]
fn a_folder_of_an_older_version_gets_the_key_of_one_time_passwords_once() {
    let folder = tempfile::tempdir().unwrap();
    KeyRing::make(folder.path(), now()).unwrap();
    let path = folder.path().join("second-factor.json");
    fs::remove_file(&path).unwrap();
    let seed = [7; 32];
    let secrets: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| *KeyRing::load(folder.path()).unwrap().one_time_secret(1, &seed))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let kept = KeyRing::load(folder.path()).unwrap();
    assert!(secrets.iter().all(|secret| *secret == *kept.one_time_secret(1, &seed)));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5, "nothing is left beside them");
}

#[test]
fn a_secret_belongs_to_one_person_one_seed_and_one_key_folder() {
    let rings = [(), ()].map(|()| {
        let folder = tempfile::tempdir().unwrap();
        KeyRing::make(folder.path(), now()).unwrap();
        KeyRing::load(folder.path()).unwrap()
    });
    let secret = rings[0].one_time_secret(1, &[7; 32]);
    assert_eq!(secret, rings[0].one_time_secret(1, &[7; 32]));
    assert_ne!(secret, rings[0].one_time_secret(2, &[7; 32]));
    assert_ne!(secret, rings[0].one_time_secret(1, &[8; 32]));
    assert_ne!(secret, rings[1].one_time_secret(1, &[7; 32]));
    let code = rings[0].recovery_hash(1, "ABCDEFGHJKMN");
    assert_ne!(code, rings[0].recovery_hash(2, "ABCDEFGHJKMN"));
    assert_ne!(code, rings[1].recovery_hash(1, "ABCDEFGHJKMN"));
}
