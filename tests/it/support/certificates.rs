//! Certificates for tests: authorities, and what they sign.

use openssl::{
    asn1::Asn1Time,
    bn::BigNum,
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    pkey::{PKey, Private},
    x509::{
        X509, X509Builder, X509NameBuilder,
        extension::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName},
    },
};

const DAY: i64 = 24 * 60 * 60;

/// A certificate authority.
pub struct Authority {
    certificate: X509,
    key: PKey<Private>,
}

/// A certificate and its key, as PEM.
pub struct Certified {
    pub certificate: Vec<u8>,
    pub key: Vec<u8>,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let key = key();
        let mut builder = builder(name, &key, 1);
        builder.set_issuer_name(&named(name)).unwrap();
        builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
        builder.append_extension(KeyUsage::new().critical().key_cert_sign().build().unwrap()).unwrap();
        builder.sign(&key, MessageDigest::sha256()).unwrap();
        Self { certificate: builder.build(), key }
    }

    /// Its certificate, as PEM: what `sslrootcert` names.
    pub fn pem(&self) -> Vec<u8> {
        self.certificate.to_pem().unwrap()
    }

    /// For a server of this host name; it ends in so many days, or has ended.
    pub fn server(&self, host: &str, days: i64) -> Certified {
        let key = key();
        let mut builder = builder(host, &key, days);
        let name =
            SubjectAlternativeName::new().dns(host).build(&builder.x509v3_context(None, None)).unwrap();
        builder.append_extension(name).unwrap();
        builder.append_extension(ExtendedKeyUsage::new().server_auth().build().unwrap()).unwrap();
        self.sign(builder, &key)
    }

    /// For a client that signs in as this role.
    pub fn client(&self, role: &str) -> Certified {
        let key = key();
        let mut builder = builder(role, &key, 1);
        builder.append_extension(ExtendedKeyUsage::new().client_auth().build().unwrap()).unwrap();
        self.sign(builder, &key)
    }

    fn sign(&self, mut builder: X509Builder, key: &PKey<Private>) -> Certified {
        builder.set_issuer_name(self.certificate.subject_name()).unwrap();
        builder.sign(&self.key, MessageDigest::sha256()).unwrap();
        Certified {
            certificate: builder.build().to_pem().unwrap(),
            key: key.private_key_to_pem_pkcs8().unwrap(),
        }
    }
}

fn key() -> PKey<Private> {
    let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&curve).unwrap()).unwrap()
}

fn named(name: &str) -> openssl::x509::X509Name {
    let mut builder = X509NameBuilder::new().unwrap();
    builder.append_entry_by_nid(Nid::COMMONNAME, name).unwrap();
    builder.build()
}

/// A certificate of this name that began ten days ago and ends in so many days.
fn builder(name: &str, key: &PKey<Private>, days: i64) -> X509Builder {
    let now = chrono::Utc::now().timestamp();
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    let mut serial = BigNum::new().unwrap();
    serial.rand(120, openssl::bn::MsbOption::ONE, false).unwrap();
    builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&named(name)).unwrap();
    builder.set_not_before(&Asn1Time::from_unix(now - 10 * DAY).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_unix(now + days * DAY).unwrap()).unwrap();
    builder.set_pubkey(key).unwrap();
    builder
}
