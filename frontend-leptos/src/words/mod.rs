//! Every word that people read, German beside English. A word that lacks one of the two languages does not compile, and a
//! word that no page says is reported by the compiler as dead.

mod accounts;
mod audit;
mod backup;
mod common;
mod files;
mod inspection;
mod messenger;
mod privacy;
mod settings;
mod shell;
mod witness;

use leptos::prelude::*;

/// Declares a part of the catalogue: for each key the German text, then the English one.
macro_rules! catalogue {
    ($(#[$doc:meta])* $name:ident { $($key:ident: $de:literal | $en:literal,)* }) => {
        $(#[$doc])*
        pub(crate) struct $name { $(pub(crate) $key: &'static str,)* }

        impl $name {
            pub(super) const DE: Self = Self { $($key: $de,)* };
            pub(super) const EN: Self = Self { $($key: $en,)* };
        }
    };
}
use catalogue;

/// A language of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// German, the first.
    German,
    /// English.
    English,
}

impl Language {
    /// The BCP 47 tag, as in `lang`, in the cookie `language` and for the browser's own formatting.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::German => "de",
            Self::English => "en",
        }
    }

    /// The language of a tag; everything that is not English is answered in German.
    pub(crate) fn of_tag(tag: &str) -> Self {
        if tag.starts_with("en") {
            Self::English
        } else {
            Self::German
        }
    }
}

/// The whole catalogue in one language.
pub(crate) struct Words {
    pub(crate) language: Language,
    pub(crate) common: common::Common,
    pub(crate) shell: shell::Shell,
    pub(crate) accounts: accounts::Accounts,
    pub(crate) import: accounts::Import,
    pub(crate) keeping: accounts::Keeping,
    pub(crate) files: files::Files,
    pub(crate) messenger: messenger::Messenger,
    pub(crate) privacy: privacy::Privacy,
    pub(crate) audit: audit::Audit,
    pub(crate) compare: audit::Compare,
    pub(crate) inspection: inspection::Inspection,
    pub(crate) backup: backup::Backup,
    pub(crate) kinds: audit::Kinds,
    pub(crate) columns: audit::Columns,
    pub(crate) settings: settings::Settings,
    pub(crate) witness: witness::Witness,
}

static GERMAN: Words = Words {
    language: Language::German,
    common: common::Common::DE,
    shell: shell::Shell::DE,
    accounts: accounts::Accounts::DE,
    import: accounts::Import::DE,
    keeping: accounts::Keeping::DE,
    files: files::Files::DE,
    messenger: messenger::Messenger::DE,
    privacy: privacy::Privacy::DE,
    audit: audit::Audit::DE,
    compare: audit::Compare::DE,
    inspection: inspection::Inspection::DE,
    backup: backup::Backup::DE,
    kinds: audit::Kinds::DE,
    columns: audit::Columns::DE,
    settings: settings::Settings::DE,
    witness: witness::Witness::DE,
};

static ENGLISH: Words = Words {
    language: Language::English,
    common: common::Common::EN,
    shell: shell::Shell::EN,
    accounts: accounts::Accounts::EN,
    import: accounts::Import::EN,
    keeping: accounts::Keeping::EN,
    files: files::Files::EN,
    messenger: messenger::Messenger::EN,
    privacy: privacy::Privacy::EN,
    audit: audit::Audit::EN,
    compare: audit::Compare::EN,
    inspection: inspection::Inspection::EN,
    backup: backup::Backup::EN,
    kinds: audit::Kinds::EN,
    columns: audit::Columns::EN,
    settings: settings::Settings::EN,
    witness: witness::Witness::EN,
};

/// The language in use; the whole page is drawn anew when it changes, so that components hold plain words.
#[derive(Clone, Copy)]
pub(crate) struct Speech(pub(crate) RwSignal<Language>);

/// The catalogue in the reader's language, for a component that is being drawn.
pub(crate) fn words() -> &'static Words {
    let language =
        use_context::<Speech>().map_or(Language::German, |speech| speech.0.get_untracked());
    match language {
        Language::German => &GERMAN,
        Language::English => &ENGLISH,
    }
}

/// Puts values into the places that a text names in braces: `{name}`.
pub(crate) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = text.to_owned();
    for (place, value) in values {
        filled = filled.replace(&format!("{{{place}}}"), value);
    }
    filled
}

/// The text for one, or the text for several with the number in the place of `{n}`.
pub(crate) fn counted(number: usize, one: &str, several: &str) -> String {
    if number == 1 {
        one.to_owned()
    } else {
        fill(several, &[("n", &number.to_string())])
    }
}
