//! Claiming a code (申领), for oneself or a family member, and giving it back.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};
use yanma_domain::document::{DocumentNumber, DocumentType};
use yanma_domain::name::HolderName;
use yanma_domain::trust::Words;
use yanma_domain::{AmberName, Colour};

use crate::accounts::check_phone;
use crate::facts::FactKind;
use crate::field::{self, FieldError, FieldProblem};
use crate::home::HomeColour;
use crate::secret::Secret;
use crate::verify::MAX_CODE_CHARS;

/// `POST` [`ClaimRequest`] → 201 [`HolderResponse`], or 200 when it was claimed before: what is
/// declared now takes the place of what was.
pub const CLAIMS_PATH: &str = "/v1/claims";
/// `POST` [`FamilyClaimRequest`] → 201 [`FamilyMember`], or 200 when it was claimed before:
/// relation and declaration of now take the place of those before;
/// `GET` → 200 [`FamilyResponse`].
pub const FAMILY_PATH: &str = "/v1/family";
/// `POST` [`WithdrawRequest`] → 204: the holder's code turns to withdrawn.
pub const WITHDRAW_PATH: &str = "/v1/holder/withdraw";

/// Family members with a code at once: 4 parents, 3 children, 1 spouse and 5 relatives.
pub const MAX_FAMILY: usize = 13;

/// The first day on which somebody can be declared to be born. A number may have an earlier one.
const FIRST_BORN: Date = date(1900, 1, 1);

/// Claims the code of the account's own person; `{}` claims it as a resident.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClaimRequest {
    /// Where the person comes from, and what that group declares.
    #[serde(default)]
    pub from: Origin,
}

impl ClaimRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// A field of [`Origin`].
    pub fn check(&self) -> Result<(), FieldError> {
        self.from.check()
    }
}

/// The three groups of claims (domain.md §0), each with what it declares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "group", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Origin {
    /// 省内: lives in the province. Nothing to fill in.
    // With braces: serde passes over the fields that are sent for a variant without them.
    Resident {},
    /// 省外入闽: came from another province.
    OtherProvince {
        /// Where the journey began: a county, city or province of GB/T 2260, six digits; not in
        /// this province.
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Area"))]
        departure: String,
        /// Where the household is registered (户籍), the same.
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Area"))]
        household: String,
        /// The text of one's health code from another region, shown now: then that region's
        /// published list is looked at. Who shows none is asked about by document.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::KeptCode>"))]
        home_code: Option<Secret>,
    },
    /// 境外入闽: came from abroad, and stands in the arrivals register.
    Abroad {
        /// A telephone number for this stay; the account's own when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Phone>"))]
        contact: Option<Secret>,
    },
}

impl Default for Origin {
    fn default() -> Self {
        Self::Resident {}
    }
}

impl Origin {
    /// The group alone.
    pub const fn group(&self) -> ClaimGroup {
        match self {
            Self::Resident {} => ClaimGroup::Resident,
            Self::OtherProvince { .. } => ClaimGroup::OtherProvince,
            Self::Abroad { .. } => ClaimGroup::Abroad,
        }
    }

    /// What is kept of it: all but the code, which is only looked at.
    #[must_use]
    pub fn declared(&self) -> Self {
        match self {
            Self::OtherProvince { departure, household, home_code: _ } => Self::OtherProvince {
                departure: departure.clone(),
                household: household.clone(),
                home_code: None,
            },
            all => all.clone(),
        }
    }

    fn check(&self) -> Result<(), FieldError> {
        match self {
            Self::Resident {} => Ok(()),
            Self::OtherProvince { departure, household, home_code } => {
                check_area("from.departure", departure)?;
                check_area("from.household", household)?;
                match home_code {
                    None => Ok(()),
                    Some(code) => field::length("from.home_code", code.reveal(), 1, MAX_CODE_CHARS),
                }
            }
            Self::Abroad { contact: None } => Ok(()),
            Self::Abroad { contact: Some(contact) } => check_phone(contact)
                .map_err(|misfit| FieldError::new("from.contact", misfit.problem)),
        }
    }
}

/// Six digits whose first two are those of a province. Of the others none is refused: counties
/// are joined and parted, and people still come from where they came from.
fn check_area(name: &'static str, area: &str) -> Result<(), FieldError> {
    let digits = area.len() == 6 && area.bytes().all(|byte| byte.is_ascii_digit());
    let province = area.get(..2).and_then(|province| province.parse().ok());
    field::form(name, digits && province.is_some_and(is_province))
}

