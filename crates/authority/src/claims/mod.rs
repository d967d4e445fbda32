//! Who gets a code (申领), for oneself or for the family; what it looks like to its holder;
//! and giving it back.

mod by_shard;
mod declared;
mod family;
mod holders;
mod recolour;
mod withdrawal;

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::{self, TimeZone};
use jiff::{SignedDuration, Timestamp};
use yanma_domain::document::{DocumentNumber, DocumentType};
use yanma_domain::trust::TrustList;
use yanma_domain::{Colour, IssuerId, StatusIndex};
use yanma_protocol::claims::{
    FamilyClaim, FamilyMember, HolderResponse, MemberId, Origin, Relation,
};
use yanma_protocol::history::ColourHistory;
use yanma_protocol::{FieldError, FieldProblem};

use crate::accounts::{self, AccountRow};
use crate::colour::{self, Cause, ColourChange, Evaluation, Had, InForce, Reader, Reasons, Scheme};
use crate::database::{Change, Session};
use crate::days::HOURS_AHEAD;
use crate::error::Error;
use crate::facts;
use crate::homes;
use crate::lists::issuing::{self, ShardKey};
use crate::register::{self, Person, Source};

pub(crate) use by_shard::TABLE_7 as HOLDERS_7;
pub(crate) use declared::{TABLE_2 as DECLARATIONS_2, find as declared_with};
pub use family::FamilyRule;
pub(crate) use holders::{
    HolderRow, ListChange, Medium, TABLE_1 as HOLDERS_1, TABLE_2 as HOLDERS_2,
    TABLE_9 as HOLDERS_9, changed_after, due, each_for_lists, ever_claimed, find_by_person,
    of_accounts, paper_of,
};
pub(crate) use recolour::{recolour_due, recolour_owners, recolour_reported};
pub(crate) use withdrawal::{withdraw, withdraw_all, withdraw_at, withdraw_paper};

/// What claims are decided by.
pub(crate) struct Terms {
    /// The authority whose codes these are.
    pub(crate) issuer: IssuerId,
    /// The rules of colours.
    pub(crate) scheme: InForce,
    /// Whose codes are verified.
    pub(crate) trust: Arc<TrustList>,
    /// Who entered from abroad before this day uses the national entry code.
    pub(crate) arrivals_since: Date,
    /// New codes of one person and account within a day, on phones and on paper together. Every one takes a
    /// place of the status list for ever, so whoever claims and withdraws in turn comes to an end.
    pub(crate) new_codes_a_day: u32,
}

/// A claim's answer: the code, and whether it is new.
pub(crate) struct Claimed {
    pub(crate) holder: HolderRow,
    pub(crate) new: bool,
}

/// Gives the account's own person a code, or finds the one that is there: then what is
/// declared now takes the place of what was.
///
/// The colour is computed at once from the facts on file. After a withdrawal a new code with
/// a new index is issued; the old index stays withdrawn for ever. A code that the family
/// claimed for this person passes to the person's own account, and a paper of it is withdrawn.
///
/// # Errors
///
/// [`Error::RateLimited`] when the person had too many new codes, and what stands against a claim
/// in this group.
pub(crate) fn claim(
    change: &Change<'_>,
    account: &AccountRow,
    from: &Origin,
    terms: &Terms,
    now: Timestamp,
) -> Result<Claimed, Error> {
    accounts::check_open(change, account)?;
    match find_by_person(change, account.person.id)? {
        Some(holder) => claim_anew(change, &holder, account, None, from, terms, now),
        None => issue(change, account, &account.person, None, from, terms, now),
    }
}

/// Gives a family member a code, or finds the one that the account has claimed before: then
/// relation and declaration of now take the place of those before.
///
/// # Errors
///
/// [`Error::NotRegistered`] when name and number are not together in the register,
/// [`Error::AlreadyClaimed`] when another account has the code, [`Error::Family`] for the rule
/// that stands against it, [`Error::RateLimited`] when the person had too many new codes, and what
/// stands against a claim in this group.
pub(crate) fn claim_for_family(
    change: &Change<'_>,
    account: &AccountRow,
    claim: &FamilyClaim,
    terms: &Terms,
    now: Timestamp,
) -> Result<Claimed, Error> {
    accounts::check_open(change, account)?;
    let person = register::find(change, &claim.document)?
        .filter(|person| register::same_name(&person.name, &claim.name))
        .ok_or(Error::NotRegistered)?;
    if person.id == account.person.id {
        return Err(Error::Family(FamilyRule::OwnPerson));
    }
    let found = find_by_person(change, person.id)?;
    if found.as_ref().is_some_and(|holder| holder.account != account.id) {
        return Err(Error::AlreadyClaimed);
    }
    let relation = Some(claim.relation);
    // A child that has grown up meanwhile keeps the code.
    if found.as_ref().is_none_or(|holder| holder.relation != relation) {
        let family = holders::of_account(change, account.id)?;
        let claimed = family.iter().filter(|member| member.relation == relation).count();
        family::check(claim.relation, claim.born, claimed, day(now)).map_err(Error::Family)?;
    }
    match found {
        Some(holder) => claim_anew(change, &holder, account, relation, &claim.from, terms, now),
        None => issue(change, account, &person, relation, &claim.from, terms, now),
    }
}

