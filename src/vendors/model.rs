//! The record of a vendor and its rules. No I/O.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::{
    journal::recorded,
    values::{
        Country, Domain, Ended, Instant, Line, List, Prose, RecordStatus, VendorId, WebAddress, fold, words,
    },
};

words! {
    /// What sort of party a vendor is.
    pub enum VendorKind {
        /// A company or another legal person.
        Company = "company",
        /// A natural person.
        Individual = "individual",
        /// A state, or a body of one.
        Government = "government",
        /// A ship.
        Vessel = "vessel",
        /// An aircraft.
        Aircraft = "aircraft",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// What sort of name it is.
    pub enum NameKind {
        /// Another name in use.
        Alias = "alias",
        /// A name that is no longer used.
        Former = "former",
        /// A name under which it trades.
        Trade = "trade",
        /// A name too common to identify anybody.
        WeakAlias = "weak_alias",
    }
}

words! {
    /// Who gives out an identifier.
    pub enum IdentifierScheme {
        /// Legal Entity Identifier (ISO 17442), checked by its mod-97 check digits.
        Lei = "lei",
        /// Unique Entity ID of SAM.gov: 12 letters and digits, without O and I, not beginning with 0.
        Uei = "uei",
        /// Commercial and Government Entity code: 5 characters.
        Cage = "cage",
        /// D-U-N-S number: 9 digits.
        Duns = "duns",
        /// Central Index Key of the SEC: up to 10 digits, kept without leading zeros.
        Cik = "cik",
        /// US Employer Identification Number: 9 digits.
        Ein = "ein",
        /// Value-added tax number.
        Vat = "vat",
        /// Number in a national register.
        National = "national",
        /// Domain name, kept as lower-case punycode.
        Domain = "domain",
        /// Any other number or name that somebody gives out.
        Other = "other",
    }
}

words! {
    /// How much depends on the vendor.
    pub enum Criticality {
        /// Little would stop without it.
        Low = "low",
        /// Some work would stop, or it could be replaced soon.
        Moderate = "moderate",
        /// Important work would stop, and it is hard to replace.
        High = "high",
        /// What may not stop would stop.
        Critical = "critical",
    }
}

/// Another name of a vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VendorName {
    /// The name, as it is written.
    pub name: Line<500>,
    pub kind: NameKind,
}

/// An identifier of a vendor, normalised and checked by its scheme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    pub scheme: IdentifierScheme,
    /// The number or name itself. It is checked by its scheme, and kept and compared in the scheme's one form.
    #[schema(value_type = Line<200>)]
    pub value: String,
    /// The country whose register it is, where the scheme alone does not say; else null.
    #[schema(required = false)]
    pub jurisdiction: Option<Country>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentifierText {
    scheme: IdentifierScheme,
    value: Line<200>,
    #[serde(default)]
    jurisdiction: Option<Country>,
}

impl<'de> Deserialize<'de> for Identifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let IdentifierText { scheme, value, jurisdiction } = IdentifierText::deserialize(deserializer)?;
        let value =
            normalise(scheme, &value).map_err(|fault| serde::de::Error::custom(format!("value {fault}")))?;
        Ok(Self { scheme, value, jurisdiction })
    }
}

