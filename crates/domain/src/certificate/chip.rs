//! Whether a country vouches for what is on a chip (passive authentication, ICAO Doc 9303, part
//! 11, 5.1, and part 10, 4.6.2).

use jiff::Timestamp;
use ring::digest;
use x509_cert::spki::ObjectIdentifier;

use super::check::{not_checked, vouched};
use super::x509::{Carried, Vouching};
use super::{CertificateTrust, Country};
use crate::document::{Zone, ZoneField};
use crate::name::HolderName;
use crate::reason::Reason;
use crate::verdict::Outcome;

const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const SECURITY_OBJECT: &str = "2.23.136.1.1.1";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";

/// Older signers name RSA alone; what was hashed is said beside it.
const RSA: &str = "1.2.840.113549.1.1.1";

/// The tags of the file of a zone and of the zone in it (part 10, 4.7.1).
const ZONE_FILE: u8 = 0x61;
const ZONE: [u8; 2] = [0x5F, 0x1F];

/// DG1 by its number in a security object.
const DG1: &[u8] = &[1];

/// The chip of a passport or a card, read with what is printed in the document; not believed.
#[derive(Clone, PartialEq, Eq)]
pub struct Chip {
    /// The zone that is printed in the document, which opened the chip.
    pub printed: Zone,
    /// The file with the zone that the chip holds (DG1, whole).
    pub dg1: Vec<u8>,
    /// The security object, whole.
    pub security_object: Vec<u8>,
}

impl Chip {
    /// The zone that the chip holds, if that can be read.
    #[must_use]
    pub fn zone(&self) -> Option<Zone> {
        let [first, second] = ZONE;
        let file = Der(&self.dg1).next(ZONE_FILE)?;
        let text = Der(file.strip_prefix(&[first])?).next(second)?;
        Zone::read(std::str::from_utf8(text).ok()?).ok()
    }

    /// Whether chip and page say the same of document and person. A letter of a name that was
    /// misread on the page is a difference: names have no check digit. Where the page was read
    /// with a digit that may be one of several letters, each of them is the same.
    #[must_use]
    pub fn agrees(&self) -> bool {
        let name = |name: Option<&HolderName>| name.map(|name| name.reveal().to_owned());
        let facts = |zone: &Zone| {
            let opens = zone.reveal_chip_key();
            let optional = zone.reveal_optional().map(str::to_owned);
            let whose = (zone.issuer().to_owned(), zone.nationality().map(str::to_owned));
            (opens, name(zone.chinese_name()), optional, whose, zone.sex())
        };
        let latin = |zone: &Zone| name(zone.latin_name()).unwrap_or_default();
        self.zone().is_some_and(|zone| {
            let page = &self.printed;
            facts(&zone) == facts(page)
                && page.may_be(ZoneField::Name, &latin(page), &latin(&zone))
                && page.may_be(ZoneField::Kind, &page.kind(), &zone.kind())
        })
    }

    /// Whether the state that it names signed it, by the trust material: passed, failed for one
    /// that was altered, or not checked, without a reason where no state is trusted at all. Why it
    /// was not checked, [`check_chip`] tells in full.
    #[must_use]
    pub fn check(&self, trust: &CertificateTrust, now: Timestamp) -> Outcome {
        if trust.countries.is_empty() {
            return Outcome::default();
        }
        let zone = self.zone();
        let issuer = zone.as_ref().map(Zone::issuer);
        let of_issuer = |country: &&Country| Some(country.state.as_str()) == issuer;
        let anchors = trust.countries.iter().filter(of_issuer);
        let anchors: Vec<_> = anchors.map(|country| country.certificate.der()).collect();
        match check_chip(&self.dg1, &self.security_object, &anchors, now) {
            Outcome::Passed => Outcome::Passed,
            Outcome::Failed(Reason::CertificateSignature) => Outcome::Failed(Reason::ChipAltered),
            _ => not_checked(Reason::ChipNotChecked),
        }
    }
}

impl std::fmt::Debug for Chip {
    /// Without what is in it: it is a person's document.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Chip")
    }
}

/// Holds the zone file of a chip (DG1, whole) and its security object against the certificates
/// (DER) of the countries that are trusted.
///
/// [`Outcome::Passed`] says that a country of `anchors` signed this very zone. It does not say that
/// the chip is the one the country made: what is signed can be copied onto another chip.
/// SHA-1 and SHA-224, RSA-PSS, and curves other than P-256 and P-384 are not checked.
#[must_use]
pub fn check_chip(dg1: &[u8], object: &[u8], anchors: &[&[u8]], now: Timestamp) -> Outcome {
    check(dg1, object, anchors, now).err().unwrap_or(Outcome::Passed)
}

