//! What the feeds weigh, at a tenth of Fujian: 2,071,000 holders.

use yanma_domain::status::StatusList;
use yanma_domain::verdict::FeedPosition;
use yanma_domain::{Colour, StatusIndex};
use yanma_protocol::envelope::{ENVELOPE_BYTES, Envelope};
use yanma_protocol::status_file::{StatusDelta, StatusSnapshot};

use crate::common::{FEEDS_KEY, public, sign};

const HOLDERS: u32 = 2_071_000;

/// Spreads 0, 1, 2, … over the holders as chance would: SplitMix64 (Steele, Lea and Flood,
/// OOPSLA 2014), taken modulo the holders.
fn spread(n: u64) -> StatusIndex {
    let mut z = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    StatusIndex(((z ^ (z >> 31)) % u64::from(HOLDERS)) as u32)
}

/// Gives a colour to so many more holders who are green.
fn colour(list: &mut StatusList, count: u32, seed: u64, colour: Colour) {
    let mut picked = (seed..).map(spread);
    for _ in 0..count {
        let green = picked.find(|index| list.get(*index) == Some(Colour::Green)).unwrap();
        list.set(green, colour).unwrap();
    }
}

#[test]
fn one_percent_takes_21_kilobytes_and_500_flips_take_one() {
    let mut list = StatusList::new(HOLDERS);
    colour(&mut list, HOLDERS / 100, 0, Colour::Amber);
    let before = StatusSnapshot { position: FeedPosition { epoch: 1, sequence: 1 }, list };
    let sealed = before.encode(FEEDS_KEY).unwrap().sign(&sign);
    // 20,710 of 2,071,000: log2 of the number of choices is 20.9 kB; the Rice code has
    // to stay within three percent of it.
    assert!(sealed.len() <= 21_500, "{} bytes", sealed.len());
    assert!(sealed.len() > 20_900, "{} bytes are fewer than there can be", sealed.len());
    let file = Envelope::parse(&sealed).unwrap().verify(&public()).unwrap();
    assert_eq!(StatusSnapshot::decode(&file), Ok(before.clone()));

    // 250 turn amber and 250 green again: the share of flips that 5,000 are of Fujian.
    let mut list = before.list.clone();
    let cleared: Vec<_> = list.iter_non_green().step_by(80).map(|(at, _)| at).take(250).collect();
    colour(&mut list, 250, 1 << 40, Colour::Amber);
    for index in cleared {
        list.set(index, Colour::Green).unwrap();
    }
    let after = StatusSnapshot { position: FeedPosition { epoch: 1, sequence: 2 }, list };
    let sealed =
        StatusDelta::between(&before, &after).unwrap().encode(FEEDS_KEY).unwrap().sign(&sign);
    assert!(sealed.len() <= 1_000 + ENVELOPE_BYTES + 84, "{} bytes", sealed.len());
    let file = Envelope::parse(&sealed).unwrap().verify(&public()).unwrap();
    assert_eq!(StatusDelta::decode(&file).unwrap().apply(&before), Ok(after));
}
