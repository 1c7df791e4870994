//! `migrate`: brings a database's schema up to date.

use clap::{Args, builder::NonEmptyStringValueParser};

use crate::{
    config::{DatabaseSettings, Password},
    db::{self, Purpose, Target},
    error::{Error, Result},
};

/// Bring the database's schema up to date
///
/// An SQLite file migrates itself when it is served. PostgreSQL is migrated by this command, run as the database's owner,
/// one at a time; it also sets up the role that the server runs as, which can add to the journal but never change it.
#[derive(Debug, Args)]
pub(super) struct Migrate {
    #[command(flatten)]
    database: DatabaseSettings,

    /// PostgreSQL only: the role that the server runs as, made where it is missing; `none` where the server runs as the owner
    #[arg(long, env = "SERVER_ROLE", default_value = "risk_registry_server", value_parser = NonEmptyStringValueParser::new())]
    server_role: String,

    /// PostgreSQL only: a file with the password that the server's role gets; without it the role keeps the one it has
    #[arg(long, env = "SERVER_PASSWORD_FILE", value_name = "FILE", value_parser = Password::read)]
    server_password_file: Option<Password>,

    /// PostgreSQL only: a role for dashboards that speak only SQL, made where it is missing: it reads views of public records
    /// in the schema `dashboards`, and nothing else
    #[arg(long, env = "DASHBOARDS_ROLE", value_parser = NonEmptyStringValueParser::new())]
    dashboards_role: Option<String>,

    /// PostgreSQL only: a file with the password that the role of dashboards gets
    #[arg(long, env = "DASHBOARDS_PASSWORD_FILE", value_name = "FILE", requires = "dashboards_role", value_parser = Password::read)]
    dashboards_password_file: Option<Password>,
}

impl Migrate {
    pub(super) fn run(self) -> Result<()> {
        let Self { database, server_role, server_password_file, dashboards_role, dashboards_password_file } =
            self;
        let target = database.target()?;
        if matches!(target, Target::Sqlite(_)) && dashboards_role.is_some() {
            let detail = "an SQLite registry has no views for dashboards, for SQLite has no roles; read its API instead";
            return Err(Error::Unavailable(detail.to_owned()));
        }
        if dashboards_role.as_deref() == Some(server_role.as_str()) {
            let detail = "the server's role may read everything; name another one with --dashboards-role";
            return Err(Error::Unavailable(detail.to_owned()));
        }
        let mut connection = db::open(&target, Purpose::Owner)?;
        db::risks(&mut connection)?;
        let applied = db::migrate(&mut connection)?;
        match applied.len() {
            0 => super::say(format_args!("{target} is up to date\n")),
            several => {
                super::say(format_args!(
                    "{target}: applied {several} migration(s): {}\n",
                    applied.join(", ")
                ));
            }
        }
        if matches!(target, Target::Postgres(_)) && server_role != "none" {
            db::set_up_server_role(
                &mut connection,
                &server_role,
                server_password_file.as_ref().map(Password::reveal),
            )?;
            super::say(format_args!(
                "{target}: the server's role is {server_role}: it can add to the journal, and change nothing in it\n"
            ));
        }
        let role = dashboards_role.as_deref();
        let password = dashboards_password_file.as_ref().map(Password::reveal);
        db::set_up_dashboards(&mut connection, role.map(|role| (role, password)))?;
        if let (Target::Postgres(_), Some(role)) = (&target, role) {
            super::say(format_args!(
                "{target}: the role of dashboards is {role}: it reads public records in the schema dashboards, and nothing else\n"
            ));
        }
        Ok(())
    }
}
