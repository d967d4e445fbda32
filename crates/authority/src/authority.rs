//! The authority as a whole: its parts and how they are put together.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use jiff::Timestamp;
use jiff::civil::{Date, date};
use tokio::sync::Notify;
use yanma_domain::IssuerId;
use yanma_domain::code::{CodeHost, Lifetime};
use yanma_domain::trust::{TrustList, Words};
use yanma_domain::verdict::FeedPosition;
use yanma_protocol::accounts::AccountLevel;

use crate::accounts::{PasswordCost, Passwords};
use crate::callers::Callers;
use crate::claims::Terms;
use crate::clerks::{Clerk, Role};
use crate::clock::Clock;
use crate::codes::Press;
use crate::colour::{self, LastKnown, Scheme};
use crate::database::{Change, Database, DatabaseUrl};
use crate::error::Error;
use crate::homes::Homes;
use crate::identity::{IdentityCheck, ServiceSettings};
use crate::keys::KeyRing;
use crate::limits::{Known, Limit, Rates};
use crate::lists::Lists;
use crate::papers::PaperFont;
use crate::regions::{self, RegionRow, Regions};
use crate::retention::Retention;
use crate::rules::Rules;
use crate::secret::TokenHash;
use crate::shows;
use crate::stations::Seen;
use crate::verify::{Journal, Vouched};

/// What can be set from outside.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The database.
    pub database: DatabaseUrl,
    /// Folder of the keys (`keys/`) and of the published files (`feeds/`).
    pub data: PathBuf,
    /// Whose codes these are: 35 is Fujian, by the prefix in GB/T 2260. It cannot change once
    /// anything was published.
    pub issuer: IssuerId,
    /// The issuer's name.
    pub issuer_name: Words,
    /// How often other issuers are asked for what is new, in seconds.
    pub region_seconds: u32,
    /// The host in the text of codes.
    pub code_host: CodeHost,
    /// How long a code on a phone lives.
    pub show_lifetime: Lifetime,
    /// A service that knows who people are, beside the register.
    pub identity: Option<ServiceSettings>,
    /// The roles, beside administrators, whose rights count only in a session that was opened
    /// with a one-time password.
    pub second_factor_for: Vec<Role>,
    /// How well one must be identified to claim one's own code.
    pub claim_level: AccountLevel,
    /// How well one must be identified to claim for the family.
    pub family_level: AccountLevel,
    /// How long a code on paper lives.
    pub paper_lifetime: Lifetime,
    /// A font file for codes on paper; one of the system's without.
    pub paper_font: Option<PathBuf>,
    /// A file with what desks check foreign certificates against, read anew with every
    /// publication; without one they can check none.
    pub certificate_trust: Option<PathBuf>,
    /// Who entered from abroad before this day uses the national entry code instead.
    pub arrivals_since: Date,
    /// New codes that an account may have of one person within 24 hours, on phones and on paper
    /// together.
    pub new_codes_a_day: u32,
    /// The scheme to put in force; the one that is stays when this is `None`.
    pub scheme: Option<Scheme>,
    /// What a password costs to guess.
    pub password_cost: PasswordCost,
    /// How often somebody may try.
    pub rates: Rates,
    /// How long it is kept what happened.
    pub retention: Retention,
    /// Folder of the citizen page; without one there is none.
    pub portal: Option<PathBuf>,
    /// Whether the session cookie is for HTTPS only. Set it behind TLS.
    pub secure_cookie: bool,
    /// Whether a proxy stands in front: the caller's address is then the last one of
    /// `x-forwarded-for`, which the proxy adds. Without a proxy callers could make it up.
    pub behind_proxy: bool,
    /// A fresh head at least this often, in seconds.
    pub publish_seconds: u32,
    /// How long the head of a request may take to arrive, in seconds.
    pub head_seconds: u32,
}

/// The host in codes unless another is set: seven characters, which keep every code at QR
/// version 6, in a domain that belongs to nobody (`.test`, RFC 2606).
pub const DEFAULT_CODE_HOST: &str = "YM.TEST";

/// How many days a code on paper lives unless set otherwise.
const PAPER_DAYS: u8 = 90;

/// More than anybody needs who loses a paper, or withdraws by mistake.
const NEW_CODES_A_DAY: u32 = 10;

/// The first day of entry for which the briefing of July 2020 allows a code (domain.md §0).
const ARRIVALS_SINCE: Date = date(2020, 3, 5);

/// Where the status list is before anything was published.
const UNPUBLISHED: FeedPosition = FeedPosition { epoch: 0, sequence: 0 };

