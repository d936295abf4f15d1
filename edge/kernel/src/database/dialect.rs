//! Arguments are `?` or `?1` in statements as we write them; PostgreSQL counts them: `$1`.

/// A statement as PostgreSQL takes it. What stands in quotes is left alone.
pub(super) fn counted(sql: &str) -> String {
    let mut counted = String::with_capacity(sql.len() + 8);
    let mut next = 1;
    let mut quote = None;
    let mut rest = sql.chars().peekable();
    while let Some(char) = rest.next() {
        match (char, quote) {
            ('?', None) => {
                counted.push('$');
                if !rest.peek().is_some_and(char::is_ascii_digit) {
                    counted.push_str(&next.to_string());
                    next += 1;
                }
                continue;
            }
            ('\'' | '"', None) => quote = Some(char),
            // A doubled quote ends one and begins the next.
            (_, Some(open)) if open == char => quote = None,
            _ => {}
        }
        counted.push(char);
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn arguments_are_counted_and_quotes_are_left_alone() {
        for (ours, theirs) in [
            ("SELECT 1", "SELECT 1"),
            ("a = ? AND b IN (?, ?)", "a = $1 AND b IN ($2, $3)"),
            ("a = ?2 OR b = ?1 OR c = ?2", "a = $2 OR b = $1 OR c = $2"),
            ("a = '?' AND b = ?", "a = '?' AND b = $1"),
            (
                "a = 'it''s ?' AND \"b?\" = ?",
                "a = 'it''s ?' AND \"b?\" = $1",
            ),
            ("ä = ?", "ä = $1"),
        ] {
            assert_eq!(counted(ours), theirs);
        }
    }
}
