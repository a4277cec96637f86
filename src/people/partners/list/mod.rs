//! The list of partners: its search, and whom of it somebody means.

pub mod export;
pub mod handlers;

use super::by_code;
use super::queries::list::{self as queries, InProgram, Search, Standing};
use crate::domain::ids::{PartnerId, ProgramId};
use crate::domain::typed::Trimmed;
use crate::error::AppError;
use crate::web::forms::{FormData, Problems};
use crate::web::list::Meant;
use diesel::PgConnection;

/// What was typed into the search.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    pub words: String,
    pub status: String,
    pub program: String,
    /// The parent's code, or its number.
    pub parent: String,
    pub tag: String,
    /// The columns to show; empty: those that are shown at first.
    pub columns: Vec<String>,
}

/// Whom of the list somebody means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// All results of the search.
    All,
    /// These.
    Ticked(Vec<PartnerId>),
}

impl Typed {
    /// Reads the search.
    pub fn of(query: &FormData) -> Typed {
        let of = |name: &str| query.get(name).trimmed().to_string();
        Typed {
            words: of("q"),
            status: of("status"),
            program: of("program"),
            parent: of("parent"),
            tag: of("tag"),
            columns: query.all("col").map(String::from).collect(),
        }
    }

    /// What it means, and what of it means nothing.
    pub fn read(&self, conn: &mut PgConnection) -> Result<(Search, Problems), AppError> {
        let mut problems = Problems::none();
        let words = problems.optional_text("q", "What to look for", &self.words, 200);
        let tag = problems.optional_text("tag", "Tag", &self.tag, 200);
        let code = problems.optional_text("parent", "Parent", &self.parent, 200).to_ascii_lowercase();
        let program = match self.program.as_str() {
            "none" => Some(InProgram::None),
            number => number.parse().ok().map(|id| InProgram::This(ProgramId(id))),
        };
        let mut parent = None;
        if !code.is_empty() && problems.is_empty() {
            let by_code = by_code(conn, std::slice::from_ref(&code))?.remove(&code);
            parent = by_code.or_else(|| code.parse().ok().map(PartnerId));
            if parent.is_none() {
                problems.add("parent", "No partner has or had this code.");
            }
        }
        let standing = Standing::from_word(&self.status);
        Ok((Search { words, standing, program, parent, tag }, problems))
    }
}

impl Chosen {
    /// Reads the ticks; where none is ticked, or *all results* is, all are meant.
    pub fn of(form: &FormData) -> Result<Chosen, AppError> {
        Ok(match Meant::of(form)? {
            Meant::All => Chosen::All,
            Meant::Ticked(ticks) => Chosen::Ticked(ticks.into_iter().map(PartnerId).collect()),
        })
    }

    /// The partners that it means now, by number. Refused where the search means nothing.
    pub fn partners(&self, conn: &mut PgConnection, typed: &Typed) -> Result<Vec<PartnerId>, AppError> {
        match self {
            Chosen::Ticked(partners) => Ok(partners.clone()),
            Chosen::All => {
                let (search, problems) = typed.read(conn)?;
                match problems.iter().next() {
                    Some((_, sentence)) => Err(AppError::refused(sentence)),
                    None => Ok(queries::ids(conn, &search)?),
                }
            }
        }
    }
}