/// The day that it is in the province.
pub(crate) fn day(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::fixed(tz::offset(HOURS_AHEAD))).date()
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn issue(
    change: &Change<'_>,
    account: &AccountRow,
    person: &Person,
    relation: Option<Relation>,
    from: &Origin,
    terms: &Terms,
    now: Timestamp,
) -> Result<Claimed, Error> {
    check_origin(change, person, from, terms)?;
    let (evaluation, reasons) = first_colour(change, person, &terms.scheme, now)?;
    let index = new_index(change, person, account.id, terms, now)?;
    let holder = HolderRow {
        index,
        account: account.id,
        group: from.group(),
        relation,
        city: counts_in(from, &person.document, terms.issuer),
        medium: Medium::Phone,
        person: person.clone(),
        colour: evaluation.colour,
        colour_since: now,
        next_change_at: evaluation.next_change,
        claimed_at: now,
        shown_count: 0,
    };
    insert(change, &holder, reasons, &terms.scheme)?;
    declared::put(change, index, from, now)?;
    look_home(change, &holder, from, true, terms, now)?;
    Ok(Claimed { holder, new: true })
}

/// A place of the status list for a new code.
fn new_index(
    change: &Change<'_>,
    person: &Person,
    account: i64,
    terms: &Terms,
    now: Timestamp,
) -> Result<StatusIndex, Error> {
    let whose = (person.id, account);
    let earliest = holders::nth_newest(change, whose, terms.new_codes_a_day)?;
    let passed = earliest.map_or(DAY, |claimed_at| now.duration_since(claimed_at));
    if passed < DAY {
        let wait = u32::try_from((DAY - passed).as_secs()).unwrap_or(u32::MAX);
        return Err(Error::RateLimited { retry_after_seconds: wait.saturating_add(1) });
    }
    issuing::next_index(change, ShardKey::read(change)?.shard_of(&person.document))
}

/// Claims a code that is there: it stays, and whose it is and what was declared are replaced.
fn claim_anew(
    change: &Change<'_>,
    before: &HolderRow,
    account: &AccountRow,
    relation: Option<Relation>,
    from: &Origin,
    terms: &Terms,
    now: Timestamp,
) -> Result<Claimed, Error> {
    let declared = declared::find(change, before.index, before.group)?;
    let is_new = declared.is_none_or(|declared| declared != from.declared());
    let mut holder = HolderRow { account: account.id, relation, ..before.clone() };
    // Whoever only sends the same again is not asked anew whether they may.
    if is_new {
        check_origin(change, &holder.person, from, terms)?;
        holder.group = from.group();
        holder.city = counts_in(from, &holder.person.document, terms.issuer);
        match from {
            Origin::Resident {} => declared::remove(change, holder.index)?,
            _ => declared::put(change, holder.index, from, now)?,
        }
    }
    // A paper that was made by another account may be in anybody's hands.
    if before.account != account.id {
        withdraw_paper(change, holder.person.id, &terms.scheme, now)?;
    }
    holders::claim_anew(change, before, &holder)?;
    look_home(change, &holder, from, is_new, terms, now)?;
    let holder = recolour(change, holder, &terms.scheme, now)?;
    Ok(Claimed { holder, new: false })
}

/// The colour that a person's code begins with.
fn first_colour(
    session: &Session<'_>,
    person: &Person,
    rules: &InForce,
    now: Timestamp,
) -> Result<(Evaluation, Reasons), Error> {
    let known = facts::known_about(session, &person.document)?;
    let facts: Vec<_> = known.iter().map(|known| known.fact).collect();
    let evaluation = rules.evaluate(&facts, now);
    let reasons = Reasons::of(&evaluation, &known, &[]);
    Ok((evaluation, reasons))
}

