//! Groups that no list knows: class teachers are named, courses, clubs and colleagues' groups are founded.

use super::roll::Roll;
use crate::generator::{Group, GroupKind, School};
use anyhow::{Context as _, Result};
use edge::House;
use edge_kernel::{Actor, Order};
use events::accounts::{self, Date, GroupCommand, MemberRole};
use events::ids::{GroupId, PersonId};
use futures::{StreamExt as _, TryStreamExt as _, stream};

/// Groups founded side by side: their appends share commits.
const AT_ONCE: usize = 32;

/// Founds what is missing; returns all groups in the order of the generator's list.
pub(super) async fn found(
    house: &House,
    school: &School,
    people: &[PersonId],
    roll: &Roll,
) -> Result<Vec<GroupId>> {
    let year = u16::try_from(school.year).context("the school year is a year")?;
    // A history that is invented in August may begin before the school year does.
    let begun = house.kernel.clock.today().to_string();
    let first = format!("{year:04}-08-01").min(begun);
    let from: Date = first
        .parse()
        .map_err(|_| anyhow::anyhow!("the first of August is a day"))?;
    let founded = school.groups.iter().map(|group| async {
        let known = if group.kind == GroupKind::Class {
            roll.class(&group.name)
        } else {
            None
        };
        let id = match known {
            Some(id) => id,
            None => add(house, group, year).await?,
        };
        // The import has put pupils into their classes.
        let members = if known.is_some() {
            &[][..]
        } else {
            &group.members
        };
        for (list, role) in [
            (members, MemberRole::Member),
            (&group.leaders, MemberRole::Leader),
        ] {
            for number in list {
                let command = GroupCommand::AddMember {
                    person: people[*number],
                    role,
                    from: from.clone(),
                };
                let joined = house.accounts.group_command(order(), id, command).await;
                joined.with_context(|| format!("filling the group {}", group.name))?;
            }
        }
        anyhow::Ok(id)
    });
    stream::iter(founded).buffered(AT_ONCE).try_collect().await
}

async fn add(house: &House, group: &Group, year: u16) -> Result<GroupId> {
    let kind = match group.kind {
        GroupKind::Class => accounts::GroupKind::Class,
        GroupKind::Course => accounts::GroupKind::Course,
        GroupKind::Club => accounts::GroupKind::Club,
        GroupKind::Staff => accounts::GroupKind::Staff,
    };
    let added = house
        .accounts
        .add_group(order(), group.name.clone(), kind, year)
        .await;
    Ok(added
        .with_context(|| format!("founding the group {}", group.name))?
        .0)
}

fn order() -> Order {
    Order::by(Actor::Machine)
}
