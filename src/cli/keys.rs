//! `keys`: makes, lists and revokes API keys on the database itself, also while a server runs on it.

use clap::{Args, Subcommand};

use crate::{
    access::Role,
    config::{DatabaseSettings, KeySettings},
    db::{self, Context, Db, Purpose, Sizes, Target},
    error::{Error, FieldError, Result},
    http::Precondition,
    keys::{
        ApiKeyCreate,
        model::{ApiKey, ApiKeyStatus},
        service,
    },
    values::{ApiKeyId, Instant, Line, Prose},
};

/// Who the journal says it was.
const ACTOR: &str = "command-line";

/// How many keys are read at a time.
const STRIDE: i64 = 500;

/// Make, list and revoke API keys
///
/// Works on the database itself, also while a server runs on it: for the first key of a person, or where nobody can sign in
/// any more. The journal names `command-line` as who did it.
#[derive(Debug, Args)]
pub(super) struct Keys {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Create(Create),
    List(List),
    Revoke(Revoke),
}

/// Make an API key, and print it, this once
///
/// The last line is the key itself. Only a keyed hash of it is stored.
#[derive(Debug, Args)]
struct Create {
    #[command(flatten)]
    database: DatabaseSettings,
    #[command(flatten)]
    keys: KeySettings,

    /// Who acts by the key, as the journal names them; a person has one name, whatever keys they hold
    #[arg(long, value_parser = Line::<200>::parse)]
    actor: Line<200>,

    /// What the key is for
    #[arg(long, value_parser = Line::<200>::parse)]
    name: Line<200>,

    /// What whoever shows the key may do: viewer, analyst, approver, auditor or admin
    #[arg(long, value_parser = role)]
    role: Role,

    /// From when on the key is refused, like 2031-01-31T00:00:00Z; without it never
    #[arg(long)]
    expires_at: Option<Instant>,
}

/// List every API key; the keys themselves are never shown again
#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    database: DatabaseSettings,
}

/// Revoke an API key: from then on no server takes it
#[derive(Debug, Args)]
struct Revoke {
    /// The key's id, as `keys list` shows it
    id: ApiKeyId,

    #[command(flatten)]
    database: DatabaseSettings,

    /// Why, for the journal
    #[arg(long, value_parser = Prose::<10000>::parse)]
    comment: Option<Prose<10000>>,
}

fn role(text: &str) -> std::result::Result<Role, String> {
    let roles: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    Role::parse(text).ok_or_else(|| format!("must be one of {}", roles.join(", ")))
}

impl Keys {
    pub(super) fn run(self) -> Result<()> {
        match self.command {
            Command::Create(command) => command.run(),
            Command::List(command) => command.run(),
            Command::Revoke(command) => command.run(),
        }
    }
}

impl Create {
    fn run(self) -> Result<()> {
        let Self { database, keys, actor, name, role, expires_at } = self;
        let target = database.target()?;
        let db = open(&target)?;
        let keyring = keys.must_have_keyring(&target)?;
        let otherwise = db.read_blocking(&Context::own(), |snapshot| {
            service::made_otherwise(snapshot.connection(), &keyring)
        })?;
        if otherwise > 0 {
            log::warn!(
                "{otherwise} API key(s) here were made under another key secret: a server takes the new key only where it is \
                 told the secret that this command was told, and then none of those"
            );
        }
        let made = keyring.make()?;
        let (token, stated) = (made.token.clone(), ApiKeyCreate { actor, name, role, expires_at });
        let record = db
            .write_blocking(Context::new(ACTOR, ACTOR), move |tx| service::create(tx, &made, stated.clone()))
            .map_err(in_words)?;
        super::print(format_args!(
            "API key {} of {} ({}) for {}; it is not shown again:\n{}\n",
            record.id,
            record.actor,
            record.role,
            record.name,
            token.reveal()
        ))
    }
}

impl List {
    fn run(self) -> Result<()> {
        let target = self.database.target()?;
        let db = open(&target)?;
        let mut after = None;
        super::print(
            "id                                   status   role      last used            actor: name\n",
        )?;
        loop {
            let keys = db.read_blocking(&Context::new(ACTOR, ACTOR), |snapshot| {
                service::list(snapshot, after, STRIDE)
            })?;
            let Some(last) = keys.last() else { return Ok(()) };
            after = Some(last.id.uuid());
            for key in &keys {
                super::print(line(key))?;
            }
        }
    }
}

fn line(key: &ApiKey) -> String {
    let expired = key.expires_at.is_some_and(|expires| expires <= Instant::now());
    let status = if expired && key.status == ApiKeyStatus::Active { "expired" } else { key.status.as_str() };
    let used = key.last_used_at.map_or_else(|| "never".to_owned(), |used| used.to_string());
    let used = used.get(..19).unwrap_or(&used);
    format!("{} {status:8} {:9} {used:20} {}: {}\n", key.id, key.role.as_str(), key.actor, key.name)
}

impl Revoke {
    fn run(self) -> Result<()> {
        let Self { id, database, comment } = self;
        let db = open(&database.target()?)?;
        let record = db
            .write_blocking(Context::new(ACTOR, ACTOR), move |tx| {
                service::revoke(tx, id, &Precondition::none(), comment.clone())
            })
            .map_err(in_words)?;
        super::say(format_args!("API key {id} of {} is revoked\n", record.actor));
        Ok(())
    }
}

/// Opens a registry that is there, and whose schema this program knows.
fn open(target: &Target) -> Result<Db> {
    target.must_exist()?;
    db::schema_state(&mut db::open(target, Purpose::Read)?)?.must_be_current()?;
    Db::open(target, Sizes::default())
}

/// What is wrong, as the command line says it: by the flag, where a client of the API gets a pointer.
fn in_words(failure: Error) -> Error {
    let Error::Invalid(errors) = failure else { return failure };
    let flag = |FieldError { pointer, detail, .. }: &FieldError| {
        format!("--{} {detail}", pointer.trim_start_matches('/').replace('_', "-"))
    };
    Error::conflict("invalid", errors.iter().map(flag).collect::<Vec<_>>().join("; "))
}
