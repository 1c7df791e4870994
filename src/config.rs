//! Every setting, typed. Each flag has an environment variable; a flag goes before its variable.

mod keys;
mod limits;
mod password;
mod sign_on;
mod transport;

use std::{ffi::OsStr, net::SocketAddr};

use clap::{
    Arg, Args, Command,
    builder::TypedValueParser,
    error::{Error as Refusal, ErrorKind},
};

pub use keys::KeySettings;
pub use limits::LimitSettings;
pub use password::Password;
pub use sign_on::SignOnSettings;
pub use transport::TransportSettings;

use crate::{access::FourEyes, db::Target, error::Result};

/// Where the registry is kept.
#[derive(Debug, Clone, Args)]
pub struct DatabaseSettings {
    /// The database: the path of an SQLite file (bare or after sqlite://), or a postgres:// URL
    #[arg(
        long,
        env = "DATABASE_URL",
        hide_env_values = true,
        default_value = "./registry.db",
        value_parser = DatabaseUrl
    )]
    database_url: Target,

    /// A file that holds the password for PostgreSQL and nothing else; the URL then carries none
    #[arg(long, env = "DATABASE_PASSWORD_FILE", value_name = "FILE", value_parser = Password::read)]
    database_password_file: Option<Password>,
}

impl DatabaseSettings {
    /// The database, with its password.
    ///
    /// # Errors
    /// When there is a password file for a database that takes no password, or has one already.
    pub fn target(self) -> Result<Target> {
        let Self { database_url, database_password_file } = self;
        match database_password_file {
            Some(password) => database_url.with_password(password.reveal()),
            None => Ok(database_url),
        }
    }
}

/// Reads a database URL. A refused one is not repeated in the message, for it may carry a password.
#[derive(Debug, Clone, Copy)]
pub struct DatabaseUrl;

impl TypedValueParser for DatabaseUrl {
    type Value = Target;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> std::result::Result<Target, Refusal> {
        let url = value.to_str().ok_or_else(|| "is no UTF-8 text".to_owned());
        url.and_then(Target::parse).map_err(|refusal| {
            let flag = argument.map(ToString::to_string).unwrap_or_default();
            command
                .clone()
                .error(ErrorKind::ValueValidation, format!("invalid value for '{flag}': {refusal}"))
        })
    }
}

/// How the server listens.
#[derive(Debug, Clone, Args)]
pub struct ListenSettings {
    /// The address and port to listen on; port 0 takes a free one
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// How many threads answer requests; by default one for each core
    #[arg(long, env = "WORKERS", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub workers: Option<u16>,

    /// How many writes may wait for the writer; one more is answered 503
    #[arg(long, env = "WRITE_QUEUE", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub write_queue: u32,

    /// How many connections answer reads: all of them on PostgreSQL, long ones only on SQLite
    #[arg(long, env = "READ_CONNECTIONS", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub read_connections: u32,
}

/// Who may do what.
#[derive(Debug, Clone, Args)]
pub struct AccessSettings {
    /// Let everybody in, with every right: for a loopback address only, where nobody else is
    #[arg(long, env = "NO_AUTH", num_args = 0..=1, default_value = "false", default_missing_value = "true", value_parser = clap::builder::BoolishValueParser::new())]
    pub no_auth: bool,

    /// Whether another person must confirm what counts: `on`, or `off` for an office of one person
    #[arg(long, env = "FOUR_EYES", default_value = "on", value_parser = four_eyes)]
    pub four_eyes: FourEyes,
}

fn four_eyes(text: &str) -> std::result::Result<FourEyes, &'static str> {
    FourEyes::parse(text).ok_or("must be on or off")
}
