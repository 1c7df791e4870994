//! TLS with a certificate from files, which are read again when they change: a renewal needs no restart.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use rustls::{
    InconsistentKeys, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use crate::error::{Error, Result};

/// How often the files are looked at, and no more often than somebody connects.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(5);

/// No certificate or key file is longer.
const MOST_BYTES: u64 = 1024 * 1024;

/// How the server speaks TLS: 1.2 and 1.3, with the certificate that its files hold.
#[derive(Debug, Clone)]
pub struct Tls(Arc<Renewed>);

impl Tls {
    /// Reads the certificate and its key.
    ///
    /// # Errors
    /// What is wrong with the files.
    pub fn read(certificate: PathBuf, key: PathBuf) -> Result<Self> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let files = Files { certificate, key };
        let stamp = files.stamp();
        let certified = Arc::new(files.read(&provider).map_err(Error::Unavailable)?);
        let shown = Mutex::new(Shown { certified, stamp, looked: Instant::now() });
        Ok(Self(Arc::new(Renewed { files, provider, shown })))
    }

    /// What connections are accepted with.
    ///
    /// # Errors
    /// Where the library does not take its own defaults.
    pub(super) fn config(&self) -> Result<ServerConfig> {
        let builder = ServerConfig::builder_with_provider(Arc::clone(&self.0.provider))
            .with_safe_default_protocol_versions()
            .map_err(|failure| Error::internal(failure.to_string()))?;
        let resolver: Arc<dyn ResolvesServerCert> = self.0.clone();
        Ok(builder.with_no_client_auth().with_cert_resolver(resolver))
    }
}

/// The certificate that is shown to whoever connects.
#[derive(Debug)]
struct Renewed {
    files: Files,
    provider: Arc<CryptoProvider>,
    shown: Mutex<Shown>,
}

#[derive(Debug)]
struct Shown {
    certified: Arc<CertifiedKey>,
    /// The files when they were last read, whether they could be used or not.
    stamp: Stamp,
    looked: Instant,
}

/// By what a changed file is told: when it was changed, and its length. Links are followed, for renewals often move those.
type Stamp = [Option<(SystemTime, u64)>; 2];

impl Renewed {
    /// The certificate of the files as they are now, or the last one that could be used: a renewal writes one file after
    /// the other.
    fn current(&self) -> Arc<CertifiedKey> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.looked.elapsed() >= LOOKED_AT_EVERY {
            shown.looked = Instant::now();
            let stamp = self.files.stamp();
            if stamp != shown.stamp {
                shown.stamp = stamp;
                match self.files.read(&self.provider) {
                    Ok(certified) => {
                        log::info!("TLS: new certificate from {}", self.files.certificate.display());
                        shown.certified = Arc::new(certified);
                    }
                    Err(why) => log::warn!("TLS: {why}; the certificate before it is still shown"),
                }
            }
        }
        Arc::clone(&shown.certified)
    }
}

impl ResolvesServerCert for Renewed {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    fn stamp(&self) -> Stamp {
        let of = |path: &Path| {
            let about = fs::metadata(path).ok()?;
            Some((about.modified().ok()?, about.len()))
        };
        [of(&self.certificate), of(&self.key)]
    }

    /// A certificate with its key.
    ///
    /// # Errors
    /// What is wrong with the files, and nothing of what is in them.
    fn read(&self, provider: &CryptoProvider) -> std::result::Result<CertifiedKey, String> {
        let Self { certificate, key } = self;
        let chain = CertificateDer::pem_slice_iter(&contents(certificate)?)
            .collect::<std::result::Result<Vec<_>, _>>()
            .map_err(|_| format!("{} can't be read: it is no PEM file", certificate.display()))?;
        if chain.is_empty() {
            return Err(format!("{} holds no certificate in PEM form", certificate.display()));
        }
        let pem = contents(key)?;
        let private = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| {
            let is_encrypted = String::from_utf8_lossy(&pem).contains("ENCRYPTED");
            let why = if is_encrypted {
                "holds an encrypted key, and the server asks nobody for its pass phrase; `openssl pkey` takes it off"
            } else {
                "holds no private key in PEM form"
            };
            format!("{} {why}", key.display())
        })?;
        CertifiedKey::from_der(chain, private, provider).map_err(|failure| match failure {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => format!(
                "the key in {} is not that of the first certificate in {}, which must be the server's own",
                key.display(),
                certificate.display()
            ),
            rustls::Error::InvalidCertificate(_) => {
                format!("the first certificate in {} can't be read", certificate.display())
            }
            _ => format!(
                "the key in {} is none that TLS is served with: RSA of 2048 to 8192 bits, ECDSA on P-256, P-384 or P-521, or \
                 Ed25519",
                key.display()
            ),
        })
    }
}

fn contents(path: &Path) -> std::result::Result<Vec<u8>, String> {
    let refused = |why: &dyn std::fmt::Display| format!("{} can't be read: {why}", path.display());
    let about = fs::metadata(path).map_err(|failure| refused(&failure))?;
    if about.len() > MOST_BYTES {
        return Err(refused(&format_args!("it is longer than {MOST_BYTES} bytes")));
    }
    fs::read(path).map_err(|failure| refused(&failure))
}