/// Adds a code. Its history begins with it, unless it is green: then it begins with the
/// first change.
fn insert(
    change: &Change<'_>,
    holder: &HolderRow,
    reasons: Reasons,
    rules: &InForce,
) -> Result<(), Error> {
    let revision = issuing::next_revision(change, holder.index)?;
    holders::insert(change, holder, revision)?;
    if holder.colour == Colour::Green {
        return Ok(());
    }
    let first = ColourChange {
        index: holder.index,
        revision,
        at: holder.colour_since,
        before: None,
        colour: holder.colour,
        scheme: rules.generation,
        cause: Cause::Claim,
        reasons,
    };
    colour::insert_changes(change, &[first])
}

/// Begins to ask for the colour at home: of what is declared newly, and when a code from home
/// is shown later.
fn look_home(
    change: &Change<'_>,
    holder: &HolderRow,
    from: &Origin,
    is_new: bool,
    terms: &Terms,
    now: Timestamp,
) -> Result<(), Error> {
    let Origin::OtherProvince { home_code, .. } = from else {
        return Ok(());
    };
    let (own, trust, person) = (terms.issuer, &terms.trust, &holder.person);
    let shown = home_code.as_ref().map(|code| homes::read_code(code, own, trust, person, now));
    let shown = shown.transpose()?;
    if is_new || shown.is_some() {
        homes::begin(change, own, holder, from, shown, now)?;
    }
    Ok(())
}

/// Gives a person a paper beside the code on the phone; the paper before it is withdrawn.
///
/// # Errors
///
/// [`Error::RateLimited`] when the person had too many new codes.
pub(crate) fn issue_paper(
    change: &Change<'_>,
    phone: &HolderRow,
    terms: &Terms,
    now: Timestamp,
) -> Result<HolderRow, Error> {
    withdraw_paper(change, phone.person.id, &terms.scheme, now)?;
    let (evaluation, reasons) = first_colour(change, &phone.person, &terms.scheme, now)?;
    let index = new_index(change, &phone.person, phone.account, terms, now)?;
    let paper = HolderRow {
        index,
        medium: Medium::Paper,
        colour: evaluation.colour,
        colour_since: now,
        next_change_at: evaluation.next_change,
        claimed_at: now,
        shown_count: 0,
        ..phone.clone()
    };
    insert(change, &paper, reasons, &terms.scheme)?;
    Ok(paper)
}

/// Passes a person in the group of the claim.
fn check_origin(
    session: &Session<'_>,
    person: &Person,
    from: &Origin,
    terms: &Terms,
) -> Result<(), Error> {
    let source = register::source(session, person.id)?;
    match from {
        Origin::Resident {} | Origin::OtherProvince { .. } if source == Source::Arrivals => {
            Err(Error::ClaimFromAbroad)
        }
        // An identity service knows who somebody is and not where they live: nobody would ask
        // the province whose number it is about them.
        Origin::Resident {}
            if source == Source::Service && city(&person.document, terms.issuer).is_none() =>
        {
            Err(Error::ClaimFromElsewhere)
        }
        Origin::Resident {} => Ok(()),
        Origin::OtherProvince { departure, household, .. } => {
            let is_here = |area: &str| area.starts_with(&format!("{:02}", terms.issuer.0));
            if is_here(household) {
                Err(Error::HouseholdHere)
            } else if is_here(departure) {
                Err(FieldError::new("from.departure", FieldProblem::Form).into())
            } else {
                Ok(())
            }
        }
        // Nobody crosses the border with one, so no arrival can be under it.
        Origin::Abroad { .. } if person.document.document_type() == DocumentType::ResidentId => {
            Err(Error::NoArrival)
        }
        Origin::Abroad { .. } => match register::entered_on(session, person.id)? {
            None => Err(Error::NoArrival),
            Some(day) if day < terms.arrivals_since => Err(Error::ArrivedTooEarly),
            Some(_) => Ok(()),
        },
    }
}

/// The city in whose figures somebody counts who declares this.
fn counts_in(from: &Origin, document: &DocumentNumber, issuer: IssuerId) -> Option<u16> {
    match from {
        Origin::Resident {} => city(document, issuer),
        Origin::OtherProvince { .. } | Origin::Abroad { .. } => None,
    }
}

