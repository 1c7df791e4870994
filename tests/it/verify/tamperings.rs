//! Alterations behind the registry's back, in SQL that both databases can be told: `in_words_of` says it in the words of
//! one of them.

use crate::support::Backend;

/// A tampering as this database understands it: its first row of a table, a day before or after a date, and the casts
/// of a document kept as `json`.
pub fn in_words_of(backend: Backend, tampering: &str) -> String {
    let mut said = tampering
        .replace("{::text}", backend.says("", "::text"))
        .replace("{::json}", backend.says("", "::json"))
        .replace("{day-1:from_on}", backend.says("date(from_on, '-1 day')", "from_on - 1"))
        .replace("{day+1:from_on}", backend.says("date(from_on, '+1 day')", "from_on + 1"));
    while let Some((before, rest)) = said.split_once("{first:") {
        let ((table, after), row) = (rest.split_once('}').unwrap(), backend.says("rowid", "ctid"));
        said = format!("{before}{row} = (SELECT min({row}) FROM {table}){after}");
    }
    said
}

/// What is done to a copy, and what the report must say of it.
pub const TAMPERINGS: &[(&str, &[&str])] = &[
    ("UPDATE designation_periods SET state = 'rescinded' WHERE {first:designation_periods}",
     &["period of designation", "missing or altered", "the journal does not say so"]),
    ("UPDATE designation_periods SET from_on = {day-1:from_on} WHERE {first:designation_periods}", &["period of designation"]),
    ("UPDATE designation_periods SET to_on = {day+1:from_on} WHERE to_on = '9999-12-31'", &["period of"]),
    ("UPDATE designation_periods SET known_to_seq = known_from_seq + 1 WHERE known_to_seq > 1000000000", &["period of"]),
    ("UPDATE designation_periods SET environments = ',cui,' WHERE environments <> ',cui,'", &["period of"]),
    ("DELETE FROM designation_periods WHERE {first:designation_periods}", &["period of", "missing or altered"]),
    ("INSERT INTO designation_periods SELECT designation_id, scope_id, stated_by, '1999-01-01', '1999-01-02', state,
      event_id, known_from_seq, known_to_seq, vendor_id, environments, actions FROM designation_periods LIMIT 1",
     &["period of", "the journal does not say so"]),
    ("UPDATE designation_versions SET reason_codes = '' WHERE {first:designation_versions}", &["version of designation"]),
    ("UPDATE designation_versions SET known_to_seq = known_to_seq - 1 WHERE {first:designation_versions}", &["version of designation"]),
    ("DELETE FROM designation_versions WHERE {first:designation_versions}", &["version of designation"]),
    ("UPDATE vendors SET document = replace(document{::text}, '\"kind\":\"company\"', '\"kind\":\"government\"'){::json}
      WHERE id = '{vendor}'", &["vendor {vendor}: the record is not what the journal says"]),
    ("UPDATE vendors SET document = (document{::text} || ' '){::json} WHERE id = '{vendor}'", &["vendor {vendor}: the record"]),
    ("UPDATE vendors SET revision = revision + 1 WHERE id = '{vendor}'", &["vendor {vendor}: the record"]),
    ("UPDATE vendors SET status = 'odd' WHERE id = '{vendor}'", &["vendor {vendor}: the record"]),
    ("UPDATE vendors SET country = 'XX' WHERE id = '{vendor}'", &["vendor {vendor}: the record"]),
    ("UPDATE vendors SET name_key = 'zzz' WHERE id = '{vendor}'", &["vendor {vendor}: the record"]),
    ("UPDATE vendors SET updated_at = '2030-01-01T00:00:00.000000Z' WHERE id = '{vendor}'", &["vendor {vendor}: "]),
    ("DELETE FROM vendors WHERE id = '{vendor}'", &["vendor {vendor}: the record is missing"]),
    ("INSERT INTO vendors SELECT '0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77', created_seq, status, name_key, country,
      revision, updated_at, document FROM vendors LIMIT 1",
     &["vendor 0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77: the journal does not know it"]),
    ("UPDATE authorities SET kind = 'other' WHERE id = '{authority}'", &["authority {authority}: the record"]),
    ("UPDATE authorities SET country = 'XX' WHERE id = '{authority}'", &["authority {authority}: the record"]),
    ("UPDATE authorities SET name_key = 'zzz' WHERE id = '{authority}'", &["authority {authority}: the record"]),
    ("UPDATE regimes SET slug = 'odd' WHERE id = '{regime}'", &["regime {regime}: the record"]),
    ("UPDATE regimes SET name_key = 'zzz' WHERE id = '{regime}'", &["regime {regime}: the record"]),
    ("UPDATE regimes SET effect = 'odd' WHERE id = '{regime}'", &["regime {regime}: the record"]),
    ("UPDATE regimes SET jurisdiction = 'odd' WHERE id = '{regime}'", &["regime {regime}: the record"]),
    ("UPDATE regimes SET authority_id = (SELECT id FROM authorities WHERE id IS DISTINCT FROM authority_id LIMIT 1)
      WHERE id = '{regime}'", &["regime {regime}: the record"]),
    ("UPDATE designations SET created_seq = 1 WHERE id = '{designation}'", &["designation {designation}: the record"]),
    ("UPDATE designations SET vendor_id = (SELECT v.id FROM vendors v WHERE v.id <> vendor_id LIMIT 1)
      WHERE id = '{designation}'", &["designation {designation}: the record"]),
    ("UPDATE designations SET regime_id = (SELECT r.id FROM regimes r WHERE r.id <> regime_id LIMIT 1)
      WHERE id = '{designation}'", &["designation {designation}: the record"]),
    ("UPDATE designations SET authority_id = (SELECT a.id FROM authorities a WHERE a.id <> authority_id LIMIT 1)
      WHERE id = '{designation}'", &["designation {designation}: the record"]),
    ("UPDATE api_keys SET role = 'admin' WHERE role = 'viewer'", &["api_key {api_key}: the record's columns"]),
    ("UPDATE api_keys SET actor = 'odd' WHERE role = 'viewer'", &["api_key {api_key}: the record's columns"]),
    ("UPDATE api_keys SET name = 'odd' WHERE role = 'viewer'", &["api_key {api_key}: the record's columns"]),
    ("UPDATE api_keys SET expires_at = NULL WHERE role = 'viewer'", &["api_key {api_key}: the record's columns"]),
    ("UPDATE api_keys SET status = 'odd' WHERE role = 'viewer'", &["api_key {api_key}: the record is not"]),
    ("DELETE FROM api_keys WHERE role = 'viewer'", &["api_key {api_key}: the record is missing"]),
    ("DELETE FROM vendor_words WHERE {first:vendor_words}", &["words of vendors' names: missing"]),
    ("INSERT INTO vendor_words SELECT 'odd', vendor_id FROM vendor_words LIMIT 1",
     &["words of vendors' names: not what the journal says"]),
    ("UPDATE vendor_identifiers SET value = 'odd' WHERE {first:vendor_identifiers}", &["identifiers of vendors: missing"]),
    ("DELETE FROM vendor_labels WHERE {first:vendor_labels}", &["roles and tags of vendors: missing"]),
    ("UPDATE authority_names SET name_key = 'odd' WHERE {first:authority_names}", &["names of authorities: missing"]),
    ("DELETE FROM designation_authorities WHERE {first:designation_authorities}", &["authorities that designations mention: missing"]),
    ("DELETE FROM designation_labels WHERE {first:designation_labels}", &["labels of designations: missing"]),
    ("UPDATE designation_labels SET label = 'action:odd' WHERE {first:designation_labels}",
     &["labels of designations: not what the journal says"]),
    ("UPDATE designation_events SET document = (document{::text} || ' '){::json} WHERE id = '{event}'", &["event {event} of designation"]),
    ("UPDATE designation_events SET event_type = 'noted' WHERE id = '{event}'", &["event {event} of designation"]),
    ("UPDATE designation_events SET occurred_on = '2020-01-01' WHERE id = '{event}'", &["event {event} of designation"]),
    ("DELETE FROM designation_events WHERE id = '{event}'", &["event {event} of designation", "missing"]),
    ("UPDATE journal SET payload = replace(payload{::text}, '\"revision\"', ' \"revision\"'){::json} WHERE seq = {head}",
     &["journal entry {head}: it was altered"]),
    ("UPDATE journal SET payload = replace(payload{::text}, '\"status\":\"active\"', '\"status\":\"retired\"'){::json} WHERE seq = 2",
     &["journal entry 2: it was altered"]),
    ("UPDATE journal SET event = NULL WHERE seq = (SELECT min(seq) FROM designation_events)",
     &["it was altered", "the journal says"]),
    ("UPDATE journal SET actor = 'nobody' WHERE seq = 3", &["journal entry 3: it was altered"]),
    ("UPDATE journal SET action = 'vendor.retired' WHERE seq = 3", &["journal entry 3: it was altered"]),
    ("UPDATE journal SET comment = 'odd' WHERE seq = 3", &["journal entry 3: it was altered"]),
    ("UPDATE journal SET request_id = 'odd' WHERE seq = 3", &["journal entry 3: it was altered"]),
    ("UPDATE journal SET subject_kind = 'thing' WHERE seq = 3", &["journal entry 3: there is no kind thing"]),
    ("UPDATE journal SET recorded_at = '2020-01-01T00:00:00.000000Z' WHERE seq = 5",
     &["journal entry 5: recorded_at 2020-01-01T00:00:00.000000Z is not after the entry before"]),
    ("DELETE FROM journal WHERE seq = 7", &["journal: after entry 6 comes 8"]),
    ("DELETE FROM journal WHERE seq = 1", &["journal: after entry 0 comes 2"]),
    ("DELETE FROM journal WHERE seq = {head}", &["journal head: it says {head}"]),
    ("DELETE FROM journal", &["journal head: it says {head}", "the journal does not know it"]),
    ("UPDATE journal_head SET seq = seq + 1", &["journal head: it says"]),
    ("UPDATE journal_head SET seq = seq - 1", &["journal head: it says"]),
    ("UPDATE journal_head SET recorded_at = '2030-01-01T00:00:00.000000Z'", &["journal head: it says {head} at 2030"]),
];
