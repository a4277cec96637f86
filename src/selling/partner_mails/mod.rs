//! Mails that tell partners of the leads and the sales that are credited to them (spec 2, setting 2). They say what
//! the partner earns, and nothing of the person: that is the company's to tell (decision 0084).

use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::PgConnection;

use crate::domain::ids::{OrderId, PartnerId, SubmissionId};
use crate::domain::money::{Currency, Money};
use crate::error::AppError;
use crate::people::partners::{self, Addressee, Occasion};
use crate::running::mails::{self, About, NewMail};
use crate::running::settings;
use crate::web::html::DateFormat;

/// So much of a name goes into a mail.
const MOST_OF_A_NAME: usize = 200;

/// Somebody whom a partner referred has sent a web form.
#[derive(Debug, Clone, Copy)]
pub struct Lead<'a> {
    pub submission: SubmissionId,
    /// What people outside read above the form.
    pub form: &'a str,
    /// To whom an order would be credited now.
    pub partner: PartnerId,
    pub at: DateTime<Utc>,
}

/// An order was recorded.
#[derive(Debug, Clone, Copy)]
pub struct Sale<'a> {
    pub order: OrderId,
    pub number: &'a str,
    pub ordered_at: DateTime<Utc>,
    /// The partners that it is credited to, each once, and what it brings them.
    pub partners: &'a [(PartnerId, Commission)],
    pub at: DateTime<Utc>,
}

/// What an order brings a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commission {
    /// It is recorded.
    Earned(Money),
    /// It is recorded as the customer pays.
    Later,
    /// Nothing.
    None,
}

/// Writes the mail to the partner of a lead, if it is to be told.
pub fn tell_of_lead(conn: &mut PgConnection, lead: Lead<'_>) -> Result<(), AppError> {
    let Some(sender) = Sender::of(conn)? else { return Ok(()) };
    let Some(partner) = partners::addressee(conn, lead.partner, Occasion::Lead)? else { return Ok(()) };
    let form = mails::one_line(lead.form, MOST_OF_A_NAME);
    let text = LeadText { head: sender.head(&partner), form: &form, on: sender.day(lead.at) };
    let subject = format!("A lead through you: {form}");
    let mail = sender.mail(&partner, subject, &text, About::Submission(lead.submission))?;
    mails::ask(conn, &mail, lead.at).map(drop)
}

/// Writes the mails to those partners of a sale that are to be told.
pub fn tell_of_sale(conn: &mut PgConnection, sale: Sale<'_>) -> Result<(), AppError> {
    let Some(sender) = Sender::of(conn)? else { return Ok(()) };
    let number = mails::one_line(sale.number, MOST_OF_A_NAME);
    for (partner, commission) in sale.partners {
        let Some(partner) = partners::addressee(conn, *partner, Occasion::Sale)? else { continue };
        let text = SaleText {
            head: sender.head(&partner),
            number: &number,
            on: sender.day(sale.ordered_at),
            commission: sender.words(*commission),
        };
        let subject = format!("A sale through you: order {number}");
        let mail = sender.mail(&partner, subject, &text, About::Order(sale.order))?;
        mails::ask(conn, &mail, sale.at)?;
    }
    Ok(())
}

#[derive(Template)]
#[template(path = "partner_mails/lead.txt")]
struct LeadText<'a> {
    head: Head,
    form: &'a str,
    on: String,
}

#[derive(Template)]
#[template(path = "partner_mails/sale.txt")]
struct SaleText<'a> {
    head: Head,
    number: &'a str,
    on: String,
    commission: String,
}

/// What both say of the two.
struct Head {
    partner: String,
    company: String,
    /// Where an answer goes; empty: nobody has said.
    answers: String,
}

/// The company, as mails need it.
struct Sender {
    name: String,
    /// Where answers go to, where they can.
    answers: Option<String>,
    currency: Currency,
    zone: Tz,
    dates: DateFormat,
}

impl Sender {
    /// None where the company wants no partner to be mailed (setting 2).
    fn of(conn: &mut PgConnection) -> Result<Option<Sender>, AppError> {
        if settings::defaults(conn)?.0.skip_notifications {
            return Ok(None);
        }
        let (company, place) = (settings::company(conn)?, settings::place(conn)?);
        Ok(Some(Sender {
            name: mails::one_line(&company.name, MOST_OF_A_NAME),
            answers: Some(company.email).filter(|email| mails::can_be_answered(email)),
            currency: place.currency,
            zone: place.zone,
            dates: DateFormat::from_code(&company.date_format).unwrap_or_default(),
        }))
    }

    fn head(&self, partner: &Addressee) -> Head {
        Head {
            partner: mails::one_line(&partner.name, MOST_OF_A_NAME),
            company: self.name.clone(),
            answers: self.answers.clone().unwrap_or_default(),
        }
    }

    fn day(&self, at: DateTime<Utc>) -> String {
        self.dates.show(at.with_timezone(&self.zone).date_naive())
    }

    fn words(&self, commission: Commission) -> String {
        match commission {
            Commission::Earned(amount) => {
                format!("Your commission: {} {}", amount.grouped(self.currency), self.currency.code())
            }
            Commission::Later => "Your commission is recorded as the customer pays.".into(),
            Commission::None => "It brings you no commission.".into(),
        }
    }

    fn mail(
        &self,
        to: &Addressee,
        subject: String,
        text: &impl Template,
        about: About,
    ) -> Result<NewMail, AppError> {
        let body = text.render().map_err(|error| AppError::Internal(error.into()))?;
        Ok(NewMail { recipient: to.email.clone(), reply_to: self.answers.clone(), subject, body, about })
    }
}
