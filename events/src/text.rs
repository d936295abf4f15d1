//! Text as it is sorted and searched: lower case, umlauts folded, so that "Müller" is found by "muller" and "mueller" stays near.

/// Lower case with German and common European letters folded to ASCII; everything else is kept.
#[must_use]
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'ä' | 'à' | 'á' | 'â' | 'ã' | 'å' | 'ă' | 'ą' => out.push('a'),
            'æ' => out.push_str("ae"),
            'ç' | 'ć' | 'č' => out.push('c'),
            'ď' | 'đ' | 'ð' => out.push('d'),
            'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' => out.push('e'),
            'ğ' => out.push('g'),
            'ì' | 'í' | 'î' | 'ï' | 'ı' => out.push('i'),
            'ł' => out.push('l'),
            'ñ' | 'ń' | 'ň' => out.push('n'),
            'ö' | 'ò' | 'ó' | 'ô' | 'õ' | 'ø' | 'ő' => out.push('o'),
            'ř' => out.push('r'),
            'ß' => out.push_str("ss"),
            'ś' | 'ş' | 'š' | 'ș' => out.push('s'),
            'ť' | 'ţ' | 'ț' => out.push('t'),
            'ü' | 'ù' | 'ú' | 'û' | 'ů' | 'ű' => out.push('u'),
            'ý' | 'ÿ' => out.push('y'),
            'ź' | 'ż' | 'ž' => out.push('z'),
            // A combining mark left over from a decomposed letter.
            '\u{300}'..='\u{36f}' => {}
            other => out.push(other),
        }
    }
    out
}

/// Folded, with every run of digits padded to eight places, so that "5a" sorts before "10a".
#[must_use]
pub fn natural(text: &str) -> String {
    let mut out = String::new();
    let mut digits = String::new();
    for letter in folded(text).chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        pad(&mut out, &mut digits);
        out.push(letter);
    }
    pad(&mut out, &mut digits);
    out
}

fn pad(out: &mut String, digits: &mut String) {
    if !digits.is_empty() {
        out.push_str(&format!("{digits:0>8}"));
        digits.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_however_their_umlauts_are_typed() {
        assert_eq!(folded("Müller-Łukasz Ğ"), "muller-lukasz g");
        assert_eq!(folded("Mu\u{308}ller"), "muller");
    }

    #[test]
    fn the_fifth_year_sorts_before_the_tenth() {
        assert!(natural("5a") < natural("10a"));
    }
}
