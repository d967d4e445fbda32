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
        let Some(fact) = self.newest_fact(holder) else {
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
        match colour_of(&fact, at_issue) {
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

    fn newest_fact(&self, (issuer, index): (IssuerId, StatusIndex)) -> Option<ColourFact> {
        let facts = self.view.colours.iter();
        facts
            .filter(|fact| fact.issuer == issuer && fact.index == index)
            .max_by_key(|fact| (fact.as_of, matches!(fact.source, Source::Authority(_))))
            .cloned()
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

/// The colour that the list and the code give together; `None` when neither knows it.
fn colour_of(fact: &ColourFact, at_issue: Option<(Colour, Timestamp)>) -> Option<Colour> {
    match (fact.colour, at_issue) {
        // A code signed after the list was issued knows more than the list, if it is worse.
        (Some(listed), Some((colour, at))) if at > fact.as_of => Some(listed.max(colour)),
        // A list that ends before the holder says no more than no list.
        (None, Some((colour, _))) if colour != Colour::Green => Some(colour),
        (listed, _) => listed,
    }
}
