//! Where a tracking link leads (spec 10): any page of the web, and nothing else.

use super::typed::Trimmed;
use percent_encoding::percent_decode_str;
use std::fmt;
use url::Url;

/// The most characters that an address may have.
pub const LONGEST: usize = 2000;

/// The address of a page: http or https, with a host, without a name and password in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination(Url);

/// Why something is no address to lead people to. As the end of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DestinationProblem {
    NoAddress,
    OtherScheme,
    Credentials,
    TooLong,
}

impl Destination {
    /// Reads what was typed; blanks around it do not count.
    pub fn parse(typed: &str) -> Result<Destination, DestinationProblem> {
        // A browser drops these silently, so that an address would not be the one that was read.
        if typed.trimmed().chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(DestinationProblem::NoAddress);
        }
        let url = Url::parse(typed.trimmed()).map_err(|_| DestinationProblem::NoAddress)?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err(DestinationProblem::OtherScheme);
        }
        if !url.has_host() {
            return Err(DestinationProblem::NoAddress);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(DestinationProblem::Credentials);
        }
        if url.as_str().chars().count() > LONGEST {
            return Err(DestinationProblem::TooLong);
        }
        Ok(Destination(url))
    }

    /// The address as it is kept and sent: ASCII, whatever was typed.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The host, as browsers write it.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Whether it is itself a partner's link of the server at this address: whoever is led to one of those is led
    /// round in circles, or counts twice.
    pub fn is_link_of(&self, server: &str) -> bool {
        let Ok(server) = Url::parse(server) else { return false };
        let host = |url: &Url| url.host_str().map(|host| host.trim_end_matches('.').to_string());
        let own: Vec<&str> = server.path().split('/').filter(|part| !part.is_empty()).collect();
        let parts = self.0.path().split('/').filter(|part| !part.is_empty());
        let parts: Vec<_> = parts.map(|part| percent_decode_str(part).decode_utf8_lossy()).collect();
        let is_below = parts.len() > own.len() && own.iter().zip(&parts).all(|(own, part)| *own == *part);
        // By http or by https, where no port is said: the one mostly leads to the other.
        host(&self.0) == host(&server)
            && self.0.port() == server.port()
            && is_below
            && parts[own.len()] == "go"
    }

    /// The same page with these query parameters after its own, as they are written in an address.
    pub fn with_query(mut self, passed_on: &str) -> Destination {
        if !passed_on.is_empty() {
            let own = self.0.query().filter(|own| !own.is_empty());
            let both = own.map_or(passed_on.to_string(), |own| format!("{own}&{passed_on}"));
            self.0.set_query(Some(&both));
        }
        self
    }

    /// The same page with this query parameter, and without others of that name.
    pub fn with_only(mut self, name: &str, value: &str) -> Destination {
        let others: Vec<(String, String)> =
            self.0.query_pairs().into_owned().filter(|(key, _)| key != name).collect();
        // Where there is nothing to take out, what was written stays as it was.
        if others.len() != self.0.query_pairs().count() {
            self.0.set_query(None);
            if !others.is_empty() {
                self.0.query_pairs_mut().extend_pairs(others);
            }
        }
        self.with_parameter(name, value)
    }

    /// The same page with one more query parameter.
    pub fn with_parameter(mut self, name: &str, value: &str) -> Destination {
        self.0.query_pairs_mut().append_pair(name, value);
        self
    }
}

impl fmt::Display for DestinationProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DestinationProblem::NoAddress => {
                "is no address of a page: write it like https://shop.example.com/offer"
            }
            DestinationProblem::OtherScheme => "must begin with https:// or http://",
            DestinationProblem::Credentials => "must not have a name or a password in it",
            DestinationProblem::TooLong => "has more than 2,000 characters",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> Result<String, DestinationProblem> {
        Destination::parse(typed).map(|destination| destination.as_str().to_string())
    }

    #[test]
    fn only_pages_of_the_web_are_led_to() {
        assert_eq!(read(" https://shop.example ").unwrap(), "https://shop.example/");
        assert_eq!(read("http://shop.example/a?b=1#c").unwrap(), "http://shop.example/a?b=1#c");
        assert_eq!(read("https://münchen.example/ä").unwrap(), "https://xn--mnchen-3ya.example/%C3%A4");
        for (typed, problem) in [
            ("", DestinationProblem::NoAddress),
            ("shop.example", DestinationProblem::NoAddress),
            ("//shop.example", DestinationProblem::NoAddress),
            ("https://", DestinationProblem::NoAddress),
            ("https://a\r\nSet-Cookie: x", DestinationProblem::NoAddress),
            ("java\tscript:alert(1)", DestinationProblem::NoAddress),
            ("javascript:alert(1)", DestinationProblem::OtherScheme),
            ("data:text/html,x", DestinationProblem::OtherScheme),
            ("ftp://shop.example", DestinationProblem::OtherScheme),
            ("https://shop.example@evil.example", DestinationProblem::Credentials),
            (&format!("https://shop.example/{}", "a".repeat(2000)), DestinationProblem::TooLong),
        ] {
            assert_eq!(read(typed), Err(problem), "{typed}");
        }
    }

    #[test]
    fn our_own_links_are_told_from_pages() {
        let is_ours = |page: &str, server: &str| Destination::parse(page).unwrap().is_link_of(server);
        assert!(is_ours("https://Refer.example/go/shop/sam?a=1", "https://refer.example"));
        assert!(is_ours("https://refer.example:443/go", "https://refer.example/"));
        assert!(is_ours("http://refer.example/a/go/sam", "http://refer.example/a"));
        assert!(!is_ours("https://refer.example/ab/go/x", "https://refer.example/a"));
        assert!(is_ours("http://refer.example./%67o/sam", "https://refer.example"));
        assert!(is_ours("https://refer.example/a/%67o/sam", "https://refer.example/a/"));
        for other in [
            "https://refer.example/",
            "https://refer.example/goods",
            "https://refer.example/f/go/x",
            "https://shop.example/go/sam",
            "https://refer.example:8443/go/sam",
        ] {
            assert!(!is_ours(other, "https://refer.example"), "{other}");
        }
    }

    #[test]
    fn what_a_link_was_asked_with_is_passed_on_after_the_pages_own() {
        let lead = |page: &str, query: &str| {
            Destination::parse(page).unwrap().with_query(query).as_str().to_string()
        };
        assert_eq!(lead("https://shop.example/a", ""), "https://shop.example/a");
        assert_eq!(
            lead("https://shop.example/a?own=1#part", "x=%20y&x=2"),
            "https://shop.example/a?own=1&x=%20y&x=2#part"
        );
        assert_eq!(lead("https://shop.example/a?", "x"), "https://shop.example/a?x");
        let told = Destination::parse("https://shop.example/?a=1").unwrap().with_parameter("visitor", "a b");
        assert_eq!(told.as_str(), "https://shop.example/?a=1&visitor=a+b");
    }
}
