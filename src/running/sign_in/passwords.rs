//! Passwords: which are good enough, and their hashes (Argon2id, 19 MiB, two passes).

use actix_web::web;
use anyhow::anyhow;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use std::collections::HashSet;
use std::sync::LazyLock;
use tokio::sync::Semaphore;

use crate::error::AppError;
use crate::web::forms::Problems;

/// The fewest characters that a password has.
pub const LEAST: usize = 12;
/// The most.
pub const MOST: usize = 200;

/// Each hash takes 19 MiB and a core for some 20 ms; a crowd at the sign-in page waits its turn
/// instead of taking all of both.
static TURNS: Semaphore = Semaphore::const_new(4);

/// What an unknown e-mail is compared with, so that it takes as long as a wrong password.
static NOBODYS: LazyLock<String> = LazyLock::new(|| hash("nobody has this password").unwrap_or_default());

/// Reads a new password and its repetition, and says what is wrong with them.
pub fn read(problems: &mut Problems, password: &str, again: &str, email: &str) -> String {
    let length = password.chars().count();
    let different: HashSet<char> = password.chars().collect();
    let local_part = email.split('@').next().unwrap_or_default().to_lowercase();
    let has_name = local_part.chars().count() > 3 && password.to_lowercase().contains(&local_part);
    if length < LEAST {
        problems.add(
            "password",
            format!("The password needs at least {LEAST} characters; some words in a row will do."),
        );
    } else if length > MOST {
        problems.add("password", format!("The password may have {MOST} characters."));
    } else if different.len() < 5 || is_common(password) {
        problems.add("password", "This password is among the first that anybody tries.");
    } else if has_name {
        problems.add("password", "The password contains the name in the e-mail address.");
    }
    if password != again {
        problems.add("password_again", "The two passwords differ.");
    }
    password.to_string()
}

/// Long enough, and yet on every list of common passwords.
fn is_common(password: &str) -> bool {
    const COMMON: [&str; 10] = [
        "123456789012",
        "1234567890123",
        "123456789101112",
        "qwertyuiop12",
        "qwertyuiop123",
        "password1234",
        "passwordpassword",
        "administrator",
        "partnerbook1",
        "partnerbook12",
    ];
    let password = password.to_lowercase();
    let letters = password.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation());
    COMMON.contains(&password.as_str())
        || ["password", "qwertyuiop", "partnerbook", "administrator"].contains(&letters)
}

/// The hash of a new password, on a thread that may take its time.
pub async fn hashed(password: String) -> Result<String, AppError> {
    let _turn = TURNS.acquire().await;
    web::block(move || hash(&password)).await.map_err(|_| AppError::Internal(anyhow!("hashing panicked")))?
}

/// Whether it is the password of this hash; `None`: of nobody, which takes as long.
pub async fn is_right(password: String, kept: Option<String>) -> Result<bool, AppError> {
    let _turn = TURNS.acquire().await;
    let check = move || {
        let hash = kept.as_deref().unwrap_or(&NOBODYS);
        let parsed = PasswordHash::new(hash)
            .map_err(|error| AppError::Internal(anyhow!("a password hash: {error}")))?;
        Ok(argon2()?.verify_password(password.as_bytes(), &parsed).is_ok() && kept.is_some())
    };
    web::block(check).await.map_err(|_| AppError::Internal(anyhow!("checking a password panicked")))?
}

/// The hash of a password, on this thread.
pub fn hash(password: &str) -> Result<String, AppError> {
    let hash = argon2()?.hash_password(password.as_bytes());
    Ok(hash.map_err(|error| AppError::Internal(anyhow!("hashing a password: {error}")))?.to_string())
}

fn argon2() -> Result<Argon2<'static>, AppError> {
    let params = Params::new(19 * 1024, 2, 1, None);
    let params = params.map_err(|error| AppError::Internal(anyhow!("Argon2: {error}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_says_how_it_was_made_and_differs_each_time() {
        let (one, other) = (hash("correct horse battery").unwrap(), hash("correct horse battery").unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other);
    }

    #[actix_web::test]
    async fn only_the_right_password_is_right_and_nobody_has_one() {
        let (kept, nobody) = (hash("correct horse battery").unwrap(), "nobody has this password");
        assert!(is_right("correct horse battery".into(), Some(kept.clone())).await.unwrap());
        assert!(!is_right("correct horse buttery".into(), Some(kept)).await.unwrap());
        // Compared in full all the same, so that it takes as long.
        assert!(PasswordHash::new(&NOBODYS).is_ok());
        assert!(!is_right(nobody.into(), None).await.unwrap());
    }

    #[test]
    fn weak_passwords_are_refused_with_the_reason() {
        for (password, reason) in [
            ("short", "at least 12"),
            ("aaaaaaaaaaaaaaaa", "first that anybody tries"),
            ("Password123!", "first that anybody tries"),
            ("danafields2026", "the name in the e-mail"),
            ("correct horse battery", ""),
            ("ключ под ковриком", ""),
        ] {
            let mut problems = Problems::none();
            read(&mut problems, password, password, "danafields@fernhill.example");
            assert!(problems.of("password").contains(reason), "{password}: {}", problems.of("password"));
            assert_eq!(problems.is_empty(), reason.is_empty(), "{password}");
        }
        let mut problems = Problems::none();
        read(&mut problems, "correct horse battery", "correct horse buttery", "a@b.example");
        assert_eq!(problems.of("password_again"), "The two passwords differ.");
    }
}
