//! Who may look, and what of a replayed view is content rather than metadata.

use events::accounts::Role;

/// Whether a role may look at the log's metadata.
pub(crate) fn may_look(role: Role) -> bool {
    match role {
        Role::Auditor | Role::DataProtection => true,
        Role::Pupil | Role::Teacher | Role::Staff | Role::Head | Role::Administrator => false,
    }
}

/// Whether a role sees how far the log is witnessed: those who can mend it, and those who rely on it.
pub(crate) fn may_see_witnesses(role: Role) -> bool {
    match role {
        Role::Auditor | Role::Administrator | Role::Head | Role::DataProtection => true,
        Role::Pupil | Role::Teacher | Role::Staff => false,
    }
}

/// Whether a role has a special right by which it may ask to read other people's content.
pub(crate) fn may_ask(role: Role) -> bool {
    match role {
        Role::Auditor | Role::Administrator | Role::Head | Role::DataProtection => true,
        Role::Pupil | Role::Teacher | Role::Staff => false,
    }
}

/// Whether a role may agree that somebody else reads it: those who answer for the school, and who watches over the protection of data.
pub(crate) fn may_consent(role: Role) -> bool {
    match role {
        Role::Administrator | Role::Head | Role::DataProtection => true,
        Role::Pupil | Role::Teacher | Role::Staff | Role::Auditor => false,
    }
}

/// The role in which somebody asks, which those are told whose content it is: watching over data is what it is mostly for.
pub(crate) fn asking(roles: &[Role]) -> Option<Role> {
    let first = [Role::DataProtection, Role::Auditor];
    let ways = first.into_iter().chain([Role::Head, Role::Administrator]);
    ways.into_iter()
        .find(|role| roles.contains(role) && may_ask(*role))
}

/// The fields of a view's rows that are somebody's content or what the office keeps. On the pages they are withheld: reading
/// them needs a purpose and a second person, which a list of metadata does not.
pub(crate) fn content_of(view: &str) -> &'static [&'static str] {
    match view {
        "messages" => &["text"],
        "files" => &["name"],
        "records" => &[
            "login",
            "source_id",
            "birth_date",
            "abbreviation",
            "guardians",
        ],
        // Said to a second person, and to nobody else.
        "inspections" => &["reason"],
        // Said to whoever added the file.
        "looks" => &["name"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auditors_and_data_protection_look_and_nobody_else_but_witnesses_concern_the_administration_too()
     {
        let all = [
            Role::Pupil,
            Role::Teacher,
            Role::Staff,
            Role::Head,
            Role::Administrator,
            Role::Auditor,
            Role::DataProtection,
        ];
        let may = |allows: fn(Role) -> bool| -> Vec<Role> {
            all.into_iter().filter(|role| allows(*role)).collect()
        };
        assert_eq!(may(may_look), [Role::Auditor, Role::DataProtection]);
        assert_eq!(
            may(may_consent),
            [Role::Head, Role::Administrator, Role::DataProtection]
        );
        assert_eq!(
            may(may_ask),
            [
                Role::Head,
                Role::Administrator,
                Role::Auditor,
                Role::DataProtection
            ]
        );
        assert_eq!(asking(&[Role::Head, Role::Auditor]), Some(Role::Auditor));
        assert_eq!(asking(&[Role::Teacher, Role::Staff]), None);
        assert_eq!(
            may(may_see_witnesses),
            [
                Role::Head,
                Role::Administrator,
                Role::Auditor,
                Role::DataProtection
            ]
        );
    }

    #[test]
    fn every_view_is_either_metadata_or_names_its_content() {
        let content: Vec<&str> = events::views::NAMES
            .into_iter()
            .filter(|view| !content_of(view).is_empty())
            .collect();
        assert_eq!(
            content,
            ["records", "files", "messages", "inspections", "looks"],
            "decide for a new view whether an auditor's page may show it whole"
        );
        for view in events::audit::CONTENT_VIEWS {
            assert!(!content_of(view).is_empty(), "{view} can be asked for");
        }
    }
}
