//! The few pages that are plain HTML: `[[Deutsch|English]]` chooses by language, `{{name}}` is filled in, escaped.

use edge_kernel::http::Language;
use std::fmt::Write;

/// A value for a placeholder.
pub(super) enum Fill<'a> {
    /// Text, to be escaped.
    Text(&'a str),
    /// Markup of our own making.
    Markup(String),
}

/// Fills a template. A placeholder without a value becomes nothing; values are not looked through again.
pub(super) fn render(template: &str, language: Language, fills: &[(&str, Fill<'_>)]) -> String {
    let mut page = String::with_capacity(template.len() + 512);
    let mut rest = template;
    while let Some(at) = rest.find(['[', '{']) {
        let (before, from) = rest.split_at(at);
        page.push_str(before);
        rest = match (inside(from, "[[", "]]"), inside(from, "{{", "}}")) {
            (Some((choice, after)), _) => {
                let (german, english) = choice.split_once('|').unwrap_or((choice, choice));
                page.push_str(language.choose(german, english));
                after
            }
            (None, Some((name, after))) => {
                match fills
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, fill)| fill)
                {
                    Some(Fill::Text(text)) => page.push_str(&escape(text)),
                    Some(Fill::Markup(markup)) => page.push_str(markup),
                    None => {}
                }
                after
            }
            (None, None) => {
                page.extend(from.chars().next());
                from.get(1..).unwrap_or_default()
            }
        };
    }
    page.push_str(rest);
    page
}

fn inside<'a>(text: &'a str, open: &str, close: &str) -> Option<(&'a str, &'a str)> {
    text.strip_prefix(open)?.split_once(close)
}

/// Text as HTML shows it, in attributes too.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A message above a form, for eyes and screen readers; nothing when there is none.
pub(super) fn message(text: Option<&str>) -> String {
    let mut markup = String::new();
    if let Some(text) = text {
        // Writing to a string cannot fail.
        let _ = write!(
            markup,
            "<p class=\"banner bad\" role=\"alert\">{}</p>",
            escape(text)
        );
    }
    markup
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_chosen_and_values_are_escaped_once() {
        let template =
            "<p lang=\"{{language}}\">[[Anmelden|Sign in]] {{login}}{{nothing}} [x] {y}</p>";
        let fills = [
            ("language", Fill::Text("de")),
            ("login", Fill::Text("\"<a>{{language}}[[1|2]]")),
        ];
        assert_eq!(
            render(template, Language::German, &fills),
            "<p lang=\"de\">Anmelden &quot;&lt;a&gt;{{language}}[[1|2]] [x] {y}</p>"
        );
        assert!(render(template, Language::English, &[]).contains("Sign in"));
    }
}
