//! A mail of the outbox as mail servers take it. How headers and texts are written down is lettre's business.

use anyhow::Context;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};

use super::can_be_answered;
use super::queries::Due;

/// The message, the same at each try.
pub fn message(from: &Mailbox, mail: &Due) -> anyhow::Result<Message> {
    let to = mail.recipient.parse().context("the recipient's address")?;
    let mut message = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(mail.subject.as_str())
        .date(mail.made_at.into())
        .message_id(Some(format!("<{}@{}>", mail.key, from.email.domain())))
        // Nobody's answering machine is to write to the one whom an answer goes to.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".into(),
        ))
        .header(ContentType::TEXT_PLAIN);
    if let Some(reply_to) = mail.reply_to.as_deref().filter(|address| can_be_answered(address)) {
        message = message.reply_to(Mailbox::new(None, reply_to.parse().context("the address for answers")?));
    }
    message.body(mail.body.clone()).context("the message")
}
