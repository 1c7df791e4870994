//! Fetches what an issuer publishes: its discovery document, then its key set. Nothing is followed elsewhere: no redirects,
//! and no address that is not https.

use std::{sync::Arc, time::Duration};

use rustls::crypto::aws_lc_rs;
use serde_json::Value;
use ureq::{
    Agent,
    http::StatusCode,
    tls::{RootCerts, TlsConfig},
};
use url::Url;

use super::settings::{Issuer, Settings, must_be_safe};

/// Each of the two requests, from looking up the name to the last byte.
const PATIENCE: Duration = Duration::from_secs(5);

/// No document of an issuer is longer; they have some KiB.
const MOST_BYTES: u64 = 512 * 1024;

/// Asks one issuer.
pub(super) struct Fetcher {
    issuer: Issuer,
    agent: Agent,
}

impl Fetcher {
    pub(super) fn new(settings: &Settings) -> Self {
        let roots = settings.roots.as_ref().map(super::Roots::certificates);
        let tls = TlsConfig::builder()
            .root_certs(roots.map_or(RootCerts::WebPki, RootCerts::Specific))
            .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
            .build();
        let mut config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .http_status_as_error(false)
            .https_only(!settings.issuer.is_local())
            .user_agent(concat!("risk-registry/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls)
            // Fetches are an hour apart; no server keeps a connection that long.
            .max_idle_connections(0);
        if settings.issuer.is_local() {
            config = config.proxy(None);
        }
        Self { issuer: settings.issuer.clone(), agent: config.build().new_agent() }
    }

    pub(super) const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The issuer's key set. It takes ten seconds at most.
    ///
    /// # Errors
    /// What went wrong, for the log.
    pub(super) fn key_set(&self) -> Result<Value, String> {
        let address = self.issuer.discovery();
        let document = self.get(&address)?;
        let said = document.get("issuer").and_then(Value::as_str);
        if said != Some(self.issuer.as_str()) {
            return Err(format!(
                "{address} is of the issuer {:?}, which is another; the setting must match it letter by letter",
                said.unwrap_or_default()
            ));
        }
        let keys = document
            .get("jwks_uri")
            .and_then(Value::as_str)
            .ok_or_else(|| format!("{address} has no jwks_uri"))?;
        let keys =
            Url::parse(keys).map_err(|fault| format!("the jwks_uri of {address} is no URL: {fault}"))?;
        must_be_safe(&keys).map_err(|why| format!("the jwks_uri of {address} {why}"))?;
        self.get(keys.as_str())
    }

    fn get(&self, address: &str) -> Result<Value, String> {
        let failed = |failure: ureq::Error| format!("{address}: {failure}");
        let mut answer =
            self.agent.get(address).header("accept", "application/json").call().map_err(failed)?;
        if answer.status() != StatusCode::OK {
            return Err(format!("{address} answered {}", answer.status().as_u16()));
        }
        let body = answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec().map_err(failed)?;
        serde_json::from_slice(&body).map_err(|fault| format!("{address} answered what is no JSON: {fault}"))
    }
}
