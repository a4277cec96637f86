//! A mail of the outbox as mail servers take it. How headers and texts are written down is lettre's business.

use anyhow::Context;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};

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
    // Not every server takes other letters in a header's address; it stands in the text as well.
    if let Some(reply_to) = mail.reply_to.as_deref().filter(|address| address.is_ascii()) {
        message = message.reply_to(Mailbox::new(None, reply_to.parse().context("the address for answers")?));
    }
    message.body(mail.body.clone()).context("the message")
}
