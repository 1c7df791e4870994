//! Views for tools that speak only SQL, in a schema of their own on PostgreSQL: public records alone, for a role that sees
//! nothing else. They are no part of the migrations: a registry has them once `migrate` was told of such a role, and every
//! `migrate` after that makes them anew, so that they fit the schema.

use diesel::{
    PgConnection, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_types::{Array, Text},
};

use super::{
    connection::AnyConnection,
    failure::unexpected,
    migrations::exclusively,
    roles::{RIGHTS, exists, identifier, set_password},
};
use crate::error::{Error, Result};

/// The schema of the views.
const SCHEMA: &str = "dashboards";

/// What makes the views.
const VIEWS: &str = include_str!("dashboards.sql");

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    text: String,
}

fn lines(connection: &mut PgConnection, query: &str) -> Result<Vec<String>> {
    let found: Vec<Line> =
        diesel::sql_query(query).load(connection).map_err(unexpected("look for the views of dashboards"))?;
    Ok(found.into_iter().map(|line| line.text).collect())
}

/// Makes the views, and gives a role the right to read them and no other; without a role, makes those that are there anew.
/// Does nothing on SQLite, which has neither schemas nor roles.
///
/// # Errors
/// A schema of that name that is not the registry's, an owner who may not make one, and a role that could read more.
pub fn set_up_dashboards(connection: &mut AnyConnection, role: Option<(&str, Option<&str>)>) -> Result<()> {
    exclusively(connection, |connection| match connection {
        AnyConnection::Sqlite(_) => Ok(()),
        AnyConnection::Postgres(postgres) => {
            if role.is_some() {
                make_schema(postgres)?;
            } else if !is_ours(postgres)? {
                return Ok(());
            }
            // All or nothing: statements that are sent as one are one transaction.
            postgres.batch_execute(VIEWS).map_err(unexpected("make the views of dashboards"))?;
            if let Some((name, password)) = role {
                set_up_role(postgres, name, password)?;
            }
            grant_again(postgres)
        }
    })
}

/// What the schema says of itself: whose it is. Two registries in one database would take it from one another.
fn mark(connection: &mut PgConnection) -> Result<String> {
    let of = lines(connection, "SELECT current_schema()::text AS text")?;
    Ok(format!("Risk Registry: public records of the schema {}", of.concat()))
}

/// Whether the schema is there, and this registry's.
fn is_ours(connection: &mut PgConnection) -> Result<bool> {
    let mark = mark(connection)?;
    let said = "SELECT coalesce(obj_description(oid, 'pg_namespace'), '') AS text FROM pg_namespace WHERE nspname = ";
    Ok(lines(connection, &format!("{said}'{SCHEMA}'"))?.contains(&mark))
}

fn make_schema(connection: &mut PgConnection) -> Result<()> {
    if is_ours(connection)? {
        return Ok(());
    }
    let mark = mark(connection)?.replace('\'', "''");
    let statements = format!("CREATE SCHEMA {SCHEMA}; COMMENT ON SCHEMA {SCHEMA} IS '{mark}'");
    connection.batch_execute(&statements).map_err(|failure| {
        Error::Unavailable(format!(
            "the schema {SCHEMA} for the views of dashboards can't be made: {failure}; it must not be there already with \
             something else in it, and the owner needs the right to make it (GRANT CREATE ON DATABASE)"
        ))
    })
}

fn set_up_role(connection: &mut PgConnection, name: &str, password: Option<&str>) -> Result<()> {
    let role = identifier(name);
    if !exists(connection, name)? {
        let statement = format!("CREATE ROLE {role} LOGIN CONNECTION LIMIT 20");
        connection.batch_execute(&statement).map_err(|failure| {
            Error::Unavailable(format!(
                "the role of dashboards can't be made ({failure}); let an administrator run `{statement};` and run this again"
            ))
        })?;
        let limits = format!(
            "ALTER ROLE {role} SET default_transaction_read_only = on; ALTER ROLE {role} SET statement_timeout = '30s'; \
             ALTER ROLE {role} SET search_path = {SCHEMA}"
        );
        connection.batch_execute(&limits).map_err(unexpected("limit the role of dashboards"))?;
    }
    if let Some(password) = password {
        set_password(connection, name, password)?;
    }
    let grant = format!("GRANT USAGE ON SCHEMA {SCHEMA} TO {role}");
    connection.batch_execute(&grant).map_err(unexpected("grant the schema of dashboards"))?;
    let more = may_touch(connection, name)?;
    if more.is_empty() {
        return Ok(());
    }
    // Nobody is to find a role that reads all of the registry and is said to read its public part.
    let revoke = format!("REVOKE ALL ON SCHEMA {SCHEMA} FROM {role}");
    connection.batch_execute(&revoke).map_err(unexpected("revoke the schema of dashboards"))?;
    Err(Error::Unavailable(format!(
        "the role {name} could do more than read public records: it has rights on {}; take them from it and from the roles \
         that it is a member of, or name another one with --dashboards-role",
        more.join(", ")
    )))
}

/// The registry's tables that a role has a right on, by whatever way.
fn may_touch(connection: &mut PgConnection, name: &str) -> Result<Vec<String>> {
    let tables: Vec<&str> = RIGHTS.iter().map(|(table, _)| *table).collect();
    let found: Vec<Line> = diesel::sql_query(
        "SELECT c.relname::text AS text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = current_schema() AND c.relname = ANY ($2) AND c.relkind = 'r' \
         AND EXISTS (SELECT 1 FROM pg_roles r JOIN pg_roles me ON me.rolname = $1 \
             WHERE pg_has_role(me.oid, r.oid, 'MEMBER') \
             AND (has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') \
                 OR has_table_privilege(r.oid, c.oid, 'DELETE, TRUNCATE, TRIGGER'))) ORDER BY text",
    )
    .bind::<Text, _>(name)
    .bind::<Array<Text>, _>(tables)
    .load(connection)
    .map_err(unexpected("look at the rights of the role of dashboards"))?;
    Ok(found.into_iter().map(|line| line.text).collect())
}

/// Gives each role that may look into the schema its views, which may be new: to read, and nothing else, and to nobody else.
fn grant_again(connection: &mut PgConnection) -> Result<()> {
    let readers = lines(
        connection,
        "SELECT DISTINCT quote_ident(r.rolname) AS text FROM pg_namespace n, aclexplode(n.nspacl) a, pg_roles r \
         WHERE n.nspname = 'dashboards' AND r.oid = a.grantee AND r.oid <> n.nspowner",
    )?;
    let mut statements = format!(
        "REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC; REVOKE ALL ON ALL TABLES IN SCHEMA {SCHEMA} FROM PUBLIC"
    );
    for reader in readers {
        statements += &format!(
            "; REVOKE ALL ON SCHEMA {SCHEMA} FROM {reader}; REVOKE ALL ON ALL TABLES IN SCHEMA {SCHEMA} FROM {reader}; \
             GRANT USAGE ON SCHEMA {SCHEMA} TO {reader}; GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {reader}"
        );
    }
    connection.batch_execute(&statements).map_err(unexpected("grant the views of dashboards"))
}