/// The form in which an identifier is kept and compared. Surrounding white space is gone by then: the text is a `Line`.
///
/// # Errors
/// Says what an identifier of the scheme looks like.
pub fn normalise(scheme: IdentifierScheme, value: &str) -> Result<String, &'static str> {
    let upper = || value.to_ascii_uppercase();
    let digits = || value.chars().filter(|c| !matches!(c, '-' | ' ')).collect::<String>();
    let all_digits =
        |text: &str, length: usize| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    match scheme {
        IdentifierScheme::Lei => lei::parse(&upper())
            .map(|lei| lei.to_string())
            .map_err(|_| "must be an LEI of 20 characters with right check digits"),
        IdentifierScheme::Uei => {
            let code = upper();
            let fits = code.len() == 12
                && !code.starts_with('0')
                && code.bytes().all(|b| b.is_ascii_alphanumeric() && b != b'O' && b != b'I');
            fits.then_some(code)
                .ok_or("must be a UEI: 12 letters and digits without O and I, not beginning with 0")
        }
        IdentifierScheme::Cage => {
            let code = upper();
            let letter_or_digit = |b: u8| b.is_ascii_alphanumeric() && b != b'O' && b != b'I';
            // A code of the US begins and ends with a digit; other nations mark theirs with a letter at either end.
            (code.len() == 5 && code.bytes().all(letter_or_digit))
                .then_some(code)
                .ok_or("must be a CAGE or NCAGE code: 5 letters and digits without O and I")
        }
        IdentifierScheme::Cik => {
            let fits = (1..=10).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit());
            let number = value.trim_start_matches('0');
            (fits && !number.is_empty())
                .then(|| number.to_owned())
                .ok_or("must be a CIK: 1 to 10 digits, not zero")
        }
        IdentifierScheme::Duns => {
            Some(digits()).filter(|d| all_digits(d, 9)).ok_or("must be a D-U-N-S number of 9 digits")
        }
        IdentifierScheme::Ein => {
            Some(digits()).filter(|d| all_digits(d, 9)).ok_or("must be an EIN of 9 digits")
        }
        // Punycode may be longer than what it is made from.
        IdentifierScheme::Domain => Domain::parse(value).map(Domain::into_string).and_then(|name| {
            Line::<200>::parse(&name)
                .map(|_| name)
                .map_err(|_| "must have at most 200 characters as punycode")
        }),
        IdentifierScheme::Vat => {
            let code: String = upper().chars().filter(|c| !matches!(c, ' ' | '.' | '-')).collect();
            let fits = (4..=20).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
            fits.then_some(code).ok_or("must be a VAT number: letters and digits, with its country prefix")
        }
        IdentifierScheme::National | IdentifierScheme::Other => Ok(value.to_owned()),
    }
}

/// What a client states of a vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VendorCreate, example = json!({
    "legal_name": "Acme Networks GmbH", "kind": "company", "country": "DE",
    "names": [{"name": "Acme", "kind": "trade"}],
    "identifiers": [{"scheme": "domain", "value": "acme.example"}],
    "roles": ["network equipment"], "criticality": "high", "tags": ["hardware"]
}))]
pub struct VendorFields {
    /// The name as it is registered. Surrounding white space is trimmed; nothing else is changed.
    pub legal_name: Line<500>,
    pub kind: VendorKind,
    /// Other names, current and former; the vendor is found by each of them.
    #[serde(default)]
    pub names: List<VendorName, 200>,
    /// By what it can be told from others, in registers and on the network.
    #[serde(default)]
    pub identifiers: List<Identifier, 50>,
    /// Where its seat is; null where it is not recorded.
    #[serde(default)]
    pub country: Option<Country>,
    /// What the vendor is to us, for example "primary model provider".
    #[serde(default)]
    pub roles: List<Line<200>, 50>,
    /// How much depends on it; null where nobody has said.
    #[serde(default)]
    pub criticality: Option<Criticality>,
    /// Its site on the web; null where none is recorded.
    #[serde(default)]
    pub website: Option<WebAddress>,
    /// What is to be known of it, in words; null where nothing is recorded.
    #[serde(default)]
    pub description: Option<Prose<10000>>,
    /// Words to group vendors by.
    #[serde(default)]
    pub tags: List<Line<100>, 50>,
}

/// A supplier: company, individual, government body or other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Vendor {
    /// The vendor's id, given when it was recorded; it never changes.
    pub id: VendorId,
    /// From 1; each change adds 1.
    #[schema(minimum = 1)]
    pub revision: u64,
    /// When it was first recorded (UTC).
    pub created_at: Instant,
    /// When it last changed (UTC).
    pub updated_at: Instant,
    pub status: RecordStatus,
    /// The name as it is registered.
    pub legal_name: Line<500>,
    pub kind: VendorKind,
    /// Other names, current and former; the vendor is found by each of them.
    pub names: List<VendorName, 200>,
    /// By what it can be told from others, in registers and on the network.
    pub identifiers: List<Identifier, 50>,
    /// Where its seat is; null where it is not recorded.
    #[schema(required)]
    pub country: Option<Country>,
    /// What the vendor is to us, for example "primary model provider".
    pub roles: List<Line<200>, 50>,
    /// How much depends on it; null where nobody has said.
    #[schema(required)]
    pub criticality: Option<Criticality>,
    /// Its site on the web; null where none is recorded.
    #[schema(required)]
    pub website: Option<WebAddress>,
    /// What is to be known of it, in words; null where nothing is recorded.
    #[schema(required)]
    pub description: Option<Prose<10000>>,
    /// Words to group vendors by.
    pub tags: List<Line<100>, 50>,
    /// When, by whom and why it was retired; null while it is active.
    #[schema(required)]
    pub ended: Option<Ended>,
}

