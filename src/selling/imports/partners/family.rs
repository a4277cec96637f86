//! Who recruited whom, in the file and in the database together: parents may stand later in the file
//! than their recruits, or be known already; nobody may be its own ancestor.

use super::{Content, Draft};
use crate::domain::ids::PartnerId;
use crate::selling::imports::Task;
use crate::selling::imports::queries::FamilyMember;
use crate::selling::imports::report::RowError;
use std::collections::{HashMap, HashSet};

/// How many codes of a loop are named.
const LOOP_SHOWN: usize = 10;

/// All partners, by their codes in lower case.
pub struct Family {
    /// Every code that leads to a known partner, also earlier ones.
    known: HashMap<String, PartnerId>,
    /// Of earlier codes the one in force.
    current: HashMap<String, String>,
    /// The rows of the file that are to be new partners.
    new: HashMap<String, u64>,
    /// Each partner's parent as the file says, or else as it is.
    parents: HashMap<String, String>,
}

impl Family {
    /// The partners that the file names and their ancestors, with what the file says of them.
    pub fn of(members: Vec<FamilyMember>, content: &Content) -> Family {
        let mut family = Family {
            known: HashMap::new(),
            current: HashMap::new(),
            new: HashMap::new(),
            parents: HashMap::new(),
        };
        for member in members {
            family.parents.extend(member.parent.map(|parent| (member.current.clone(), parent)));
            if member.code != member.current {
                family.current.insert(member.code.clone(), member.current);
            }
            family.known.insert(member.code, member.id);
        }
        for draft in &content.drafts {
            if !family.known.contains_key(&draft.code()) {
                family.new.insert(draft.code(), draft.row);
            }
            let own = family.in_force(&draft.code()).to_string();
            match &draft.parent {
                Some(parent) => {
                    let parent = family.in_force(parent).to_string();
                    family.parents.insert(own, parent);
                }
                None if content.says.parent => {
                    family.parents.remove(&own);
                }
                None => {}
            }
        }
        family
    }

    /// The known partner that a code leads to.
    pub fn known(&self, code: &str) -> Option<PartnerId> {
        self.known.get(code).copied()
    }

    fn in_force<'a>(&'a self, code: &'a str) -> &'a str {
        self.current.get(code).map_or(code, String::as_str)
    }

    /// A parent is known, or to be made from a row of the file.
    pub fn refuse_unknown_parents(&self, task: &mut Task, content: &Content) {
        for draft in &content.drafts {
            if let Some(parent) = &draft.parent
                && !self.known.contains_key(parent)
                && !self.new.contains_key(parent)
            {
                let problem = "is no partner's code, and no good row of this file has it";
                task.report.error(RowError::new(draft.row, &content.headings.parent, parent, problem));
            }
        }
    }

    /// Nobody is recruited by its own recruit, at any depth.
    pub fn refuse_loops(&self, task: &mut Task, content: &Content) {
        let in_loops = self.loops(content.drafts.iter().map(|draft| self.in_force_of(draft)));
        for draft in &content.drafts {
            if let (Some(chain), Some(parent)) =
                (in_loops.get(self.in_force_of(draft).as_str()), &draft.parent)
            {
                let problem = format!("would make a partner its own ancestor: {chain}");
                task.report.error(RowError::new(draft.row, &content.headings.parent, parent, problem));
            }
        }
    }

    fn in_force_of(&self, draft: &Draft) -> String {
        let code = draft.code();
        self.current.get(&code).cloned().unwrap_or(code)
    }

    /// The codes that stand in loops, each with its loop in words: `a → b → a`.
    fn loops(&self, starts: impl Iterator<Item = String>) -> HashMap<&str, String> {
        let mut done: HashSet<&str> = HashSet::new();
        let mut found = HashMap::new();
        for start in starts {
            let mut path: Vec<&str> = Vec::new();
            let mut places: HashMap<&str, usize> = HashMap::new();
            let mut at = self.parents.get_key_value(&start).map(|(own, _)| own.as_str());
            while let Some(code) = at.filter(|code| !done.contains(code)) {
                if let Some(place) = places.get(code) {
                    let members = &path[*place..];
                    found.extend(members.iter().map(|member| (*member, in_words(members))));
                    break;
                }
                places.insert(code, path.len());
                path.push(code);
                at = self.parents.get(code).map(String::as_str);
            }
            done.extend(path);
        }
        found
    }

    /// Where a new parent's row is bad, its recruits cannot be made either.
    pub fn refuse_children_of_bad_rows(&self, task: &mut Task, content: &Content) {
        let mut children: HashMap<&str, Vec<&Draft>> = HashMap::new();
        for draft in &content.drafts {
            if let Some(parent) = draft.parent.as_deref().filter(|parent| self.new.contains_key(*parent)) {
                children.entry(parent).or_default().push(draft);
            }
        }
        let is_new = |draft: &&Draft| self.new.contains_key(&draft.code());
        let mut bad: Vec<&Draft> =
            content.drafts.iter().filter(is_new).filter(|draft| task.report.is_bad(draft.row)).collect();
        while let Some(parent) = bad.pop() {
            for child in children.remove(parent.code().as_str()).unwrap_or_default() {
                if !task.report.is_bad(child.row) {
                    let problem = format!("stands in row {}, which is bad", parent.row);
                    let code = child.parent.as_deref().unwrap_or_default();
                    task.report.error(RowError::new(child.row, &content.headings.parent, code, problem));
                    bad.push(child);
                }
            }
        }
    }
}

fn in_words(members: &[&str]) -> String {
    let mut shown: Vec<&str> = members.iter().take(LOOP_SHOWN).copied().collect();
    if members.len() > LOOP_SHOWN {
        shown.push("…");
    }
    shown.extend(members.first());
    shown.join(" → ")
}
