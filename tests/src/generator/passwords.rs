//! Passwords of an invented school: two words and a number, easy to type in a demonstration. They are public with the seed,
//! so no real account may ever have one.

use super::Chance;

const WORDS: &str = "
    ahorn amsel ananas anker apfel birke birne biber blatt blume brief brille brunnen buche dachs
    delfin distel donner drachen eiche eimer elster engel erbse esche falter farbe feder fenster
    fichte flieder flocke forelle funke garten geige gabel gipfel glocke hafen hagel hamster hase
    himmel hummel igel insel kanne kastanie kiesel kirsche klee knospe komet kranich kreide krokus
    lampe laterne leiter linde luchs mantel meise melone mohn mond muschel nebel nelke otter palme
    pfeffer pinsel planet quelle rabe rakete regen reiher robbe rose sattel schaukel segel sonne
    spaten stern tanne teich trommel tulpe ufer wiese wolke zaun
";

/// The password of one person: never one with a part of their name in it, which the school's machine would refuse.
pub(super) fn password(chance: &mut Chance, given: &str, family: &str) -> String {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let name = format!("{given} {family}").to_lowercase();
    let parts: Vec<&str> = name
        .split([' ', '-'])
        .filter(|part| part.len() > 1)
        .collect();
    loop {
        let (first, second) = (*chance.pick(&words), *chance.pick(&words));
        if !parts
            .iter()
            .any(|part| first.contains(part) || second.contains(part))
        {
            return format!("{first}-{second}-{}", 100 + chance.below(900));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::password;
    use crate::generator::Chance;

    #[test]
    fn every_password_is_long_enough_to_be_accepted() {
        let mut chance = Chance::new(5);
        assert!((0..2000).all(|_| password(&mut chance, "Mia", "Wolf").len() >= 12));
    }

    #[test]
    fn nobody_has_their_own_name_in_their_password() {
        let mut chance = Chance::new(5);
        let passwords = (0..5000).map(|_| password(&mut chance, "Rosa", "Rabe-Stern"));
        assert!(
            passwords
                .into_iter()
                .all(|password| !password.contains("rabe") && !password.contains("stern"))
        );
    }
}
