//! Answers of a card reader under arbitrary splitting and noise.

use proptest::prelude::*;
use yanma_devices::card::{AnswerStream, Heard};

const PREAMBLE: [u8; 5] = [0xAA, 0xAA, 0xAA, 0x96, 0x69];

fn framed(body: &[u8]) -> Vec<u8> {
    let mut frame = PREAMBLE.to_vec();
    frame.extend(u16::try_from(body.len() + 1).expect("short").to_be_bytes());
    frame.extend(body);
    frame.push(frame.iter().skip(5).fold(0, |x, byte| x ^ byte));
    frame
}

fn read(text: &[u8]) -> Vec<u8> {
    let mut body = vec![0, 0, 0x90, 1, 0, 4, 0];
    body.extend(text);
    body.resize(7 + 256 + 1024, 0x77);
    framed(&body)
}

/// Pushes bytes in pieces of the given sizes, over and over.
fn pushed(bytes: &[u8], sizes: &[usize]) -> Vec<Heard> {
    let mut stream = AnswerStream::new();
    let (mut at, mut heard) = (0, Vec::new());
    for size in sizes.iter().cycle() {
        let end = (at + size).min(bytes.len());
        heard.extend(stream.push(&bytes[at..end]));
        at = end;
        if at == bytes.len() {
            return heard;
        }
    }
    heard
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1_usize..700, 1..8)
}

proptest! {
    #[test]
    fn every_card_comes_out_whole_between_any_noise_without_a_preamble(
        texts in prop::collection::vec(prop::collection::vec(any::<u8>(), 256), 1..4),
        noise in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 5),
        sizes in sizes(),
    ) {
        let mut bytes = Vec::new();
        for (text, noise) in texts.iter().zip(&noise) {
            // Three AA in noise could be a frame's beginning, and cost the next one's.
            bytes.extend(noise.iter().map(|byte| byte & 0x7F));
            bytes.extend(read(text));
        }
        let heard = pushed(&bytes, &sizes);
        let cards: Vec<_> = heard
            .iter()
            .filter_map(|heard| match heard {
                Heard::Answer(answer) => answer.card(),
                Heard::Damaged => None,
            })
            .collect();
        prop_assert_eq!(heard.len(), texts.len());
        prop_assert_eq!(cards.iter().map(|card| card.text()).collect::<Vec<_>>(), texts);
    }

    #[test]
    fn nothing_makes_it_fall_over_and_the_next_answer_is_heard(
        rubbish in prop::collection::vec(prop_oneof![Just(0xAA_u8), Just(0x96), Just(0x69), any::<u8>()], 0..4000),
        sizes in sizes(),
    ) {
        let none = framed(&[0, 0, 0x80]);
        // However long a frame the rubbish claimed to begin, it is over by then.
        let bytes = [rubbish.as_slice(), &none.repeat(300)].concat();
        let heard = pushed(&bytes, &sizes);
        let Some(Heard::Answer(last)) = heard.last() else { panic!("an answer is heard last") };
        prop_assert_eq!(last.status().0, 0x80);
    }

    #[test]
    fn one_changed_byte_never_makes_another_card(place in 0_usize..1295, bit in 0_u32..8) {
        let mut bytes = read(&[0x41; 256]);
        bytes[place] ^= 1 << bit;
        bytes.resize(bytes.len() + 2600, 0);
        let cards = pushed(&bytes, &[512]).into_iter().filter_map(|heard| match heard {
            Heard::Answer(answer) => answer.card(),
            Heard::Damaged => None,
        });
        prop_assert_eq!(cards.count(), 0);
    }
}
