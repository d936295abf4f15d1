//! The auditor's list of entries: it comes from the log itself, page by page, either way, and every search reaches its end.

use e2e::plan::Plan;
use e2e::school::School;
use serde_json::Value;

/// The positions of all pages of a query, and how many pages there were.
async fn positions(school: &School, query: &str, search: &str) -> (Vec<u64>, usize) {
    let auditor = school.api("anna");
    let (mut positions, mut after, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let path = format!("/api/audit/entries?{query}{after}");
        let page = auditor.search(&path, search).await.ok();
        let rows = page["rows"].as_array().expect("a page has rows");
        positions.extend(
            rows.iter()
                .filter_map(|row| row["row"]["position"].as_u64()),
        );
        pages += 1;
        match &page["next"] {
            Value::String(next) => after = format!("&after={next}"),
            _ => return (positions, pages),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_entries_is_the_log_either_way_and_nothing_is_left_out_between_pages() {
    let school = School::open(&Plan::two_classes()).await;
    let mut last = 0;
    for number in 0..60 {
        let text = format!("Nachricht {number}");
        last = school.say("tilda", school.room("5a"), &text).await;
    }
    // Looking is an entry itself: what is compared ends before anybody looked.
    let told = |found: (Vec<u64>, usize)| -> (Vec<u64>, usize) {
        let positions = found.0.into_iter().filter(|at| *at <= last);
        (positions.collect(), found.1)
    };
    let whole: Vec<u64> = (1..=last).collect();
    let (up, pages) = told(positions(&school, "order=asc&limit=7", "").await);
    assert_eq!(up, whole);
    assert!(pages as u64 > last / 7, "{pages} pages");
    let (mut down, _) = told(positions(&school, "limit=500", "").await);
    down.reverse();
    assert_eq!(down, whole);
    let (said, _) = told(positions(&school, "order=asc&limit=11", "messagesent").await);
    assert_eq!(said.len(), 60, "a search finds every message once");
    let (none, _) = positions(&school, "limit=11", "nirgends").await;
    assert_eq!(none, Vec::<u64>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_is_none_is_refused_in_words() {
    let school = School::open(&Plan::two_classes()).await;
    let answer = school
        .api("anna")
        .search("/api/audit/entries?after=gestern", "")
        .await;
    assert_eq!(answer.status, 404, "{}", answer.text());
}
