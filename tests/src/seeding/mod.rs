//! Puts an invented school into a data directory, in process and through the modules' doors: the office's lists are imported,
//! groups founded, passwords set, and then the school lives for some weeks with the clock set by hand. What comes out is what
//! those weeks would have left behind.

pub mod days;
mod groups;
mod life;
mod roll;

use crate::generator::{GroupKind, Office, Plan, School};
use anyhow::{Context as _, Result};
use edge::House;
use edge_kernel::Clock;
use events::ids::{GroupId, PersonId};
use jiff::ToSpan as _;
use jiff::civil::{Date, time};
use roll::Roll;
use serde::Serialize;
use serde_json::json;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// How many weeks the school has lived.
const WEEKS: u32 = 6;
/// How many days before its first lesson the lists are imported.
const PREPARATION: i64 = 3;

/// Which school to make.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// The same number gives the same people with the same passwords.
    pub seed: u64,
    /// How many people have an account.
    pub people: u32,
    /// Whether everybody gets their password, or only the four whose logins are shown.
    pub everybody: bool,
    /// The day on which the school's history ends.
    pub today: Date,
}

/// People and groups as the school knows them, in the order of the generator's lists.
struct Known {
    people: Vec<PersonId>,
    groups: Vec<GroupId>,
}

/// A person's way in.
#[derive(Serialize)]
struct Login<'a> {
    login: &'a str,
    password: &'a str,
}

/// Makes the school in an empty directory. `told` hears what is being done, how far it has come, and of how much.
///
/// The last act is `seeded.json` beside the log: a directory without it holds an unfinished school.
///
/// # Errors
/// When the directory cannot be used or a module refuses something that an ordinary school would do.
pub async fn seed(data: &Path, wish: Wish, told: &(dyn Fn(&str, u64, u64) + Sync)) -> Result<()> {
    let Wish {
        seed,
        people,
        today,
        ..
    } = wish;
    let school = School::invent(&Plan {
        seed,
        people,
        today,
        weeks: WEEKS,
    });
    let began = today.checked_sub((i64::from(WEEKS) * 7 + PREPARATION).days())?;
    let clock = Clock::manual(life::millis(began.to_datetime(time(7, 30, 0, 0))));
    let house = House::open(data, clock, told).await?;
    told("lists", 0, 1);
    house
        .accounts
        .found_school(&school.name)
        .await
        .context("founding the school")?;
    roll::import(&house, &school).await?;
    let roll = Roll::read(&house).await?;
    let people = roll.people(&school)?;
    told("groups", 0, 1);
    let groups = groups::found(&house, &school, &people, &roll).await?;
    edge_flows::catch_up(&house.kernel, &house.files, &house.messenger)
        .await
        .context("opening rooms and spaces")?;
    let known = Known { people, groups };
    told("passwords", 0, 1);
    set_passwords(&house, &school, &known, wish.everybody).await?;
    life::live(&house, &school, &known, &shown(&school), seed, told).await?;
    house
        .kernel
        .views
        .wait(house.kernel.ledger.size())
        .await
        .context("folding the views")?;
    house.close().await;
    write_logins(data, &school, &known, &roll, wish)
}

/// A teacher and a pupil of one class, and who holds an office, by their place in the school's list.
fn shown(school: &School) -> [(&'static str, usize); 6] {
    let class = school
        .groups
        .iter()
        .find(|group| group.kind == GroupKind::Class);
    let first = |office| {
        school
            .people
            .iter()
            .position(|person| person.office == office)
            .unwrap_or_default()
    };
    let teacher = class
        .and_then(|class| class.leaders.first().copied())
        .unwrap_or_else(|| first(Office::Teacher));
    let pupil = class
        .and_then(|class| class.members.first().copied())
        .unwrap_or_else(|| first(Office::Pupil));
    [
        ("teacher", teacher),
        ("pupil", pupil),
        ("administrator", first(Office::Administrator)),
        ("auditor", first(Office::Auditor)),
        ("head", first(Office::Head)),
        // As `roll` gives the roles.
        ("data_protection", first(Office::Staff)),
    ]
}

async fn set_passwords(
    house: &House,
    school: &School,
    known: &Known,
    everybody: bool,
) -> Result<()> {
    let whose: Vec<usize> = if everybody {
        (0..known.people.len()).collect()
    } else {
        shown(school).map(|(_, number)| number).to_vec()
    };
    let passwords = whose
        .into_iter()
        .map(|number| (known.people[number], school.people[number].password.clone()));
    house
        .accounts
        .set_passwords(passwords.collect())
        .await
        .context("setting passwords")?;
    Ok(())
}

fn write_logins(
    data: &Path,
    school: &School,
    known: &Known,
    roll: &Roll,
    wish: Wish,
) -> Result<()> {
    let login = |number: usize| -> Result<Login<'_>> {
        let login = roll.login(known.people[number])?;
        Ok(Login {
            login,
            password: &school.people[number].password,
        })
    };
    if wish.everybody {
        let logins = (0..known.people.len())
            .map(login)
            .collect::<Result<Vec<_>>>()?;
        write_private(&data.join("logins.json"), &serde_json::to_string(&logins)?)?;
    }
    let mut shown_logins = serde_json::Map::new();
    for (who, number) in shown(school) {
        shown_logins.insert(who.to_owned(), serde_json::to_value(login(number)?)?);
    }
    let note = json!({ "seed": wish.seed, "people": wish.people, "logins": shown_logins });
    write_private(&data.join("seeded.json"), &note.to_string())
}

/// Passwords of an invented school, but passwords.
fn write_private(path: &Path, text: &str) -> Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("writing {}", path.display()))?;
    file.write_all(text.as_bytes())
        .with_context(|| format!("writing {}", path.display()))
}
