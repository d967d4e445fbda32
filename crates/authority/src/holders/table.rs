//! Questions to `holders`, `persons` and `accounts`, with withdrawn codes among the answers.

use yanma_domain::{IssuerId, StatusIndex};
use yanma_protocol::Secret;
use yanma_protocol::claims::ClaimGroup;
use yanma_protocol::entries::Subject;
use yanma_protocol::holders::{HolderRecord, Revealed};

use super::MOST_FOUND;
use crate::accounts::{other_form, phone_in};
use crate::claims;
use crate::colour::Had;
use crate::database::stored::{colour, document, instant, instant_or_none, name};
use crate::database::{Row, Session, Value, params};
use crate::error::Error;
use crate::lists::Shard;

const RECORD: &str = "
    SELECT status_index, colour, colour_since, claimed_at, withdrawn_at, claim_group, relation,
           city, document_type, number, name
    FROM holders JOIN persons ON persons.id = holders.person";

pub(super) fn of_person(
    session: &Session<'_>,
    issuer: IssuerId,
    person: i64,
) -> Result<Vec<HolderRecord>, Error> {
    records(session, issuer, "person = $1", params![person, MOST_FOUND])
}

pub(super) fn of_phone(
    session: &Session<'_>,
    issuer: IssuerId,
    phone: &str,
) -> Result<Vec<HolderRecord>, Error> {
    // What was withdrawn before an account was opened again is of whoever had it before.
    let account = "EXISTS (SELECT 1 FROM accounts WHERE accounts.id = holders.account
            AND phone IN ($1, $3) AND coalesce(withdrawn_at > created_at, TRUE))";
    records(session, issuer, account, params![phone, MOST_FOUND, other_form(phone)])
}

pub(super) fn at(
    session: &Session<'_>,
    issuer: IssuerId,
    index: StatusIndex,
) -> Result<Vec<HolderRecord>, Error> {
    let key = params![index.0, MOST_FOUND, Shard::of(index)];
    records(session, issuer, "status_index = $1 AND shard = $3", key)
}

fn records(
    session: &Session<'_>,
    issuer: IssuerId,
    condition: &str,
    key: &[Value],
) -> Result<Vec<HolderRecord>, Error> {
    let sql =
        format!("{RECORD} WHERE {condition} ORDER BY claimed_at DESC, status_index DESC LIMIT $2");
    session.rows(&sql, key, |row| read(row, issuer))
}

fn read(row: &Row<'_>, issuer: IssuerId) -> Result<HolderRecord, Error> {
    let document = document(row)?;
    Ok(HolderRecord {
        subject: Subject { issuer, index: StatusIndex(row.get("status_index")?) },
        name_masked: name(row)?.mask().as_str().to_owned(),
        document_type: document.document_type(),
        document_masked: document.masked(),
        colour: colour(row, "colour")?,
        colour_since: instant(row, "colour_since")?,
        claimed_at: instant(row, "claimed_at")?,
        withdrawn_at: instant_or_none(row, "withdrawn_at")?,
        group: group(row)?,
        family: row.get::<i64>("relation")? != 0,
        city: row.get("city")?,
    })
}

fn group(row: &Row<'_>) -> Result<ClaimGroup, Error> {
    match row.get("claim_group")? {
        1i64 => Ok(ClaimGroup::Resident),
        2 => Ok(ClaimGroup::OtherProvince),
        3 => Ok(ClaimGroup::Abroad),
        _ => Err(Error::Damaged("claim_group")),
    }
}

pub(super) fn reveal(session: &Session<'_>, subject: Subject) -> Result<Option<Revealed>, Error> {
    let sql = "
        SELECT claim_group, relation, medium, holders.person, document_type, number, name,
            CASE WHEN withdrawn_at <= created_at THEN '' ELSE phone END AS phone
        FROM holders
        JOIN persons ON persons.id = holders.person
        JOIN accounts ON accounts.id = holders.account
        WHERE status_index = $1 AND shard = $2";
    let key = params![subject.index.0, Shard::of(subject.index)];
    let found = session.row(sql, key, |row| {
        let document = document(row)?;
        let revealed = Revealed {
            subject,
            name: Secret::new(name(row)?.reveal()),
            document_type: document.document_type(),
            number: Secret::new(document.reveal()),
            phone: phone_in(row)?,
            family: row.get::<i64>("relation")? != 0,
            declared: None,
        };
        let of_paper = (row.get::<i64>("medium")? == 1).then_some(row.get::<i64>("person")?);
        Ok((revealed, group(row)?, of_paper))
    })?;
    let Some((mut revealed, group, of_paper)) = found else {
        return Ok(None);
    };
    // A paper was claimed with the code on the phone.
    let claimed = match of_paper {
        Some(person) => {
            claims::find_by_person(session, person)?.map(|phone| (phone.index, phone.group))
        }
        None => Some((subject.index, group)),
    };
    if let Some((index, group)) = claimed {
        revealed.declared = claims::declared_with(session, index, group)?;
    }
    Ok(Some(revealed))
}

/// What the history of a code's colours begins from.
pub(super) fn had(session: &Session<'_>, subject: Subject) -> Result<Option<Had>, Error> {
    let sql = "
        SELECT colour, colour_since, claimed_at, document_type, number
        FROM holders JOIN persons ON persons.id = holders.person
        WHERE status_index = $1 AND shard = $2";
    let index = subject.index;
    session.row(sql, params![index.0, Shard::of(index)], |row| {
        Ok(Had {
            index,
            document: document(row)?,
            colour: colour(row, "colour")?,
            since: instant(row, "colour_since")?,
            claimed_at: instant(row, "claimed_at")?,
        })
    })
}

pub(super) fn person_at(session: &Session<'_>, index: StatusIndex) -> Result<Option<i64>, Error> {
    let sql = "SELECT person FROM holders WHERE status_index = $1 AND shard = $2";
    session.row(sql, params![index.0, Shard::of(index)], |row| row.get("person"))
}

pub(super) fn indexes(session: &Session<'_>, person: i64) -> Result<Vec<StatusIndex>, Error> {
    let sql = "SELECT status_index FROM holders WHERE person = $1
         ORDER BY claimed_at, status_index";
    session.rows(sql, params![person], |row| Ok(StatusIndex(row.get("status_index")?)))
}
