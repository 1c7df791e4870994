//! `serve`: migrates where it may, loads what ships inside, and serves until it is told to stop.

use std::{net::TcpListener, sync::Arc};

use clap::Args;

use crate::{
    access::{Door, FourEyes, Rates, oidc::Oidc},
    access_log::AccessLog,
    catalogue,
    config::{
        AccessSettings, DatabaseSettings, KeySettings, LimitSettings, ListenSettings, SignOnSettings,
        TransportSettings,
    },
    db::{self, Context, Db, Purpose, Sizes, Target},
    error::{Error, Result},
    exports::Exports,
    journal::Followers,
    keys::{self, First, Keyring},
    server,
};

/// Serve the registry over HTTP
///
/// An SQLite file is made and migrated where needed, and the catalogue of well-known regimes and authorities is loaded
/// once. SIGTERM and SIGINT let running requests end, then exit 0.
#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    database: DatabaseSettings,
    #[command(flatten)]
    listen: ListenSettings,
    #[command(flatten)]
    access: AccessSettings,
    #[command(flatten)]
    keys: KeySettings,
    #[command(flatten)]
    limits: LimitSettings,
    #[command(flatten)]
    sign_on: SignOnSettings,
    #[command(flatten)]
    transport: TransportSettings,

    /// Load the example into an empty registry: who does what in government AI, and the designations of March 2026
    #[arg(long, env = "DEMO", num_args = 0..=1, default_value = "false", default_missing_value = "true", value_parser = clap::builder::BoolishValueParser::new())]
    demo: bool,

    /// Bring a PostgreSQL schema up to date first, for small set-ups where the server is the database's owner
    #[arg(long, env = "MIGRATE", num_args = 0..=1, default_value = "false", default_missing_value = "true", value_parser = clap::builder::BoolishValueParser::new())]
    migrate: bool,
}

impl Serve {
    pub(super) fn run(self) -> Result<()> {
        let Self { database, listen, access, keys, limits, sign_on, transport, demo, migrate } = self;
        if access.no_auth && !listen.listen.ip().is_loopback() {
            return Err(Error::Unavailable(format!(
                "--no-auth lets everybody in, so it serves on a loopback address only, and {} is none; give another \
                 --listen, or leave --no-auth out",
                listen.listen
            )));
        }
        let oidc = sign_on.settings().map(Oidc::new);
        if access.no_auth && oidc.is_some() {
            return Err(Error::Unavailable(
                "--no-auth lets everybody in without signing in, so --oidc-issuer has no use; leave one of them out".into(),
            ));
        }
        let tls = transport.tls()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        if access.no_auth && access.four_eyes == FourEyes::On {
            log::warn!(
                "nobody signs in, so there is one person, and nobody who could confirm what that person proposes; \
                 --four-eyes off (FOUR_EYES=off) is for an office of one"
            );
        }
        if tls.is_none() && !listen.listen.ip().is_loopback() {
            log::warn!(
                "{} is no loopback address, and this server speaks plain HTTP, so keys cross the network in the clear; give \
                 --tls-certificate-file and --tls-key-file, or put a proxy that speaks TLS before it",
                listen.listen
            );
        }
        let target = database.target()?;
        // Before anything is made: a server that nobody could sign in to must not begin.
        let keys =
            if access.no_auth { keys.keyring(&target)? } else { Some(keys.must_have_keyring(&target)?) };
        prepare_schema(&target, migrate)?;
        let queue = usize::try_from(listen.write_queue).unwrap_or(usize::MAX);
        let db = Db::open(&target, Sizes { write_queue: queue, read_pool: listen.read_connections })?;
        let loaded = if demo { catalogue::load_demo(&db, access.four_eyes)? } else { catalogue::load(&db)? };
        log::info!("{loaded}");
        let unavailable = |failure: std::io::Error| {
            Error::Unavailable(format!(
                "can't listen on {}: {failure}; another --listen may be free",
                listen.listen
            ))
        };
        let listener = TcpListener::bind(listen.listen).map_err(unavailable)?;
        let address = listener.local_addr().map_err(unavailable)?;
        let access_log = AccessLog::start(&db)?;
        let followers = Followers::start(&db)?;
        let (door, first) = match &keys {
            Some(keyring) if !access.no_auth => {
                let door = Door::locked(db.clone(), keyring.clone(), oidc.clone());
                (door, first_keys(&db, keyring, demo)?)
            }
            _ => (Door::Open, String::new()),
        };
        let settings = server::Settings {
            workers: listen.workers.map(usize::from),
            door,
            keyring: keys,
            four_eyes: access.four_eyes,
            access_log: access_log.clone(),
            followers: followers.clone(),
            rates: Arc::new(Rates::new(limits.rate_limit, limits.address_rate_limit)),
            exports: Exports::default(),
            surroundings: limits.surroundings(),
            tls,
        };
        actix_web::rt::System::new().block_on(async move {
            // It runs, and listens to signals, before anybody is told that it does.
            let server = actix_web::rt::spawn(server::start(listener, &db, settings)?);
            let waiting = followers.clone();
            actix_web::rt::spawn(async move {
                told_to_stop().await;
                waiting.end();
            });
            actix_web::rt::task::yield_now().await;
            if let Some(oidc) = oidc {
                // Nobody waits for it: an issuer that can't be reached now may be there when somebody signs in.
                actix_web::rt::spawn(async move { oidc.prepare().await });
            }
            super::say(format_args!(
                "Risk Registry serves {target} at {scheme}://{address} (documentation: {scheme}://{address}/docs/)\n{first}"
            ));
            let served = server.await.unwrap_or_else(|failure| Err(std::io::Error::other(failure)));
            followers.close();
            access_log.close();
            drop(db);
            served.map_err(|failure| Error::Unavailable(format!("the server stopped: {failure}")))
        })
    }
}

