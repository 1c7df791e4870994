//! Codes that are more exact than their kind: a conflict says with its `code` which one it is, an entry of `errors` what
//! is wrong with its field. Each has its line on the page of its kind; a test holds them against the code.

use super::kinds::{CONFLICT, FORBIDDEN, INVALID, INVALID_QUERY, Kind};

/// One such code.
pub struct Code {
    /// The stable word.
    pub code: &'static str,
    /// What happened, and what it means.
    pub meaning: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
}

const fn code(code: &'static str, meaning: &'static str, remedy: &'static str) -> Code {
    Code { code, meaning, remedy }
}

/// The codes of problems of a kind; where there are none, a problem's code is its kind's.
#[must_use]
pub fn codes_of(kind: &Kind) -> &'static [Code] {
    match kind.code {
        _ if kind.code == CONFLICT.code => CONFLICTS,
        _ if kind.code == FORBIDDEN.code => FORBIDDEN_ONES,
        _ => &[],
    }
}

/// The codes that the entries of `errors` may have in a problem of a kind.
#[must_use]
pub fn field_codes_of(kind: &Kind) -> &'static [Code] {
    match kind.code {
        _ if kind.code == INVALID.code => FIELDS,
        _ if kind.code == INVALID_QUERY.code => PARAMETERS,
        _ => &[],
    }
}

const CONFLICTS: &[Code] = &[
    code(
        "already_decided",
        "The review is confirmed or rejected already, which is final.",
        "Read the review to see who decided what. If the change is still wanted, propose it anew.",
    ),
    code(
        "already_retired",
        "The vendor, authority or regime is retired already.",
        "There is nothing left to do. To use it again, PATCH it with `{\"status\": \"active\"}`.",
    ),
    code(
        "already_revoked",
        "The API key is revoked already, which is final.",
        "There is nothing left to do. Make a new key where one is needed.",
    ),
    code(
        "designation_changed",
        "The designation has changed since its voiding was proposed, so whoever confirms may not have seen what would be voided.",
        "Look at the designation again. If it should still be voided, reject the review and propose the voiding anew.",
    ),
    code(
        "designation_too_large",
        "With this change the designation's document would be larger than a record may be.",
        "Shorten statements and notes, or record what is a matter of its own as another designation and link the two.",
    ),
    code(
        "identifier_taken",
        "Another active vendor bears an identifier that the request gives to this one; one scheme and value belongs to one active \
         vendor.",
        "Find that vendor with `GET /v1/vendors?identifier=scheme:value`. It may be the same supplier: change that record instead, \
         or take the identifier away from it or retire it first.",
    ),
    code(
        "in_use",
        "The record can't be retired while others need it: a vendor with a live designation, an authority or a regime that is \
         named by an active record.",
        "`detail` says what stands against it. Record the end of the designation, or retire or change the record that names this \
         one, and then try again.",
    ),
    code(
        "last_reason",
        "An order needs at least one reason, and this is the designation's last.",
        "Add the reason that takes its place first, or change this one to `undisclosed`.",
    ),
    code(
        "mentioned_by_public",
        "Public designations name this one, now or in their history, so it can't be made restricted.",
        "Make the designations that `detail` names restricted first.",
    ),
    code(
        "mentions_restricted",
        "The designation names restricted ones, now or in its history, so it can't be made public.",
        "Make the designations that `detail` names public first, or record this one anew without them.",
    ),
    code(
        "named_as_successor",
        "Another designation is superseded by this one, so it can't be voided.",
        "Correct the event `superseded` of the designation that `detail` names first.",
    ),
    code(
        "no_key_secret",
        "The registry was started without a key secret, so it can make no API keys.",
        "Whoever runs the registry starts it with `--key-secret-file`.",
    ),
    code(
        "no_longer_possible",
        "What the review proposes was possible when it was proposed and is not any more. The review stays pending.",
        "Settle what `detail` says and confirm again, or reject the review and propose the change anew.",
    ),
    code(
        "reason_changed",
        "The reason that the review would change or remove has changed since, or is gone. The review stays pending.",
        "Reject the review, read the reason, and propose the change anew.",
    ),
    code(
        "slug_taken",
        "Another regime, active or retired, has this slug.",
        "Choose another slug, or use that regime; a retired one is reactivated with PATCH and `{\"status\": \"active\"}`.",
    ),
    code(
        "too_many_events",
        "The designation has as many events as it may have.",
        "Record what follows as another designation, and link the two.",
    ),
    code(
        "too_many_reasons",
        "The designation has as many reasons as it may have.",
        "Put several into one, or remove one that no longer holds.",
    ),
    code(
        "too_many_scopes",
        "With this event the designation would have more scopes than it may have.",
        "State fewer scopes: a scope may list several environments, actions, tiers and agencies.",
    ),
    code(
        "two_live_keys",
        "The actor has two live keys under this name: the one in use and the next.",
        "Revoke the one that is no longer used, or give the new key another name.",
    ),
    code(
        "voided",
        "The designation is voided, which is final: nothing of it can be changed any more.",
        "Record it anew.",
    ),
];

