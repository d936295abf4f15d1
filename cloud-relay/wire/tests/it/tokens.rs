//! One-time tokens.

use proptest::prelude::*;
use relay_wire::Token;

#[test]
fn a_token_has_seven_groups_of_four_and_hides_itself_from_debug() {
    let token = Token::new([0xa5; 16]);
    let text = token.to_string();
    assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), [4; 7]);
    assert!(!format!("{token:?}").contains(&text[..4]));
}

#[test]
fn what_is_stored_does_not_contain_the_token() {
    let bytes = [0x5a; 16];
    let hashes = Token::new(bytes).hashes();
    assert_ne!(hashes.lookup.0, bytes);
    assert_ne!(hashes.lookup.0[..], hashes.proof.0[..16]);
}

proptest! {
    #[test]
    fn a_token_survives_being_read_out(bytes: [u8; 16]) {
        let token = Token::new(bytes);
        let spoken = token.to_string().to_uppercase().replace('-', " ").replace('0', "O").replace('1', "l");
        prop_assert_eq!(Token::parse(&spoken), Ok(token));
    }

    #[test]
    fn one_mistyped_symbol_is_noticed_nearly_always(bytes: [u8; 16], at in 0_usize..28) {
        let text = Token::new(bytes).to_string().replace('-', "");
        let wrong: String = text.char_indices()
            .map(|(index, letter)| match (index == at, letter) { (true, 'a') => 'b', (true, _) => 'a', _ => letter })
            .collect();
        // Twelve check bits: one slip in 4096 passes, and then the relay does not know the token.
        if let Ok(other) = Token::parse(&wrong) {
            prop_assert_ne!(other, Token::new(bytes));
        }
    }

    #[test]
    fn any_text_is_read_or_refused_without_panic(text in "\\PC{0,60}") {
        let _ = Token::parse(&text);
    }
}

#[test]
fn a_token_with_a_wrong_check_or_length_is_refused() {
    let text = Token::new([1; 16]).to_string();
    assert!(Token::parse(&text[..text.len() - 1]).is_err());
    assert!(Token::parse(&format!("{text}a")).is_err());
    let last = if text.ends_with('0') { "1" } else { "0" };
    assert!(Token::parse(&format!("{}{last}", &text[..text.len() - 1])).is_err());
    assert!(Token::parse(&"z".repeat(500)).is_err());
}
