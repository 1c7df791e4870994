//! The role that the server runs as on PostgreSQL: it may do what the registry does and no more. The journal, the
//! events and the decisions it can read and add to, never change; only the owner, who migrates and does not serve, could
//! take that protection off.

use diesel::{PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_types};

use super::{connection::AnyConnection, failure::unexpected, migrations::exclusively};
use crate::error::{Error, Result};

/// What the server may do with each table.
pub const RIGHTS: [(&str, &str); 24] = [
    ("__diesel_schema_migrations", "SELECT"),
    ("journal", "SELECT, INSERT"),
    ("designation_events", "SELECT, INSERT"),
    ("journal_head", "SELECT, UPDATE"),
    ("idempotency_keys", "SELECT, INSERT, DELETE"),
    ("authorities", "SELECT, INSERT, UPDATE"),
    ("regimes", "SELECT, INSERT, UPDATE"),
    ("vendors", "SELECT, INSERT, UPDATE"),
    ("designations", "SELECT, INSERT, UPDATE"),
    ("designation_versions", "SELECT, INSERT, UPDATE"),
    ("designation_periods", "SELECT, INSERT, UPDATE"),
    ("authority_names", "SELECT, INSERT, UPDATE, DELETE"),
    ("vendor_words", "SELECT, INSERT, DELETE"),
    ("vendor_identifiers", "SELECT, INSERT, DELETE"),
    ("vendor_labels", "SELECT, INSERT, DELETE"),
    ("designation_authorities", "SELECT, INSERT"),
    ("designation_labels", "SELECT, INSERT"),
    ("access_log", "SELECT, INSERT"),
    ("access_log_subjects", "SELECT, INSERT"),
    ("designation_mentions", "SELECT, INSERT"),
    ("reviews", "SELECT, INSERT, UPDATE"),
    ("review_decisions", "SELECT, INSERT"),
    ("api_keys", "SELECT, INSERT, UPDATE"),
    ("api_key_uses", "SELECT, INSERT, UPDATE"),
];

#[derive(QueryableByName)]
struct Text {
    #[diesel(sql_type = sql_types::Text)]
    text: String,
}

/// Makes the role where it is missing, gives it a password where one is stated, and leaves it exactly the rights that the
/// server needs. Does nothing on SQLite, which has no roles.
///
/// # Errors
/// A role that could change the log whatever it is granted, and why; an owner who may not make roles, and what to do then.
pub fn set_up_server_role(connection: &mut AnyConnection, name: &str, password: Option<&str>) -> Result<()> {
    exclusively(connection, |connection| match connection {
        AnyConnection::Sqlite(_) => Ok(()),
        AnyConnection::Postgres(postgres) => {
            if !exists(postgres, name)? {
                create(postgres, name)?;
            }
            if let Some(password) = password {
                set_password(postgres, name, password)?;
            }
            grant(postgres, name).map_err(unexpected("grant rights"))?;
            let powers = powers_over_the_log(postgres, name)?;
            if powers.is_empty() {
                return Ok(());
            }
            Err(Error::Unavailable(format!(
                "the role {name} could change the log all the same: {}; take that from it, or name another one with \
                 --server-role, or give --server-role none",
                powers.join("; ")
            )))
        }
    })
}

/// By what a role could change the journal, the events or the decisions, or take their protection off: by itself, or as any
/// role that it can become. Each in words.
pub(super) fn powers_over_the_log(connection: &mut PgConnection, name: &str) -> Result<Vec<String>> {
    let found: Vec<Text> = diesel::sql_query(POWERS)
        .bind::<sql_types::Text, _>(name)
        .load(connection)
        .map_err(unexpected("look at a role's powers"))?;
    Ok(found.into_iter().map(|power| power.text).collect())
}