const FORBIDDEN_ONES: &[Code] = &[
    code(
        "own_proposal",
        "You proposed this change yourself, and another person must confirm it.",
        "Ask another approver. You may reject your own proposal, which withdraws it.",
    ),
    code(
        "not_your_proposal",
        "Another person proposed this change. You may withdraw your own proposals; others' are rejected by an approver.",
        "Ask an approver.",
    ),
];

const FIELDS: &[Code] = &[
    code(
        "after_to",
        "The span begins after it ends.",
        "Give the earlier day as `from` and the later one as `to`.",
    ),
    code("ambiguous_agency", "Several authorities bear the name.", "Give the id of the one that is meant."),
    code(
        "beyond_head",
        "The journal has no such position yet.",
        "Give a position up to the head, which `detail` names, or leave it out.",
    ),
    code("duplicate", "The same thing stands twice in a list.", "Leave one of the two out."),
    code("exclusive", "Two fields or parameters were given that exclude each other.", "Give one of them."),
    code(
        "fixed_field",
        "The record shows the field, but a PATCH can't change it: it is fixed when the record is made, or the registry keeps it itself.",
        "Leave it out; `detail` says what can be changed, or what to do instead.",
    ),
    code(
        "in_the_future",
        "The day lies after today, and what has not happened can't be recorded.",
        "Give a day up to today (UTC). The day from which an event has effect may lie later: `details.effective_on`.",
    ),
    code("in_the_past", "The instant has passed.", "Give one that lies ahead."),
    code("invalid_cursor", "The cursor can't be read.", "Start again without one."),
    code(
        "invalid_subject",
        "It is not clear who is meant: both ways to name it were given, or neither.",
        "Give either `vendor_id` or the other form that `detail` names.",
    ),
    code(
        "invalid_type",
        "The value is of another JSON type than the field.",
        "Give the type that `detail` names.",
    ),
    code(
        "invalid_value",
        "The value is not one that the field can have.",
        "Give one as `detail` says it must be.",
    ),
    code("missing_field", "A field that is needed here was left out.", "Give it."),
    code(
        "reserved",
        "Under this name the registry itself writes in the journal.",
        "Give the name of the person or the program that acts.",
    ),
    code(
        "reserved_name",
        "The name is a word of the registry: `none` means no agency in a question about standing.",
        "Choose another name.",
    ),
    code(
        "restricted_reference",
        "A public designation may not name a restricted one.",
        "Make this one restricted, or that one public first.",
    ),
    code(
        "retired_reference",
        "The record that is referred to is retired.",
        "Reactivate it with PATCH and `{\"status\": \"active\"}`, or refer to another.",
    ),
    code(
        "too_many_items",
        "The answer would have more groups or numbers than one answer may have.",
        "Narrow the question by a filter, group by less, or ask for fewer days.",
    ),
    code(
        "too_many_points",
        "The series would have more days than one answer may have.",
        "Take a longer `step` or a shorter span.",
    ),
    code(
        "unknown_agency",
        "No authority has this id, name or alias.",
        "Give one that `GET /v1/authorities` lists, or `none` in a question about standing.",
    ),
    code(
        "unknown_field",
        "The object has no such field.",
        "Leave it out, or correct its name: `detail` lists the fields.",
    ),
    code(
        "unknown_reference",
        "There is no record with this id or name.",
        "Check it, or record that one first.",
    ),
    code(
        "unknown_scope",
        "The scope's id is none that the corrected event stated.",
        "Leave `id` out for a new scope; give it only to restate a scope in a correction.",
    ),
    code(
        "unknown_value",
        "The word is none of those that the field can have.",
        "Give one that `detail` lists.",
    ),
];

const PARAMETERS: &[Code] = &[code(
    "invalid_parameter",
    "The parameter is unknown to the operation, empty, given more than once, or can't be read.",
    "Correct it as `detail` says, or leave it out.",
)];
