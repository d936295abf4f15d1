//! The reader's own account: where they are signed in, their password, their language; and the witnesses of the log, for those whom
//! they concern.

mod password;
mod sessions;

use crate::areas::privacy::PackageSection;
use crate::areas::witnesses::WitnessSection;
use crate::parts::Page;
use crate::session::me;
use crate::words::words;
use leptos::prelude::*;
use password::PasswordForm;
use sessions::SessionList;

/// The page of settings.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    let words = words();
    let me = me();
    let lead = format!("{} · {}: {}", me.name, words.settings.login, me.login);
    view! {
        <Page title=words.settings.settings lead=Signal::derive(move || lead.clone())>
            <SessionList />
            <PasswordForm />
            <PackageSection />
            <WitnessSection />
        </Page>
    }
}
