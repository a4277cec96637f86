//! A print as a stream: this thread reads some ledgers at a time, two others lay them out and make
//! volumes, and a last one joins these in their order. Each waits for the next, so memory stays flat
//! however many ledgers there are.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use anyhow::anyhow;
use chrono::{Datelike, NaiveDate};
use diesel::PgConnection;

use super::layout::{pages, town};
use super::queries::{self, Share};
use super::read::{Statement, read};
use super::table::short_pattern;
use super::{Printed, picture};
use crate::domain::ids::AccountId;
use crate::domain::period::{Period, Preset};
use crate::error::AppError;
use crate::paper::file::{About, Joiner};
use crate::paper::page::{MM, Page, Picture, Sheet};
use crate::paper::shaping::Shaper;
use crate::paper::volume::{self, PAGES};
use crate::running::settings::{self, queries::Company};
use crate::web::html::{DateFormat, Format};
use crate::web::layout::Company as Written;

/// What all ledgers of a print have in common.
pub struct Letterhead {
    pub sheet: Sheet,
    pub company: Company,
    pub logo: Option<Arc<Picture>>,
    pub format: Format,
    /// The dates in words.
    pub range: String,
    /// The day of the print in words.
    pub day: String,
    /// None where the range begins with the first entry.
    pub first_day: Option<NaiveDate>,
    /// None where it ends with the last.
    pub last_day: Option<NaiveDate>,
    /// Of the column, in points.
    pub date_width: f32,
    one_year: bool,
}

impl Letterhead {
    /// A day in the column of dates.
    pub fn short_day(&self, day: NaiveDate) -> String {
        short_pattern(day, self.one_year, self.format.dates)
    }

    /// The company's postal address in a line.
    pub fn address_line(&self) -> String {
        let company = &self.company;
        let town = town(&company.city, &company.state, &company.postal_code);
        joined(", ", [&company.address_line1, &company.address_line2, &town, &company.country])
    }

    /// How to reach the company.
    pub fn reach_line(&self) -> String {
        joined(" · ", [&self.company.email, &self.company.phone])
    }

    /// Above the partner's address, for the post.
    pub fn sender_line(&self) -> String {
        joined(", ", [&self.company.name, &self.address_line()])
    }

    /// At the foot of each page.
    pub fn foot_line(&self) -> String {
        joined(" · ", [&self.sender_line(), &self.company.email])
    }
}

fn joined<const N: usize>(between: &str, parts: [&String; N]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(between)
}

/// What stands on every ledger of a print, as the company is now.
pub fn letterhead(
    conn: &mut PgConnection,
    printed: &Printed,
    sheet: Option<Sheet>,
) -> Result<Letterhead, AppError> {
    let company = settings::company(conn)?;
    let logo = settings::queries::logo::picture(conn)?;
    let logo = logo.and_then(|logo| picture::read(&logo.media_type, &logo.bytes));
    let written = Written {
        name: company.name.clone(),
        currency: company.currency.clone(),
        time_zone: company.time_zone.clone(),
        date_format: company.date_format.clone(),
    };
    let format = written.format();
    let period = printed.period;
    let all = Period::preset(Preset::All, period.from());
    let first_day = Some(period.from()).filter(|day| *day != all.from());
    let last_day = Some(period.to()).filter(|day| *day != all.to());
    let one_year = period.from().year() == period.to().year();
    let short = one_year && format.dates != DateFormat::YearMonthDay;
    Ok(Letterhead {
        sheet: sheet.unwrap_or_else(|| usual_sheet(&company.country, &company.currency)),
        range: range(&period, first_day, last_day, &format),
        day: format.day(&printed.made_at.with_timezone(&format.zone).date_naive()),
        date_width: if short { 16.0 * MM } else { 23.0 * MM },
        company,
        logo,
        format,
        first_day,
        last_day,
        one_year,
    })
}

fn range(period: &Period, first: Option<NaiveDate>, last: Option<NaiveDate>, format: &Format) -> String {
    match (first, last) {
        (None, None) => "All dates".into(),
        (None, Some(last)) => format!("Up to {}", format.day(&last)),
        (Some(first), None) => format!("From {} on", format.day(&first)),
        (Some(first), Some(last)) if first == last => format.day(&first),
        _ => format.period(period),
    }
}

