//! Contesting a colour (纠错). A granted appeal clears the facts that its clerk was shown, and
//! none that came to be known later; the facts, the words and the decision all stay on file. A
//! grant can be set aside: then they count again.

mod table;

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use yanma_domain::Colour;
use yanma_protocol::appeals::{
    Appeal, AppealRequest, AppealState, DecidedAppeal, DecidedAppealsPage, Decision,
    DecisionRequest, EarlierAppeal, MAX_EARLIER, OpenAppeal, OpenAppealsPage, SetAsideRequest,
};

use crate::accounts::AccountRow;
use crate::audit::{self, Deed, Note};
use crate::by_hand::new_id;
use crate::claims;
use crate::clerks::Clerk;
use crate::colour::{InForce, KnownFact, Scheme, Weighed};
use crate::database::{Change, Session};
use crate::error::Error;
use crate::facts;
use crate::register;

pub(crate) use table::{INDEX_6, TABLE_2, of_account};

/// Contests a colour.
///
/// # Errors
///
/// [`Error::NoCode`]; [`Error::NothingToContest`] for a green code; [`Error::AppealOpen`]
/// when one about this person waits already.
pub(crate) fn open(
    change: &Change<'_>,
    account: &AccountRow,
    request: &AppealRequest,
    scheme: &InForce,
    now: Timestamp,
) -> Result<Appeal, Error> {
    let holder = claims::of_account(change, account, request.member)?;
    let holder = claims::recolour(change, holder, scheme, now)?;
    if holder.colour == Colour::Green {
        return Err(Error::NothingToContest);
    }
    let appeal = Appeal {
        id: new_id(now)?,
        member: request.member,
        state: AppealState::Open,
        words: request.words.clone(),
        opened_at: now,
        decided_at: None,
        answer: None,
        set_aside: false,
    };
    if table::insert(change, &appeal, account.id, holder.person.id)? {
        Ok(appeal)
    } else {
        Err(Error::AppealOpen)
    }
}

/// Appeals that wait, after one, the oldest first.
pub(crate) fn waiting(
    session: &Session<'_>,
    after: Uuid,
    limit: u32,
    scheme: &Scheme,
    now: Timestamp,
) -> Result<OpenAppealsPage, Error> {
    let mut found = table::open_after(session, after, limit.saturating_add(1))?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|(appeal, _)| appeal.id);
    let persons: Vec<i64> = found.iter().map(|(_, person)| *person).collect();
    let decided = table::decided_about(session, &persons)?;
    let appeals = found
        .into_iter()
        .map(|(appeal, person)| {
            let earlier = decided.iter().filter(|(about, _)| *about == person);
            let earlier = earlier.take(MAX_EARLIER as usize).map(|(_, appeal)| earlier_one(appeal));
            let earlier = earlier.collect::<Result<_, _>>()?;
            let person = register::get(session, person)?.ok_or(Error::Damaged("person"))?;
            let known = facts::known_about(session, &person.document)?;
            let (Weighed { colour, because, beside }, facts) = contested(&known, scheme, now);
            Ok(OpenAppeal {
                id: appeal.id,
                name_masked: person.name.mask().as_str().to_owned(),
                document_masked: person.document.masked(),
                colour,
                amber_name: scheme.amber_name,
                facts_tag: facts_tag(colour, &facts),
                because,
                beside,
                facts: table::reported(session, &facts)?,
                words: appeal.words,
                opened_at: appeal.opened_at,
                earlier,
            })
        })
        .collect::<Result<_, Error>>()?;
    Ok(OpenAppealsPage { appeals, next })
}

/// Appeals that were decided, those first that were opened last.
pub(crate) fn decided(
    session: &Session<'_>,
    before: Uuid,
    limit: u32,
) -> Result<DecidedAppealsPage, Error> {
    let mut found = table::decided_before(session, before, limit.saturating_add(1))?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|(appeal, ..)| appeal.id);
    let appeals = found
        .into_iter()
        .map(|(appeal, person, decided_by)| {
            let person = register::get(session, person)?.ok_or(Error::Damaged("person"))?;
            let EarlierAppeal { words, decision, decided_at, answer, set_aside } =
                earlier_one(&appeal)?;
            Ok(DecidedAppeal {
                id: appeal.id,
                name_masked: person.name.mask().as_str().to_owned(),
                document_masked: person.document.masked(),
                words,
                opened_at: appeal.opened_at,
                decision,
                answer,
                decided_at,
                decided_by,
                set_aside,
            })
        })
        .collect::<Result<_, Error>>()?;
    Ok(DecidedAppealsPage { appeals, next })
}