/// The city in whose figures a resident counts: where the number was given out, if that was
/// in this province. A resident declares nothing, so nothing better is known.
fn city(document: &DocumentNumber, issuer: IssuerId) -> Option<u16> {
    let of_residents = document.document_type() == DocumentType::ResidentId;
    let code: u16 = document.reveal().get(..4).filter(|_| of_residents)?.parse().ok()?;
    (code / 100 == u16::from(issuer.0)).then_some(code)
}

/// Computes a holder's colour anew and keeps it when it changed.
pub(crate) fn recolour(
    change: &Change<'_>,
    holder: HolderRow,
    rules: &InForce,
    now: Timestamp,
) -> Result<HolderRow, Error> {
    let known = facts::known_about(change, &holder.person.document)?;
    let looked = recolour::look(holder, &known, &[], rules, now);
    let holder = looked.holder.clone();
    if looked.flipped.is_some() {
        recolour::set_colours(change, vec![looked], rules)?;
    } else if looked.postponed {
        holders::set_next_change(change, &holder)?;
    }
    Ok(holder)
}

/// The code in force of a person as it is at `now`; its colour is brought up to date first.
///
/// # Errors
///
/// [`Error::NoCode`].
pub(crate) fn current(
    change: &Change<'_>,
    person: &Person,
    rules: &InForce,
    now: Timestamp,
) -> Result<HolderRow, Error> {
    let holder = find_by_person(change, person.id)?.ok_or(Error::NoCode)?;
    recolour(change, holder, rules, now)
}

/// The code that an account means: its own, or that of a family member.
///
/// # Errors
///
/// [`Error::NoCode`] when there is none, or another account has it.
pub(crate) fn of_account(
    session: &Session<'_>,
    account: &AccountRow,
    member: Option<MemberId>,
) -> Result<HolderRow, Error> {
    let mut codes = holders::of_account(session, account.id)?.into_iter();
    let found = match member {
        None => codes.find(|holder| holder.relation.is_none()),
        Some(id) => codes.find(|holder| holder.relation.is_some() && holder.index.0 == id.0),
    };
    found.ok_or(Error::NoCode)
}

/// Everybody for whom the account has claimed a code.
pub(crate) fn family(
    session: &Session<'_>,
    account: &AccountRow,
    scheme: &Scheme,
    now: Timestamp,
) -> Result<Vec<FamilyMember>, Error> {
    let mut members = Vec::new();
    for holder in holders::of_account(session, account.id)? {
        members.extend(member(session, &holder, scheme, now)?);
    }
    Ok(members)
}

/// A code as whoever claimed it for a family member sees it; `None` for one's own.
pub(crate) fn member(
    session: &Session<'_>,
    holder: &HolderRow,
    scheme: &Scheme,
    now: Timestamp,
) -> Result<Option<FamilyMember>, Error> {
    let Some(relation) = holder.relation else {
        return Ok(None);
    };
    Ok(Some(FamilyMember {
        id: MemberId(holder.index.0),
        relation,
        name_masked: holder.person.name.mask().as_str().to_owned(),
        document_masked: holder.person.document.masked(),
        document_type: holder.person.document.document_type(),
        holder: response(session, holder, scheme, now)?,
    }))
}

/// Which colours the code had, as its holder sees it.
pub(crate) fn history(
    session: &Session<'_>,
    holder: HolderRow,
    rules: &Scheme,
    now: Timestamp,
) -> Result<ColourHistory, Error> {
    let had = Had {
        index: holder.index,
        document: holder.person.document,
        colour: holder.colour,
        since: holder.colour_since,
        claimed_at: holder.claimed_at,
    };
    colour::history(session, &had, Reader::Citizen, rules, now)
}

/// The code as its holder sees it.
pub(crate) fn response(
    session: &Session<'_>,
    holder: &HolderRow,
    scheme: &Scheme,
    now: Timestamp,
) -> Result<HolderResponse, Error> {
    let facts = facts::about(session, &holder.person.document)?;
    let evaluation = scheme.evaluate(&facts, now);
    Ok(HolderResponse {
        colour: evaluation.colour,
        amber_name: scheme.amber_name,
        // Between two evaluations by the clock, the row may lag by a second.
        since: if evaluation.colour == holder.colour { holder.colour_since } else { now },
        because: if evaluation.colour == Colour::Green { Vec::new() } else { evaluation.because },
        shown_count: holder.shown_count,
        claimed_at: holder.claimed_at,
        group: holder.group,
        home: homes::of_holder(session, holder)?,
    })
}
