//! What the authority's operator does from the command line, on the same database and with
//! the same rules as the server. A server that runs beside it sees the change within a
//! second.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use yanma_domain::IssuerId;
use yanma_domain::code::Lifetime;
use yanma_domain::document::DocumentNumber;
use yanma_domain::trust::PublicKey;
use yanma_protocol::Secret;
use yanma_protocol::clerks::{ClerkRecord, ClerkRequest, RevokeRequest};
use yanma_protocol::facts::{FactKind, FactReport, FactResult};
use yanma_protocol::regions::RegionRecord;
use yanma_protocol::shows::ShowResponse;
use yanma_protocol::stations::{EnrolmentRequest, EnrolmentResponse, StationRecord};

use crate::audit::{self, AuditCheck, Deed, Note};
use crate::authority::Authority;
use crate::clerks::{self, Role};
use crate::codes;
use crate::database::Change;
use crate::error::Error;
use crate::facts::{self, Form, Sender};
use crate::regions::{self, NewRegion};
use crate::register;
use crate::secret::random;
use crate::stations::{self, SiteRow};
use crate::verify::{self, Recorded};

impl Authority {
    /// Shows the code of whoever has this document, and counts it.
    ///
    /// `age` makes the code that much older than it is, to try what a desk does with one
    /// that has ended.
    ///
    /// # Errors
    ///
    /// [`Error::NoCode`] when the person is not in the register or has claimed none.
    pub async fn show(
        self: &Arc<Self>,
        document: DocumentNumber,
        lifetime: Lifetime,
        age: SignedDuration,
    ) -> Result<ShowResponse, Error> {
        let authority = Arc::clone(self);
        let now = self.clock.now();
        self.database
            .write(move |change| {
                let person = register::find(change, &document)?.ok_or(Error::NoCode)?;
                codes::show(change, &person, &authority.press(), lifetime, age, now)
            })
            .await
    }

    /// Reports one fact in the name of the command line.
    ///
    /// # Errors
    ///
    /// [`Error::Database`] or [`Error::NotStored`]; a fact that is refused is in the result.
    pub async fn report_fact(
        &self,
        document: DocumentNumber,
        kind: FactKind,
        occurred_at: Option<Timestamp>,
    ) -> Result<FactResult, Error> {
        let now = self.clock.now();
        let reporter = self.database.write(move |change| clerks::command_line(change, now)).await?;
        let report = FactReport {
            id: new_id(now)?,
            document_type: document.document_type(),
            number: Secret::new(document.reveal()),
            kind,
            occurred_at: occurred_at.unwrap_or(now),
            detail: None,
            retracts: None,
        };
        let (database, scheme) = (&self.database, &self.scheme());
        let sender = Sender { reporter, form: Form::CommandLine, key: None };
        let (_, results) = facts::report(database, scheme, sender, vec![Ok(report)], now).await?;
        results.into_iter().next().ok_or(Error::Panicked)
    }

    /// Registers the public key with which the department of this name signs
    /// batches of facts. To register it again does nothing.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such name, or more than one; [`Error::Field`] when
    /// the key is somebody else's or was revoked.
    pub async fn add_department_key(&self, name: &str, key: PublicKey) -> Result<(), Error> {
        let now = self.clock.now();
        let name = name.to_owned();
        self.database
            .write(move |change| {
                facts::add_key(change, &name, &key, now)?;
                let by = clerks::command_line(change, now)?;
                let note = Note::new(Deed::AddDepartmentKey, String::from(key));
                audit::note(change, &by, note.with("department", name), now)
            })
            .await
    }

