//! Who somebody is, and how well that is known (实名认证).
//!
//! The built-in check asks the population register: name and number stand together, or they
//! do not. A service by HTTP, when one is configured, is asked about people who are not in
//! the register, and for codes by SMS and live faces. Without one those two levels are not
//! reached: nothing pretends.

pub(crate) mod proofs;
mod service;

use jiff::Timestamp;
use yanma_domain::document::DocumentNumber;
use yanma_domain::name::HolderName;
use yanma_protocol::Secret;
use yanma_protocol::accounts::AccountLevel;
use yanma_protocol::identity::{FaceQuestion, MatchQuestion, ServiceResult, SmsOrder, SmsQuestion};

use self::service::Service;
use crate::accounts::{self, AccountRow};
use crate::clock::Clock;
use crate::database::{Change, Database};
use crate::error::Error;
use crate::register::{self, Person, Source};

pub use service::ServiceSettings;

/// How the authority learns who somebody is.
#[derive(Debug)]
pub(crate) enum IdentityCheck {
    /// By the population register alone.
    Register,
    /// By the register, and by a service for what the register does not know.
    Service(Box<Service>),
}

impl IdentityCheck {
    /// # Errors
    ///
    /// [`Error::IdentitySettings`].
    pub(crate) fn new(service: Option<ServiceSettings>, clock: Clock) -> Result<Self, Error> {
        Ok(match service {
            None => Self::Register,
            Some(settings) => Self::Service(Box::new(Service::new(settings, clock)?)),
        })
    }

    /// The person with this name and number; one whom only the service knows is added to the
    /// register.
    ///
    /// # Errors
    ///
    /// [`Error::NotRegistered`] when they do not belong together;
    /// [`Error::IdentityUnavailable`] when that is not known.
    pub(crate) async fn person(
        &self,
        database: &Database,
        document: DocumentNumber,
        name: HolderName,
        now: Timestamp,
    ) -> Result<Person, Error> {
        let number = document.clone();
        let known = database.read(move |session| register::find(session, &number)).await?;
        match (known, self) {
            (Some(person), _) if register::same_name(&person.name, &name) => Ok(person),
            (None, Self::Service(service)) => {
                let question = MatchQuestion {
                    document_type: document.document_type(),
                    number: document.reveal().into(),
                    name: name.reveal().into(),
                };
                if service.ask("match", &question).await? != ServiceResult::Match {
                    return Err(Error::NotRegistered);
                }
                database
                    .write(move |change| {
                        // Somebody may have been faster.
                        if register::find(change, &document)?.is_none() {
                            register::add(change, &document, &name, Source::Service, now)?;
                        }
                        register::find(change, &document)?
                            .filter(|person| register::same_name(&person.name, &name))
                            .ok_or(Error::NotRegistered)
                    })
                    .await
            }
            _ => Err(Error::NotRegistered),
        }
    }

    /// Has a code sent to a telephone.
    ///
    /// # Errors
    ///
    /// [`Error::IdentityNotOffered`], [`Error::IdentityUnavailable`].
    pub(crate) async fn send_sms(&self, phone: Secret) -> Result<(), Error> {
        match self.service()?.ask("sms", &SmsOrder { phone }).await? {
            ServiceResult::Match => Ok(()),
            ServiceResult::Differs | ServiceResult::Unknown => Err(Error::IdentityNotOffered),
        }
    }

    /// Passes the code that was sent, and keeps the proof.
    ///
    /// # Errors
    ///
    /// [`Error::IdentityDiffers`] for another code, and as [`send_sms`](Self::send_sms).
    pub(crate) async fn check_sms(
        &self,
        database: &Database,
        account: &AccountRow,
        phone: Secret,
        code: Secret,
        now: Timestamp,
    ) -> Result<(), Error> {
        let result = self.service()?.ask("sms/check", &SmsQuestion { phone, code }).await?;
        prove(database, account, AccountLevel::Sms, result, now).await
    }

    /// Passes a face that is the person's, and keeps the proof.
    ///
    /// # Errors
    ///
    /// As [`check_sms`](Self::check_sms).
    pub(crate) async fn compare_face(
        &self,
        database: &Database,
        account: &AccountRow,
        image: Secret,
        now: Timestamp,
    ) -> Result<(), Error> {
        let document = &account.person.document;
        let question = FaceQuestion {
            document_type: document.document_type(),
            number: document.reveal().into(),
            name: account.person.name.reveal().into(),
            image,
        };
        let result = self.service()?.ask("face", &question).await?;
        prove(database, account, AccountLevel::Face, result, now).await
    }

    fn service(&self) -> Result<&Service, Error> {
        match self {
            Self::Register => Err(Error::IdentityNotOffered),
            Self::Service(service) => Ok(service),
        }
    }
}

async fn prove(
    database: &Database,
    account: &AccountRow,
    level: AccountLevel,
    result: ServiceResult,
    now: Timestamp,
) -> Result<(), Error> {
    match result {
        ServiceResult::Match => {
            let account = account.clone();
            let put = move |change: &Change<'_>| {
                // It may have been ended while the service was asked.
                accounts::check_open(change, &account)?;
                proofs::put(change, account.id, level, now)
            };
            database.write(put).await
        }
        ServiceResult::Differs => Err(Error::IdentityDiffers),
        ServiceResult::Unknown => Err(Error::IdentityNotOffered),
    }
}
