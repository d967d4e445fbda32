//! The status lists of other issuers: other provinces, and the national platform.
//!
//! The authority carries their heads and the files of their status lists beside its own feeds,
//! signed by them. Their keys are in the authority's trust list. Each list comes into force in a
//! transaction of its own: whatever is wrong with one leaves the others, and the desk's own, as
//! they are. A code of an issuer without a list is "not checked", as before.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use yanma_domain::IssuerId;
use yanma_domain::trust::{Issuer, Purpose, TrustList, Words};
use yanma_domain::verdict::FeedPosition;
use yanma_protocol::Digest;
use yanma_protocol::envelope::Keys;
use yanma_protocol::file_name::FeedName;
use yanma_protocol::head::{FileRef, Head, HeadMark};
use yanma_store::{FeedName as Stored, FeedState, FeedWrite, HeadMark as StoredMark};

use super::build::no_way;
use super::fetched::{Fetched, is_missing};
use super::newest::check_order;
use super::status::{NextStatus, Wanted};
use super::{Refusal, Refused, SyncError};
use crate::authority::Authority;
use crate::desk::Desk;
use crate::enrolment::Enrolment;
use crate::error::DeskError;
use crate::knowledge::KnownList;

/// How often another issuer's head is asked for while the desk keeps in step: a third of the
/// fifteen minutes for which a list counts as live.
const EVERY: Duration = Duration::from_secs(5 * 60);

/// When other issuers are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// At once, because a person wants it.
    Now,
    /// Those that are due.
    InTurn,
}

/// How it stands with each of the other issuers, since the desk was opened.
#[derive(Debug, Default)]
pub(crate) struct Regions(BTreeMap<IssuerId, Region>);

#[derive(Debug, Default)]
struct Region {
    asked: Option<Instant>,
    refused: Refused,
    refusal: Option<Refusal>,
}

impl Regions {
    fn is_due(&self, issuer: IssuerId) -> bool {
        let asked = self.0.get(&issuer).and_then(|region| region.asked);
        asked.is_none_or(|asked| asked.elapsed() >= EVERY)
    }

    fn note(&mut self, issuer: IssuerId, refusal: Option<Refusal>) {
        let region = self.0.entry(issuer).or_default();
        region.asked = Some(Instant::now());
        // The same file, refused for the same, is so since it was first.
        let before = region.refusal.take();
        region.refusal = refusal.map(|now| before.filter(|then| then.is_of(&now)).unwrap_or(now));
    }
}

/// The list of another issuer that the trust list knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionStanding {
    /// Whose list.
    pub issuer: IssuerId,
    /// The issuer's name.
    pub name: Words,
    /// When the issuer last said that the list is the newest; `None` while there is none here.
    pub as_of: Option<Timestamp>,
    /// How many holders it has.
    pub holders: u32,
    /// The file that was refused when it was last asked for.
    pub refusal: Option<Refusal>,
}

impl Desk {
    /// Takes over what `from` carries of other issuers. What goes wrong with one is kept to be
    /// told, and holds up nobody.
    pub(super) async fn follow_regions(
        &self,
        enrolment: &Enrolment,
        from: &Arc<dyn Authority>,
        asked: Asked,
    ) {
        let known = self.knowledge();
        let Some(trust) = &known.trust else { return };
        self.drop_lists_of_others();
        for Issuer { id, .. } in self.subscribed(trust, enrolment.issuer) {
            let Some(carrier) = from.region(*id) else { continue };
            if asked == Asked::InTurn && !self.regions().is_due(*id) {
                continue;
            }
            let followed = self.follow_region(*id, carrier, enrolment, trust).await;
            let refusal = match &followed {
                Err(DeskError::Feed(error)) => error.refusal(self.now()),
                _ => None,
            };
            match followed {
                Ok(()) => {}
                // Not every issuer that is recognised is carried, and not by everybody.
                Err(DeskError::Authority(error)) if is_missing(&error) => {}
                Err(error) => tracing::warn!(issuer = %id, %error, "another issuer's list stays"),
            }
            self.regions().note(*id, refusal);
        }
    }

