//! Finds the string literals of Rust source. No parser: it knows comments, characters, escapes and raw strings, which is
//! enough for rules that look for SQL and for log lines.

/// A string literal and the line on which it begins.
#[derive(Debug, PartialEq)]
pub(super) struct Literal {
    pub(super) line: usize,
    pub(super) text: String,
}

/// Every string literal outside comments, in order.
pub(super) fn literals(source: &str) -> Vec<Literal> {
    let characters: Vec<char> = source.chars().collect();
    let mut scanner = Scanner {
        characters: &characters,
        at: 0,
        line: 1,
    };
    let mut found = Vec::new();
    while let Some(character) = scanner.peek(0) {
        match (character, scanner.peek(1)) {
            ('/', Some('/')) => scanner.skip_until("\n"),
            ('/', Some('*')) => scanner.skip_until("*/"),
            ('\'', _) => scanner.skip_character(),
            ('"', _) => found.push(scanner.plain()),
            ('r', Some('"' | '#')) if !scanner.is_inside_word() => found.extend(scanner.raw()),
            _ => scanner.step(),
        }
    }
    found
}

struct Scanner<'a> {
    characters: &'a [char],
    at: usize,
    line: usize,
}

impl Scanner<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.at + ahead).copied()
    }

    fn step(&mut self) {
        if self.peek(0) == Some('\n') {
            self.line += 1;
        }
        self.at += 1;
    }

    fn is_inside_word(&self) -> bool {
        let before = self
            .at
            .checked_sub(1)
            .and_then(|before| self.characters.get(before));
        before.is_some_and(|before| before.is_alphanumeric() || *before == '_')
    }

    fn starts_with(&self, end: &str) -> bool {
        end.chars()
            .enumerate()
            .all(|(ahead, character)| self.peek(ahead) == Some(character))
    }

    fn skip_until(&mut self, end: &str) {
        while self.peek(0).is_some() && !self.starts_with(end) {
            self.step();
        }
        end.chars().for_each(|_| self.step());
    }

    /// A character literal is skipped whole; a lifetime is only its apostrophe.
    fn skip_character(&mut self) {
        let length = match (self.peek(1), self.peek(2)) {
            (Some('\\'), _) => (3..12)
                .find(|ahead| self.peek(*ahead) == Some('\''))
                .map_or(1, |end| end + 1),
            (Some(_), Some('\'')) => 3,
            _ => 1,
        };
        (0..length).for_each(|_| self.step());
    }

    fn plain(&mut self) -> Literal {
        let line = self.line;
        let mut text = String::new();
        self.step();
        while let Some(character) = self.peek(0).filter(|character| *character != '"') {
            if character == '\\' {
                self.step();
                // A broken line goes on behind the next line's indent.
                text.push(if self.peek(0) == Some('\n') {
                    ' '
                } else {
                    self.peek(0).unwrap_or(' ')
                });
            } else {
                text.push(character);
            }
            self.step();
        }
        self.step();
        Literal { line, text }
    }

    fn raw(&mut self) -> Option<Literal> {
        let line = self.line;
        let hashes = (1..)
            .take_while(|ahead| self.peek(*ahead) == Some('#'))
            .count();
        if self.peek(1 + hashes) != Some('"') {
            self.step();
            return None;
        }
        (0..hashes + 2).for_each(|_| self.step());
        let end = format!("\"{}", "#".repeat(hashes));
        let mut text = String::new();
        while let Some(character) = self.peek(0).filter(|_| !self.starts_with(&end)) {
            text.push(character);
            self.step();
        }
        (0..end.len()).for_each(|_| self.step());
        Some(Literal { line, text })
    }
}

#[cfg(test)]
mod tests {
    use super::{Literal, literals};

    fn found(source: &str) -> Vec<String> {
        literals(source)
            .into_iter()
            .map(|literal| literal.text)
            .collect()
    }

    #[test]
    fn strings_are_found_and_comments_are_not() {
        assert_eq!(
            found(
                "// \"no\"\nlet a = \"yes\"; /* \"no\" */ let c = '\"'; fn f<'a>() { g(r#\"raw \"too\"\"#) }"
            ),
            ["yes", "raw \"too\""]
        );
    }

    #[test]
    fn a_string_over_several_lines_knows_where_it_begins() {
        assert_eq!(
            literals("\n\n\"a\nb\""),
            [Literal {
                line: 3,
                text: "a\nb".into()
            }]
        );
    }
}
