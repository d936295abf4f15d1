//! The reader's own account: where they are signed in, their password, who has looked at their data; and the backup and the witnesses
//! of the log, for those whom they concern.

mod password;
mod sessions;

use crate::areas::backup::backup_section;
use crate::areas::inspections::looks_section;
use crate::areas::privacy::PackageSection;
use crate::areas::witnesses::WitnessSection;
use crate::erased;
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
        <Page title=words.settings.settings lead=erased::derive(move || lead.clone())>
            <SessionList />
            <PasswordForm />
            {looks_section()}
            <PackageSection />
            {backup_section()}
            <WitnessSection />
        </Page>
    }
}