/// Whether GB/T 2260 has a province of this number, the special administrative regions and
/// Taiwan included.
pub const fn is_province(number: u8) -> bool {
    matches!(number, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81 | 82)
}

/// Which group a code was claimed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ClaimGroup {
    /// 省内
    Resident,
    /// 省外入闽
    OtherProvince,
    /// 境外入闽
    Abroad,
}

/// Claims the code of a family member (为家人申领).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FamilyClaimRequest {
    /// What the member is to the account's own person.
    pub relation: Relation,
    /// The kind of document that `number` is of.
    pub document_type: DocumentType,
    /// The member's document number, as typed.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Number"))]
    pub number: Secret,
    /// The member's name, 1 to 60 characters.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Name"))]
    pub name: Secret,
    /// The member's date of birth; needed for parents and children whose number has none. From
    /// 1900 on, and not after today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<Date>,
    /// As in [`ClaimRequest`].
    #[serde(default)]
    pub from: Origin,
}

/// A family claim whose fields all hold.
#[derive(Clone, Debug)]
pub struct FamilyClaim {
    /// What the member is to the account's own person.
    pub relation: Relation,
    /// The document, normalised.
    pub document: DocumentNumber,
    /// The name, trimmed.
    pub name: HolderName,
    /// The date of birth, from the number where that has one, else as declared.
    pub born: Option<Date>,
    /// Where the member comes from.
    pub from: Origin,
}

impl FamilyClaimRequest {
    /// Turns the request into values, on this day in the province.
    ///
    /// # Errors
    /// The first field that misses its limits; `born` also when it is not the date in the
    /// number.
    pub fn parse(self, today: Date) -> Result<FamilyClaim, FieldError> {
        let document = DocumentNumber::parse(self.document_type, self.number.reveal())
            .map_err(|_| FieldError::new("number", FieldProblem::Form))?;
        let name = HolderName::parse(self.name.reveal())
            .map_err(|_| FieldError::new("name", FieldProblem::Form))?;
        let may_be = |born: &Date| (FIRST_BORN..=today).contains(born);
        field::form("born", self.born.as_ref().is_none_or(may_be))?;
        let born = match (document.birth_date(), self.born) {
            (Some(written), Some(declared)) if written != declared => {
                return Err(FieldError::new("born", FieldProblem::Form));
            }
            (written, declared) => written.or(declared),
        };
        self.from.check()?;
        Ok(FamilyClaim { relation: self.relation, document, name, born, from: self.from })
    }
}

/// What a family member is to the account's own person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// 父母: a parent of one's own or of the spouse, 55 or older; 4 at most.
    Parent,
    /// 子女: younger than 18; 3 at most.
    Child,
    /// 配偶; 1 at most.
    Spouse,
    /// 亲属, of any age; 5 at most.
    Relative,
}

impl Relation {
    /// Every relation.
    pub const ALL: [Self; 4] = [Self::Parent, Self::Child, Self::Spouse, Self::Relative];
}

/// Whose code is meant: `{}` is the account's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WithdrawRequest {
    /// A family member's [`id`](FamilyMember::id).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
}

/// Names a family member to the account that claimed the code: 8 hexadecimal digits. It is
/// the status index, which is in the member's own code and tells nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(inline, extend("pattern" = "^[0-9a-fA-F]{8}$"))
)]
#[serde(try_from = "String", into = "String")]
pub struct MemberId(pub u32);

impl TryFrom<String> for MemberId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let plain = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match u32::from_str_radix(&text, 16) {
            Ok(index) if plain => Ok(Self(index)),
            _ => Err("8 hexadecimal digits"),
        }
    }
}

impl From<MemberId> for String {
    fn from(id: MemberId) -> Self {
        format!("{:08x}", id.0)
    }
}

/// A family member with a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FamilyMember {
    /// Names the member in other requests.
    pub id: MemberId,
    /// What the member is to the account's own person.
    pub relation: Relation,
    /// 张*明
    pub name_masked: String,
    /// First and last characters of the number, stars between.
    pub document_masked: String,
    /// The kind of document the code stands on.
    pub document_type: DocumentType,
    /// The code.
    pub holder: HolderResponse,
}

/// Everybody for whom the account has claimed a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FamilyResponse {
    /// In the order of claiming.
    pub members: Vec<FamilyMember>,
}