impl Vendor {
    /// The first revision of a vendor.
    #[must_use]
    pub fn new(id: VendorId, fields: VendorFields, at: Instant) -> Self {
        let VendorFields {
            legal_name,
            kind,
            names,
            identifiers,
            country,
            roles,
            criticality,
            website,
            description,
            tags,
        } = fields;
        Self {
            id,
            revision: 1,
            created_at: at,
            updated_at: at,
            status: RecordStatus::Active,
            legal_name,
            kind,
            names,
            identifiers,
            country,
            roles,
            criticality,
            website,
            description,
            tags,
            ended: None,
        }
    }

    /// The first revision of the same vendor with other fields.
    fn replaced(&self, fields: VendorFields, at: Instant) -> Self {
        Self::new(self.id, fields, at)
    }

    /// What a client may change of it.
    #[must_use]
    pub fn fields(&self) -> VendorFields {
        let vendor = self.clone();
        VendorFields {
            legal_name: vendor.legal_name,
            kind: vendor.kind,
            names: vendor.names,
            identifiers: vendor.identifiers,
            country: vendor.country,
            roles: vendor.roles,
            criticality: vendor.criticality,
            website: vendor.website,
            description: vendor.description,
            tags: vendor.tags,
        }
    }

    /// Every word of every name, folded, without repeats.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let names = std::iter::once(&self.legal_name).chain(self.names.iter().map(|name| &name.name));
        let mut words: Vec<String> = names.flat_map(|name| words_of(name)).collect();
        words.sort_unstable();
        words.dedup();
        words
    }
}

recorded!(Vendor, VendorFields, [VendorCreated, VendorUpdated, VendorRetired, VendorReactivated]);

/// The words of a text, folded, split at everything that is neither letter nor digit. A text of nothing but signs is
/// one word.
#[must_use]
pub fn words_of(text: &str) -> Vec<String> {
    let folded = fold(text);
    let words: Vec<String> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(ToOwned::to_owned)
        .collect();
    if words.is_empty() && !folded.is_empty() { vec![folded] } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_normalised_and_checked_by_their_scheme() {
        use IdentifierScheme::{Cage, Cik, Domain, Duns, Lei, Uei};
        assert_eq!(normalise(Lei, "yz83gd8l7gg84979j516").as_deref(), Ok("YZ83GD8L7GG84979J516"));
        assert!(normalise(Lei, "YZ83GD8L7GG84979J517").is_err(), "a wrong check digit");
        assert_eq!(normalise(Cik, "0001321655").as_deref(), Ok("1321655"));
        assert!(normalise(Cik, "0000000000").is_err() && normalise(Cik, "12a").is_err());
        assert_eq!(normalise(Cage, "1a2b3").as_deref(), Ok("1A2B3"));
        assert_eq!(normalise(Cage, "D1234").as_deref(), Ok("D1234"));
        assert_eq!(normalise(Cage, "1234h").as_deref(), Ok("1234H"), "a nation that puts its letter last");
        assert!(normalise(Cage, "1O2B3").is_err() && normalise(Cage, "123").is_err());
        assert_eq!(normalise(Domain, "BÜCHER.example.").as_deref(), Ok("xn--bcher-kva.example"));
        let long = format!("{}.example", ["東京都千代田区丸の内供給株式会社"; 5].join("."));
        assert!(
            long.chars().count() < 200 && normalise(Domain, &long).is_err(),
            "longer than 200 as punycode"
        );
        assert!(normalise(Domain, "localhost").is_err() && normalise(Domain, "1.2.3.4").is_err());
        assert_eq!(normalise(Duns, "15-048-3782").as_deref(), Ok("150483782"));
        assert!(normalise(Uei, "0ABCDEFGHJKL").is_err() && normalise(Uei, "ABCDEFGHJKLM").is_ok());
    }

    #[test]
    fn words_are_folded_and_split_at_signs() {
        assert_eq!(words_of("Société d’Étude, S.A."), ["societe", "d", "etude", "s", "a"]);
        assert_eq!(words_of("华为技术"), ["华为技术"]);
        assert_eq!(words_of("+++"), ["+++"]);
    }
}