impl Settings {
    /// The usual settings for a database and a data folder.
    ///
    /// # Errors
    ///
    /// [`Error::Asset`], which a test rules out.
    pub fn new(database: DatabaseUrl, data: impl Into<PathBuf>) -> Result<Self, Error> {
        Ok(Self {
            database,
            data: data.into(),
            issuer: IssuerId::FUJIAN,
            issuer_name: Words { zh: "福建省".to_owned(), en: "Fujian Province".to_owned() },
            region_seconds: 30,
            code_host: CodeHost::parse(DEFAULT_CODE_HOST).map_err(|_| Error::Asset("code host"))?,
            show_lifetime: Lifetime::PHONE,
            paper_lifetime: Lifetime::days(PAPER_DAYS).ok_or(Error::Asset("paper days"))?,
            paper_font: None,
            certificate_trust: None,
            identity: None,
            second_factor_for: Vec::new(),
            claim_level: AccountLevel::RegisterMatch,
            family_level: AccountLevel::RegisterMatch,
            arrivals_since: ARRIVALS_SINCE,
            new_codes_a_day: NEW_CODES_A_DAY,
            scheme: None,
            password_cost: PasswordCost::STANDARD,
            rates: Rates::default(),
            retention: Retention::STANDARD,
            portal: None,
            secure_cookie: false,
            behind_proxy: false,
            publish_seconds: 60,
            head_seconds: 30,
        })
    }

    /// Where the keys are.
    pub fn keys(&self) -> PathBuf {
        self.data.join("keys")
    }

    /// Where published files are.
    pub fn feeds(&self) -> PathBuf {
        self.data.join("feeds")
    }
}

/// One authority, open and ready to answer.
#[derive(Debug)]
pub struct Authority {
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) database: Database,
    pub(crate) keys: KeyRing,
    rules: RwLock<Rules>,
    pub(crate) lists: Arc<Lists>,
    pub(crate) passwords: Passwords,
    pub(crate) paper_font: PaperFont,
    pub(crate) identity: IdentityCheck,
    pub(crate) limits: Limits,
    pub(crate) seen: Seen,
    pub(crate) published: RwLock<FeedPosition>,
    pub(crate) journal: Journal,
    pub(crate) callers: Callers,
    pub(crate) regions: Regions,
    /// Rings when the trust list is another: desks are not to wait for the next head that is due.
    pub(crate) rules_changed: Notify,
    pub(crate) homes: Homes,
    pub(crate) shows: shows::Counts,
    pub(crate) vouched: Vouched,
}

/// The buckets of [`Rates`].
pub(crate) struct Limits {
    pub(crate) login_account: Limit<TokenHash>,
    pub(crate) login_anywhere: Limit<TokenHash>,
    /// Telephone numbers, each with a line from which its owner logged in.
    pub(crate) logged_in: Known,
    pub(crate) address: Limit<IpAddr>,
    pub(crate) register_document: Limit<TokenHash>,
    pub(crate) register_anywhere: Limit<TokenHash>,
    pub(crate) family: Limit<i64>,
    pub(crate) appeal: Limit<i64>,
    pub(crate) sms: Limit<i64>,
    pub(crate) sms_phone: Limit<TokenHash>,
    pub(crate) sms_address: Limit<IpAddr>,
    pub(crate) proof: Limit<i64>,
    pub(crate) paper: Limit<i64>,
    pub(crate) document_lookup: Limit<String>,
    pub(crate) lookup_address: Limit<IpAddr>,
    pub(crate) enrol_address: Limit<IpAddr>,
    pub(crate) second_factor: Limit<(i64, IpAddr)>,
    pub(crate) clerk_lookup: Limit<i64>,
    pub(crate) home_question: Limit<IssuerId>,
    pub(crate) show: Limit<i64>,
}

impl Limits {
    fn new(rates: &Rates) -> Self {
        Self {
            login_account: Limit::new(rates.login_account),
            login_anywhere: Limit::new(rates.login_anywhere),
            logged_in: Known::default(),
            address: Limit::new(rates.address),
            register_document: Limit::new(rates.register_document),
            register_anywhere: Limit::new(rates.register_anywhere),
            family: Limit::new(rates.family),
            appeal: Limit::new(rates.appeal),
            sms: Limit::new(rates.sms),
            sms_phone: Limit::new(rates.sms_phone),
            sms_address: Limit::new(rates.sms_address),
            proof: Limit::new(rates.proof),
            paper: Limit::new(rates.paper),
            document_lookup: Limit::new(rates.document_lookup),
            lookup_address: Limit::new(rates.lookup_address),
            enrol_address: Limit::new(rates.enrol_address),
            second_factor: Limit::new(rates.second_factor),
            clerk_lookup: Limit::new(rates.clerk_lookup),
            home_question: Limit::new(rates.home_question),
            show: Limit::new(rates.show),
        }
    }

    /// Counts a look-up of a holder by somebody at the console, from an address.
    ///
    /// # Errors
    ///
    /// [`Error::RateLimited`].
    pub(crate) fn look_up(
        &self,
        clerk: &Clerk,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<(), Error> {
        let there = (&self.lookup_address, &address);
        let taken = self.clerk_lookup.take_both(&clerk.id, there, 1, now);
        taken.map_err(|retry_after_seconds| Error::RateLimited { retry_after_seconds })
    }
}

impl std::fmt::Debug for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Limits")
    }
}

