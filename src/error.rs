//! The three kinds of trouble. A form with problems is no error here: its handler answers 422 with
//! the page filled in. What is left is a refusal (a sentence for the visitor) or our own fault.

/// Why a request or a command could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// There is no such record (404). The text names what was looked for: `partner 17`.
    #[error("There is no {0}.")]
    NotFound(String),
    /// The rules say no (422). A whole sentence for the visitor; nothing was done.
    #[error("{0}")]
    Refused(String),
    /// Nobody is signed in (303 to the sign-in page).
    #[error("Please sign in first.")]
    SignedOut,
    /// The signed-in user's role does not allow this (403).
    #[error("Your role does not allow this.")]
    Forbidden,
    /// The form does not carry this session's token (403).
    #[error("This form is no longer valid. Open the page again and repeat what you did.")]
    BadToken,
    /// More was sent than the page takes, in whole megabytes (413).
    #[error("What you sent is larger than this page takes: {0} MB. Nothing was kept.")]
    TooLarge(u64),
    /// The server's disk is full (507).
    #[error(
        "There is no room left on the server for what you sent. Nothing was kept; whoever runs the server can make room."
    )]
    NoRoom,
    /// The database cannot be reached or has no connection left (503).
    #[error("The database cannot be reached just now. Nothing was recorded; please try again.")]
    Unavailable(#[source] anyhow::Error),
    /// Somebody else's transaction holds for long what is needed, or two waited for each other (503).
    #[error(
        "Something long is being recorded just now, such as an import, and this has to wait for it. Nothing of \
         yours was recorded; please try again in a minute."
    )]
    Busy(#[source] anyhow::Error),
    /// Our own fault (500): logged with its whole chain, shown with an id.
    #[error("Something went wrong on our side.")]
    Internal(#[source] anyhow::Error),
}

impl AppError {
    /// A refusal from anything that reads as a sentence.
    pub fn refused(sentence: impl Into<String>) -> AppError {
        AppError::Refused(sentence.into())
    }

    /// A missing record, named as the visitor would: `AppError::not_found("partner 17")`.
    pub fn not_found(what: impl Into<String>) -> AppError {
        AppError::NotFound(what.into())
    }
}

impl From<diesel::result::Error> for AppError {
    fn from(error: diesel::result::Error) -> AppError {
        use diesel::result::{DatabaseErrorKind, Error};
        match error {
            Error::NotFound => AppError::NotFound("such record".into()),
            Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _) => {
                AppError::Unavailable(error.into())
            }
            // Diesel does not tell the error's code, so its words have to do.
            other => {
                let words = other.to_string();
                let held = words.contains("due to lock timeout") || words.contains("deadlock detected");
                if held { AppError::Busy(other.into()) } else { AppError::Internal(other.into()) }
            }
        }
    }
}

impl From<anyhow::Error> for AppError {
    fn from(error: anyhow::Error) -> AppError {
        AppError::Internal(error)
    }
}
