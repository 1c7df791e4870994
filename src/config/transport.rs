//! The settings of transport: whether the server speaks TLS itself.

use std::path::PathBuf;

use clap::Args;

use crate::{error::Result, server::Tls};

/// How the server's connections are protected.
#[derive(Debug, Clone, Args)]
pub struct TransportSettings {
    /// Serve over TLS with the certificates of this PEM file, the server's own first. It is read again when it changes
    #[arg(long, env = "TLS_CERTIFICATE_FILE", value_name = "FILE", requires = "tls_key_file")]
    tls_certificate_file: Option<PathBuf>,

    /// The PEM file of the certificate's private key, not encrypted
    #[arg(long, env = "TLS_KEY_FILE", value_name = "FILE", requires = "tls_certificate_file")]
    tls_key_file: Option<PathBuf>,
}

impl TransportSettings {
    /// Reads the files; none where the server speaks plain HTTP.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn tls(self) -> Result<Option<Tls>> {
        let files = self.tls_certificate_file.zip(self.tls_key_file);
        files.map(|(certificate, key)| Tls::read(certificate, key)).transpose()
    }
}