    async fn follow_region(
        &self,
        issuer: IssuerId,
        carrier: Arc<dyn Authority>,
        enrolment: &Enrolment,
        trust: &TrustList,
    ) -> Result<(), DeskError> {
        let mut fetched = Fetched::from(carrier, Arc::clone(&self.meter));
        let bytes = fetched.authority.head().await?;
        let head = Head::open(&bytes, issuer, trust).map_err(SyncError::Head)?;
        let held = self.knowledge().lists.get(&issuer).cloned();
        let last = self.store().high_water()?.heads.get(&issuer).copied();
        let last = last.map(|last| last_mark(&head, last, held.as_ref()));
        check_order(&head, last, self.now())?;
        if let Some(error) = self.refused_of(&head) {
            return Err(error.into());
        }
        let keys = Keys::Trusted(trust, head.issued_at);
        let list = &head.feeds.status;
        let has_it = held.as_ref().is_some_and(|held| {
            held.position == list.position() && Digest(held.list.root()) == list.root
        });
        let next = match has_it {
            true => None,
            false => Some(self.bring_list(&head, keys, held.as_ref(), &mut fetched).await?),
        };
        self.put_list_in_force(&head, next, held, enrolment)?;
        self.fold_status(issuer);
        Ok(())
    }

    /// The list that the head names, by the shortest way, and over the snapshot when that fails.
    async fn bring_list(
        &self,
        head: &Head,
        keys: Keys<'_>,
        held: Option<&KnownList>,
        fetched: &mut Fetched,
    ) -> Result<NextStatus, DeskError> {
        let held = held.filter(|held| held.position != head.feeds.status.position());
        let brought = match bring_list_from(head, keys, held, fetched).await {
            Err(DeskError::Feed(error)) if held.is_some() => {
                tracing::warn!(%error, "the shortest way failed; taking the snapshot");
                bring_list_from(head, keys, None, fetched).await
            }
            brought => brought,
        };
        if let Err(DeskError::Feed(error)) = &brought
            && error.is_final()
        {
            let mut regions = self.regions();
            let region = regions.0.entry(head.issuer).or_default();
            region.refused.note(FeedName::Status, head, *error);
        }
        brought
    }

    fn refused_of(&self, head: &Head) -> Option<SyncError> {
        self.regions().0.get(&head.issuer)?.refused.of(FeedName::Status, head)
    }

    fn put_list_in_force(
        &self,
        head: &Head,
        next: Option<NextStatus>,
        held: Option<KnownList>,
        enrolment: &Enrolment,
    ) -> Result<(), DeskError> {
        let _same_key = self.keep_key();
        // What was on its way while the desk was ended, or enrolled anew, is not for it.
        if self.enrolment().is_none_or(|now| now.token != enrolment.token) {
            return Err(DeskError::NotEnrolled);
        }
        let (issuer, as_of) = (head.issuer, head.issued_at);
        let FeedPosition { epoch, sequence } = head.feeds.status.position();
        let state = FeedState { epoch, sequence, root: head.feeds.status.root.0, as_of };
        if !self.store().is_read_only() {
            let mark = StoredMark { number: head.number, issued_at: as_of };
            let list = match &next {
                Some(next) => next.as_write(issuer, state),
                None => FeedWrite::Confirmed { issuer, feed: Stored::Status, as_of },
            };
            self.store().apply_feeds([FeedWrite::RegionHead { issuer, mark }, list])?;
        }
        let known = next.map(|next| next.known).or(held);
        self.learn_list(issuer, known.map(|known| KnownList { as_of, ..known }));
        Ok(())
    }