/// A holder, as the holder may see it. The status index is left out on purpose: nobody
/// but a desk needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HolderResponse {
    /// The colour now.
    pub colour: Colour,
    /// What the issuer calls amber.
    pub amber_name: AmberName,
    /// Since when the colour holds.
    pub since: Timestamp,
    /// Why it is not green; empty for green.
    pub because: Vec<Because>,
    /// How many times the code was shown.
    pub shown_count: u32,
    /// When the code was claimed.
    pub claimed_at: Timestamp,
    /// In which group it was claimed.
    pub group: ClaimGroup,
    /// The colour at home of somebody from another province, for each region that is asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub home: Vec<HomeColour>,
}

/// One fact behind a colour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Because {
    /// What was reported.
    pub kind: FactKind,
    /// From when it counts.
    pub since: Timestamp,
    /// When it ends by itself or calls for another colour; `null` when only another fact, such
    /// as a clearance or a negative test, does that.
    pub until: Option<Timestamp>,
    /// The condition in the scheme's words.
    pub reason: Words,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn an_empty_claim_is_a_residents() {
        let claim: ClaimRequest = serde_json::from_value(json!({})).unwrap();
        assert_eq!(claim.from.group(), ClaimGroup::Resident);
    }

    fn check(from: Value, field: Option<&str>) {
        let claim: ClaimRequest = serde_json::from_value(json!({"from": from})).unwrap();
        assert_eq!(claim.check().err().map(|misfit| misfit.field).as_deref(), field, "{from}");
    }

    #[test]
    fn what_a_group_declares_is_checked() {
        let other = |departure: &str, household: &str| json!({"group": "other-province", "departure": departure, "household": household});
        check(other("420100", "110105"), None);
        check(other("42010", "110105"), Some("from.departure"));
        check(other("420100", "990000"), Some("from.household"));
        check(other("420100", "200000"), Some("from.household"));
        check(other("550000", "110105"), Some("from.departure"));
        check(other("４２０１００", "110105"), Some("from.departure"));
        check(json!({"group": "abroad"}), None);
        check(json!({"group": "abroad", "contact": "+85290000000"}), None);
        check(json!({"group": "abroad", "contact": "soon"}), Some("from.contact"));
    }

    #[test]
    fn the_provinces_are_those_of_the_standard() {
        let provinces: Vec<u8> = (0..=u8::MAX).filter(|number| is_province(*number)).collect();
        assert_eq!(provinces.len(), 34, "31 on the mainland");
        for number in [0, 10, 16, 20, 24, 30, 38, 40, 47, 49, 55, 60, 66, 70, 72, 80, 83, 91] {
            assert!(!is_province(number), "{number}");
        }
    }

    #[test]
    fn a_member_is_named_by_eight_digits() {
        let id: MemberId = serde_json::from_value(json!("0000002a")).unwrap();
        assert_eq!((id, serde_json::to_value(id).unwrap()), (MemberId(42), json!("0000002a")));
        for wrong in ["2a", "+000002a", "0000002g", "", "00000002a"] {
            assert!(serde_json::from_value::<MemberId>(json!(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_date_of_birth_may_not_contradict_the_number() {
        let claim = |born: Value| {
            let request: FamilyClaimRequest = serde_json::from_value(json!({
                "relation": "parent", "document_type": "resident-id",
                "number": "350100190001010004", "name": "样本", "born": born
            }))
            .unwrap();
            request.parse(date(2020, 7, 1)).map(|claim| claim.born)
        };
        let written = Some(date(1900, 1, 1));
        assert_eq!(claim(Value::Null), Ok(written));
        assert_eq!(claim(json!("1900-01-01")), Ok(written));
        assert_eq!(claim(json!("1900-01-02")).unwrap_err().field, "born");
    }

    #[test]
    fn nobody_is_born_after_today_or_long_ago() {
        for (born, good) in [
            ("-009999-01-01", false),
            ("1899-12-31", false),
            ("1900-01-01", true),
            ("2020-07-01", true),
            ("2020-07-02", false),
            ("2099-01-01", false),
        ] {
            let request: FamilyClaimRequest = serde_json::from_value(json!({
                "relation": "child", "document_type": "passport-foreign",
                "number": "L898902C3", "name": "A", "born": born
            }))
            .unwrap();
            let field = request.parse(date(2020, 7, 1)).err().map(|misfit| misfit.field);
            assert_eq!(field.as_deref(), (!good).then_some("born"), "{born}");
        }
    }
}
