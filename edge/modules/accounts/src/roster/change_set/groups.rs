//! Classes that begin, and classes that nobody is left in.

use std::collections::{BTreeMap, BTreeSet};

use events::ids::GroupId;

use super::entries::GroupChange;
use super::school::{ClassNow, SchoolNow};

/// Counts who goes where.
pub(super) struct Groups<'a> {
    year: u16,
    classes: &'a [ClassNow],
    by_name: BTreeMap<&'a str, GroupId>,
    left: BTreeMap<GroupId, usize>,
    members: BTreeMap<GroupId, usize>,
    joined: BTreeSet<GroupId>,
    new: BTreeSet<(usize, String)>,
}

impl<'a> Groups<'a> {
    pub(super) fn new(school: &'a SchoolNow, year: u16) -> Self {
        let mut members = BTreeMap::new();
        for group in school
            .people
            .iter()
            .filter(|person| person.left.is_none())
            .filter_map(|person| person.class)
        {
            *members.entry(group).or_default() += 1;
        }
        let of_the_year = school.classes.iter().filter(|class| class.year == year);
        Self {
            year,
            classes: &school.classes,
            by_name: of_the_year
                .map(|class| (class.name.as_str(), class.group))
                .collect(),
            left: BTreeMap::new(),
            members,
            joined: BTreeSet::new(),
            new: BTreeSet::new(),
        }
    }

    /// Somebody joins the class of this name; the group when it exists.
    pub(super) fn joins(&mut self, name: &str) -> Option<GroupId> {
        let group = self.by_name.get(name).copied();
        match group {
            Some(group) => drop(self.joined.insert(group)),
            None => drop(self.new.insert((
                name.chars().take_while(char::is_ascii_digit).count(),
                name.to_owned(),
            ))),
        }
        group
    }

    /// Somebody leaves the class.
    pub(super) fn leaves(&mut self, group: GroupId) {
        *self.left.entry(group).or_default() += 1;
    }

    /// New classes (5a before 10a before Q1), then the emptied ones.
    pub(super) fn finish(self) -> Vec<GroupChange> {
        let (with_digits, without): (Vec<_>, Vec<_>) =
            self.new.into_iter().partition(|(digits, _)| *digits > 0);
        let new = with_digits
            .into_iter()
            .chain(without)
            .map(|(_, name)| GroupChange {
                group: None,
                name,
                year: self.year,
            });
        let is_emptied = |class: &&ClassNow| {
            let left = self.left.get(&class.group).copied().unwrap_or_default();
            left > 0
                && !self.joined.contains(&class.group)
                && Some(&left) == self.members.get(&class.group)
        };
        let mut emptied: Vec<&ClassNow> = self.classes.iter().filter(is_emptied).collect();
        emptied.sort_by_key(|class| (class.year, &class.name, class.group));
        let emptied = emptied.into_iter().map(|class| GroupChange {
            group: Some(class.group),
            name: class.name.clone(),
            year: class.year,
        });
        new.chain(emptied).collect()
    }
}
