//! A roster that is being committed when the machine fails: it is there whole, or not at all.

use crate::support::{Directory, init};
use e2e::generator::{Chance, Plan, School, roster};
use e2e::process::{console, console_cut_off};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_cut_off_is_there_whole_or_not_at_all() {
    let plan = Plan {
        seed: 3,
        people: 600,
        today: jiff::civil::date(2026, 11, 23),
        weeks: 0,
    };
    let school = School::invent(&plan);
    let pupils = school.people.iter().filter(|person| person.class.is_some());
    let pupils = pupils.count();
    let directory = Directory::new();
    let file = directory.beside("schueler.csv");
    std::fs::write(&file, roster::danis(&school)).expect("the directory is ours");
    let file = file.to_str().expect("a path in UTF-8");
    init(&directory.data, directory.root()).await;
    let mut chance = Chance::new(11).for_purpose("imports");
    let mut tried = 0;
    loop {
        tried += 1;
        // Later and later, so that some day it is let through.
        let moment = Duration::from_millis(100 + tried * 60 + chance.below(120) as u64);
        let arguments = ["people", "import", file, "--apply", "--json"];
        let ended = console_cut_off(&directory.data, arguments, moment).await;
        let preview = console(&directory.data, ["people", "import", file, "--json"]);
        let preview = preview.await.ok().json();
        let new = preview["new"].as_array().map_or(0, Vec::len);
        let unchanged = preview["unchanged"].as_u64().unwrap_or_default();
        let is_there = new == 0 && unchanged == pupils as u64;
        let is_missing = new == pupils && unchanged == 0;
        assert!(
            is_there || is_missing,
            "after {moment:?} {new} of {pupils} pupils are missing"
        );
        console(&directory.data, ["audit", "verify"]).await.ok();
        if is_there {
            println!("committed at the {tried}. try; ended by itself: {ended}");
            return;
        }
        assert!(tried < 100, "the import never comes to its end");
    }
}
