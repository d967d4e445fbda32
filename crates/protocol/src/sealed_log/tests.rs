use ed25519_dalek::SigningKey;
use yanma_domain::verdict::Decision;

use super::*;
use crate::entries::BasisUpload;
use crate::testing::second;

const TOKEN: &str = "0011223344556677";

fn own() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn header() -> Header {
    Header {
        issuer: IssuerId::FUJIAN,
        sealed_for: PublicKey::from_bytes(&own().verifying_key().to_bytes()).unwrap(),
        station: "gate-3".to_owned(),
        written_at: second(1_600_000_000),
    }
}

fn logged(number: u64) -> LoggedEntry {
    let id = uuid::Builder::from_unix_timestamp_millis(number, &[7; 10]).into_uuid();
    LoggedEntry {
        number,
        hash: hex::encode(Sha256::digest(number.to_be_bytes())),
        operator: Some("li-na".to_owned()),
        name: Some(Secret::new("张*")),
        document: None,
        entry: EntryUpload {
            id,
            station: "gate-3".to_owned(),
            at: second(1_500_000_000),
            scene: "general".to_owned(),
            decision: Decision::Refer,
            reasons: vec!["N-OLD".to_owned()],
            colour: None,
            subject: None,
            document_hash: None,
            method: vec!["code".to_owned()],
            action: "none".to_owned(),
            amends: None,
            basis: BasisUpload {
                online: false,
                status_epoch: Some(1),
                status_sequence: Some(2),
                age_seconds: Some(3),
                policy: "general 1".to_owned(),
            },
        },
    }
}

fn sealed(entries: u64) -> Vec<u8> {
    let mut file = Vec::new();
    let mut log = SealedLogWriter::begin(&mut file, &header(), &[9; 32]).unwrap();
    for number in 1..=entries {
        log.add(logged(number)).unwrap();
    }
    assert_eq!(log.finish(&Secret::new(TOKEN)).unwrap(), entries);
    file
}

fn open(file: &[u8]) -> Result<SealedLogReader<&[u8]>, SealedLogError> {
    SealedLogReader::open(file, |key, theirs| {
        let fits = key.to_bytes() == own().verifying_key().to_bytes();
        fits.then(|| crate::hpke::agree(own().to_scalar_bytes(), theirs))
    })
}

/// How many entries there are, or what stands against it.
fn read(file: &[u8]) -> Result<u64, SealedLogError> {
    let mut count = 0;
    for entry in open(file)? {
        count += 1;
        assert_eq!(entry?, logged(count));
    }
    Ok(count)
}

#[test]
fn what_was_sealed_is_read_entry_by_entry() {
    // None, one, and some that lie across several pieces.
    for entries in [0, 1, 100, 1_000] {
        let file = sealed(entries);
        assert_eq!(read(&file).unwrap(), entries);
        assert_eq!(open(&file).unwrap().header(), &header());
    }
    assert!(sealed(1_000).len() > 4 * PIECE_BYTES, "several pieces were tried");
}

#[test]
fn pieces_may_end_anywhere() {
    // The text of an entry grows byte by byte, until every line has ended at a piece's end once.
    for longer in 0..700 {
        let mut file = Vec::new();
        let mut log = SealedLogWriter::begin(&mut file, &header(), &[9; 32]).unwrap();
        let mut first = logged(1);
        first.operator = Some("x".repeat(longer));
        log.add(first).unwrap();
        for number in 2..=135 {
            log.add(logged(number)).unwrap();
        }
        log.finish(&Secret::new(TOKEN)).unwrap();
        assert_eq!(open(&file).unwrap().map(Result::unwrap).count(), 135, "{longer}");
    }
}

#[test]
fn nothing_of_it_can_be_seen() {
    let file = sealed(3);
    let has = |text: &str| file.windows(text.len()).any(|bytes| bytes == text.as_bytes());
    assert!(has("gate-3") && !has("N-OLD") && !has("张*") && !has("li-na"));
}

#[test]
fn whatever_is_changed_is_noticed() {
    let file = sealed(2);
    for at in 0..file.len() {
        let mut changed = file.clone();
        changed[at] ^= 1;
        assert!(read(&changed).is_err(), "byte {at} of {}", file.len());
        assert!(read(&file[..at]).is_err(), "cut off after {at}");
    }
    assert!(read(&[&file[..], b"x"].concat()).is_err(), "with a byte more");
}

#[test]
fn pieces_that_are_left_out_or_moved_are_noticed() {
    let file = sealed(1_000);
    let sealed_piece = PIECE_BYTES + TAG_BYTES;
    let length = usize::from(u16::from_be_bytes([file[9], file[10]]));
    let begin = 11 + length + ENCAPSULATED_BYTES;
    let (before, sealed) = file.split_at(begin);
    let pieces: Vec<&[u8]> = sealed.chunks(sealed_piece).collect();
    let read_of = |order: &[usize]| {
        let moved: Vec<u8> = order.iter().flat_map(|at| pieces[*at]).copied().collect();
        read(&[before, &moved].concat())
    };
    let whole: Vec<usize> = (0..pieces.len()).collect();
    assert_eq!(read_of(&whole).unwrap(), 1_000);
    assert!(read_of(&whole[..whole.len() - 1]).is_err(), "the last one is missing");
    assert!(read_of(&whole[1..]).is_err(), "the first one is missing");
    let mut moved = whole.clone();
    moved.swap(0, 1);
    assert!(read_of(&moved).is_err(), "two are swapped");
}

#[test]
fn another_key_does_not_open_it() {
    let file = sealed(1);
    let other = SealedLogReader::open(&file[..], |_, _| None);
    assert!(matches!(other, Err(SealedLogError::Key)));
    let wrong = SealedLogReader::open(&file[..], |_, theirs| {
        Some(crate::hpke::agree(SigningKey::from_bytes(&[8; 32]).to_scalar_bytes(), theirs))
    });
    let first = wrong.unwrap().next().unwrap();
    assert!(matches!(first, Err(SealedLogError::Changed)));
}

#[test]
fn only_the_station_can_have_written_what_counts_as_its_own() {
    let file = sealed(2);
    let token = Sha256::digest(TOKEN).into();
    let mut log = open(&file).unwrap();
    assert_eq!(log.is_of(&token), None, "not before all of it was read");
    assert_eq!(log.by_ref().count(), 2);
    assert_eq!(log.is_of(&token), Some(true));
    assert_eq!(log.is_of(&Sha256::digest("another").into()), Some(false));
}

/// What stands in the header is nobody's word: it is told and noted before anything is verified.
#[test]
fn a_station_is_a_word() {
    for name in ["", "gate\0", "gate\n3", "门"] {
        let header = Header { station: name.to_owned(), ..header() };
        let mut file = Vec::new();
        let log = SealedLogWriter::begin(&mut file, &header, &[9; 32]).unwrap();
        log.finish(&Secret::new(TOKEN)).unwrap();
        assert!(matches!(open(&file), Err(SealedLogError::Header)), "{name:?}");
    }
}

#[test]
fn other_files_are_told_apart() {
    assert!(matches!(open(b"PK\x03\x04 and so on"), Err(SealedLogError::Form)));
    assert!(matches!(open(b""), Err(SealedLogError::Form)));
    assert!(matches!(open(b"YANMALOG\x02\0\0"), Err(SealedLogError::Form)));
    assert!(matches!(open(b"YANMALOG\x01\0\x05abcde"), Err(SealedLogError::Header)));
    assert!(matches!(open(b"YANMALOG\x01\xff\xff"), Err(SealedLogError::Header)));
}
