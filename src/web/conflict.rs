//! Two people edit one record: the one who saves later is told, sees what the other saved beside what
//! was typed, and decides. Nothing is saved meanwhile, and nothing that was typed is lost: the form
//! comes back as it was sent (422), with the record's present version, so that saving it again is a
//! decision made knowingly. `templates/shared/forms.html` shows it: `forms::conflict`.

use crate::domain::typed::Trimmed;

/// One field that now holds something else than was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field's name on the form.
    pub label: &'static str,
    /// What it holds now, saved by somebody else.
    pub saved: String,
    /// What was typed here.
    pub typed: String,
}

/// What somebody else saved since the form was opened; none as long as nobody has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conflict(Option<Vec<Difference>>);

impl Conflict {
    /// Nobody has saved meanwhile.
    pub fn none() -> Conflict {
        Conflict::default()
    }

    /// Somebody has: each field as label, what is saved now, and what was typed, in the words of the
    /// form. Fields that agree are left out.
    pub fn between<const N: usize>(fields: [(&'static str, &str, &str); N]) -> Conflict {
        Conflict::of(fields.map(|(label, saved, typed)| (label, saved.to_string(), typed.to_string())))
    }

    /// The same for a list that is made elsewhere.
    pub fn of(fields: impl IntoIterator<Item = (&'static str, String, String)>) -> Conflict {
        let fields = fields.into_iter().map(|(label, saved, typed)| Difference { label, saved, typed });
        // A browser sends the lines of a text area with CR LF.
        let same = |field: &Difference| {
            field.saved.trimmed().replace("\r\n", "\n") == field.typed.trimmed().replace("\r\n", "\n")
        };
        Conflict(Some(fields.filter(|field| !same(field)).collect()))
    }

    /// Whether somebody has saved meanwhile.
    pub fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// The fields that differ.
    pub fn differences(&self) -> &[Difference] {
        self.0.as_deref().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        let conflict =
            Conflict::between([("Name", "Ann", "Ann "), ("Note", "a\nb", "a\r\nb"), ("City", "Bend", "")]);
        let city = Difference { label: "City", saved: "Bend".into(), typed: String::new() };
        assert_eq!(conflict.differences(), [city]);
        assert!(conflict.is_there());
        assert!(!Conflict::none().is_there());
    }

    #[test]
    fn the_same_saved_twice_is_a_conflict_without_differences() {
        let conflict = Conflict::between([("Name", "Ann", "Ann")]);
        assert!(conflict.is_there() && conflict.differences().is_empty());
    }
}