/// A decided appeal as it is told beside a later one.
fn earlier_one(appeal: &Appeal) -> Result<EarlierAppeal, Error> {
    let decision = match appeal.state {
        AppealState::Granted => Decision::Granted,
        AppealState::Declined => Decision::Declined,
        AppealState::Open => return Err(Error::Damaged("state")),
    };
    Ok(EarlierAppeal {
        words: appeal.words.clone(),
        decision,
        decided_at: appeal.decided_at.ok_or(Error::Damaged("decided_at"))?,
        answer: appeal.answer.clone().ok_or(Error::Damaged("answer"))?,
        set_aside: appeal.set_aside,
    })
}

/// What is in force about a person, weighed, and the ids of all those facts, in order: what a
/// clerk is shown.
fn contested(known: &[KnownFact], scheme: &Scheme, now: Timestamp) -> (Weighed, Vec<Uuid>) {
    let facts: Vec<_> = known.iter().map(|known| known.fact).collect();
    let in_force = scheme.in_force(&facts, now);
    let is_in_force = |known: &&KnownFact| {
        let of = (known.fact.kind, known.fact.occurred_at);
        in_force.iter().any(|(_, because)| (because.kind, because.since) == of)
    };
    let mut ids: Vec<_> = known.iter().filter(is_in_force).map(|known| known.id).collect();
    ids.sort_unstable();
    (Weighed::of(in_force), ids)
}

/// Stands for what a clerk is shown: a hash of it.
fn facts_tag(colour: Colour, facts: &[Uuid]) -> String {
    let mut hash = Sha256::new_with_prefix([colour.bits()]);
    for fact in facts {
        hash.update(fact);
    }
    hex::encode(hash.finalize()).chars().take(16).collect()
}

/// Decides an appeal; a granted one clears what its clerk was shown.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::AppealDecided`] when a clerk was faster;
/// [`Error::AppealChanged`] when that is not what is in force.
pub(crate) fn decide(
    change: &Change<'_>,
    id: Uuid,
    request: &DecisionRequest,
    clerk: &Clerk,
    scheme: &InForce,
    now: Timestamp,
) -> Result<Appeal, Error> {
    let (_, person) = table::find(change, id)?.ok_or(Error::NotFound("appeal"))?;
    let answer = request.answer.reveal().trim();
    if !table::decide(change, id, request.decision, answer, clerk.id, now)? {
        return Err(Error::AppealDecided);
    }
    let person = register::get(change, person)?.ok_or(Error::Damaged("person"))?;
    let known = facts::known_about(change, &person.document)?;
    let (weighed, facts) = contested(&known, scheme, now);
    if request.facts_tag != facts_tag(weighed.colour, &facts) {
        return Err(Error::AppealChanged);
    }
    if request.decision == Decision::Granted {
        facts::clear(change, scheme, id, &person.document, &facts, now)?;
    }
    let noted = Note::new(Deed::DecideAppeal, id.to_string());
    let decision = match request.decision {
        Decision::Granted => "granted",
        Decision::Declined => "declined",
    };
    audit::note(change, clerk, noted.with("decision", decision), now)?;
    let (appeal, _) = table::find(change, id)?.ok_or(Error::Damaged("appeal"))?;
    Ok(appeal)
}

/// Sets a grant aside: what it cleared counts again, and the appeal stands a second time, as
/// declined with the reason. The first decision stays as it was.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::NotGranted`] for an appeal that waits, was declined, or whose
/// grant was set aside before.
pub(crate) fn set_aside(
    change: &Change<'_>,
    id: Uuid,
    request: &SetAsideRequest,
    clerk: &Clerk,
    scheme: &InForce,
    now: Timestamp,
) -> Result<Appeal, Error> {
    let (granted, person) = table::find(change, id)?.ok_or(Error::NotFound("appeal"))?;
    // Right behind the first decision in the order of opening; and of two clerks one is too late.
    let second = id.as_u128().checked_add(1).map(Uuid::from_u128).ok_or(Error::Damaged("id"))?;
    if !table::set_aside(change, (id, second), request.reason.trim(), clerk.id, now)? {
        return Err(Error::NotGranted);
    }
    let granted_at = granted.decided_at.ok_or(Error::Damaged("decided_at"))?;
    let person = register::get(change, person)?.ok_or(Error::Damaged("person"))?;
    let counting =
        facts::count_again(change, scheme, (id, granted_at), second, &person.document, now)?;
    let noted = Note::new(Deed::SetAppealAside, id.to_string()).because(&request.reason);
    audit::note(change, clerk, noted.with("facts", counting), now)?;
    let (declined, _) = table::find(change, second)?.ok_or(Error::Damaged("appeal"))?;
    Ok(declined)
}
