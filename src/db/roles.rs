//! The role that the server runs as on PostgreSQL: it may do what the registry does and no more. The journal and the events
//! it can read and add to, never change; only the owner, who migrates and does not serve, could take that protection off.

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_types,
};

use super::{connection::AnyConnection, failure::unexpected, migrations::exclusively};
use crate::error::{Error, Result};

/// What the server may do with each table.
pub const RIGHTS: [(&str, &str); 17] = [
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
    ("designation_authorities", "SELECT, INSERT, DELETE"),
    ("designation_labels", "SELECT, INSERT"),
];

#[derive(QueryableByName)]
struct Role {
    #[diesel(sql_type = sql_types::Bool)]
    is_super: bool,
    #[diesel(sql_type = sql_types::Bool)]
    is_owner: bool,
}

#[derive(QueryableByName)]
struct Text {
    #[diesel(sql_type = sql_types::Text)]
    text: String,
}

/// Makes the role where it is missing, gives it a password where one is stated, and leaves it exactly the rights that the
/// server needs. Does nothing on SQLite, which has no roles.
///
/// # Errors
/// A role that could do more than that whatever it is granted; an owner who may not make roles, and what to do then.
pub fn set_up_server_role(connection: &mut AnyConnection, name: &str, password: Option<&str>) -> Result<()> {
    exclusively(connection, |connection| match connection {
        AnyConnection::Sqlite(_) => Ok(()),
        AnyConnection::Postgres(postgres) => {
            if !exists(postgres, name)? {
                create(postgres, name)?;
            }
            refuse_the_powerful(postgres, name)?;
            if let Some(password) = password {
                set_password(postgres, name, password)?;
            }
            postgres.transaction(|postgres| grant(postgres, name)).map_err(unexpected("grant rights"))
        }
    })
}

fn exists(connection: &mut PgConnection, name: &str) -> Result<bool> {
    let found: Vec<Text> = diesel::sql_query("SELECT rolname::text AS text FROM pg_roles WHERE rolname = $1")
        .bind::<sql_types::Text, _>(name)
        .load(connection)
        .map_err(unexpected("look up the server's role"))?;
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

/// Rights are no bound for a superuser or for who may become the owner.
fn refuse_the_powerful(connection: &mut PgConnection, name: &str) -> Result<()> {
    let role: Role = diesel::sql_query(
        "SELECT rolsuper AS is_super, \
                pg_has_role(oid, (SELECT relowner FROM pg_class WHERE oid = 'journal'::regclass), 'MEMBER') AS is_owner \
         FROM pg_roles WHERE rolname = $1",
    )
    .bind::<sql_types::Text, _>(name)
    .get_result(connection)
    .map_err(unexpected("look at the server's role"))?;
    if role.is_super || role.is_owner {
        return Err(Error::Unavailable(format!(
            "the role {name} owns the registry's tables or is a superuser, so no right can be kept from it; name another \
             one with --server-role, or give --server-role none"
        )));
    }
    Ok(())
}

fn set_password(connection: &mut PgConnection, name: &str, password: &str) -> Result<()> {
    let quoted = password.replace('\'', "''");
    connection
        .batch_execute(&format!(
            "SET standard_conforming_strings = on; ALTER ROLE {} PASSWORD '{quoted}'",
            identifier(name)
        ))
        .map_err(|failure| Error::Unavailable(format!("the password of {name} can't be set: {failure}")))
}

fn grant(connection: &mut PgConnection, name: &str) -> diesel::QueryResult<()> {
    let role = identifier(name);
    let schema: Text =
        diesel::sql_query("SELECT quote_ident(current_schema()) AS text").get_result(connection)?;
    let schema = schema.text;
    connection.batch_execute(&format!(
        "REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC; REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}; \
         REVOKE ALL ON SCHEMA {schema} FROM {role}; GRANT USAGE ON SCHEMA {schema} TO {role}"
    ))?;
    for (table, rights) in RIGHTS {
        connection.batch_execute(&format!("GRANT {rights} ON {schema}.{table} TO {role}"))?;
    }
    Ok(())
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
