//! Who it is that asks for a link: a person, a robot, or a browser that only looks ahead.

use std::cell::RefCell;
use std::collections::HashMap;

use actix_web::dev::RequestHead;
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, USER_AGENT};

/// Who comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Coming {
    /// A person: a visitor gets a cookie, and the click counts.
    Person,
    /// A known robot: its click is kept, marked, and never counts (spec 3).
    Robot,
    /// Nobody: a look ahead, a picture or frame on somebody's page, or a question for the head alone. It is
    /// told where the link leads, and nothing is recorded.
    #[default]
    Nobody,
}

/// What robots' entries in the list are tagged with that are no robots of their own accord: programs that
/// somebody has written, and browsers that somebody drives. Neither brings an order by itself.
const DRIVEN: [&str; 2] = ["http-library", "browser-automation"];

/// Where a browser says that it only looks ahead.
static LOOKS_AHEAD: [HeaderName; 4] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-purpose"),
    HeaderName::from_static("x-moz"),
];
/// Where a browser says what it wants a page for.
static FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
static FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

impl Coming {
    /// Who asks, as far as the request says so.
    pub fn of(head: &RequestHead) -> Coming {
        let says = |name: &HeaderName| head.headers().get(name).and_then(|value| value.to_str().ok());
        let looks_ahead = LOOKS_AHEAD.iter().any(|name| {
            says(name).is_some_and(|value| {
                let value = value.to_ascii_lowercase();
                ["prefetch", "prerender", "preview"].iter().any(|word| value.contains(word))
            })
        });
        // A browser says so where it does not lead somebody to another page, but gets a part of one.
        let is_a_part = says(&FETCH_MODE).is_some_and(|mode| mode != "navigate")
            || says(&FETCH_DEST).is_some_and(|what| what != "document");
        if head.method != Method::GET || looks_ahead || is_a_part {
            return Coming::Nobody;
        }
        let agent = head.headers().get(USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
        Coming::by_agent(agent.as_deref())
    }

    /// Who tells of itself by a script, as far as its user agent says so.
    pub fn by_agent(agent: Option<&str>) -> Coming {
        if agent.is_some_and(is_robot) { Coming::Robot } else { Coming::Person }
    }
}

/// How many user agents' verdicts each thread remembers; then it begins anew.
const REMEMBERED: usize = 2000;

/// Whether a user agent says that it is a robot. Most people come with one of a few, and the list is long.
fn is_robot(agent: &str) -> bool {
    thread_local! {
        static KNOWN: RefCell<HashMap<String, bool>> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| {
        if let Some(verdict) = known.get(agent) {
            return *verdict;
        }
        let verdict = is_listed(agent);
        // A long one is somebody's joke, and comes once.
        if agent.len() <= 500 {
            if known.len() >= REMEMBERED {
                known.clear();
            }
            known.insert(agent.to_string(), verdict);
        }
        verdict
    })
}

/// Whether a user agent is on the list of the Crawlerdex project.
fn is_listed(agent: &str) -> bool {
    // The list is of short names; a long text is nobody's, and would only be searched for long.
    let start: String = agent.chars().take(1000).collect();
    iscrawl::crawler_info(&start)
        .is_some_and(|robot| robot.tags.iter().any(|tag| !DRIVEN.contains(&tag.as_str())))
}

/// Reads the list, which the first visitor would otherwise wait for.
pub fn know_robots() {
    is_listed("");
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn coming(headers: &[(&str, &str)]) -> Coming {
        let request =
            headers.iter().fold(TestRequest::get(), |request, header| request.insert_header(*header));
        Coming::of(request.to_http_request().head())
    }

    #[test]
    fn people_come_with_any_browser_and_with_none() {
        for agent in [
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0 Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
            "curl/8.5.0",
            "",
            &"x".repeat(100_000),
        ] {
            assert_eq!(coming(&[("user-agent", agent)]), Coming::Person, "{agent:.80}");
        }
        assert_eq!(coming(&[]), Coming::Person);
        let led = [
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
            ("sec-fetch-site", "cross-site"),
        ];
        assert_eq!(coming(&led), Coming::Person);
    }

    #[test]
    fn robots_say_so() {
        for agent in [
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
            "WhatsApp/2.23.20.0",
        ] {
            assert_eq!(coming(&[("user-agent", agent)]), Coming::Robot, "{agent}");
        }
    }

    #[test]
    fn a_look_ahead_and_a_part_of_a_page_are_nobody() {
        for header in [
            ("sec-purpose", "prefetch;prerender"),
            ("purpose", "prefetch"),
            ("x-moz", "prefetch"),
            ("x-purpose", "preview"),
            ("sec-fetch-dest", "image"),
            ("sec-fetch-dest", "iframe"),
            ("sec-fetch-mode", "no-cors"),
        ] {
            assert_eq!(coming(&[header]), Coming::Nobody, "{header:?}");
        }
        let head = TestRequest::default().method(Method::HEAD).to_http_request();
        assert_eq!(Coming::of(head.head()), Coming::Nobody);
    }
}
