//! How many bytes of a card reader a desk can take: a serial line brings 0.0115 MB/s at most.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use yanma_devices::card::{AnswerStream, Heard};

/// A read of a card, as a reader frames it.
fn read() -> Vec<u8> {
    let mut body = vec![0, 0, 0x90, 1, 0, 4, 0];
    body.extend((0..256 + 1024_u16).map(|at| at.to_be_bytes()[1]));
    let mut frame = vec![0xAA, 0xAA, 0xAA, 0x96, 0x69, 5, 8];
    frame.extend(body);
    frame.push(frame.iter().skip(5).fold(0, |x, byte| x ^ byte));
    frame
}

fn answers(stream: &mut AnswerStream, bytes: &[u8], piece: usize) -> usize {
    let heard = bytes.chunks(piece).flat_map(|piece| stream.push(piece));
    heard.filter(|heard| matches!(heard, Heard::Answer(_))).count()
}

fn card(criterion: &mut Criterion) {
    let reads = read().repeat(64);
    let noise = [b"\xAA\xAA\x00noise\xAA\x96".repeat(20), read()].concat().repeat(64);
    let mut group = criterion.benchmark_group("samv");
    for (name, bytes, piece) in [
        ("reads, in pieces of 512", &reads, 512),
        ("reads, in pieces of 16", &reads, 16),
        ("reads, byte by byte", &reads, 1),
        ("reads between noise", &noise, 64),
    ] {
        let mut stream = AnswerStream::new();
        assert_eq!(answers(&mut stream, bytes, piece), 64, "{name}: every read comes out");
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(name, |bench| {
            bench.iter(|| answers(&mut stream, black_box(bytes), piece));
        });
    }
    group.finish();
}

criterion_group!(benches, card);
criterion_main!(benches);
