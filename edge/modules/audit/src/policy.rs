//! Who may look, and what of a replayed view is content rather than metadata.

use events::accounts::Role;

/// Whether a role may look at the log's metadata.
pub(crate) fn may_look(role: Role) -> bool {
    match role {
        Role::Auditor => true,
        Role::Pupil | Role::Teacher | Role::Staff | Role::Head | Role::Administrator => false,
    }
}

/// Whether a role sees how far the log is witnessed: those who can mend it, and those who rely on it.
pub(crate) fn may_see_witnesses(role: Role) -> bool {
    match role {
        Role::Auditor | Role::Administrator | Role::Head => true,
        Role::Pupil | Role::Teacher | Role::Staff => false,
    }
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
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auditors_look_and_nobody_else_but_witnesses_concern_the_administration_too() {
        let all = [
            Role::Pupil,
            Role::Teacher,
            Role::Staff,
            Role::Head,
            Role::Administrator,
            Role::Auditor,
        ];
        let may = |allows: fn(Role) -> bool| -> Vec<Role> {
            all.into_iter().filter(|role| allows(*role)).collect()
        };
        assert_eq!(may(may_look), [Role::Auditor]);
        assert_eq!(
            may(may_see_witnesses),
            [Role::Head, Role::Administrator, Role::Auditor]
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
            ["records", "files", "messages"],
            "decide for a new view whether an auditor's page may show it whole"
        );
    }
}