const POWERS: &str = "
    WITH who AS (
        SELECT r.* FROM pg_roles r JOIN pg_roles me ON me.rolname = $1 WHERE pg_has_role(me.oid, r.oid, 'MEMBER')
    ), logs AS (
        SELECT c.oid, c.relname, c.relowner, n.oid AS schema, n.nspname, n.nspowner
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid IN (to_regclass('journal'), to_regclass('designation_events'), to_regclass('access_log'),
            to_regclass('access_log_subjects'), to_regclass('review_decisions'))
    )
    SELECT DISTINCT text FROM (
        SELECT format('%I is a superuser', rolname) AS text FROM who WHERE rolsuper
        UNION ALL SELECT format('%I may make roles and join them', rolname) FROM who WHERE rolcreaterole
        UNION ALL SELECT format('%I owns %I', rolname, relname) FROM who JOIN logs ON relowner = who.oid
        UNION ALL SELECT format('%I owns the schema %I', rolname, nspname) FROM who JOIN logs ON nspowner = who.oid
        UNION ALL SELECT format('%I owns the database', rolname)
            FROM who JOIN pg_database ON datdba = who.oid WHERE datname = current_database()
        UNION ALL SELECT format('it can act as %I', rolname) FROM who
            WHERE rolname IN ('pg_execute_server_program', 'pg_write_server_files')
        UNION ALL SELECT format('%I may make things in the schema %I', rolname, nspname)
            FROM who CROSS JOIN logs WHERE has_schema_privilege(who.oid, logs.schema, 'CREATE')
        UNION ALL SELECT format('%I has the right %s on %I', rolname, privilege, relname)
            FROM who CROSS JOIN logs CROSS JOIN unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS privilege
            WHERE has_table_privilege(who.oid, logs.oid, privilege)
        UNION ALL SELECT format('%I has the right UPDATE on columns of %I', rolname, relname)
            FROM who CROSS JOIN logs WHERE has_any_column_privilege(who.oid, logs.oid, 'UPDATE')
                AND NOT has_table_privilege(who.oid, logs.oid, 'UPDATE')
    ) AS powers ORDER BY text";

pub(super) fn exists(connection: &mut PgConnection, name: &str) -> Result<bool> {
    let found: Vec<Text> = diesel::sql_query("SELECT rolname::text AS text FROM pg_roles WHERE rolname = $1")
        .bind::<sql_types::Text, _>(name)
        .load(connection)
        .map_err(unexpected("look up a role"))?;
    Ok(!found.is_empty())
}

fn create(connection: &mut PgConnection, name: &str) -> Result<()> {
    let statement = format!("CREATE ROLE {} LOGIN", identifier(name));
    let Err(failure) = connection.batch_execute(&statement) else { return Ok(()) };
    // Another database's migration may have made it just now: roles belong to the whole cluster.
    if exists(connection, name)? {
        return Ok(());
    }
    Err(Error::Unavailable(format!(
        "the schema is up to date, but the server's role can't be made ({failure}); let an administrator run \
         `{statement};` and run this again, or give --server-role none where the server runs as the owner"
    )))
}

/// The server gets no password, only what it compares with (SCRAM), so that none can be in its log.
pub(super) fn set_password(connection: &mut PgConnection, name: &str, password: &str) -> Result<()> {
    let verifier = postgres_protocol::password::scram_sha_256(password.as_bytes());
    connection
        .batch_execute(&format!("ALTER ROLE {} PASSWORD '{verifier}'", identifier(name)))
        .map_err(|failure| Error::Unavailable(format!("the password of {name} can't be set: {failure}")))
}

fn grant(connection: &mut PgConnection, name: &str) -> diesel::QueryResult<()> {
    let role = identifier(name);
    let schema: Text =
        diesel::sql_query("SELECT quote_ident(current_schema()) AS text").get_result(connection)?;
    let schema = schema.text;
    // Whoever may make things in the schema may put a trap there for the owner.
    let mut statements = format!(
        "REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC; REVOKE ALL ON SCHEMA {schema} FROM {role}; \
         GRANT USAGE ON SCHEMA {schema} TO {role}"
    );
    for (table, rights) in RIGHTS {
        statements += &format!(
            "; REVOKE ALL ON {schema}.{table} FROM PUBLIC, {role}; GRANT {rights} ON {schema}.{table} TO {role}"
        );
    }
    // Statements that are sent as one are one transaction.
    connection.batch_execute(&statements)
}

pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
