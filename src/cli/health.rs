//! `health`: asks a server on this machine how it is, so that a container needs no HTTP client of its own.

use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Args;
use rustls::crypto::aws_lc_rs;
use serde_json::Value;
use ureq::{Agent, tls::TlsConfig};

use crate::error::{Error, Result};

/// Ask the server on this machine whether it is ready
///
/// Exits with 0 when it is, else with 1, and says why. It gives up after four seconds.
#[derive(Debug, Args)]
pub(super) struct Health {
    /// The address that the server was told to listen on
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    /// Ask only whether the process lives, whatever the state of its database: for whoever restarts what is unhealthy
    #[arg(long)]
    live: bool,

    /// The certificate that the server was told to show: where there is one, it is asked over TLS
    #[arg(long, env = "TLS_CERTIFICATE_FILE", value_name = "FILE")]
    tls_certificate_file: Option<PathBuf>,
}

/// The whole exchange takes no longer; a container's own limit should be a little above.
const PATIENCE: Duration = Duration::from_secs(4);

/// No answer about health is longer.
const MAX_BYTES: usize = 65_536;

impl Health {
    pub(super) fn run(self) -> Result<()> {
        let path = if self.live { "/healthz" } else { "/readyz" };
        let address = reachable(self.listen);
        let (scheme, answer) = match self.tls_certificate_file {
            Some(_) => ("https", ask_securely(address, path)),
            None => (
                "http",
                ask(address, path).map(|answer| Answer::read(&answer)).map_err(|failure| failure.to_string()),
            ),
        };
        let asked = format!("{scheme}://{address}{path}");
        match answer.map_err(|failure| Error::Unavailable(format!("no answer from {asked}: {failure}")))? {
            Some(Answer { status: 200, body }) => {
                super::print(format_args!("{asked}: {}\n", body.trim_end()))
            }
            Some(Answer { status, body }) => {
                Err(Error::Unavailable(format!("{asked} answered {status}{}", detail(&body))))
            }
            None => Err(Error::Unavailable(format!("what answers at {asked} does not speak HTTP"))),
        }
    }
}

/// Where to knock: a server that listens on every address is asked on the loopback one.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        other => other,
    };
    SocketAddr::new(ip, listen.port())
}

/// Sends one request and reads all that comes back, within the limits of time and length.
fn ask(address: SocketAddr, path: &str) -> std::io::Result<Vec<u8>> {
    let until = Instant::now() + PATIENCE;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    // In one piece: a server may answer and close after the first.
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    while answer.len() < MAX_BYTES {
        // Anew for each read: whoever sends a byte now and then must not hold us for ever.
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        stream.set_read_timeout(Some(left))?;
        let length = stream.read(&mut chunk)?;
        if length == 0 {
            break;
        }
        answer.extend(chunk.iter().take(length));
    }
    Ok(answer)
}

/// The same over TLS. The certificate is not checked: it is for the name by which others know this server, not for the
/// address at which this machine asks itself. Nothing is said that others may not hear, and whoever could stand in the
/// server's place on its own machine needs no certificate to deceive it.
fn ask_securely(address: SocketAddr, path: &str) -> std::result::Result<Option<Answer>, String> {
    let tls = TlsConfig::builder()
        .disable_verification(true)
        .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
        .build();
    let agent: Agent = Agent::config_builder()
        .tls_config(tls)
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .build()
        .new_agent();
    let mut answer =
        agent.get(format!("https://{address}{path}")).call().map_err(|failure| failure.to_string())?;
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    let body = answer.body_mut().with_config().limit(limit).read_to_string();
    let body = body.map_err(|failure| failure.to_string())?;
    Ok(Some(Answer { status: answer.status().as_u16(), body }))
}

/// What a server answered.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    body: String,
}

impl Answer {
    /// Reads an answer; none when it is no HTTP.
    fn read(answer: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(answer);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut words = head.lines().next()?.split(' ');
        let protocol = words.next()?;
        let status = words.next()?.parse().ok()?;
        protocol.starts_with("HTTP/1.").then(|| Self { status, body: body.to_owned() })
    }
}

/// What a problem document says in words.
fn detail(body: &str) -> String {
    let problem: Option<Value> = serde_json::from_str(body).ok();
    let detail = problem.as_ref().and_then(|problem| problem.get("detail")?.as_str());
    detail.map(|detail| format!(": {detail}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_on_the_loopback_address() {
        for (listen, asked) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:8080", "[::1]:8080"),
            ("127.0.0.1:80", "127.0.0.1:80"),
            ("192.0.2.1:8080", "192.0.2.1:8080"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()).to_string(), asked);
        }
    }

    #[test]
    fn an_answer_is_its_status_and_its_body() {
        let read = |text: &str| Answer::read(text.as_bytes()).map(|answer| (answer.status, answer.body));
        assert_eq!(read("HTTP/1.1 200 OK\r\na: b\r\n\r\n{}"), Some((200, "{}".into())));
        assert_eq!(read("HTTP/1.0 503\r\n\r\n"), Some((503, String::new())));
        for other in ["", "\r\n\r\n", "HTTP/1.1 200 OK\r\n", "SSH-2.0 200 x\r\n\r\n", "HTTP/1.1 OK\r\n\r\n"] {
            assert_eq!(read(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_problem_is_told_in_its_own_words() {
        assert_eq!(detail(r#"{"detail": "the writer has ended"}"#), ": the writer has ended");
        assert_eq!(detail("<html>"), "");
        assert_eq!(detail(r#"{"detail": 1}"#), "");
    }
}
