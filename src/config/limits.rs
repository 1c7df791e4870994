//! Settings of limits, and of what is around the server.

use clap::Args;
use ipnet::IpNet;

use crate::{
    access::RateLimit,
    http::{client::TrustedProxies, cors::Origins, frame::Surroundings},
};

/// How often somebody may ask, and whom the server believes.
#[derive(Debug, Clone, Args)]
pub struct LimitSettings {
    /// How many requests each key or token may make a second, minute or hour (100/s, 600/m, 5000/h), and how many at once; `off` turns off all limits of rates
    #[arg(long, env = "RATE_LIMIT", value_name = "RATE", default_value = "100/s,burst=500", value_parser = RateLimit::parse)]
    pub rate_limit: RateLimit,

    /// How many requests each address may make, in the same form, before anybody is looked up; `off` turns this limit off
    #[arg(long, env = "ADDRESS_RATE_LIMIT", value_name = "RATE", default_value = "300/s,burst=1500", value_parser = RateLimit::parse)]
    pub address_rate_limit: RateLimit,

    /// Proxies whose X-Forwarded-For tells the client's address: addresses or blocks, with commas between; nobody else is believed
    #[arg(long, env = "TRUSTED_PROXIES", value_name = "ADDRESSES", value_delimiter = ',', value_parser = TrustedProxies::parse_one)]
    pub trusted_proxies: Vec<IpNet>,

    /// Origins whose pages may read answers in a browser (CORS), each like `https://dashboard.example`, with commas between; none by default
    #[arg(long, env = "CORS_ORIGINS", value_name = "ORIGINS", value_delimiter = ',', value_parser = Origins::parse_one)]
    pub cors_origins: Vec<String>,
}

impl LimitSettings {
    /// What the frame goes by.
    #[must_use]
    pub fn surroundings(&self) -> Surroundings {
        Surroundings {
            proxies: self.trusted_proxies.iter().copied().collect(),
            origins: self.cors_origins.iter().cloned().collect(),
            ..Surroundings::default()
        }
    }
}
