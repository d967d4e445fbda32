//! For whom a family member's code may be claimed (为家人申领): the rules of the briefing.
//!
//! At most 13 codes: 4 parents (one's own and the spouse's, 55 or older), 3 children
//! (younger than 18), 1 spouse, 5 relatives of any age. Source: the press briefing of July
//! 2020 (domain.md §0).

use jiff::civil::Date;
use yanma_protocol::claims::Relation;

/// The youngest that a parent may be, in full years.
const PARENT_FROM: i16 = 55;

/// The age at which a child is none, in full years.
const CHILD_BELOW: i16 = 18;

/// Which rule stands against a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FamilyRule {
    /// There are as many members of this relation as there may be.
    Full(Relation),
    /// Younger than 55 today.
    ParentTooYoung,
    /// 18 or older today.
    ChildTooOld,
    /// The number has no date of birth, and none was declared.
    AgeUnknown,
    /// The account's own person.
    OwnPerson,
}

/// How many members of one relation may have a code at once.
pub(crate) const fn most(relation: Relation) -> usize {
    match relation {
        Relation::Parent => 4,
        Relation::Child => 3,
        Relation::Spouse => 1,
        Relation::Relative => 5,
    }
}

/// Passes one more member, born on `born`, when there are `claimed` of the relation.
pub(super) fn check(
    relation: Relation,
    born: Option<Date>,
    claimed: usize,
    today: Date,
) -> Result<(), FamilyRule> {
    let age = || born.map(|born| age(born, today)).ok_or(FamilyRule::AgeUnknown);
    match relation {
        Relation::Parent if age()? < PARENT_FROM => Err(FamilyRule::ParentTooYoung),
        Relation::Child if age()? >= CHILD_BELOW => Err(FamilyRule::ChildTooOld),
        relation if claimed >= most(relation) => Err(FamilyRule::Full(relation)),
        _ => Ok(()),
    }
}

/// Full years (周岁). Who was born on 29 February is a year older on 1 March of other years.
fn age(born: Date, today: Date) -> i16 {
    let had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
    today.year() - born.year() - i16::from(!had_birthday)
}

#[cfg(test)]
mod tests {
    use super::*;
    use yanma_protocol::claims::MAX_FAMILY;

    const TODAY: &str = "2020-07-01";

    #[track_caller]
    fn check(relation: Relation, born: &str, claimed: usize, expect: Result<(), FamilyRule>) {
        let born = (born != "-").then(|| born.parse().unwrap());
        assert_eq!(super::check(relation, born, claimed, TODAY.parse().unwrap()), expect);
    }

    #[test]
    fn a_parent_is_55_on_the_birthday_and_not_before() {
        check(Relation::Parent, "1965-07-01", 0, Ok(()));
        check(Relation::Parent, "1965-07-02", 0, Err(FamilyRule::ParentTooYoung));
        check(Relation::Parent, "-", 0, Err(FamilyRule::AgeUnknown));
    }

    #[test]
    fn a_child_is_none_from_the_eighteenth_birthday() {
        check(Relation::Child, "2002-07-02", 0, Ok(()));
        check(Relation::Child, "2002-07-01", 0, Err(FamilyRule::ChildTooOld));
        check(Relation::Child, "-", 0, Err(FamilyRule::AgeUnknown));
    }

    #[test]
    fn spouses_and_relatives_may_be_of_any_age() {
        for born in ["-", "1900-01-01", "2020-06-30"] {
            check(Relation::Spouse, born, 0, Ok(()));
            check(Relation::Relative, born, 0, Ok(()));
        }
    }

    #[test]
    fn each_relation_has_its_own_number_and_all_are_thirteen() {
        assert_eq!(Relation::ALL.map(most).iter().sum::<usize>(), MAX_FAMILY);
        for relation in Relation::ALL {
            let born = if relation == Relation::Child { "2010-01-01" } else { "1950-01-01" };
            check(relation, born, most(relation) - 1, Ok(()));
            check(relation, born, most(relation), Err(FamilyRule::Full(relation)));
        }
    }

    #[test]
    fn a_birthday_on_the_29th_of_february_is_on_the_1st_of_march() {
        let born: Date = "2004-02-29".parse().unwrap();
        for (today, years) in [("2022-02-28", 17), ("2022-03-01", 18), ("2024-02-29", 20)] {
            assert_eq!(age(born, today.parse().unwrap()), years, "{today}");
        }
    }
}
