//! The verdict: three outcomes, and every answer that led to it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::colour::{AmberName, Colour};
use crate::document::DocumentType;
use crate::ids::{IssuerId, KeyId, StatusIndex};
use crate::name::MaskedName;
use crate::policy::PolicyRef;
use crate::reason::Reason;

/// What the desk does. Ordered from good to bad: a verdict is its worst finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// 放行.
    Admit,
    /// 人工处理: it could not be decided here; a person decides.
    Refer,
    /// 不放行.
    Refuse,
}

impl Decision {
    /// `admit`, `refer` or `refuse`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admit => "admit",
            Self::Refer => "refer",
            Self::Refuse => "refuse",
        }
    }
}

/// What is checked, each by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Check {
    /// What was presented is something that can be judged.
    Form,
    /// Signed by a key of the trust list.
    Signature,
    /// Shown within its life.
    Freshness,
    /// The colour of the holder.
    Colour,
    /// The data is young enough for it.
    Data,
    /// One person, and the same on code and document.
    Identity,
    /// The name on a boarding pass and that of its bearer.
    Name,
    /// A foreign certificate, as supporting evidence.
    Certificate,
    /// The chip of a document: a country vouches for it, and it says what the page says.
    Chip,
    /// The later answer of the authority agrees.
    Authority,
}

/// What became of a check. The default is [`Outcome::NotChecked`] without a reason: it was
/// not called for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Checked, and good.
    Passed,
    /// Good enough to go on, with something to know.
    Noticed(Reason),
    /// Checked, and bad.
    Failed(Reason),
    /// It could not be checked: never a yes, never a no.
    NotChecked(Option<Reason>),
}

impl Default for Outcome {
    fn default() -> Self {
        Self::NotChecked(None)
    }
}

impl Outcome {
    /// The reason, if there is one to tell.
    pub const fn reason(self) -> Option<Reason> {
        match self {
            Self::Passed | Self::NotChecked(None) => None,
            Self::Noticed(reason) | Self::Failed(reason) | Self::NotChecked(Some(reason)) => {
                Some(reason)
            }
        }
    }
}

/// One check, its outcome, and what the policy makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What was checked.
    pub check: Check,
    /// What became of it.
    pub outcome: Outcome,
    /// What it leads to by itself.
    pub leads_to: Decision,
}

/// How old the data is that a colour was read from, by the policy's tiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Tier {
    /// As good as asked now.
    Live,
    /// Normal.
    Normal,
    /// Old but usable.
    Old,
    /// Past the limit.
    TooOld,
    /// There is no data, or no clock to tell its age by.
    None,
}

/// Which state of a feed: its epoch, and its sequence within that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FeedPosition {
    /// Changes when an authority starts its lists anew.
    pub epoch: u32,
    /// Rises by one with every change.
    pub sequence: u32,
}

/// Whether the desk's clock may be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockState {
    /// It agrees with the authority's signed time and has never gone back.
    Trusted,
    /// It runs, and nothing has been signed yet to compare it with.
    Unconfirmed,
    /// It stands before an instant that has already been.
    SetBack,
}

/// What a verdict was judged on, so that it can be judged again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// Whether the authority's own answer was among it.
    pub online: bool,
    /// The state of the status list; `None` when no list was read.
    pub status: Option<FeedPosition>,
    /// When the data was issued.
    pub as_of: Option<Timestamp>,
    /// Its age at the verdict, in seconds; never negative.
    pub age_seconds: Option<i64>,
    /// The policy's word for that age.
    pub tier: Tier,
    /// The key whose signature was accepted.
    pub key: Option<KeyId>,
    /// The policy.
    pub policy: PolicyRef,
    /// The clock.
    pub clock: ClockState,
}

/// The person, as far as it is known and no further than a screen may show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The issuer of the code.
    pub issuer: Option<IssuerId>,
    /// The place in its status list.
    pub index: Option<StatusIndex>,
    /// The masked name.
    pub name: Option<MaskedName>,
    /// The kind of document.
    pub document_type: Option<DocumentType>,
    /// Its masked number.
    pub document: Option<String>,
}

/// The desk's answer about one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The worst that any finding leads to; ADMIT only if the colour was checked and green.
    pub decision: Decision,
    /// Every check and its answer, in the order they were made.
    pub findings: Vec<Finding>,
    /// The colour that was found, if any.
    pub colour: Option<Colour>,
    /// What its issuer calls the middle colour.
    pub amber: AmberName,
    /// The person.
    pub subject: Subject,
    /// What it was judged on.
    pub basis: Basis,
}

impl Verdict {
    /// The reasons, the gravest first, each once.
    pub fn reasons(&self) -> Vec<Reason> {
        reasons(&self.findings)
    }

    /// The same verdict as a later word on an earlier one: when it is worse, it says so.
    #[must_use]
    pub fn after(mut self, earlier: Decision) -> Self {
        if self.decision > earlier {
            self.findings.push(Finding {
                check: Check::Authority,
                outcome: Outcome::Noticed(Reason::WorseOnline),
                leads_to: Decision::Admit,
            });
        }
        self
    }

    /// What the colour is called: `green`, `orange`, `yellow`, `red`, `withdrawn`.
    pub fn colour_name(&self) -> Option<&'static str> {
        self.colour.map(|colour| colour.called(self.amber))
    }
}

/// The reasons of these findings, the gravest first, each once.
pub fn reasons(findings: &[Finding]) -> Vec<Reason> {
    let mut findings: Vec<_> = findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.leads_to));
    let mut reasons = Vec::new();
    for reason in findings.iter().filter_map(|finding| finding.outcome.reason()) {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons
}
