//! Some weeks of school life: who said what where, and which files were stored, in order of time.

use super::calendar::{later, moment, school_days, weekday};
use super::documents::{Document, Kind};
use super::groups::{Group, GroupKind};
use super::people::{Office, Person};
use super::shelf::files_of;
use super::subjects::ALL;
use super::talk::{CLASSES, CLUBS, COLLEAGUES, COURSES, Conversation, DIRECT, Details};
use super::{Chance, Plan};
use jiff::civil::{Date, DateTime};

/// Something that somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// When, in local time.
    pub at: DateTime,
    /// Who, by their place in the school's list.
    pub by: usize,
    /// Where.
    pub place: Place,
    /// What.
    pub what: What,
}

/// Where something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a group's room or space, by the group's place in the school's list.
    Group(usize),
    /// Between the actor and another person.
    Between(usize),
    /// In the actor's own space.
    Own,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A message.
    Said(String),
    /// A file was stored in a folder; the folder is made if it is not there.
    Stored {
        /// The folder's name, at the top of the space.
        folder: &'static str,
        /// The file.
        document: Document,
    },
}

/// How likely, in percent, a group of a kind talks on a day.
fn talkativeness(kind: GroupKind) -> usize {
    match kind {
        GroupKind::Class => 55,
        GroupKind::Course => 30,
        GroupKind::Club => 20,
        GroupKind::Staff => 15,
    }
}

fn conversations(kind: GroupKind) -> &'static [Conversation] {
    match kind {
        GroupKind::Class => CLASSES,
        GroupKind::Course => COURSES,
        GroupKind::Club => CLUBS,
        GroupKind::Staff => COLLEAGUES,
    }
}

pub(super) fn invent(
    chance: &Chance,
    people: &[Person],
    groups: &[Group],
    plan: &Plan,
) -> Vec<Happening> {
    let mut chance = chance.for_purpose("weeks");
    let mut happenings = Vec::new();
    for day in school_days(plan.today, plan.weeks) {
        for (number, group) in groups.iter().enumerate() {
            if chance.percent(talkativeness(group.kind)) {
                talk(&mut chance, day, number, group, &mut happenings);
            }
            if chance.percent(talkativeness(group.kind) / 4) {
                happenings.push(store(&mut chance, day, number, group));
            }
        }
        for _ in 0..people.len().div_ceil(150) {
            talk_alone(&mut chance, day, people, groups, &mut happenings);
        }
    }
    happenings.extend(own_notes(&mut chance, people, plan));
    // Stable, so that answers within one minute stay behind what they answer.
    happenings.sort_by_key(|happening| happening.at);
    happenings
}

/// Somebody who leads the group begins, its members answer, and every second answer comes from the one who began.
fn talk(
    chance: &mut Chance,
    day: Date,
    number: usize,
    group: &Group,
    happenings: &mut Vec<Happening>,
) {
    let (beginning, answers) = *chance.pick(conversations(group.kind));
    let subject = group.subject.unwrap_or(*chance.pick(&ALL)).name;
    let ahead = weekday(day_ahead(chance, day));
    let details = Details::new(chance, subject, ahead);
    let leader = *chance.pick(&group.leaders);
    let mut at = moment(chance, day);
    let said = |at, by, text: &str| Happening {
        at,
        by,
        place: Place::Group(number),
        what: What::Said(details.fill_in(text)),
    };
    happenings.push(said(at, leader, beginning));
    for (turn, answer) in answers.iter().enumerate() {
        at = later(chance, at, 25);
        let asks_back = answers.len() > 1 && turn % 2 == 1 && group.kind != GroupKind::Club;
        let by = if asks_back {
            leader
        } else {
            *chance.pick(&group.members)
        };
        happenings.push(said(at, by, answer));
    }
}

fn day_ahead(chance: &mut Chance, day: Date) -> Date {
    let days = 1 + chance.below(5);
    let ahead = day.series(jiff::Span::new().days(1)).skip(days).take(7);
    ahead
        .into_iter()
        .find(|day| weekday(*day) != "Samstag" && weekday(*day) != "Sonntag")
        .unwrap_or(day)
}

/// A pupil and one of their teachers.
fn talk_alone(
    chance: &mut Chance,
    day: Date,
    people: &[Person],
    groups: &[Group],
    happenings: &mut Vec<Happening>,
) {
    let group = chance.pick(groups);
    let (Some(first), Some(second)) = (
        group.members.get(chance.below(group.members.len())),
        group.leaders.first(),
    ) else {
        return;
    };
    if first == second {
        return;
    }
    let colleagues = people[*first].office != Office::Pupil;
    let list = if colleagues {
        &DIRECT[DIRECT.len() - 2..]
    } else {
        &DIRECT[..DIRECT.len() - 2]
    };
    let (beginning, answers) = *chance.pick(list);
    let subject = people[*second]
        .subjects
        .first()
        .copied()
        .unwrap_or(ALL[0])
        .name;
    let ahead = weekday(day_ahead(chance, day));
    let details = Details::new(chance, subject, ahead);
    let mut at = moment(chance, day);
    for (turn, text) in std::iter::once(&beginning).chain(answers).enumerate() {
        let (by, to) = if turn % 2 == 0 {
            (*first, *second)
        } else {
            (*second, *first)
        };
        happenings.push(Happening {
            at,
            by,
            place: Place::Between(to),
            what: What::Said(details.fill_in(text)),
        });
        at = later(chance, at, 90);
    }
}

fn store(chance: &mut Chance, day: Date, number: usize, group: &Group) -> Happening {
    let subject = group.subject.unwrap_or(*chance.pick(&ALL)).name;
    let details = Details::new(chance, subject, weekday(day));
    let (folder, name, kind, lines) = *chance.pick(files_of(group.kind));
    let ending = match kind {
        Kind::Pdf => "pdf",
        Kind::Text => "txt",
        Kind::Table => "csv",
    };
    let name = format!(
        "{} {}.{ending}",
        details.fill_in(name),
        day.strftime("%d.%m.")
    );
    let lines = lines.iter().map(|line| details.fill_in(line)).collect();
    Happening {
        at: moment(chance, day),
        by: *chance.pick(&group.leaders),
        place: Place::Group(number),
        what: What::Stored {
            folder,
            document: Document { name, kind, lines },
        },
    }
}

/// Every tenth person keeps a note of their own.
fn own_notes(chance: &mut Chance, people: &[Person], plan: &Plan) -> Vec<Happening> {
    let days = school_days(plan.today, plan.weeks);
    let mut notes = Vec::new();
    for by in 0..people.len() {
        if days.is_empty() || !chance.percent(10) {
            continue;
        }
        let at = moment(chance, *chance.clone().pick(&days));
        let lines = [
            "Notizen",
            "",
            "- Heft besorgen",
            "- Referat vorbereiten",
            "- Termin im Kalender eintragen",
        ]
        .map(str::to_owned)
        .to_vec();
        let document = Document {
            name: "Notizen.txt".into(),
            kind: Kind::Text,
            lines,
        };
        notes.push(Happening {
            at,
            by,
            place: Place::Own,
            what: What::Stored {
                folder: "Privat",
                document,
            },
        });
    }
    notes
}