/// Letter where it is the usual paper, A4 in the rest of the world. Without a country the currency tells.
fn usual_sheet(country: &str, currency: &str) -> Sheet {
    const LETTER: [&str; 14] = [
        "us",
        "usa",
        "u.s.",
        "u.s.a.",
        "united states",
        "united states of america",
        "ca",
        "canada",
        "mx",
        "mexico",
        "méxico",
        "ph",
        "philippines",
        "puerto rico",
    ];
    let country = country.trim().to_lowercase();
    let is_letter = if country.is_empty() {
        ["USD", "CAD", "MXN", "PHP"].contains(&currency)
    } else {
        LETTER.contains(&country.as_str())
    };
    if is_letter { Sheet::Letter } else { Sheet::A4 }
}

/// How many entries are read at once, unless one ledger has more.
const ENTRIES: i64 = 4000;
/// How many ledgers are read at once: those without entries have pages too.
const LEDGERS: usize = PAGES;
/// How many threads lay out.
const LAYERS: usize = 2;

/// Pages as PDF objects, and where which ledger begins.
struct Volume {
    document: lopdf::Document,
    chapters: Vec<(usize, String)>,
}

/// What a layer sends: volumes of one piece, then nothing more of it.
type Made = Result<Option<Volume>, AppError>;

/// Writes the ledgers of a run. `told` hears after each piece how many are read, of how many,
/// and may end the work.
pub fn print<W: Write + Send>(
    conn: &mut PgConnection,
    printed: &Printed,
    head: &Letterhead,
    out: W,
    told: &dyn Fn(usize, usize) -> Result<(), AppError>,
) -> Result<W, AppError> {
    let shares = queries::shares(conn, printed)?;
    let title = format!("Referral Partner Ledgers, {}", head.range);
    let about = About { title, author: head.company.name.clone(), made_at: printed.made_at };
    // Set when all are read: whatever else ends the work early, the file must not look whole.
    let all_pieces = AtomicUsize::new(usize::MAX);
    let printed = thread::scope(|scope| {
        let mut layers = Vec::new();
        let mut volumes = Vec::new();
        for _ in 0..LAYERS {
            let (to_layer, pieces) = sync_channel::<Vec<Statement>>(0);
            let (to_joiner, made) = sync_channel::<Made>(1);
            scope.spawn(move || lay_out(head, &pieces, &to_joiner));
            layers.push(to_layer);
            volumes.push(made);
        }
        let (about, all_pieces) = (&about, &all_pieces);
        let joiner = scope.spawn(move || join(out, volumes, all_pieces, about));
        let mut read_so_far = 0;
        let mut trouble = None;
        let mut count = 0;
        for (number, piece) in pieces(&shares).enumerate() {
            match read(conn, printed, &piece) {
                Ok(statements) => {
                    if layers[number % LAYERS].send(statements).is_err() {
                        // Nobody takes it where writing has failed: the joiner says why.
                        break;
                    }
                }
                Err(error) => {
                    trouble = Some(error);
                    break;
                }
            }
            count += 1;
            read_so_far += piece.len();
            if let Err(stop) = told(read_so_far, shares.len()) {
                trouble = Some(stop);
                break;
            }
        }
        if trouble.is_none() && read_so_far == shares.len() {
            all_pieces.store(count, Ordering::Release);
        }
        drop(layers);
        let joined = joiner.join().map_err(|_| anyhow!("joining the volumes panicked"))?;
        match trouble {
            Some(trouble) => Err(trouble),
            None => joined,
        }
    });
    give_memory_back();
    printed
}

/// What threads that have ended had allocated stays with their arenas: without this each print would
/// leave the server larger.
fn give_memory_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: a call without memory of ours; it may be made at any time from any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// The accounts in pieces: so many ledgers, or so many entries.
fn pieces(shares: &[Share]) -> impl Iterator<Item = Vec<AccountId>> {
    let mut rest = shares.iter().peekable();
    std::iter::from_fn(move || {
        let mut piece = Vec::new();
        let mut entries = 0;
        while let Some(share) = rest
            .next_if(|share| piece.is_empty() || piece.len() < LEDGERS && entries + share.entries <= ENTRIES)
        {
            piece.push(share.account);
            entries += share.entries;
        }
        (!piece.is_empty()).then_some(piece)
    })
}

