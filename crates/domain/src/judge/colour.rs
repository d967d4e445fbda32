//! The colour of each person presented, and the age of the data behind it.

use super::{Data, Judgement, age_seconds};
use crate::colour::{AmberName, Colour};
use crate::encounter::{ColourFact, Source};
use crate::ids::{IssuerId, StatusIndex};
use crate::reason::Reason;
use crate::verdict::{Check, ClockState, Decision, Outcome, Tier};
use jiff::Timestamp;

impl Judgement<'_> {
    pub(super) fn check_colours(&mut self) {
        let mut seen: Vec<(IssuerId, StatusIndex)> = Vec::new();
        let holders: Vec<_> = self.persons.iter().filter_map(|person| person.holder).collect();
        for holder in holders {
            if !seen.contains(&holder) {
                seen.push(holder);
                self.check_colour(holder);
            }
        }
    }

    fn check_colour(&mut self, holder: (IssuerId, StatusIndex)) {
        let amber = self.view.trust.as_ref().and_then(|trust| trust.issuer(holder.0));
        let amber = amber.map_or(AmberName::default(), |issuer| issuer.amber);
        let at_issue = self.last_signed(holder);
        let Some(fact) = self.fact_that_counts(holder, at_issue) else {
            let missing = if at_issue.is_some() { Reason::NoListOfIssuer } else { Reason::NoList };
            match at_issue {
                // What was bad when it was signed does not become good by knowing less.
                Some((colour, _)) if colour != Colour::Green => self.bad(colour, amber),
                _ => self.not_checked(Check::Colour, missing),
            }
            return;
        };
        let tier = self.tier_of(fact.as_of);
        let online = matches!(fact.source, Source::Authority(_));
        let data = Data { online, position: fact.source.position(), as_of: fact.as_of, tier };
        // Two persons: the screen shows the older of the two ages.
        if self.data.is_none_or(|shown| data.as_of < shown.as_of) {
            self.data = Some(data);
        }
        match signed_colour(Some(&fact), at_issue) {
            None => self.not_checked(Check::Colour, Reason::NotInList),
            Some(Colour::Green) => {
                self.note_colour(Colour::Green, amber);
                self.passed(Check::Colour);
                self.check_age(tier);
            }
            Some(colour) => self.bad(colour, amber),
        }
    }

    /// What the newest code of a holder said, and when: of two signed in the same second,
    /// the worse. In whatever order code and card were shown, it counts.
    fn last_signed(&self, holder: (IssuerId, StatusIndex)) -> Option<(Colour, Timestamp)> {
        let of_holder = self.persons.iter().filter(|person| person.holder == Some(holder));
        of_holder.filter_map(|person| person.at_issue).max_by_key(|(colour, at)| (*at, *colour))
    }

    /// Green is only as good as the data is young.
    fn check_age(&mut self, tier: Tier) {
        let refer = |reason| (Outcome::NotChecked(Some(reason)), Decision::Refer);
        let (outcome, leads_to) = match tier {
            Tier::Live | Tier::Normal => (Outcome::Passed, Decision::Admit),
            Tier::Old if self.policy.freshness.old_green == Decision::Admit => {
                (Outcome::Noticed(Reason::ListOld), Decision::Admit)
            }
            Tier::Old => refer(Reason::ListOld),
            Tier::TooOld => refer(Reason::ListTooOld),
            Tier::None => refer(Reason::Clock),
        };
        self.find(Check::Data, outcome, leads_to);
    }

    /// A bad colour stays bad however old the data is.
    fn bad(&mut self, colour: Colour, amber: AmberName) {
        let rules = &self.policy.colours;
        let (reason, leads_to) = match (colour, amber) {
            (Colour::Red, _) => (Reason::Red, rules.red),
            (Colour::Withdrawn, _) => (Reason::Withdrawn, rules.withdrawn),
            (_, AmberName::Orange) => (Reason::Orange, rules.amber),
            (_, AmberName::Yellow) => (Reason::Yellow, rules.amber),
        };
        self.note_colour(colour, amber);
        self.find(Check::Colour, Outcome::Failed(reason), leads_to);
    }

    /// Of two persons' colours the screen shows the worse.
    fn note_colour(&mut self, colour: Colour, amber: AmberName) {
        if self.colour.is_none_or(|shown| colour > shown) {
            self.colour = Some(colour);
            self.amber = amber;
        }
    }

    /// The newest list, unless the authority's own answer counts. That is newer and not signed:
    /// it tells what nothing signed tells, or worse, and confirms a green; it never makes a bad
    /// colour better, whenever that comes to be known.
    fn fact_that_counts(
        &self,
        (issuer, index): (IssuerId, StatusIndex),
        at_issue: Option<(Colour, Timestamp)>,
    ) -> Option<ColourFact> {
        let newest = |by_authority: bool| {
            let of_holder = self.view.colours.iter().filter(move |fact| {
                fact.issuer == issuer
                    && fact.index == index
                    && matches!(fact.source, Source::Authority(_)) == by_authority
            });
            of_holder.max_by_key(|fact| fact.as_of)
        };
        let (listed, told) = (newest(false), newest(true));
        let signed = signed_colour(listed, at_issue);
        let counts = |told: &&ColourFact| {
            let is_newer = listed.is_none_or(|listed| told.as_of >= listed.as_of);
            let may_say = match (signed, told.colour) {
                (None, _) | (Some(Colour::Green), Some(_)) => true,
                (Some(_), None) => false,
                (Some(signed), Some(told)) => told > signed,
            };
            is_newer && may_say
        };
        told.filter(counts).or(listed).cloned()
    }

    fn tier_of(&self, as_of: Timestamp) -> Tier {
        let ahead = as_of.as_second() - self.now.as_second();
        if self.view.clock == ClockState::SetBack
            || ahead > i64::from(self.policy.code.skew_seconds)
        {
            return Tier::None;
        }
        self.policy.freshness.tier(age_seconds(as_of, self.now))
    }
}

/// The colour that a list and the code give together; `None` when neither knows it.
fn signed_colour(
    fact: Option<&ColourFact>,
    at_issue: Option<(Colour, Timestamp)>,
) -> Option<Colour> {
    match (fact.and_then(|fact| Some((fact.colour?, fact.as_of))), at_issue) {
        // A code signed after the list was issued knows more than the list, if it is worse.
        (Some((listed, as_of)), Some((colour, at))) if at > as_of => Some(listed.max(colour)),
        // No list, or one that ends before the holder: what was bad when it was signed stays so.
        (None, Some((colour, _))) if colour != Colour::Green => Some(colour),
        (listed, _) => listed.map(|(colour, _)| colour),
    }
}
