//! Operators (操作员): who works at this desk, how they prove it, and whose shift it is.
//!
//! A desk on which nobody was set up belongs to whoever sits at it: it asks for no pin, and
//! everything may be done. From the first administrator on, somebody must have signed in.

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use yanma_domain::name::HolderName;
use yanma_store::{Act, OperatorRow, ShiftRow, Store};

use crate::check::random;
use crate::desk::{Desk, Duty};
use crate::error::DeskError;
use crate::rights::{Right, Role};

/// Wrong pins in a row before waiting begins.
const FREE_TRIES: u32 = 5;
/// The first wait; each further wrong pin doubles it.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(30);
/// The longest wait.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(15);
/// The letters before a badge's secret: what a scanner reads off it.
pub const BADGE_PREFIX: &str = "YANMA-BADGE-";
/// Bytes of a badge's secret.
const BADGE_BYTES: usize = 16;

/// What stands in the audit before the name of a user of the system who was at the terminal. No
/// operator is called so.
pub const TERMINAL: &str = "terminal:";

/// Somebody who may work at this desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The name for programs and in entries: 1 to 32 of a–z, 0–9 and `-`.
    pub id: String,
    /// The name on screen.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they have a badge.
    pub has_badge: bool,
    /// Whether they may not sign in any more.
    pub retired: bool,
}

/// A supervisor's word, given by pin for one act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Whose.
    pub supervisor: String,
}

/// Why somebody may not do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// Name and pin do not belong together, or there is no such badge. It is not said which.
    #[error("name and pin do not belong together")]
    Wrong,
    /// Too many wrong pins: not before so many seconds.
    #[error("too many wrong pins: try again in {seconds} s")]
    Wait {
        /// Seconds to wait.
        seconds: u32,
    },
    /// A pin must be 4 to 12 digits, and not all the same or in a row.
    #[error("a pin is 4 to 12 digits, not all the same and not in a row")]
    WeakPin,
    /// The first person of a desk must be an administrator, and the last one stays.
    #[error("a desk with operators needs an administrator")]
    NoAdministrator,
}

