//! JSON for people to read: the database writes it in the order in which it is told, and this puts each value on
//! its line. (A map of ours would sort the names by their letters.)

/// The same JSON with line ends and two blanks a level.
pub fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut level, mut in_text, mut escaped) = (0_usize, false, false);
    let mut letters = json.chars().peekable();
    let line = |out: &mut String, level: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", level));
    };
    while let Some(letter) = letters.next() {
        if in_text {
            out.push(letter);
            (in_text, escaped) = (escaped || letter != '"', !escaped && letter == '\\');
            continue;
        }
        match letter {
            '{' | '[' => {
                out.push(letter);
                while letters.next_if(|next| next.is_whitespace()).is_some() {}
                if let Some(end) = letters.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(end);
                } else {
                    level += 1;
                    line(&mut out, level);
                }
            }
            '}' | ']' => {
                level = level.saturating_sub(1);
                line(&mut out, level);
                out.push(letter);
            }
            ',' => {
                out.push(letter);
                line(&mut out, level);
            }
            ':' => out.push_str(": "),
            '"' => {
                in_text = true;
                out.push(letter);
            }
            blank if blank.is_whitespace() => {}
            other => out.push(other),
        }
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_value_stands_on_its_line_and_texts_stay_as_they_are() {
        let json = r#"{"b" : 1,"a":[ ] , "c":[{"x":"a, b: {\"}\\"},null]}"#;
        assert_eq!(
            indented(json),
            "{\n  \"b\": 1,\n  \"a\": [],\n  \"c\": [\n    {\n      \"x\": \"a, b: {\\\"}\\\\\"\n    },\n    null\n  ]\n}\n"
        );
    }

    proptest! {
        #[test]
        fn it_means_the_same(texts in proptest::collection::vec(".{0,12}", 0..4), number in any::<i64>()) {
            let value = serde_json::json!({ "texts": texts, "more": { "number": number, "none": null, "list": [[], {}] } });
            let read: serde_json::Value = serde_json::from_str(&indented(&value.to_string())).unwrap();
            prop_assert_eq!(read, value);
        }
    }
}
