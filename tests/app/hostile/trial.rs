//! Types something hostile into every field of the forms that a walk finds, and keeps what went wrong.

use std::collections::BTreeSet;
use std::time::Instant;

use partnerbook::routes::ROUTES;
use partnerbook::web::routing::Access;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};

use super::forms::{Field, Form, Kind};
use super::probe::{Probe, says_why};
use super::strings::{Ring, Strings, Typed};
use super::walk::{Origin, Sent, Walk, is_typed_into};
use super::{NOT_MET, typical};
use crate::support::http::Page;

/// How often a field is tried alone, and how often all of a form are tried together.
const ALONE: usize = 3;
const TOGETHER: usize = 4;

/// Tries all forms of a walk.
pub struct Trial<'a> {
    pub walk: Walk<'a>,
    pub strings: Strings,
    pub complaints: Vec<String>,
    pub probes: usize,
    /// Forms that a valid user got through.
    pub taken: BTreeSet<String>,
    pub done: BTreeSet<String>,
    /// A form that was opened, and refused what was sent: it can be sent again.
    open: Option<(String, Form, Origin)>,
    /// Forms of which there is none any more.
    spent: BTreeSet<String>,
}

impl<'a> Trial<'a> {
    pub fn new(walk: Walk<'a>) -> Trial<'a> {
        Trial {
            walk,
            strings: Strings::new(),
            complaints: Vec::new(),
            probes: 0,
            taken: BTreeSet::new(),
            done: BTreeSet::new(),
            open: None,
            spent: BTreeSet::new(),
        }
    }

    /// Tries each form that has been found, and those that are found by it, until there is no new one.
    pub fn all(&mut self) {
        loop {
            self.walk.go();
            let waiting = self.walk.forms.iter().filter(|(signature, _)| !self.done.contains(*signature));
            // What ends a record is only a button with what the page carries along: those come last.
            // Whom the trial erases it cannot ask anything else: that is the last of all.
            let next = waiting.min_by_key(|(signature, found)| {
                (signature.contains("/erase "), !is_typed_into(&found.form))
            });
            match next.map(|(signature, _)| signature.clone()) {
                Some(signature) => {
                    self.form(&signature);
                    self.done.insert(signature);
                }
                None if self
                    .untried()
                    .into_iter()
                    .any(|route| self.walk.more(route) || self.walk.look_again(route)) => {}
                None => return,
            }
        }
    }

    /// Routes that take a form which was not met.
    pub fn untried(&self) -> Vec<&'static str> {
        let is_tried = |route: &str| {
            let mut buttons = self.walk.forms.values().flat_map(|found| &found.form.buttons);
            self.done.iter().any(|form| form.split(' ').nth(1) == Some(route))
                || buttons.any(|button| button.action.as_deref() == Some(route))
                || NOT_MET.iter().any(|(path, _)| *path == route)
        };
        ROUTES
            .iter()
            .filter(|route| route.method == "POST" && route.access != Access::ApiKey)
            .map(|route| route.path)
            .filter(|route| !is_tried(route))
            .collect()
    }

    pub fn form(&mut self, signature: &str) {
        let started = (Instant::now(), self.probes);
        let Some((form, _)) = self.open(signature) else {
            self.complaints.push(format!("{signature}: stands nowhere any more"));
            return;
        };
        if form.open_to_all().next().is_none() {
            return self.controls(signature, &form);
        }
        for round in 0..TOGETHER {
            self.together(signature, round, Field::shows_back);
        }
        for round in 0..2 {
            self.together(signature, round, |field| Ring::of(field.kind) == Ring::Forged);
        }
        let mut shapes = BTreeSet::new();
        let fields: Vec<(String, usize)> = form
            .open_to_all()
            .filter(|(_, field)| shapes.insert(field.shape()))
            .map(|(_, field)| (field.name.clone(), if field.shows_back() { ALONE } else { 1 }))
            .collect();
        for (name, times) in fields {
            for round in 0..times {
                self.alone(signature, &name, round);
            }
        }
        if started.1 == self.probes && is_typed_into(&form) {
            self.complaints.push(format!("{signature}: nothing was typed into it"));
        }
        // Last: this may be the end of what the form is about.
        self.controls(signature, &form);
        let took = started.0.elapsed();
        println!("{:>6.1} s {:>4} probes {signature}", took.as_secs_f32(), self.probes - started.1);
    }

