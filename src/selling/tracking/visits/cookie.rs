//! The visitor's cookie: a random key, and nothing about the person.

use actix_web::cookie::{Cookie, SameSite, time::Duration};

use crate::web::AppState;

/// How many characters a key has: 128 random bits in hexadecimal.
pub const KEY_CHARACTERS: usize = 32;

/// A key that nobody has.
pub fn fresh_key() -> String {
    hex::encode(rand::random::<[u8; KEY_CHARACTERS / 2]>())
}

/// Whether this can be a visitor's key at all.
pub fn is_key(text: &str) -> bool {
    text.len() == KEY_CHARACTERS
        && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The cookie's name: over TLS bound to this host, so that no neighbour sets it.
pub fn name(app: &AppState) -> &'static str {
    if app.is_secure() { "__Host-partnerbook-visitor" } else { "partnerbook-visitor" }
}

/// The cookie with a visitor's key, for so many days.
pub fn cookie(app: &AppState, key: String, days: i32) -> Cookie<'static> {
    Cookie::build(name(app), key)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.is_secure() || !app.is_local)
        .max_age(Duration::days(days.into()))
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_key_is_a_key_and_no_other_text_is() {
        let (one, other) = (fresh_key(), fresh_key());
        assert!(is_key(&one) && is_key(&other) && one != other);
        for text in [
            "",
            "1",
            &one[1..],
            &one.to_uppercase().replace(|c: char| c.is_ascii_digit(), "A"),
            &format!("{one}0"),
        ] {
            assert!(!is_key(text), "{text}");
        }
    }
}