    /// Takes a department's key out of use, for ever.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub async fn revoke_department_key(&self, key: PublicKey) -> Result<(), Error> {
        let now = self.clock.now();
        self.database
            .write(move |change| {
                facts::revoke_key(change, &key, now)?;
                let by = clerks::command_line(change, now)?;
                let note = Note::new(Deed::RevokeDepartmentKey, String::from(key));
                audit::note(change, &by, note, now)
            })
            .await
    }

    /// Hands out an enrolment code.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown site, [`Error::Field`] for a bad field.
    pub async fn hand_out(&self, request: EnrolmentRequest) -> Result<EnrolmentResponse, Error> {
        request.check()?;
        let now = self.clock.now();
        self.database
            .write(move |change| {
                let handed_out = stations::hand_out(change, &request, now)?;
                let by = clerks::command_line(change, now)?;
                let note = Note::new(Deed::HandOutEnrolment, &request.site);
                audit::note(change, &by, note, now)?;
                Ok(handed_out)
            })
            .await
    }

    /// Every station that was ever enrolled.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    pub async fn stations(&self) -> Result<Vec<StationRecord>, Error> {
        self.database.read(stations::all).await
    }

    /// Adds another issuer whose codes count, or changes one.
    ///
    /// # Errors
    ///
    /// [`Error::Field`] for an issuer or an address that cannot be.
    pub async fn put_region(&self, region: NewRegion) -> Result<(), Error> {
        let (own, now) = (self.issuer(), self.clock.now());
        let put = move |change: &Change<'_>| {
            let note = regions::noted(&region);
            regions::put(change, own, region, now)?;
            let by = clerks::command_line(change, now)?;
            audit::note(change, &by, note, now)
        };
        self.database.write(put).await?;
        self.regions_changed().await
    }

    /// Ends the recognition of another issuer.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub async fn remove_region(&self, issuer: IssuerId) -> Result<(), Error> {
        let now = self.clock.now();
        let remove = move |change: &Change<'_>| {
            regions::remove(change, issuer, now)?;
            let by = clerks::command_line(change, now)?;
            audit::note(change, &by, Note::new(Deed::RemoveRegion, issuer.to_string()), now)
        };
        self.database.write(remove).await?;
        self.regions_changed().await
    }

    /// How it stands with other issuers, as far as this process has asked them.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    pub async fn regions(&self) -> Result<Vec<RegionRecord>, Error> {
        self.follow_rules().await?;
        self.regions.states(&self.region_rows(), self.clock.now())
    }

    /// Takes in other issuers that were changed here, and has them asked at once.
    pub(crate) async fn regions_changed(&self) -> Result<(), Error> {
        self.follow_rules().await?;
        self.regions.changed.notify_one();
        Ok(())
    }

    /// The key that signs this authority's trust list, for other issuers.
    ///
    /// # Errors
    ///
    /// [`Error::Key`].
    pub fn root_key(&self) -> Result<PublicKey, Error> {
        Ok(self.keys.root_public()?)
    }

    /// Ends a station that was stolen or taken down. It may not ask, upload or enrol with its
    /// token from the next request on; the lists it has stay on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub async fn revoke_station(&self, id: &str) -> Result<(), Error> {
        let now = self.clock.now();
        let station = id.to_owned();
        self.database
            .write(move |change| {
                stations::revoke(change, &station, now)?;
                let by = clerks::command_line(change, now)?;
                audit::note(change, &by, Note::new(Deed::RevokeStation, station), now)
            })
            .await?;
        self.callers.forget_station(id);
        Ok(())
    }

    /// Adds a site, or changes its names and scene.
    ///
    /// # Errors
    ///
    /// [`Error::Field`] for an unknown scene or a bad id.
    pub async fn put_site(&self, id: &str, zh: &str, en: &str, scene: &str) -> Result<(), Error> {
        stations::check_scene(scene)?;
        // The same limits as when a desk is enrolled there.
        EnrolmentRequest { site: id.to_owned(), station_name: Some(zh.to_owned()), scene: None }
            .check()?;
        let row = SiteRow::new(id, zh, en, scene);
        let now = self.clock.now();
        self.database
            .write(move |change| {
                stations::put_site(change, &row)?;
                let by = clerks::command_line(change, now)?;
                let note = Note::new(Deed::PutSite, &row.site.id).with("scene", &row.scene);
                audit::note(change, &by, note, now)
            })
            .await
    }

    /// Creates somebody who is bound to nothing; returns the token, which is not kept.
    ///
    /// # Errors
    ///
    /// As [`create_clerk_at`](Self::create_clerk_at).
    pub async fn create_clerk(&self, name: &str, role: Role) -> Result<Secret, Error> {
        let name = name.to_owned();
        self.create_clerk_at(ClerkRequest { name, role, sites: Vec::new(), kinds: Vec::new() })
            .await
    }

    /// Creates somebody, with the sites or kinds they are bound to; returns the token, which is not kept.
    ///
    /// # Errors
    ///
    /// [`Error::Field`] for a bad name, for a site that is not there, for a site manager
    /// without one; [`Error::Database`] or [`Error::NotStored`].
    pub async fn create_clerk_at(&self, request: ClerkRequest) -> Result<Secret, Error> {
        request.check()?;
        let now = self.clock.now();
        let token = self
            .database
            .write(move |change| {
                let (made, token) = clerks::create(change, &request, now)?;
                let by = clerks::command_line(change, now)?;
                audit::note(change, &by, clerks::noted(&made), now)?;
                Ok(token)
            })
            .await?;
        Ok(Secret::new(token))
    }

    /// Hands out the records of answers to stations, from one instant up to another, until
    /// `take` says no. That they were read, and why, is noted first.
    ///
    /// # Errors
    ///
    /// [`Error::Database`] or [`Error::NotStored`].
    pub async fn verifications(
        &self,
        from: Timestamp,
        until: Timestamp,
        reason: &str,
        take: impl FnMut(Recorded) -> bool,
    ) -> Result<(), Error> {
        let (now, reason) = (self.clock.now(), reason.to_owned());
        self.database
            .write(move |change| {
                let by = clerks::command_line(change, now)?;
                let note = Note::new(Deed::ReadVerifications, format!("{from} to {until}"));
                audit::note(change, &by, note.because(&reason), now)
            })
            .await?;
        verify::recorded(&self.database, from, until, take).await
    }

    /// Everybody who ever had a token.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    pub async fn clerks(&self) -> Result<Vec<ClerkRecord>, Error> {
        self.database.read(clerks::all).await
    }

    /// Takes away somebody's app and recovery codes and ends their sessions. They set up an
    /// app anew with their token.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; [`Error::Field`] for a reason that says nothing.
    pub async fn reset_second_factor(&self, id: i64, reason: &str) -> Result<ClerkRecord, Error> {
        let request = RevokeRequest { reason: reason.to_owned() };
        request.check()?;
        let now = self.clock.now();
        self.database
            .write(move |change| {
                let reset = clerks::reset_second_factor(change, id)?;
                let by = clerks::command_line(change, now)?;
                let note = Note::new(Deed::ResetSecondFactor, format!("clerk {id}"));
                audit::note(change, &by, note.because(&request.reason), now)?;
                Ok(reset)
            })
            .await
    }

    /// Follows the chain of audit records.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    pub async fn check_audit(&self) -> Result<AuditCheck, Error> {
        self.database.read(audit::check).await
    }
}

/// A UUID of version 7 (RFC 9562 §5.7).
pub(crate) fn new_id(now: Timestamp) -> Result<Uuid, Error> {
    let ms = u64::try_from(now.as_millisecond()).unwrap_or(0);
    Ok(uuid::Builder::from_unix_timestamp_millis(ms, &random()?).into_uuid())
}