impl Desk {
    /// Everybody who may work here.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn operators(&self) -> Result<Vec<Operator>, DeskError> {
        Ok(self.store.operators()?.into_iter().map(operator).collect())
    }

    /// Who has signed in; `None` when nobody has, or nobody was set up.
    pub fn signed_in(&self) -> Option<Operator> {
        self.staff().signed_in
    }

    /// Whether anybody was set up, so that people sign in.
    pub(crate) fn has_staff(&self) -> bool {
        self.staff().set_up
    }

    /// Whether somebody must sign in before anything may be done.
    pub fn asks_for_sign_in(&self) -> bool {
        let staff = self.staff();
        staff.set_up && staff.signed_in.is_none()
    }

    /// This program was started by a user of the system at the terminal: what is done is written
    /// down as theirs, whoever has signed in at the window. What may be done stays the right of
    /// who has signed in.
    pub fn at_terminal(&self, user: String) {
        let _ = self.terminal.set(user);
    }

    /// Whether whoever is at the desk may do this.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`].
    pub fn allow(&self, right: Right) -> Result<(), DeskError> {
        let staff = self.staff();
        let may = staff.signed_in.is_some_and(|operator| operator.role >= right.least());
        if !staff.set_up || may { Ok(()) } else { Err(DeskError::NotAllowed(right)) }
    }

    /// Whether whoever is at the desk may see this, and writes down that they did; also where
    /// the desk can only be looked at.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when it cannot be written down.
    pub(crate) fn reveal(
        &self,
        right: Right,
        act: &str,
        detail: Option<&str>,
    ) -> Result<(), DeskError> {
        self.allow(right)?;
        self.write_down(act, None, detail)
    }

    /// Sets somebody up, or changes what is kept of them; without a pin the old one stays.
    ///
    /// # Errors
    /// [`DeskError::Field`] for `id` or `name`, [`SignInError`] for the pin and for a desk
    /// that would have no administrator.
    pub fn set_operator(
        &self,
        id: &str,
        name: &str,
        role: Role,
        pin: Option<&str>,
    ) -> Result<(), DeskError> {
        self.allow(Right::Operators)?;
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !(1..=32).contains(&id.len()) || !id.chars().all(word) {
            return Err(DeskError::bad_field("id"));
        }
        HolderName::parse(name).map_err(|_| DeskError::bad_field("name"))?;
        let before = self.store.operator(id)?;
        let hash = match (pin, &before) {
            (Some(pin), _) => hash(pin)?,
            (None, Some(before)) => before.pin.clone(),
            (None, None) => return Err(SignInError::WeakPin.into()),
        };
        let row = OperatorRow {
            id: id.to_owned(),
            name: name.to_owned(),
            role: role.as_str().to_owned(),
            pin: hash,
            badge: before.as_ref().and_then(|before| before.badge),
            wrong: 0,
            wrong_at: None,
            retired: false,
        };
        self.keep_operator(&row, "set-operator", Some(role.as_str()))
    }

    /// Takes somebody's right to sign in; their name stays in the log.
    ///
    /// # Errors
    /// When it is the last administrator, or nobody of that name.
    pub fn retire_operator(&self, id: &str) -> Result<(), DeskError> {
        self.allow(Right::Operators)?;
        let row = self.store.operator(id)?.ok_or(SignInError::Wrong)?;
        self.keep_operator(&OperatorRow { retired: true, ..row }, "retire-operator", None)?;
        if self.store.open_shift()?.is_some_and(|shift| shift.operator == id) {
            self.sign_out()?;
        }
        Ok(())
    }

    /// Gives somebody a new badge and answers its text, to be printed as a barcode. The desk
    /// keeps a digest only; the old badge counts no more.
    ///
    /// # Errors
    /// When there is nobody of that name.
    pub fn issue_badge(&self, id: &str) -> Result<String, DeskError> {
        self.allow(Right::Operators)?;
        let row = self.store.operator(id)?.ok_or(SignInError::Wrong)?;
        let secret: [u8; BADGE_BYTES] = random()?;
        let text = format!("{BADGE_PREFIX}{}", hex::encode_upper(secret));
        let badge = Some(badge_digest(&text));
        self.keep_operator(&OperatorRow { badge, ..row }, "issue-badge", None)?;
        Ok(text)
    }

    fn keep_operator(
        &self,
        row: &OperatorRow,
        act: &str,
        detail: Option<&str>,
    ) -> Result<(), DeskError> {
        let mut everybody = self.store.operators()?;
        everybody.retain(|other| other.id != row.id);
        everybody.push(row.clone());
        let administers =
            |row: &OperatorRow| !row.retired && row.role == Role::Administrator.as_str();
        if !everybody.iter().any(administers) {
            return Err(SignInError::NoAdministrator.into());
        }
        // First: what cannot be written down is not done.
        self.write_down(act, Some(&row.id), detail)?;
        self.store.put_operator(row)?;
        self.note_staff(Staff::of(&self.store)?);
        Ok(())
    }

    /// Begins the shift of whoever has this name and pin; the shift before ends with it.
    ///
    /// # Errors
    /// [`SignInError::Wrong`] or [`SignInError::Wait`].
    pub fn sign_in(&self, id: &str, pin: &str) -> Result<Operator, DeskError> {
        let row = self.prove(id, pin)?;
        self.begin(row)
    }

    /// The same by the text of a badge.
    ///
    /// # Errors
    /// [`SignInError::Wrong`] when it is nobody's.
    pub fn sign_in_by_badge(&self, text: &str) -> Result<Operator, DeskError> {
        let row = self.store.operator_of_badge(&badge_digest(text.trim()))?;
        self.begin(row.filter(|row| !row.retired).ok_or(SignInError::Wrong)?)
    }

    fn begin(&self, row: OperatorRow) -> Result<Operator, DeskError> {
        let before = self.store.open_shift()?;
        self.store.begin_shift(&row.id, self.now())?;
        self.forget_papers();
        self.note_staff(Staff::of(&self.store)?);
        self.keep_duty(Duty { operator: Some(row.id.clone()), ..self.duty() })?;
        let handed = before.filter(|shift| shift.operator != row.id);
        self.write_down("sign-in", Some(&row.id), handed.as_ref().map(|s| s.operator.as_str()))?;
        Ok(operator(row))
    }

    /// Ends the shift.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn sign_out(&self) -> Result<(), DeskError> {
        let shift = self.store.open_shift()?;
        self.store.end_shift(self.now())?;
        self.forget_papers();
        self.note_staff(Staff::of(&self.store)?);
        self.keep_duty(Duty { operator: None, ..self.duty() })?;
        match shift {
            Some(shift) => self.write_down("sign-out", Some(&shift.operator), None),
            None => Ok(()),
        }
    }

    /// The newest shifts, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn shifts(&self, limit: u32) -> Result<Vec<ShiftRow>, DeskError> {
        Ok(self.store.shifts(limit)?)
    }

    /// A supervisor's word for one act, while somebody else sits at the desk. On a desk
    /// without operators there is nobody to ask, and the reason alone must do.
    ///
    /// # Errors
    /// [`SignInError`] when name and pin do not belong together; [`DeskError::NotAllowed`]
    /// when theirs is not the right.
    pub fn approve(&self, right: Right, id: &str, pin: &str) -> Result<Approval, DeskError> {
        if !self.staff().set_up {
            let supervisor = self.duty().operator.unwrap_or_default();
            return Ok(Approval { supervisor });
        }
        let row = operator(self.prove(id, pin)?);
        if row.role < right.least() {
            return Err(DeskError::NotAllowed(right));
        }
        Ok(Approval { supervisor: row.id })
    }

    /// Checks name and pin, and counts what is wrong.
    fn prove(&self, id: &str, pin: &str) -> Result<OperatorRow, DeskError> {
        let now = self.now();
        let Some(mut row) = self.store.operator(id)?.filter(|row| !row.retired) else {
            // As long as for a name that is known.
            let _ = hash("4815162342");
            return Err(SignInError::Wrong.into());
        };
        if let Some(seconds) = wait(&row, now) {
            return Err(SignInError::Wait { seconds }.into());
        }
        let known = PasswordHash::new(&row.pin).map_err(|_| DeskError::UnknownForm)?;
        if Argon2::default().verify_password(pin.as_bytes(), &known).is_err() {
            row.wrong = row.wrong.saturating_add(1);
            row.wrong_at = Some(now);
            self.store.put_operator(&row)?;
            self.write_down("wrong-pin", Some(id), None)?;
            return Err(SignInError::Wrong.into());
        }
        if row.wrong > 0 {
            (row.wrong, row.wrong_at) = (0, None);
            self.store.put_operator(&row)?;
        }
        Ok(row)
    }

    /// Writes into the audit what was done.
    ///
    /// # Errors
    /// When it cannot be written: then it must not be done either.
    pub(crate) fn write_down(
        &self,
        act: &str,
        subject: Option<&str>,
        detail: Option<&str>,
    ) -> Result<(), DeskError> {
        let operator = match self.terminal.get() {
            Some(user) => Some(format!("{TERMINAL}{user}")),
            None => self.duty().operator,
        };
        let operator = operator.as_deref();
        self.store.audit(&Act { at: self.now(), operator, act, subject, detail })?;
        Ok(())
    }
}

