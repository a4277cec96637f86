//! What a browser says of itself, in short words: `Firefox 140, Linux`.

/// How much of its own words is shown of a browser that we do not know.
const OWN_WORDS: usize = 40;

/// What marks a browser, and its name. Many say that they are others too: the first that fits is meant.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex Browser"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FBAV/", "Facebook app"),
    ("Instagram ", "Instagram app"),
    ("CriOS/", "Chrome"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
];

/// What marks a system, and its name.
const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
];

/// The browser and the system that it runs on; of others the first words; nothing where it said nothing.
pub fn device(user_agent: &str) -> String {
    let system = SYSTEMS.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name);
    let browser = user_agent.starts_with("Mozilla/").then(|| browser(user_agent)).flatten();
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(browser), None) => browser,
        _ => first_words(user_agent),
    }
}

fn browser(user_agent: &str) -> Option<String> {
    let (mark, name) = BROWSERS.iter().find(|(mark, name)| {
        user_agent.contains(mark) && (*name != "Safari" || user_agent.contains("Safari/"))
    })?;
    let (_, rest) = user_agent.split_once(mark)?;
    let version: String = rest.chars().take_while(char::is_ascii_digit).take(4).collect();
    Some(if version.is_empty() { (*name).to_string() } else { format!("{name} {version}") })
}

fn first_words(user_agent: &str) -> String {
    let mut words: String = user_agent.chars().take(OWN_WORDS).collect();
    if words.len() < user_agent.len() {
        words.push('…');
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_known_by_what_only_they_say() {
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        for (user_agent, words) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox 140, Linux"),
            (
                &format!(
                    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0"
                ),
                "Edge 131, Windows",
            ),
            (
                &format!("Mozilla/5.0 (Linux; Android 14) {webkit} Chrome/131.0.0.0 Mobile Safari/537.36"),
                "Chrome 131, Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
                "Safari 18, iPhone",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15",
                "Safari 17, Mac",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/120.0 Mobile/15E148 Safari/604.1",
                "Chrome 120, iPad",
            ),
        ] {
            assert_eq!(device(user_agent), words);
        }
    }

    #[test]
    fn what_is_not_known_speaks_for_itself_and_not_too_long() {
        for (user_agent, words) in [
            ("", ""),
            ("curl/8.5.0", "curl/8.5.0"),
            ("Mozilla/5.0 Version/", "Mozilla/5.0 Version/"),
            ("Mozilla/5.0 Firefox/", "Firefox"),
            ("Mozilla/5.0 Firefox/99999999999999999999", "Firefox 9999"),
        ] {
            assert_eq!(device(user_agent), words, "{user_agent}");
        }
        assert_eq!(device(&"ä".repeat(500)), format!("{}…", "ä".repeat(40)));
    }
}
