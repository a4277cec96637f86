//! Reverse proxies in front of us, and who comes through them.

use std::net::IpAddr;

use ipnet::IpNet;

/// The reverse proxies that are believed when they say for whom they ask (`PARTNERBOOK_PROXIES`). Without any,
/// nobody is: the header can be written by everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Reads addresses and networks, with commas or blanks between. The first one that is none comes back.
    pub fn parse(typed: &str) -> Result<Proxies, String> {
        let parts = typed.split([',', ' ']).filter(|part| !part.is_empty());
        let nets = parts.map(|part| {
            let net = part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
            net.map_err(|_| part.to_string())
        });
        nets.collect::<Result<_, _>>().map(Proxies)
    }

    fn have(&self, address: &IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(address))
    }

    /// The client's address, from the connection's and what stands in `X-Forwarded-For`, where each proxy
    /// adds at the end for whom it asks. Going back, the first that is no proxy of ours is the client; where
    /// that is no address, the last one that can be believed.
    pub fn client(&self, connection: IpAddr, forwarded: &[&str]) -> IpAddr {
        let mut client = connection;
        for hop in forwarded.iter().flat_map(|line| line.split(',')).rev() {
            if !self.have(&client) {
                break;
            }
            match hop.trim().parse::<IpAddr>() {
                Ok(address) => client = address.to_canonical(),
                Err(_) => break,
            }
        }
        client
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(proxies: &str, connection: &str, forwarded: &[&str]) -> String {
        let proxies = Proxies::parse(proxies).unwrap();
        proxies.client(connection.parse().unwrap(), forwarded).to_string()
    }

    #[test]
    fn nobody_is_believed_unless_it_is_said_who() {
        assert_eq!(client("", "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client("10.0.0.0/8", "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
    }

    #[test]
    fn the_last_that_is_no_proxy_is_the_client() {
        let one = |forwarded: &[&str]| client("127.0.0.1, 10.0.0.0/8 fd00::/8", "127.0.0.1", forwarded);
        assert_eq!(one(&["198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            one(&["1.2.3.4, 198.51.100.1", "10.1.1.1"]),
            "198.51.100.1",
            "what the client wrote is not believed"
        );
        assert_eq!(one(&["2001:db8::1,fd00::7"]), "2001:db8::1");
        assert_eq!(one(&["::ffff:198.51.100.1"]), "198.51.100.1");
        assert_eq!(one(&[]), "127.0.0.1");
        assert_eq!(one(&["unknown, 10.0.0.7"]), "10.0.0.7");
        assert_eq!(one(&["198.51.100.1, \u{1}"]), "127.0.0.1");
    }

    #[test]
    fn what_is_no_address_and_no_network_is_named() {
        assert_eq!(Proxies::parse("10.0.0.1, proxy.example"), Err("proxy.example".to_string()));
        assert_eq!(Proxies::parse("10.0.0.0/33"), Err("10.0.0.0/33".to_string()));
        assert_eq!(Proxies::parse(" , "), Ok(Proxies::default()));
    }
}
