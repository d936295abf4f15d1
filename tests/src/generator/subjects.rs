//! What is taught, in the words of a German timetable.

/// A subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// Its name.
    pub name: &'static str,
    /// How the timetable abbreviates it.
    pub short: &'static str,
}

const fn subject(name: &'static str, short: &'static str) -> Subject {
    Subject { name, short }
}

/// Every subject of the school; the first ones are taught most.
pub(super) const ALL: [Subject; 20] = [
    subject("Deutsch", "De"),
    subject("Mathematik", "Ma"),
    subject("Englisch", "En"),
    subject("Biologie", "Bi"),
    subject("Sport", "Sp"),
    subject("Geschichte", "Ge"),
    subject("Erdkunde", "Ek"),
    subject("Chemie", "Ch"),
    subject("Physik", "Ph"),
    subject("Kunst", "Ku"),
    subject("Musik", "Mu"),
    subject("Französisch", "Fr"),
    subject("Spanisch", "Sn"),
    subject("Latein", "La"),
    subject("Politik-Wirtschaft", "Po"),
    subject("Religion", "Re"),
    subject("Werte und Normen", "WN"),
    subject("Informatik", "If"),
    subject("Technik", "Te"),
    subject("Darstellendes Spiel", "DS"),
];

/// Second languages, taught in courses that mix classes.
pub(super) const LANGUAGES: [Subject; 3] = [ALL[11], ALL[12], ALL[13]];
/// Subjects of the advanced courses in the last two years.
pub(super) const ADVANCED: [Subject; 10] = [
    ALL[0], ALL[1], ALL[2], ALL[3], ALL[5], ALL[6], ALL[7], ALL[8], ALL[9], ALL[14],
];