    /// Presses each button as a valid user would; a search that needs something is made with several.
    fn controls(&mut self, signature: &str, form: &Form) {
        let must = form.fields.iter().any(|field| field.required);
        let times = if !form.posts && must { 8 } else { 1 };
        for place in (0..form.buttons.len().max(1)).cycle().take(form.buttons.len().max(1) * times) {
            self.control(signature, place);
        }
    }

    /// The form where it still stands.
    fn open(&mut self, signature: &str) -> Option<(Form, Origin)> {
        if let Some((_, form, origin)) = self.open.take().filter(|(open, ..)| open == signature) {
            return Some((form, origin));
        }
        if self.spent.contains(signature) {
            return None;
        }
        loop {
            let mut origins = self.walk.forms[signature].origins.clone();
            // Where it stands on a page first, and the latest of these: what was made just now is whole.
            origins.reverse();
            origins.sort_by_key(|origin| origin.sent.len());
            let found = origins
                .into_iter()
                .take(8)
                .find_map(|origin| Some((self.walk.open(signature, &origin)?, origin)));
            if found.is_some() {
                return found;
            }
            // Elsewhere, as long as there is somewhere else to look.
            let route = signature.split(' ').nth(1).unwrap_or_default();
            if !self.walk.more(route) && !self.walk.look_again(signature) {
                self.spent.insert(signature.into());
                return None;
            }
        }
    }

    /// Presses a button as a valid user would.
    fn control(&mut self, signature: &str, place: usize) {
        // What must be there; all that can be typed; every box as well.
        let ways: [fn(&Field) -> bool; 3] = [
            |_| false,
            |field| field.shows_back() && field.asks_for != "partners",
            |field| !matches!(field.kind, Kind::File | Kind::Hidden),
        ];
        for (times, fills) in ways.into_iter().enumerate() {
            let Some((form, origin)) = self.open(signature) else { return };
            let mut values = self.walk.valid(&form);
            for (field, value) in form.fields.iter().zip(&mut values).filter(|(field, _)| fills(field)) {
                if value.as_ref().is_none_or(Vec::is_empty) {
                    *value = Some(typical(field, self.probes + times).into_bytes());
                }
            }
            let button = form.buttons.get(place);
            let probe = Probe { signature, form: &form, origin: &origin, button };
            let (answer, _) = probe.send(&self.walk, &values);
            if answer.status >= 500 {
                self.complaints.push(format!("{signature}, valid: {}: {}", answer.status, answer.text()));
            }
            self.follow(&probe, &values, &answer);
            if answer.status < 400 {
                return;
            }
        }
    }

    /// Notes what the answer leads to.
    fn follow(&mut self, probe: &Probe, values: &[Option<Vec<u8>>], answer: &Page) {
        let mut origin = probe.origin.clone();
        if answer.status < 400 {
            self.taken.insert(probe.signature.into());
        }
        if !probe.form.posts {
            let page = probe.form.address(values, probe.button);
            return self.walk.harvest(answer, &Origin { page, sent: Vec::new() });
        }
        let offered = probe.form.filled();
        let typed = (0..values.len()).filter(|at| values[*at] != offered[*at]);
        let typed = typed.map(|at| (at, values[at].clone())).collect();
        if origin.sent.len() > 1 {
            return;
        }
        origin.sent.push(Sent { signature: probe.signature.into(), typed, button: probe.button.cloned() });
        self.walk.harvest(answer, &origin);
    }

    /// Something hostile in all these fields at once.
    pub fn together(&mut self, signature: &str, round: usize, which: fn(&Field) -> bool) {
        let Some((form, origin)) = self.open(signature) else { return };
        let mut values = self.walk.valid(&form);
        let mut typed: Vec<(usize, Typed)> = Vec::new();
        for (place, field) in form.open_to_all().filter(|(_, field)| which(field)) {
            let next = self.strings.next(Ring::of(field.kind));
            values[place] = Some(next.0.clone());
            typed.push((place, next));
        }
        if typed.is_empty() {
            return;
        }
        let buttons: Vec<_> = form.buttons.iter().filter(|button| button.validates).collect();
        let button = (!buttons.is_empty()).then(|| buttons[round % buttons.len()]);
        let probe = Probe { signature, form: &form, origin: &origin, button };
        self.send(&probe, &values, &typed);
    }