/// Lays pieces out until none come any more.
fn lay_out(head: &Letterhead, pieces: &Receiver<Vec<Statement>>, made: &SyncSender<Made>) {
    let mut shaper = Shaper::default();
    for piece in pieces {
        let mut waiting: Vec<Page> = Vec::new();
        for statement in &piece {
            waiting.extend(self::pages(&mut shaper, head, statement));
            while waiting.len() >= PAGES {
                let rest = waiting.split_off(PAGES);
                if !bind(std::mem::replace(&mut waiting, rest), made) {
                    return;
                }
            }
        }
        if !waiting.is_empty() && !bind(waiting, made) || made.send(Ok(None)).is_err() {
            return;
        }
    }
}

/// Makes a volume and hands it on; false where nobody wants more.
fn bind(pages: Vec<Page>, made: &SyncSender<Made>) -> bool {
    let volume = volume::bind(&pages).map(|document| {
        let chapter = |(number, page): (usize, Page)| page.chapter.map(|chapter| (number, chapter));
        Some(Volume { document, chapters: pages.into_iter().enumerate().filter_map(chapter).collect() })
    });
    let is_well = volume.is_ok();
    made.send(volume).is_ok() && is_well
}

/// Takes pieces from the layers in turn, until one has no more.
fn join<W: Write>(
    out: W,
    volumes: Vec<Receiver<Made>>,
    all_pieces: &AtomicUsize,
    about: &About,
) -> Result<W, AppError> {
    let mut file = Joiner::new(out).map_err(fault)?;
    let mut joined = 0;
    loop {
        match volumes[joined % LAYERS].recv() {
            Ok(Ok(Some(volume))) => file.add(&volume.document, volume.chapters).map_err(fault)?,
            Ok(Ok(None)) => joined += 1,
            Ok(Err(trouble)) => return Err(trouble),
            Err(_) if joined == all_pieces.load(Ordering::Acquire) => {
                return file.finish(about).map_err(fault);
            }
            Err(_) => return Err(AppError::Internal(anyhow!("a part of the print is missing"))),
        }
    }
}

fn fault(error: io::Error) -> AppError {
    AppError::Internal(anyhow::Error::from(error).context("writing a PDF file"))
}

/// A run as it is printed; trouble where there is none.
pub fn printed(conn: &mut PgConnection, run: crate::domain::ids::RunId) -> Result<Printed, AppError> {
    queries::printed(conn, run)?.ok_or_else(|| AppError::not_found(format!("run {run}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paper_is_as_usual_in_the_companys_country() {
        for (country, currency, sheet) in [
            ("United States", "EUR", Sheet::Letter),
            (" canada ", "CAD", Sheet::Letter),
            ("", "USD", Sheet::Letter),
            ("", "GBP", Sheet::A4),
            ("Germany", "USD", Sheet::A4),
        ] {
            assert_eq!(usual_sheet(country, currency), sheet, "{country} {currency}");
        }
    }

    #[test]
    fn pieces_have_all_accounts_in_order_and_few_entries_each() {
        let share = |account, entries| Share { account: AccountId(account), entries };
        let shares =
            [share(1, 10), share(2, 9_000), share(3, 3_000), share(4, 1_000), share(5, 0), share(6, 1)];
        let found: Vec<Vec<i64>> =
            pieces(&shares).map(|piece| piece.iter().map(|account| account.0).collect()).collect();
        assert_eq!(found, [vec![1], vec![2], vec![3, 4, 5], vec![6]]);
        let many: Vec<Share> = (0..2 * LEDGERS as i64 + 20).map(|account| share(account, 0)).collect();
        assert_eq!(pieces(&many).map(|piece| piece.len()).collect::<Vec<_>>(), [LEDGERS, LEDGERS, 20]);
    }
}
