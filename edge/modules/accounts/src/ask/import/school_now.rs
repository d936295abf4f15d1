//! The school as it is, from the views: people, their records, the running classes and who is in them.

use crate::Accounts;
use crate::error::AccountsError;
use crate::roster::change_set::{ClassNow, GuardianNow, PersonNow, SchoolNow};
use crate::roster::people::RosterRole;
use edge_kernel::views::ViewError;
use events::Scope;
use events::accounts::view::{
    GroupRow, Groups, GuardianOf, Members, People, PersonRow, RecordRow, Records,
};
use events::accounts::{GroupKind, Role};
use events::ids::{GroupId, PersonId};
use std::collections::{BTreeMap, HashMap};

/// How often two seconds are waited for the views to come up to the log, after an import of a whole school for instance.
const PATIENCE: u32 = 30;

impl Accounts {
    /// Everybody and every class, as of the log's head on arrival.
    pub(super) async fn school_now(&self) -> Result<SchoolNow, AccountsError> {
        self.views_catch_up().await?;
        let views = &self.kernel.views;
        let groups = views.all::<Groups>(vec![Scope::School]).await?;
        let classes: Vec<ClassNow> = groups.into_iter().filter_map(class).collect();
        let rolls = classes
            .iter()
            .map(|class| Scope::Roll(class.group))
            .collect();
        let years: BTreeMap<GroupId, u16> = classes
            .iter()
            .map(|class| (class.group, class.year))
            .collect();
        let mut class_of: HashMap<PersonId, GroupId> = HashMap::new();
        let members = views.all::<Members>(rolls).await?;
        for member in members.into_iter().filter(|row| row.until.is_none()) {
            // Of two classes the newer one counts, else the one of the lesser id: the same answer each time.
            let rank = |group: &GroupId| (years.get(group).copied(), std::cmp::Reverse(*group));
            let class = class_of.entry(member.person).or_insert(member.group);
            if rank(&member.group) > rank(class) {
                *class = member.group;
            }
        }
        let records = views.all::<Records>(vec![Scope::Administration]).await?;
        let mut records: HashMap<PersonId, RecordRow> = records
            .into_iter()
            .map(|record| (record.person, record))
            .collect();
        let people = views.all::<People>(vec![Scope::School]).await?;
        let known = |row: PersonRow| {
            let record = records.remove(&row.person);
            person(row, record, &class_of)
        };
        Ok(SchoolNow {
            people: people.into_iter().filter_map(known).collect(),
            classes,
        })
    }

    pub(in crate::ask) async fn views_catch_up(&self) -> Result<(), AccountsError> {
        let head = self.kernel.ledger.size();
        let mut tries = 0;
        loop {
            match self.kernel.views.wait(head).await {
                Err(ViewError::NotYet) if tries < PATIENCE => tries += 1,
                outcome => return Ok(outcome?),
            }
        }
    }
}

fn class(row: GroupRow) -> Option<ClassNow> {
    let is_class = row.open && row.kind == GroupKind::Class;
    is_class.then_some(ClassNow {
        group: row.group,
        name: row.name,
        year: row.year,
    })
}

/// A person whose name is forgotten is nobody whom a list could mean.
fn person(
    row: PersonRow,
    record: Option<RecordRow>,
    class_of: &HashMap<PersonId, GroupId>,
) -> Option<PersonNow> {
    let name = row.name.get()?.clone();
    let record = record?;
    let role = roster_role(&row.roles);
    let pupil = role == RosterRole::Pupil;
    Some(PersonNow {
        person: row.person,
        role,
        source_id: record.source_id.get().cloned().flatten(),
        given: name.given,
        family: name.family,
        birth_date: record.birth_date.get().cloned().flatten(),
        class: class_of.get(&row.person).copied().filter(|_| pupil),
        abbreviation: record.abbreviation.get().cloned().flatten(),
        left: record.left,
        guardians: record.guardians.into_iter().filter_map(guardian).collect(),
    })
}

fn guardian(row: GuardianOf) -> Option<GuardianNow> {
    let name = row.name.get()?.clone();
    Some(GuardianNow {
        guardian: row.guardian,
        given: name.given,
        family: name.family,
        custody: row.custody,
    })
}

/// Of several roles the one that a list would give; whoever leads a school is a teacher in its lists.
fn roster_role(roles: &[Role]) -> RosterRole {
    let has = |role| roles.contains(&role);
    if has(Role::Pupil) {
        RosterRole::Pupil
    } else if has(Role::Teacher) || (has(Role::Head) && !has(Role::Staff)) {
        RosterRole::Teacher
    } else {
        RosterRole::Staff
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_roles_the_one_of_a_list_counts() {
        assert_eq!(
            roster_role(&[Role::Teacher, Role::Administrator]),
            RosterRole::Teacher
        );
        assert_eq!(roster_role(&[Role::Head]), RosterRole::Teacher);
        assert_eq!(roster_role(&[Role::Staff, Role::Head]), RosterRole::Staff);
        assert_eq!(roster_role(&[Role::Administrator]), RosterRole::Staff);
        assert_eq!(roster_role(&[Role::Pupil]), RosterRole::Pupil);
    }
}
