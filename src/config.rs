//! Every setting, typed. Each flag has an environment variable; a flag goes before its variable.

use std::net::SocketAddr;

use clap::Args;

use crate::db::Target;

/// Where the registry is kept.
#[derive(Debug, Clone, Args)]
pub struct DatabaseSettings {
    /// The database: the path of an SQLite file (bare or after sqlite://), or a postgres:// URL
    #[arg(
        long,
        env = "DATABASE_URL",
        hide_env_values = true,
        default_value = "./registry.db",
        value_parser = Target::parse
    )]
    pub database_url: Target,
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