impl Authority {
    /// The issuer of this authority's codes.
    pub fn issuer(&self) -> IssuerId {
        self.settings.issuer
    }

    /// Opens the database, reads the keys, and loads the lists.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] when `make-key` was not run, and what [`Database::open`] says.
    pub async fn open(settings: Settings, clock: Clock) -> Result<Arc<Self>, Error> {
        let keys = KeyRing::load(&settings.keys())?;
        let database = Database::open(&settings.database)?;
        let (scheme, now) = (settings.scheme.clone(), clock.now());
        let in_force = database
            .write(move |change| colour::put_in_force(change, scheme.as_ref(), now))
            .await?;
        let (at, regions) = database.read(Rules::regions).await?;
        let rules = Rules::new(&settings, &keys, in_force, regions, at)?;
        let key = keys.directory().clone();
        let lists = Arc::new(database.read(move |session| Lists::load(session, key)).await?);
        let follower = Arc::clone(&lists);
        database.after_commit(move |connection| {
            if let Err(error) = follower.follow(connection) {
                tracing::error!(%error, "the lists could not follow a change");
            }
        });
        Ok(Arc::new(Self {
            passwords: Passwords::new(settings.password_cost)?,
            limits: Limits::new(&settings.rates),
            identity: IdentityCheck::new(settings.identity.clone(), clock.clone())?,
            paper_font: PaperFont::new(settings.paper_font.clone()),
            seen: Seen::default(),
            published: RwLock::new(UNPUBLISHED),
            journal: Journal::new()?,
            callers: Callers::new(),
            regions: Regions::new()?,
            rules_changed: Notify::new(),
            homes: Homes::new()?,
            shows: shows::Counts::default(),
            vouched: Vouched::default(),
            settings,
            clock,
            database,
            keys,
            rules: RwLock::new(rules),
            lists,
        }))
    }

    /// The colour rules in force. They may be replaced while the server runs: ask again for
    /// each request.
    pub fn scheme(&self) -> LastKnown {
        LastKnown(self.rules().in_force.clone())
    }

    /// Whose signatures count.
    pub(crate) fn trust(&self) -> Arc<TrustList> {
        Arc::clone(&self.rules().trust)
    }

    /// Other issuers, removed ones included.
    pub(crate) fn region_rows(&self) -> Arc<Vec<RegionRow>> {
        Arc::clone(&self.rules().regions)
    }

    /// Takes in a scheme that was put in force and other issuers that were changed, by
    /// whichever process.
    pub(crate) async fn follow_rules(&self) -> Result<(), Error> {
        let known = self.rules().place();
        let newer = self
            .database
            .read(move |session| {
                if (colour::generation(session)?, regions::revision(session)?) == known {
                    return Ok(None);
                }
                Ok(Some((colour::read_in_force(session)?, Rules::regions(session)?)))
            })
            .await?;
        if let Some((in_force, (at, regions))) = newer {
            tracing::info!(scheme = in_force.scheme.id, regions = at, "the rules have changed");
            let rules = Rules::new(&self.settings, &self.keys, in_force, regions, at)?;
            *self.rules.write().unwrap_or_else(PoisonError::into_inner) = rules;
            self.rules_changed.notify_one();
        }
        Ok(())
    }

    fn rules(&self) -> RwLockReadGuard<'_, Rules> {
        // Rules are replaced whole, so a thread that panicked left none half-made.
        self.rules.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What claims are decided by in a change.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub(crate) fn terms(&self, change: &Change<'_>) -> Result<Terms, Error> {
        Ok(Terms {
            issuer: self.issuer(),
            scheme: self.scheme().within(change)?,
            trust: self.trust(),
            arrivals_since: self.settings.arrivals_since,
            new_codes_a_day: self.settings.new_codes_a_day,
        })
    }

    /// What it takes to sign codes.
    pub(crate) fn press(&self) -> Press<'_> {
        Press {
            issuer: self.issuer(),
            keys: &self.keys,
            scheme: self.scheme(),
            host: &self.settings.code_host,
        }
    }

    /// How far the published status list is. What is answered from memory is never older.
    pub(crate) fn published(&self) -> FeedPosition {
        self.published.read().map_or(UNPUBLISHED, |now| *now)
    }

    /// Keeps how far the published status list is; it never goes back.
    pub(crate) fn published_up_to(&self, position: FeedPosition) -> Result<(), Error> {
        let mut published = self.published.write().map_err(|_| Error::Panicked)?;
        *published = position.max(*published);
        Ok(())
    }

    /// Where published files are.
    pub(crate) fn feeds_folder(&self) -> PathBuf {
        self.settings.feeds()
    }

    /// The citizen page's folder.
    pub(crate) fn portal_folder(&self) -> Option<&Path> {
        self.settings.portal.as_deref()
    }
}
