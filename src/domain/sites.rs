//! The company's own sites: where visits may be reported from, and where visitors may be led on request.

use super::typed::Trimmed;
use std::fmt;
use url::{Host, Url};

/// Hosts of sites. A host stands for itself only; `*.example.com` for every host below `example.com`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sites(Vec<Site>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Site {
    below: bool,
    host: String,
    /// None: the usual one of http and of https.
    port: Option<u16>,
}

/// A line that names no host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoSite {
    /// Counted from 1.
    pub line: usize,
    pub typed: String,
}

impl Sites {
    /// Reads hosts, one a line. Who pastes the address of a page means its host.
    pub fn parse(typed: &str) -> Result<Sites, NoSite> {
        let lines = typed.lines().map(Trimmed::trimmed).enumerate().filter(|(_, line)| !line.is_empty());
        let mut sites = Vec::new();
        for (at, line) in lines {
            let site = Site::parse(line)
                .ok_or_else(|| NoSite { line: at + 1, typed: line.chars().take(100).collect() })?;
            if !sites.contains(&site) {
                sites.push(site);
            }
        }
        Ok(Sites(sites))
    }

    /// Whether a page is on one of them.
    pub fn have(&self, page: &Url) -> bool {
        let Some(host) = page.host_str() else { return false };
        ["http", "https"].contains(&page.scheme())
            && self.0.iter().any(|site| {
                let is_below = || host.strip_suffix(&site.host).is_some_and(|below| below.ends_with('.'));
                page.port() == site.port && if site.below { is_below() } else { host == site.host }
            })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Site {
    fn parse(line: &str) -> Option<Site> {
        let (below, line) = line.strip_prefix("*.").map_or((false, line), |line| (true, line));
        if line.ends_with(':') || line.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return None;
        }
        let line = if line.contains("://") { line.to_string() } else { format!("https://{line}") };
        let url = Url::parse(&line).ok().filter(|url| ["http", "https"].contains(&url.scheme()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        let host = match url.host()? {
            // All hosts of a country's ending would be too many.
            Host::Domain(host) if below && !host.contains('.') => return None,
            Host::Domain(host) => host.trim_end_matches('.').to_string(),
            _ if below => return None,
            // A number may stand for an address too; who types one means something else.
            Host::Ipv4(address) if !line.contains(&address.to_string()) => return None,
            _ => url.host_str()?.to_string(),
        };
        Some(Site { below, host, port: url.port() })
            .filter(|site| !site.host.is_empty() && !site.host.contains('*'))
    }
}

impl fmt::Display for Sites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(Site::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let below = if self.below { "*." } else { "" };
        write!(f, "{below}{}", self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn have(sites: &str, page: &str) -> bool {
        Sites::parse(sites).unwrap().have(&page.parse().unwrap())
    }

    #[test]
    fn a_host_stands_for_itself_and_a_star_for_those_below() {
        let sites = "shop.example.com\n*.example.org";
        for page in ["https://shop.example.com/a?b#c", "http://SHOP.example.com", "https://a.b.example.org/"]
        {
            assert!(have(sites, page), "{page}");
        }
        for page in [
            "https://example.com/",
            "https://evil-shop.example.com.evil.example/",
            "https://xshop.example.com/",
            "https://example.org/",
            "https://evilexample.org/",
            "https://shop.example.com:8443/",
            "https://shop.example.com@evil.example/",
            "ftp://shop.example.com/",
        ] {
            assert!(!have(sites, page), "{page}");
        }
    }

    #[test]
    fn a_port_that_is_not_the_usual_one_is_named() {
        assert!(have("localhost:9000", "http://localhost:9000/x"));
        assert!(!have("localhost:9000", "http://localhost/x"));
        assert!(have("https://shop.example:443/path", "http://shop.example/"));
    }

    #[test]
    fn hosts_are_kept_as_browsers_write_them() {
        let sites =
            Sites::parse("  https://Bücher.example/shop \n\nbücher.example.\n[::1]:80\n*.Example.COM")
                .unwrap();
        assert_eq!(sites.to_string(), "xn--bcher-kva.example\n[::1]:80\n*.example.com");
        assert_eq!(Sites::parse(&sites.to_string()), Ok(sites));
    }

    #[test]
    fn what_is_no_host_is_named_with_its_line() {
        for wrong in [
            "shop example",
            "https://",
            "*.com",
            "*.127.0.0.1",
            "ftp://a.example",
            "a@b.example",
            "ZZ:",
            "*",
            "*.*.example.com",
            "⁰⁴⁵",
            "1234",
            "a..b\u{0}",
        ] {
            let typed = format!("good.example\n{wrong}");
            assert_eq!(Sites::parse(&typed), Err(NoSite { line: 2, typed: wrong.into() }), "{wrong}");
        }
    }
}
