//! Whatever a certificate holds: it is read the same twice, shows nobody, and nothing that
//! the one known key did not sign is ever found to hold.

use std::sync::LazyLock;

use jiff::Timestamp;
use yanma_domain::certificate::{
    CardPart, CardParts, Certificate, CertificateTrust, Format, PartialDate, Signer, SignerKey,
};
use yanma_domain::evidence::{Evidence, read};
use yanma_domain::verdict::Outcome;

/// One key for whatever certificate names itself; it has signed nothing.
fn trust(certificate: &Certificate) -> CertificateTrust {
    static KEY: LazyLock<SignerKey> = LazyLock::new(|| SignerKey::from_point(&GX, &GY));
    let signer = Signer {
        format: certificate.format,
        issuer: certificate.issuer.clone(),
        key_id: certificate.key().unwrap_or_default().to_owned(),
        key: KEY.clone(),
        from: None,
        until: None,
        signs: Vec::new(),
    };
    CertificateTrust { signers: vec![signer], ..CertificateTrust::default() }
}

/// A point of P-256 whose number nobody has: twice the base point, as public as a point is.
const GX: [u8; 32] = [
    0x7c, 0xf2, 0x7b, 0x18, 0x8d, 0x03, 0x4f, 0x7e, 0x8a, 0x52, 0x38, 0x03, 0x04, 0xb5, 0x1a, 0xc3,
    0xc0, 0x89, 0x69, 0xe2, 0x77, 0xf2, 0x1b, 0x35, 0xa6, 0x0b, 0x48, 0xfc, 0x47, 0x66, 0x99, 0x78,
];
const GY: [u8; 32] = [
    0x07, 0x77, 0x55, 0x10, 0xdb, 0x8e, 0xd0, 0x40, 0x29, 0x3d, 0x9a, 0xc6, 0x9f, 0x74, 0x30, 0xdb,
    0xba, 0x7d, 0xad, 0xe6, 0x3c, 0xe9, 0x82, 0x29, 0x9e, 0x04, 0xb7, 0x9d, 0x22, 0x78, 0x73, 0xd1,
];

fn check(text: &str, format: Format) {
    let Ok(certificate) = Certificate::read(text) else { return };
    if certificate.format != format {
        return;
    }
    assert!(Certificate::looks_like_one(text));
    assert_eq!(Certificate::read(text).as_ref(), Ok(&certificate), "it is read the same twice");
    let now = Timestamp::from_second(1_640_000_000).unwrap_or_default();
    let outcome = certificate.check(&trust(&certificate), now);
    assert_ne!(outcome, Outcome::Passed, "nobody has this key");
    let without = certificate.check(&CertificateTrust::default(), now);
    assert!(matches!(without, Outcome::NotChecked(Some(_))), "nothing to check against");
    // A name may hold any text, also that of a field: so the whole print is compared.
    let subject = &certificate.subject;
    let masked = format!("Subject {{ name: {:?}, birth: {:?}, .. }}", subject.name, subject.birth);
    assert_eq!(format!("{subject:?}"), masked, "the mask, the year, and nothing else");
    if let Some(name) = &subject.name {
        let shown = format!("HolderName({})", name.mask());
        assert_eq!(format!("{name:?}"), shown);
    }
    if let Some(key) = subject.name_key() {
        assert!(
            key.split(' ').is_sorted() && key.bytes().all(|b| b == b' ' || b.is_ascii_uppercase())
        );
    }
    if let Some(birth) = subject.birth {
        assert_eq!(
            PartialDate::parse(&birth.to_string()),
            Some(birth),
            "a date is written as read"
        );
        assert!(birth.whole().is_none_or(|whole| birth.fits(whole)));
    }
}

/// Takes the input as a European certificate: as its text, packed, and as what was packed.
pub(crate) fn dcc(data: &[u8]) {
    let check = |text: &str| check(text, Format::EuDcc);
    check(&format!("HC1:{}", String::from_utf8_lossy(data)));
    check(&format!("HC1:{}", base45::encode(data)));
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(data, 1);
    check(&format!("HC1:{}", base45::encode(packed)));
}

/// Takes the input as a health card: as its text, as its signature, and in parts.
pub(crate) fn shc(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    check(&text, Format::SmartHealthCard);
    let digits = |bytes: &[u8]| -> String {
        bytes.iter().filter_map(|byte| byte.checked_sub(45)).map(|n| format!("{n:02}")).collect()
    };
    check(&format!("shc:/{}", digits(data)), Format::SmartHealthCard);
    let header = b"eyJhbGciOiJFUzI1NiIsInppcCI6IkRFRiIsImtpZCI6IngifQ.";
    let packed = miniz_oxide::deflate::compress_to_vec(data, 1);
    let payload = data_encoding::BASE64URL_NOPAD.encode(&packed);
    let jws = [&header[..], payload.as_bytes(), b".AAAA"].concat();
    check(&format!("shc:/{}", digits(&jws)), Format::SmartHealthCard);
    let mut parts = CardParts::default();
    for line in text.lines() {
        let Ok(part) = CardPart::read(line) else { continue };
        assert!((1..=part.of).contains(&part.number));
        if let Some(whole) = parts.add(part) {
            let _ = Certificate::read(&whole);
        }
    }
}

/// Takes the input as a pass of New Zealand: as its text and as what is in it.
pub(crate) fn nzcp(data: &[u8]) {
    check(&String::from_utf8_lossy(data), Format::NzPass);
    let text = data_encoding::BASE32_NOPAD.encode(data);
    check(&format!("NZCP:/1/{text}"), Format::NzPass);
}

/// Takes the input as a seal of ICAO, and as any evidence.
pub(crate) fn vds_nc(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    check(&text, Format::VdsNc);
    if let Evidence::Certificate(certificate) = read(&text) {
        assert_eq!(Certificate::read(&text).as_ref(), Ok(&*certificate), "either way leads there");
    }
}
