//! What it costs to read and check a European certificate, beside the bare signature that is
//! in it. The trust data has as many signers as the European gateway had at its height.

use std::hint::black_box;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use criterion::{Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    UnparsedPublicKey,
};
use serde_json::Value;
use yanma_domain::certificate::{Certificate, CertificateTrust, Format, Signer, SignerKey};
use yanma_domain::verdict::Outcome;

const VECTORS: &str = include_str!("../../../tests/vectors/certificate/dcc.json");

const SIGNERS: u64 = 2_500;

fn certificates(criterion: &mut Criterion) {
    let vectors: Value = serde_json::from_str(VECTORS).expect("vectors");
    let case = &vectors["cases"][0];
    let text = case["text"].as_str().expect("a text");
    let at: Timestamp = case["at"].as_str().and_then(|at| at.parse().ok()).expect("an instant");
    let mut trust: CertificateTrust =
        serde_json::from_value(vectors["trust"].clone()).expect("trust data");
    let known = std::mem::take(&mut trust.signers);
    trust.signers = (0..SIGNERS).map(another).chain(known).collect();

    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let pair = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, pair.as_ref(), &random).expect("a key");
    // As many bytes as a usual certificate is signed over.
    let message = [0x5a; 380];
    let signature = pair.sign(&random, &message).expect("a signature");
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref());

    let mut group = criterion.benchmark_group("DCC verify beside a bare P-256 verify");
    group.bench_function("bare", |bench| {
        bench.iter(|| key.verify(black_box(&message), signature.as_ref()));
    });
    let check = |text: &str| Certificate::read(text).map(|read| read.check(&trust, at));
    assert_eq!(check(text), Ok(Outcome::Passed));
    group.bench_function("DCC", |bench| bench.iter(|| check(black_box(text))));
    group.bench_function("DCC, read only", |bench| {
        bench.iter(|| Certificate::read(black_box(text)));
    });
    group.finish();
}

/// A signer of another certificate.
fn another(number: u64) -> Signer {
    Signer {
        format: Format::EuDcc,
        issuer: "UT".to_owned(),
        key_id: STANDARD.encode(number.to_be_bytes()),
        key: SignerKey::from_point(&[7; 32], &[9; 32]),
        from: None,
        until: None,
        signs: Vec::new(),
    }
}

criterion_group!(benches, certificates);
criterion_main!(benches);
