//! Connections to PostgreSQL: limits on what may hang, and what of a server's settings puts data at risk.

use std::fmt;

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_types::{BigInt, Bool, Text},
};

use super::{
    connection::Purpose,
    password::{conceal, query_of, with_parameters},
    roles::powers_over_the_log,
};
use crate::error::{Error, Result};

/// The oldest major version that the registry runs on.
const AT_LEAST: i64 = 15;

/// Parameters of libpq that a URL gets where it does not state them: a server that does not answer is given up within
/// seconds, not minutes.
const DEFAULTS: [(&str, &str); 6] = [
    ("connect_timeout", "3"),
    ("keepalives_idle", "5"),
    ("keepalives_interval", "2"),
    ("keepalives_count", "3"),
    ("client_encoding", "UTF8"),
    ("fallback_application_name", "risk-registry"),
];

/// How long what was sent may wait for the server's machine to take it, in milliseconds. The long work of a command can't be
/// tried again as a request can, and a server that is busy with its disk takes no more of a COPY for a while.
const fn patience(purpose: Purpose) -> (&'static str, &'static str) {
    let milliseconds = match purpose {
        Purpose::Read | Purpose::Write => "10000",
        Purpose::Audit | Purpose::Owner => "300000",
    };
    ("tcp_user_timeout", milliseconds)
}

pub(super) fn open(url: &str, purpose: Purpose) -> Result<PgConnection> {
    let failed = |failure: &dyn fmt::Display| {
        let failure = conceal(url, &failure.to_string());
        Error::Unavailable(format!("can't connect to PostgreSQL: {failure}"))
    };
    let mut connection =
        PgConnection::establish(&with_defaults(url, purpose)).map_err(|failure| failed(&failure))?;
    connection.batch_execute(&settings(purpose)).map_err(|failure| failed(&failure))?;
    Ok(connection)
}

/// The URL with the defaults for what it does not state.
fn with_defaults(url: &str, purpose: Purpose) -> String {
    let query = query_of(url).unwrap_or_default();
    let stated: Vec<&str> = query.split('&').map(|pair| pair.split('=').next().unwrap_or(pair)).collect();
    // A parameter goes before its variable, so what somebody set there is left alone.
    let is_set = |name: &str| name == "connect_timeout" && std::env::var_os("PGCONNECT_TIMEOUT").is_some();
    let defaults = DEFAULTS.into_iter().chain([patience(purpose)]);
    let missing = defaults.filter(|(name, _)| !stated.contains(name) && !is_set(name));
    let added: Vec<String> = missing.map(|(name, value)| format!("{name}={value}")).collect();
    if added.is_empty() { url.to_owned() } else { with_parameters(url, &added.join("&")) }
}

/// The settings of a session: how long a statement, a lock or an idle transaction may take; and, whatever the role's
/// defaults are, an acknowledged write is on disk here (and on the synchronous standbys, where there are any).
fn settings(purpose: Purpose) -> String {
    let (statement, lock) = match purpose {
        Purpose::Read => ("10s", "3s"),
        Purpose::Write => ("10s", "5s"),
        Purpose::Audit => ("0", "3s"),
        // A migration that waits for a lock makes everybody else wait behind it.
        Purpose::Owner => ("0", "10s"),
    };
    let idle = if matches!(purpose, Purpose::Read | Purpose::Write) { "30s" } else { "0" };
    format!(
        "SET statement_timeout = '{statement}'; SET lock_timeout = '{lock}'; \
         SET idle_in_transaction_session_timeout = '{idle}'; SET TIME ZONE 'UTC'; \
         SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'; \
         SELECT set_config('synchronous_commit', 'on', false) \
         WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')"
    )
}

#[derive(QueryableByName)]
struct Server {
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Text)]
    encoding: String,
    #[diesel(sql_type = Text)]
    messages: String,
    #[diesel(sql_type = Bool)]
    is_durable: bool,
    #[diesel(sql_type = Text)]
    role: String,
}

/// Looks at the server: what puts data at risk, in words for the log.
///
/// # Errors
/// A server that the registry can't run on.
pub(super) fn inspect(connection: &mut PgConnection) -> Result<Vec<String>> {
    let server: Server = diesel::sql_query(
        "SELECT current_setting('server_version_num')::bigint AS version, \
                current_setting('server_encoding') AS encoding, \
                current_setting('lc_messages') AS messages, \
                current_setting('fsync')::bool AND current_setting('full_page_writes')::bool AS is_durable, \
                current_user::text AS role",
    )
    .get_result(connection)
    .map_err(|failure| Error::Unavailable(format!("PostgreSQL's settings can't be read: {failure}")))?;
    let major = server.version / 10_000;
    if major < AT_LEAST {
        return Err(Error::Unavailable(format!("this is PostgreSQL {major}; {AT_LEAST} or later is needed")));
    }
    if server.encoding != "UTF8" {
        return Err(Error::Unavailable(format!(
            "the database's encoding is {}; make one with ENCODING 'UTF8'",
            server.encoding
        )));
    }
    let mut risks = Vec::new();
    if !server.is_durable {
        risks.push(
            "PostgreSQL runs with fsync or full_page_writes off: a crash of its machine can lose what was acknowledged"
                .to_owned(),
        );
    }
    let powers = powers_over_the_log(connection, &server.role)?;
    if !powers.is_empty() {
        risks.push(format!(
            "the registry runs as a role that could change its log: {}; `risk-registry migrate` sets up one that can't",
            powers.join("; ")
        ));
    }
    let english = ["C", "POSIX", "en", ""];
    if !english.iter().any(|word| {
        server.messages == *word
            || server.messages.starts_with(&format!("{word}_"))
            || server.messages.starts_with("C.")
    }) {
        risks.push(format!(
            "PostgreSQL's messages are in {}: a full disk, a deadlock or a time limit is then answered as an internal \
             error; set lc_messages = 'C'",
            server.messages
        ));
    }
    Ok(risks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_keeps_what_it_states_and_gets_limits_for_the_rest() {
        let plain = with_defaults("postgres://u@h/d", Purpose::Read);
        assert!(plain.starts_with("postgres://u@h/d?connect_timeout=3&keepalives_idle=5&"), "{plain}");
        let stated = with_defaults("postgres://u@h/d?connect_timeout=9&sslmode=verify-full", Purpose::Read);
        assert!(
            stated.starts_with("postgres://u@h/d?connect_timeout=9&sslmode=verify-full&keepalives"),
            "{stated}"
        );
        assert_eq!(stated.matches("connect_timeout").count(), 1);
        assert_eq!(with_defaults(&stated, Purpose::Owner), stated);
        assert!(
            with_defaults("postgres:///d?", Purpose::Read).starts_with("postgres:///d?connect_timeout=3&")
        );
    }

    #[test]
    fn what_a_command_sends_may_wait_longer_than_what_a_request_sends() {
        let requests = [Purpose::Read, Purpose::Write];
        let commands = [Purpose::Audit, Purpose::Owner];
        for (purposes, limit) in [(requests, "=10000"), (commands, "=300000")] {
            for purpose in purposes {
                let url = with_defaults("postgres://u@h/d", purpose);
                assert!(url.ends_with(&format!("&tcp_user_timeout{limit}")), "{purpose:?}: {url}");
                let stated = with_defaults("postgres://u@h/d?tcp_user_timeout=1", purpose);
                assert_eq!(stated.matches("tcp_user_timeout").count(), 1, "{stated}");
            }
        }
    }
}
