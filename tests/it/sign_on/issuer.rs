//! A small issuer over https: it publishes what a test gives it, counts who asks, and fails in the ways that servers fail.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use openssl::{
    pkey::PKey,
    ssl::{SslAcceptor, SslMethod},
    x509::X509,
};
use serde_json::{Value, json};

use super::{AUTHORITY, signer::Signer};
use crate::support::certificates::Authority;

/// How an issuer answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mood {
    Good,
    /// Takes connections and closes them.
    Down,
    /// Answers with this status line and headers, then a body of so many bytes.
    Odd(String, usize),
    /// After a while.
    Slow(Duration),
}

pub struct Issuer {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    name: String,
    published: Mutex<Published>,
    counts: Mutex<Counts>,
    over: AtomicBool,
}

struct Published {
    keys: Value,
    /// What differs in the discovery document.
    document: Value,
    mood: Mood,
}

/// How often each document was asked for.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub discovery: usize,
    pub keys: usize,
    pub others: usize,
}

impl Issuer {
    /// An issuer that publishes these keys.
    pub fn publishing(keys: &[&Signer]) -> Self {
        Self::vouched_for(&AUTHORITY, keys)
    }

    /// An issuer for whose server this authority vouches.
    pub fn vouched_for(authority: &Authority, keys: &[&Signer]) -> Self {
        let certified = authority.server("localhost", 1);
        let mut acceptor = SslAcceptor::mozilla_modern_v5(SslMethod::tls()).unwrap();
        acceptor.set_certificate(&X509::from_pem(&certified.certificate).unwrap()).unwrap();
        acceptor.set_private_key(&PKey::private_key_from_pem(&certified.key).unwrap()).unwrap();
        let acceptor = Arc::new(acceptor.build());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            name: format!("https://localhost:{}", address.port()),
            published: Mutex::new(Published { keys: json!(null), document: json!({}), mood: Mood::Good }),
            counts: Mutex::default(),
            over: AtomicBool::new(false),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if serving.over.load(Ordering::Relaxed) {
                    return;
                }
                let (acceptor, serving) = (Arc::clone(&acceptor), Arc::clone(&serving));
                let stream = stream.unwrap();
                // Whoever does not trust the certificate goes away in the handshake.
                thread::spawn(move || drop(acceptor.accept(stream).map(|tls| serving.answer(tls))));
            }
        });
        let issuer = Self { address, shared };
        issuer.publish(keys);
        issuer
    }

    /// What it calls itself.
    pub fn name(&self) -> String {
        self.shared.name.clone()
    }

    pub fn publish(&self, keys: &[&Signer]) {
        self.publish_raw(json!({"keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>()}));
    }

    pub fn publish_raw(&self, keys: Value) {
        self.shared.published.lock().unwrap().keys = keys;
    }

    /// Changes a field of the discovery document.
    pub fn says(&self, field: &str, value: Value) {
        self.shared.published.lock().unwrap().document[field] = value;
    }

    pub fn is(&self, mood: Mood) {
        self.shared.published.lock().unwrap().mood = mood;
    }

    pub fn counts(&self) -> Counts {
        *self.shared.counts.lock().unwrap()
    }
}

impl Shared {
    fn answer(&self, mut stream: impl Read + Write) {
        let mut line = String::new();
        BufReader::new(Read::by_ref(&mut stream).take(4096)).read_line(&mut line).unwrap_or_default();
        let path = line.split(' ').nth(1).unwrap_or_default();
        let (mut document, keys, mood) = {
            let published = self.published.lock().unwrap();
            (published.document.clone(), published.keys.clone(), published.mood.clone())
        };
        let mut counts = self.counts.lock().unwrap();
        let body = match path {
            "/.well-known/openid-configuration" => {
                counts.discovery += 1;
                for (field, value) in
                    [("issuer", self.name.clone()), ("jwks_uri", format!("{}/keys", self.name))]
                {
                    document.as_object_mut().unwrap().entry(field).or_insert(json!(value));
                }
                document
            }
            "/keys" => {
                counts.keys += 1;
                keys
            }
            _ => {
                counts.others += 1;
                json!({})
            }
        };
        drop(counts);
        let good =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{body}");
        let text = match mood {
            Mood::Good => good,
            Mood::Down => return,
            Mood::Odd(head, length) => {
                format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n{}", " ".repeat(length))
            }
            Mood::Slow(wait) => {
                thread::sleep(wait);
                good
            }
        };
        // A client that has seen enough closes.
        drop(stream.write_all(text.as_bytes()));
        drop(stream.flush());
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        // Wakes the thread that takes connections.
        drop(TcpStream::connect(self.address));
    }
}
