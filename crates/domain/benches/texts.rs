//! What it costs to find out what a text is: zones, a boarding pass, a licence, a number.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use yanma_domain::document::Zone;
use yanma_domain::evidence::read;

const PASSPORT: &str = "POCHNZHANG<<SAN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<\n\
                        EA00000019CHN9001011M3001019NFMFMIPN<<<<A984";
const PERMIT: &str = "CT00000000<00262006084F8108038\nNGKELMPONBPJLBLOAABR0000000001\n\
                      ZHENG<JIAN<<YANG<BEN<<<<<<3500";
const CARD: &str = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\n\
                    ERIKSSON<<ANNA<MARIA<<<<<<<<<<";
const PASS: &str = "M1ZHENG/YANGBEN       EABC123 FOCPEKMF 8101 045Y012A0025 100";
const NUMBER: &str = "11010519491231002X";

fn texts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("zone");
    for (name, text) in [("passport", PASSPORT), ("entry permit", PERMIT), ("card", CARD)] {
        assert!(Zone::read(text).is_ok(), "{name} is read");
        group.bench_function(name, |bench| bench.iter(|| Zone::read(black_box(text))));
    }
    group.finish();
    let mut group = criterion.benchmark_group("read");
    for (name, text) in [("passport", PASSPORT), ("boarding pass", PASS), ("number", NUMBER)] {
        group.bench_function(name, |bench| bench.iter(|| read(black_box(text))));
    }
    group.finish();
}

criterion_group!(benches, texts);
criterion_main!(benches);
