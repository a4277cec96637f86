//! The addresses of mails.

use crate::domain::ids::MailId;

/// CRM > Settings > Mail.
pub const MAIL: &str = "/settings/mail";
/// Where a test mail is asked for.
pub const TEST_MAILS: &str = "/settings/mail/tests";
/// Where all mails that failed are tried again.
pub const MAILS_AGAIN: &str = "/settings/mail/again";

/// The mails that failed.
pub fn failed_mails() -> String {
    format!("{MAIL}?state=failed")
}

/// Where a mail is tried again.
pub fn mail_again(id: MailId) -> String {
    format!("{MAIL}/{id}/again")
}

/// Where it is said that a mail that failed can be left so.
pub fn seen_mail(id: MailId) -> String {
    format!("{MAIL}/{id}/seen")
}