fn check(dg1: &[u8], object: &[u8], anchors: &[&[u8]], now: Timestamp) -> Result<(), Outcome> {
    const FORGED: Outcome = Outcome::Failed(Reason::CertificateSignature);
    let object = SecurityObject::read(object).ok_or(not_checked(Reason::Damaged))?;
    if anchors.is_empty() {
        return Err(not_checked(Reason::NoCertificateTrust));
    }
    let hashed = |oid: &ObjectIdentifier, data: &[u8]| -> Result<digest::Digest, Outcome> {
        let with = hash(oid).ok_or(not_checked(Reason::CertificateAlgorithm))?;
        Ok(digest::digest(with, data))
    };
    if object.dg1 != Some(hashed(&object.hashed_with, dg1)?.as_ref())
        || object.digest != hashed(&object.digested_with, object.content)?.as_ref()
    {
        return Err(FORGED);
    }
    let carried = object.signer.and_then(|der| Carried::read(der).ok());
    let carried = carried.ok_or(not_checked(Reason::UnknownSigner))?;
    let algorithm = object.algorithm();
    match algorithm.and_then(|with| carried.signed(with, &object.signed, object.signature)) {
        Some(true) => {}
        Some(false) => return Err(FORGED),
        None => return Err(not_checked(Reason::CertificateAlgorithm)),
    }
    match carried.vouched_for_by(anchors.iter().copied(), now) {
        // A country renews its key under one name, and this may be the one that is not here.
        Vouching::Signature => Err(not_checked(Reason::UnknownSigner)),
        other => vouched(other),
    }
}

fn hash(oid: &ObjectIdentifier) -> Option<&'static digest::Algorithm> {
    Some(match oid.to_string().as_str() {
        "2.16.840.1.101.3.4.2.1" => &digest::SHA256,
        "2.16.840.1.101.3.4.2.2" => &digest::SHA384,
        "2.16.840.1.101.3.4.2.3" => &digest::SHA512,
        _ => return None,
    })
}

/// A security object, taken apart: signed data (RFC 5652) over the hashes of a chip's files.
struct SecurityObject<'a> {
    /// What was signed over: the hashes.
    content: &'a [u8],
    hashed_with: ObjectIdentifier,
    /// The hash of DG1, if there is one.
    dg1: Option<&'a [u8]>,
    /// The certificate of its signer, if it came along.
    signer: Option<&'a [u8]>,
    digested_with: ObjectIdentifier,
    /// The digest of `content`, by the signer's account.
    digest: &'a [u8],
    /// What the signature is over: the attributes, as the set that they are.
    signed: Vec<u8>,
    signed_with: ObjectIdentifier,
    signature: &'a [u8],
}

impl<'a> SecurityObject<'a> {
    fn read(file: &'a [u8]) -> Option<Self> {
        let mut file = Der(file);
        let mut info = Der(Der(file.next(0x77)?).next(0x30)?);
        if !file.0.is_empty() || info.oid()?.to_string() != SIGNED_DATA {
            return None;
        }
        let mut data = Der(Der(info.next(0xA0)?).next(0x30)?);
        data.next(0x02)?;
        data.next(0x31)?;
        let mut inside = Der(data.next(0x30)?);
        let content_type = inside.oid()?;
        let content = Der(inside.next(0xA0)?).next(0x04)?;
        let certificates = data.next(0xA0);
        let signer = certificates.and_then(|all| Der(all).whole(0x30));
        data.next(0xA1);
        let mut signers = Der(data.next(0x31)?);
        let mut info = Der(signers.next(0x30)?);
        info.next(0x02)?;
        info.next(0x30).or_else(|| info.next(0x80))?;
        let digested_with = Der(info.next(0x30)?).oid()?;
        let attributes = info.whole(0xA0)?;
        let mut signed = attributes.to_vec();
        *signed.first_mut()? = 0x31;
        let signed_with = Der(info.next(0x30)?).oid()?;
        let signature = info.next(0x04)?;
        if content_type.to_string() != SECURITY_OBJECT
            || Der(attribute(attributes, CONTENT_TYPE)?).oid()? != content_type
        {
            return None;
        }
        let digest = Der(attribute(attributes, MESSAGE_DIGEST)?).next(0x04)?;
        let (hashed_with, dg1) = hash_of_dg1(content)?;
        Some(Self {
            content,
            hashed_with,
            dg1,
            signer,
            digested_with,
            digest,
            signed,
            signed_with,
            signature,
        })
    }

    /// How it was signed; `None` for one that is not known here.
    fn algorithm(&self) -> Option<ObjectIdentifier> {
        if self.signed_with.to_string() != RSA {
            return Some(self.signed_with);
        }
        let with = match self.digested_with.to_string().as_str() {
            "2.16.840.1.101.3.4.2.1" => "1.2.840.113549.1.1.11",
            "2.16.840.1.101.3.4.2.2" => "1.2.840.113549.1.1.12",
            "2.16.840.1.101.3.4.2.3" => "1.2.840.113549.1.1.13",
            _ => return None,
        };
        ObjectIdentifier::new(with).ok()
    }
}

/// The set of values of one attribute.
fn attribute<'a>(attributes: &'a [u8], wanted: &str) -> Option<&'a [u8]> {
    let mut attributes = Der(Der(attributes).next(0xA0)?);
    while !attributes.0.is_empty() {
        let mut attribute = Der(attributes.next(0x30)?);
        if attribute.oid()?.to_string() == wanted {
            return attribute.next(0x31);
        }
    }
    None
}

