//! Where a request comes from. Behind a proxy that is trusted the proxy's word counts; everybody else's word about
//! addresses, hosts and schemes is ignored.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
};

use actix_web::http::header::HeaderMap;
use ipnet::IpNet;

/// The address of the client, as far as it can be known: the peer's, or the one that a trusted proxy names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// Where the peer has none.
    pub const UNKNOWN: Self = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));

    /// What limits count by: an address of IPv4, or the /64 of one of IPv6, for a single host may use all of those.
    #[must_use]
    pub fn block(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(_) => IpNet::new(self.0, 64).map_or(self.0, |net| net.network()),
        }
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The proxies whose `X-Forwarded-For` is believed. `Forwarded` (RFC 7239) is not read: a proxy that sets the one header
/// passes the other on as the client sent it.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// One of the list: an address, or a block of them.
    ///
    /// # Errors
    /// What it must be instead.
    pub fn parse_one(text: &str) -> Result<IpNet, String> {
        let text = text.trim();
        let net = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        let net = net.map_err(|_| "must be an address or a block, like 10.0.0.5 or 10.0.0.0/8".to_owned())?;
        if net.prefix_len() == 0 {
            return Err(
                "would trust everybody, so that anybody could claim any address; name your proxies".into()
            );
        }
        Ok(net.trunc())
    }

    fn hold(&self, address: IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(&address))
    }

    /// The client behind a peer: from the right, the first address of `X-Forwarded-For` that is no trusted proxy. What stands
    /// left of it the client wrote itself.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let mut known = peer.to_canonical();
        let lines: Vec<_> = headers.get_all("x-forwarded-for").collect();
        let named = lines.iter().rev().flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        for text in named {
            if !self.hold(known) {
                break;
            }
            // A proxy that writes what is no address says no more than that it was there.
            let Some(address) = std::str::from_utf8(text).ok().and_then(address) else { break };
            known = address;
        }
        ClientAddress(known)
    }
}

impl FromIterator<IpNet> for TrustedProxies {
    fn from_iter<T: IntoIterator<Item = IpNet>>(nets: T) -> Self {
        Self(nets.into_iter().collect())
    }
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None if text.matches(':').count() == 1 => text.split_once(':')?.0,
        None => text,
    };
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn client(trusted: &str, peer: &str, lines: &[&str]) -> String {
        let proxies: TrustedProxies =
            trusted.split_whitespace().map(|text| TrustedProxies::parse_one(text).unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            let name = HeaderName::from_static("x-forwarded-for");
            headers.append(name, HeaderValue::from_str(line).unwrap());
        }
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn nobody_is_believed_but_a_trusted_proxy() {
        assert_eq!(client("", "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(client("10.0.0.0/8", "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("10.1.2.3", "::ffff:10.1.2.3", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &[]), "10.1.2.3");
    }

    #[test]
    fn what_a_client_wrote_itself_is_left_of_what_its_proxy_wrote() {
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &["127.0.0.1, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(
            client("10.0.0.0/8", "10.0.0.1", &["127.0.0.1", "198.51.100.7, 10.0.0.2"]),
            "198.51.100.7"
        );
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &["198.51.100.7, nonsense"]), "10.0.0.1");
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &["198.51.100.7, nonsense, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &[""]), "10.0.0.1");
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        for (written, read) in [
            ("198.51.100.7:4711", "198.51.100.7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("2001:db8::7", "2001:db8::7"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
        ] {
            assert_eq!(client("10.0.0.1", "10.0.0.1", &[written]), read);
        }
    }

    #[test]
    fn a_host_has_one_limit_whatever_addresses_of_its_block_it_uses() {
        let block = |text: &str| ClientAddress(text.parse().unwrap()).block();
        assert_eq!(block("2001:db8:1:2:3::4"), block("2001:db8:1:2:ffff::"));
        assert_ne!(block("2001:db8:1:2::"), block("2001:db8:1:3::"));
        assert_ne!(block("192.0.2.1"), block("192.0.2.2"));
    }

    #[test]
    fn nobody_trusts_everybody_by_accident() {
        assert!(TrustedProxies::parse_one("0.0.0.0/0").is_err());
        assert!(TrustedProxies::parse_one("::/0").is_err());
        assert!(TrustedProxies::parse_one("proxy.example").is_err());
    }
}