    /// Something hostile in one field, the rest as a valid user would.
    fn alone(&mut self, signature: &str, name: &str, round: usize) {
        let Some((form, origin)) = self.open(signature) else { return };
        let Some(place) = form.fields.iter().position(|field| field.name == name) else { return };
        let mut values = self.walk.valid(&form);
        let typed = match round {
            0 if form.fields[place].shows_back() => self.strings.no_text(),
            _ => self.strings.next(Ring::of(form.fields[place].kind)),
        };
        values[place] = Some(typed.0.clone());
        let button = (!form.buttons.is_empty()).then(|| &form.buttons[round % form.buttons.len()]);
        let probe = Probe { signature, form: &form, origin: &origin, button };
        self.send(&probe, &values, &[(place, typed)]);
    }

    fn send(&mut self, probe: &Probe, values: &[Option<Vec<u8>>], typed: &[(usize, Typed)]) {
        self.probes += 1;
        let (answer, hung) = probe.send(&self.walk, values);
        let mut wrong: Vec<String> = hung.into_iter().collect();
        if answer.header("location").starts_with("/sign-in") {
            wrong.push("it ended the session".into());
        }
        for (place, typed) in typed {
            let field = &probe.form.fields[*place];
            if let Err(why) = probe.judge(&mut self.walk, field, typed, &answer) {
                wrong.push(format!("{} = {}: {why}", field.name, typed.shown()));
            }
        }
        for why in wrong {
            let button = probe.button.map_or(String::new(), |button| format!(" [{}]", button.value));
            self.complaints.push(format!("{} on {}{button}: {why}", probe.signature, probe.origin.page));
        }
        // A search for nonsense is no place to come from.
        if probe.form.posts {
            self.follow(probe, values, &answer);
        }
        if (400..500).contains(&answer.status) {
            self.open = Some((probe.signature.into(), probe.form.clone(), probe.origin.clone()));
        }
    }

    /// Every question that links ask of a page, answered with nonsense.
    pub fn addresses(&mut self) {
        for (route, (address, names)) in self.walk.asked.clone() {
            for name in names.iter().map(String::as_str).chain(["page", "rows", "sort"]) {
                let typed = [self.strings.next(Ring::Address), self.strings.no_text()];
                for typed in typed {
                    self.probes += 1;
                    let value = percent_encode(&typed.0, NON_ALPHANUMERIC);
                    let page = self.walk.visitor.get(&format!("{address}?{name}={value}"));
                    let refused = (400..500).contains(&page.status);
                    if page.status >= 500 || (refused && !says_why(&page)) {
                        let told: String = page.text().chars().take(200).collect();
                        self.complaints.push(format!(
                            "{route} ?{name}={}: {} {told}",
                            typed.shown(),
                            page.status
                        ));
                    }
                }
            }
        }
    }

    /// Types what no field of a kind has seen yet into the form with most of them.
    pub fn rest(&mut self) {
        for (ring, which) in [
            (Ring::Text, (|field| field.kind == Kind::Line) as fn(&Field) -> bool),
            (Ring::Figure, |field| field.kind == Kind::Figure),
            (Ring::Forged, |field| Ring::of(field.kind) == Ring::Forged),
        ] {
            let many = |form: &Form| form.fields.iter().filter(|field| which(field)).count();
            let posts = self
                .walk
                .forms
                .iter()
                .filter(|(_, found)| found.form.posts && found.origins[0].sent.is_empty());
            let Some(signature) = posts.max_by_key(|(_, found)| many(&found.form)).map(|(of, _)| of.clone())
            else {
                continue;
            };
            for round in 0..200 {
                if self.strings.unseen(ring) == 0 {
                    break;
                }
                self.together(&signature, round, which);
            }
        }
    }
}