/// Waits for what makes the server drain. It waits for every request that runs, and those who wait for what is recorded next
/// would make it wait for long.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use actix_web::rt::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => drop(terminated.recv().await),
            Err(failure) => {
                log::warn!(
                    "streams of the journal don't hear SIGTERM, so draining will take longer: {failure}"
                );
                std::future::pending::<()>().await;
            }
        }
    }
    #[cfg(not(unix))]
    if actix_web::rt::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Makes the first keys of a registry that never had one, and says what to print of them. They are on no disk and in no
/// log; whoever loses them makes others with `keys create`.
fn first_keys(db: &Db, keyring: &Keyring, demo: bool) -> Result<String> {
    let useless = db.read_blocking(&Context::own(), |snapshot| {
        keys::service::made_otherwise(snapshot.connection(), keyring)
    })?;
    if useless > 0 {
        log::warn!(
            "{useless} API key(s) were made under another key secret, and nobody can sign in by them; start with the secret \
             that they were made under, or make others with `risk-registry keys create`"
        );
    }
    // Only a registry that began as the example gets keys that anybody may see.
    let first = if demo && catalogue::holds_example(db)? { First::OfEachRole } else { First::Admin };
    let made = keys::make_first(db, keyring, first)?;
    let line = |(record, token): &(keys::ApiKeyRecord, keys::Token)| {
        format!("  {} ({}): {}\n", record.role, record.actor, token.reveal())
    };
    Ok(match made.len() {
        0 => String::new(),
        _ => {
            let lines: String = made.iter().map(line).collect();
            let next = match first {
                First::Admin => {
                    "Next: make each person a key of their own with `risk-registry keys create --actor NAME --name \
                     PURPOSE --role analyst`, an admin's too, then revoke this one with `risk-registry keys revoke`\n"
                }
                First::OfEachRole => "",
            };
            format!(
                "The first API keys, shown this once; sign in with Authorization: Bearer and a key:\n{lines}{next}"
            )
        }
    })
}

/// An SQLite file migrates itself. A PostgreSQL schema is its owner's business, unless the server is told otherwise.
fn prepare_schema(target: &Target, migrate: bool) -> Result<()> {
    let is_embedded = matches!(target, Target::Sqlite(_));
    if is_embedded || migrate {
        let applied = db::migrate(&mut db::open(target, Purpose::Owner)?)?;
        if !applied.is_empty() {
            log::info!("{target}: applied {}", applied.join(", "));
        }
    }
    let mut connection = db::open(target, Purpose::Read)?;
    for risk in db::risks(&mut connection)? {
        log::warn!("{risk}");
    }
    db::schema_state(&mut connection)?.must_be_current()
}