    /// Forgets the lists of those whom the authority does not recognise any more, or to whom this
    /// desk does not subscribe.
    pub(crate) fn drop_lists_of_others(&self) {
        let known = self.knowledge();
        let Some((trust, enrolment)) = known.trust.as_ref().zip(self.enrolment()) else { return };
        let home = enrolment.issuer;
        let kept: Vec<_> = self.subscribed(trust, home).iter().map(|issuer| issuer.id).collect();
        let is_kept = |issuer: &IssuerId| *issuer == home || kept.contains(issuer);
        for issuer in known.lists.keys().copied().filter(|issuer| !is_kept(issuer)) {
            self.learn_list(issuer, None);
            if self.store().is_read_only() {
                continue;
            }
            if let Err(error) = super::load::forget_list(self.store(), issuer, self.now()) {
                tracing::warn!(%issuer, %error, "a list that counts no more stays on the disk");
            }
        }
    }

    /// The other issuers whose lists this desk has, or is to have. A setting that cannot be read
    /// takes nothing away.
    fn subscribed<'a>(&self, trust: &'a TrustList, home: IssuerId) -> Vec<&'a Issuer> {
        let subscription = self.subscription().unwrap_or_default();
        others(trust, home).filter(|issuer| subscription.wants(issuer.id)).collect()
    }

    /// The other issuers that publish lists, by the trust list: those to whom a desk may
    /// subscribe.
    pub fn regions_to_subscribe(&self) -> Vec<Issuer> {
        let known = self.knowledge();
        let trust = known.trust.as_ref().zip(self.enrolment());
        trust.map_or_else(Vec::new, |(trust, enrolment)| {
            others(trust, enrolment.issuer).cloned().collect()
        })
    }

    /// How it stands with the lists of the other issuers to whom this desk subscribes.
    pub(crate) fn region_standings(&self) -> Vec<RegionStanding> {
        let known = self.knowledge();
        let Some((trust, enrolment)) = known.trust.as_ref().zip(self.enrolment()) else {
            return Vec::new();
        };
        let subscribed = self.subscribed(trust, enrolment.issuer);
        let regions = self.regions();
        let standing = |issuer: &Issuer| {
            let list = known.lists.get(&issuer.id);
            RegionStanding {
                issuer: issuer.id,
                name: issuer.name.clone(),
                as_of: list.map(|list| list.as_of),
                holders: list.map_or(0, |list| list.list.len()),
                refusal: regions.0.get(&issuer.id).and_then(|region| region.refusal.clone()),
            }
        };
        subscribed.into_iter().map(standing).collect()
    }
}

/// Whoever else publishes lists, as far as this trust list knows.
pub(super) fn others(trust: &TrustList, home: IssuerId) -> impl Iterator<Item = &Issuer> {
    let publishes =
        |issuer: &&Issuer| issuer.keys.iter().any(|key| key.purposes.contains(&Purpose::Feeds));
    trust.issuers.iter().filter(move |issuer| issuer.id != home).filter(publishes)
}

/// What a head of another issuer is compared with: of its feeds only the status list is kept.
fn last_mark(head: &Head, last: StoredMark, held: Option<&KnownList>) -> HeadMark {
    let mut mark = HeadMark { number: last.number, issued_at: last.issued_at, ..head.mark() };
    let [_, _, status, _] = &mut mark.positions;
    *status = held.map_or(*status, |held| held.position);
    mark
}

async fn bring_list_from(
    head: &Head,
    keys: Keys<'_>,
    held: Option<&KnownList>,
    fetched: &mut Fetched,
) -> Result<NextStatus, DeskError> {
    let list = &head.feeds.status;
    let route = list.route(held.map(|held| held.position)).ok_or(no_way(list))?;
    let route: Vec<FileRef> = route.into_iter().copied().collect();
    fetched.begin(FeedName::Status, route.iter().map(|file| file.bytes).sum());
    let mut files = Vec::with_capacity(route.len());
    for file in &route {
        files.push(fetched.file(file).await?);
    }
    let wanted = Wanted { issuer: head.issuer, list, keys, as_of: head.issued_at };
    Ok(NextStatus::build(wanted, held, &files)?)
}
