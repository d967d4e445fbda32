//! The register of guests (旅客登记簿) that the law asks of a hotel.
//!
//! Who stays is written here with name, document, nationality, address, room and nights, and
//! kept for three years after they left. It is no part of the log of checks: no colour and no
//! verdict is in it, and nothing of it goes to the health authority. Who looked into it, took
//! it out or changed it is in the audit.

mod export;
mod form;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use uuid::Uuid;
use yanma_store::{GuestFilter, GuestRow};

pub use self::export::GuestFormat;
pub use self::form::GuestForm;
pub(crate) use self::form::Papers;
use crate::check::new_id;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::rights::Right;

/// The nationality of whoever needs no report.
const CHINA: &str = "CHN";
/// How soon after their arrival the police are told of foreigners (Exit-Entry Law, art. 39).
pub const REPORT_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// How long a guest stays in the register after leaving, in years.
const KEPT_YEARS: i32 = 3;
/// The largest party, as many as one code shows of a family.
const LARGEST_PARTY: usize = 30;
/// How long what somebody showed may still fill the form.
const PAPERS_KEPT: SignedDuration = SignedDuration::from_mins(15);

impl Desk {
    /// What whoever was last at the desk showed, to fill the form with; for a quarter of an
    /// hour. With the room and nights of their booking, when they were on a list.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when it cannot be written down.
    pub fn guest_draft(&self) -> Result<Option<GuestForm>, DeskError> {
        self.allow(Right::Guests)?;
        let now = self.now();
        let papers = self.papers().filter(|papers| {
            let since = now.duration_since(papers.at);
            !since.is_negative() && since <= PAPERS_KEPT
        });
        let Some(papers) = papers else { return Ok(None) };
        self.reveal(Right::Guests, "see-papers", None)?;
        Ok(Some(papers.form))
    }

    /// What a companion of a guest is written with: their room, address and the nights that are
    /// left, and what whoever was last at the desk showed, unless that is somebody who is here.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`], [`DeskError::NoSuchGuest`]; or when it cannot be written down.
    pub fn companion_draft(&self, first: Uuid) -> Result<GuestForm, DeskError> {
        let stay = self.guest_form(first)?;
        let due = self.store.guest(first)?.ok_or(DeskError::NoSuchGuest)?.due;
        let today = self.now().to_zoned(TimeZone::system()).date();
        let nights = today.until(due).map_or(1, |left| left.get_days()).max(1).to_string();
        let shown = match self.guest_draft()? {
            Some(form) => {
                let here = self.store.guest_here(&form.document_type, &form.document)?;
                here.is_none().then_some(form)
            }
            None => None,
        };
        let (room, address) = (stay.room, stay.address);
        Ok(GuestForm { room, address, nights, ..shown.unwrap_or_default() })
    }

    /// Writes somebody into the register. `party` is the guest they came with.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; [`DeskError::Field`] naming what cannot be;
    /// [`DeskError::GuestIsHere`] when somebody with this document has not left.
    pub fn check_in(&self, form: &GuestForm, party: Option<Uuid>) -> Result<GuestRow, DeskError> {
        self.allow(Right::Guests)?;
        let now = self.now();
        let id = new_id(now)?;
        let guest = self.guest_of(form, now, id)?;
        if self.store.guest_here(&guest.document_type, &guest.document)?.is_some() {
            return Err(DeskError::GuestIsHere);
        }
        let party = match party {
            Some(first) => self.party_of(first)?,
            None => id,
        };
        let guest = GuestRow { party, ..guest };
        self.write_down("check-in", Some(&id.to_string()), None)?;
        self.store.put_guest(&guest)?;
        self.store.guest(id)?.ok_or(DeskError::NoSuchGuest)
    }

    /// The party that a guest belongs to, if there is room in it.
    fn party_of(&self, first: Uuid) -> Result<Uuid, DeskError> {
        let party = self.store.guest(first)?.ok_or(DeskError::NoSuchGuest)?.party;
        let members = self.members(party)?.len();
        if members < LARGEST_PARTY { Ok(party) } else { Err(DeskError::bad_field("party")) }
    }

    /// Those of a party who are here.
    fn members(&self, party: Uuid) -> Result<Vec<GuestRow>, DeskError> {
        let everybody = GuestFilter { limit: u32::MAX, ..GuestFilter::default() };
        let mut here = self.store.guests(&everybody)?;
        here.retain(|guest| guest.party == party);
        Ok(here)
    }

