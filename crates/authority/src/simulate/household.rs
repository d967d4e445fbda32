//! Families: who claims for whom, by the rules of the briefing.

use jiff::civil::Date;

/// Whom an account has claimed for so far.
#[derive(Debug, Default)]
pub(super) struct Household {
    wanted: u8,
    parents: u8,
    children: u8,
    spouses: u8,
    relatives: u8,
}

/// What a member is to the account, as in the table `holders`.
pub(super) const PARENT: u8 = 1;
pub(super) const CHILD: u8 = 2;
pub(super) const SPOUSE: u8 = 3;
pub(super) const RELATIVE: u8 = 4;

impl Household {
    /// A new one; most are of one person, few of all that the rules allow.
    pub(super) fn new(dice: u64) -> Self {
        let wanted = match dice % 100 {
            0..55 => 0,
            55..80 => 1,
            80..92 => 2,
            92..98 => 3,
            98 => 6,
            _ => 13,
        };
        Self { wanted, ..Self::default() }
    }

    /// Takes somebody in, if there is room: 4 parents of 55 and older, 3 children under 18, a
    /// spouse, and 5 relatives of any age.
    pub(super) fn take_in(&mut self, born: Date, today: Date) -> Option<u8> {
        if self.parents + self.children + self.spouses + self.relatives >= self.wanted {
            return None;
        }
        let age = |years: i16| born.saturating_add(jiff::Span::new().years(years)) <= today;
        let (room, relation) = if age(55) && self.parents < 4 {
            (&mut self.parents, PARENT)
        } else if !age(18) && self.children < 3 {
            (&mut self.children, CHILD)
        } else if age(22) && !age(55) && self.spouses < 1 {
            (&mut self.spouses, SPOUSE)
        } else if self.relatives < 5 {
            (&mut self.relatives, RELATIVE)
        } else {
            return None;
        };
        *room += 1;
        Some(relation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_household_never_breaks_the_rules_of_families() {
        let today = date(2020, 7, 1);
        for dice in 0..100 {
            let mut household = Household::new(dice);
            let mut seen = [0u8; 5];
            for turn in 0..200i16 {
                let born = date(1930 + turn * 13 % 90, 6, 1);
                if let Some(relation) = household.take_in(born, today) {
                    seen[usize::from(relation)] += 1;
                    match relation {
                        PARENT => assert!(born.year() <= 1965),
                        CHILD => assert!(born.year() > 2002),
                        _ => {}
                    }
                }
            }
            assert!(seen[1] <= 4 && seen[2] <= 3 && seen[3] <= 1 && seen[4] <= 5, "{seen:?}");
            assert!(seen.iter().sum::<u8>() <= 13);
        }
    }
}