/// Who works here, as every reading asks for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Staff {
    /// Whether anybody was set up.
    set_up: bool,
    signed_in: Option<Operator>,
}

impl Staff {
    pub(crate) fn of(store: &Store) -> Result<Self, DeskError> {
        let everybody = store.operators()?;
        let shift = store.open_shift()?;
        let at_work = |row: &OperatorRow| {
            !row.retired && shift.as_ref().is_some_and(|shift| shift.operator == row.id)
        };
        let set_up = !everybody.is_empty();
        Ok(Self { set_up, signed_in: everybody.into_iter().find(at_work).map(operator) })
    }
}

/// How long this one must still wait, in seconds. A clock that went back ends no wait.
fn wait(row: &OperatorRow, now: Timestamp) -> Option<u32> {
    let beyond = row.wrong.checked_sub(FREE_TRIES)?;
    let doubled = FIRST_WAIT.checked_mul(1 << beyond.min(10)).unwrap_or(LONGEST_WAIT);
    let wait = doubled.min(LONGEST_WAIT);
    let passed = now.duration_since(row.wrong_at?);
    let left = if passed.is_negative() { wait } else { wait - passed };
    u32::try_from(left.as_secs()).ok().filter(|seconds| *seconds > 0)
}

fn hash(pin: &str) -> Result<String, DeskError> {
    if !is_fit(pin) {
        return Err(SignInError::WeakPin.into());
    }
    let salt: [u8; 16] = random()?;
    let salt = SaltString::encode_b64(&salt).map_err(|_| DeskError::NoRandomness)?;
    let hash = Argon2::default().hash_password(pin.as_bytes(), &salt);
    Ok(hash.map_err(|_| SignInError::WeakPin)?.to_string())
}

/// 4 to 12 digits, neither all the same nor a run such as 1234 or 9876.
fn is_fit(pin: &str) -> bool {
    let digits = pin.as_bytes();
    let steps: Vec<_> =
        digits.windows(2).map(|two| i16::from(two[1]) - i16::from(two[0])).collect();
    let even = steps.iter().all(|step| Some(step) == steps.first());
    let run = even && steps.first().is_some_and(|step| step.abs() <= 1);
    (4..=12).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit) && !run
}

fn badge_digest(text: &str) -> [u8; 32] {
    Sha256::new().chain_update(b"yanma-badge-v1").chain_update(text.as_bytes()).finalize().into()
}

fn operator(row: OperatorRow) -> Operator {
    Operator {
        role: Role::of(&row.role).unwrap_or_default(),
        has_badge: row.badge.is_some(),
        id: row.id,
        name: row.name,
        retired: row.retired,
    }
}