    /// What is written of a guest, whole, to be read or put right. Who looked is written down.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`], [`DeskError::NoSuchGuest`].
    pub fn guest_form(&self, id: Uuid) -> Result<GuestForm, DeskError> {
        self.reveal(Right::Guests, "see-guest", Some(&id.to_string()))?;
        let guest = self.store.guest(id)?.ok_or(DeskError::NoSuchGuest)?;
        Ok(GuestForm::of(&guest))
    }

    /// Puts right what is written of a guest. When they came, stays.
    ///
    /// # Errors
    /// As [`Desk::check_in`]; [`DeskError::NoSuchGuest`].
    pub fn change_guest(&self, id: Uuid, form: &GuestForm) -> Result<GuestRow, DeskError> {
        self.allow(Right::Guests)?;
        let before = self.store.guest(id)?.ok_or(DeskError::NoSuchGuest)?;
        let guest = self.guest_of(form, before.arrived_at, id)?;
        let other = self.store.guest_here(&guest.document_type, &guest.document)?;
        if other.is_some_and(|other| other.id != id) {
            return Err(DeskError::GuestIsHere);
        }
        let guest = GuestRow {
            number: before.number,
            party: before.party,
            left_at: before.left_at,
            reported_at: before.reported_at,
            ..guest
        };
        self.write_down("change-guest", Some(&id.to_string()), None)?;
        self.store.put_guest(&guest)?;
        Ok(guest)
    }

    /// Says that somebody has left. Said again, it changes nothing.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`], [`DeskError::NoSuchGuest`].
    pub fn check_out(&self, id: Uuid) -> Result<GuestRow, DeskError> {
        self.note_of_guest(id, "check-out", |guest, now| guest.left_at.get_or_insert(now))
    }

    /// Says that a guest and all who came with them have left, and answers how many.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`], [`DeskError::NoSuchGuest`]; who was written before something
    /// failed has left.
    pub fn check_out_party(&self, id: Uuid) -> Result<usize, DeskError> {
        self.allow(Right::Guests)?;
        let party = self.store.guest(id)?.ok_or(DeskError::NoSuchGuest)?.party;
        let members = self.members(party)?;
        for guest in &members {
            self.check_out(guest.id)?;
        }
        Ok(members.len())
    }

    /// Says that the police were told of a foreigner. Said again, it changes nothing.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`], [`DeskError::NoSuchGuest`].
    pub fn note_reported(&self, id: Uuid) -> Result<GuestRow, DeskError> {
        self.note_of_guest(id, "report-guest", |guest, now| guest.reported_at.get_or_insert(now))
    }

    fn note_of_guest(
        &self,
        id: Uuid,
        act: &str,
        note: for<'a> fn(&'a mut GuestRow, Timestamp) -> &'a mut Timestamp,
    ) -> Result<GuestRow, DeskError> {
        self.allow(Right::Guests)?;
        let before = self.store.guest(id)?.ok_or(DeskError::NoSuchGuest)?;
        let mut guest = before.clone();
        note(&mut guest, self.now());
        if guest != before {
            self.write_down(act, Some(&id.to_string()), None)?;
            self.store.put_guest(&guest)?;
        }
        Ok(guest)
    }

    /// The guests that match, the newest first. That somebody looked is written down.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when it cannot be written down.
    pub fn guests(&self, filter: &GuestFilter) -> Result<Vec<GuestRow>, DeskError> {
        self.reveal(Right::Guests, "see-guests", None)?;
        Ok(self.store.guests(filter)?)
    }

    /// Forgets whom the law lets go: guests three years after they left.
    pub(crate) fn retain_guests(&self, now: Timestamp) -> Result<u64, DeskError> {
        let zoned = now.to_zoned(TimeZone::UTC);
        let before = zoned.saturating_sub(Span::new().years(KEPT_YEARS)).timestamp();
        Ok(self.store.retain_guests(before, now)?)
    }
}

/// Whether the police must be told of a guest, and by when; `None` for citizens.
pub fn report_due(guest: &GuestRow) -> Option<Timestamp> {
    let foreign = guest.nationality != CHINA;
    foreign.then(|| guest.arrived_at.saturating_add(REPORT_WITHIN).unwrap_or(Timestamp::MAX))
}