/// How files were hashed, and the hash of DG1.
fn hash_of_dg1(content: &[u8]) -> Option<(ObjectIdentifier, Option<&[u8]>)> {
    let mut object = Der(Der(content).next(0x30)?);
    object.next(0x02)?;
    let hashed_with = Der(object.next(0x30)?).oid()?;
    let mut files = Der(object.next(0x30)?);
    let mut dg1 = None;
    while !files.0.is_empty() {
        let mut file = Der(files.next(0x30)?);
        let number = file.next(0x02)?;
        let hash = file.next(0x04)?;
        if number == DG1 && dg1.replace(hash).is_some() {
            return None;
        }
    }
    Some((hashed_with, dg1))
}

/// Walks over DER (X.690): what is next must have the tag that is asked for.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The next element: how long its head is, and how long it is altogether.
    fn lengths(&self, tag: u8) -> Option<(usize, usize)> {
        let (head, length) = match self.0 {
            [found, ..] if *found != tag => return None,
            [_, length @ 0..=0x7F, ..] => (2, usize::from(*length)),
            [_, 0x81, length, ..] => (3, usize::from(*length)),
            [_, 0x82, high, low, ..] => (4, usize::from(u16::from_be_bytes([*high, *low]))),
            _ => return None,
        };
        Some((head, head + length))
    }

    /// The next element, head and all.
    fn whole(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (_, end) = self.lengths(tag)?;
        let (whole, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        Some(whole)
    }

    /// What is in the next element.
    fn next(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (head, _) = self.lengths(tag)?;
        self.whole(tag)?.get(head..)
    }

    fn oid(&mut self) -> Option<ObjectIdentifier> {
        ObjectIdentifier::from_bytes(self.next(0x06)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOVE: &str = "POCHNZHANG<<SAN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<";
    const BELOW: &str = "EA00000019CHN9001011M3001019NFMFMIPN<<<<A984";

    /// A chip with this zone, in a document on which the other is printed.
    fn chip(on_chip: &str, printed: &str) -> Chip {
        let length = |of: &[u8]| u8::try_from(of.len()).unwrap();
        let zone = [&[0x5F, 0x1F, length(on_chip.as_bytes())], on_chip.as_bytes()].concat();
        let dg1 = [&[ZONE_FILE, length(&zone)], zone.as_slice()].concat();
        Chip { printed: Zone::read(printed).unwrap(), dg1, security_object: Vec::new() }
    }

    #[test]
    fn whatever_a_zone_says_is_compared() {
        let page = [ABOVE, BELOW].concat();
        assert!(chip(&page, &page).agrees());
        for (what, other) in [
            ("name", [&ABOVE.replace("ZHANG", "CHANG"), BELOW]),
            ("kind", [&ABOVE.replace("PO", "P<"), BELOW]),
            ("issuer", [&ABOVE.replace("CHN", "UTO"), BELOW]),
            ("nationality", [ABOVE, &BELOW.replace("CHN", "HKG")]),
            ("sex", [ABOVE, &BELOW.replace("1M3", "1F3")]),
            ("Chinese name", [ABOVE, "EA00000019CHN9001011M3001019NFMFMIPM<<<<A958"]),
            ("optional field", [ABOVE, "EA00000019CHN9001011M3001019NFMFMIPN<<<<A858"]),
        ] {
            let other = other.concat();
            let [chip, reverse] = [chip(&other, &page), chip(&page, &other)];
            assert!(chip.zone().is_some() && !chip.agrees() && !reverse.agrees(), "{what}");
        }
        let mut cut = chip(&page, &page);
        cut.dg1.pop();
        assert!(cut.zone().is_none() && !cut.agrees());
    }

    #[test]
    fn a_digit_that_a_camera_took_for_a_letter_is_no_difference() {
        let with = |kind: &str, name: &str| {
            let above = ABOVE.replace("PO", kind).replace("ZHANG<<SAN<<<", name);
            [&above, BELOW].concat()
        };
        let check = |read: (&str, &str), on_chip: (&str, &str), expect: bool| {
            let chip = chip(&with(on_chip.0, on_chip.1), &with(read.0, read.1));
            assert_eq!(chip.agrees(), expect, "{read:?} {on_chip:?}");
        };
        for kind in ["PO", "PD", "PQ"] {
            check(("P0", "ZHANG<<SAN<<<"), (kind, "ZHANG<<SAN<<<"), true);
        }
        check(("P0", "ZHANG<<SAN<<<"), ("PE", "ZHANG<<SAN<<<"), false);
        check(("P0", "ZHANG<<SAN<<<"), ("PO", "ZHAND<<SAN<<<"), false);
        check(("PO", "0ANIEL<1I<<<<"), ("PO", "DANIEL<LI<<<<"), true);
        check(("PO", "0ANIEL<1I<<<<"), ("PO", "DANIEL<EI<<<<"), false);
        check(("PO", "OANIEL<LI<<<<"), ("PO", "DANIEL<LI<<<<"), false);
        check(("PO", "0ANIEL<LI<<<<"), ("PD", "DANIEL<LI<<<<"), false);
    }
}
