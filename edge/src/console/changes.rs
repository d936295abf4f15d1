//! A change set as a person at the console reads it: by kind, who, in which line, and what becomes otherwise.

use edge_accounts::roster::ChangeSet;
use edge_accounts::roster::change_set::{
    ChildRelation, Doubt, Doubtful, FieldChange, FieldName, GroupChange, GuardianChange, Leaving,
    LeavingReason,
};
use std::fmt::Write;

/// People shown of each kind, unless all are asked for: as many as fit on a screen with what stands around them.
const SHOWN: usize = 20;

/// Everything that changes, kind by kind.
pub(super) fn in_words(set: &ChangeSet, all: bool) -> String {
    let mut text = String::new();
    let mut kind = |title: &str, lines: &mut dyn ExactSizeIterator<Item = String>| {
        let count = lines.len();
        if count == 0 {
            return;
        }
        let shown = if all { count } else { SHOWN };
        let _ = writeln!(text, "{title} ({count}):");
        for line in lines.take(shown) {
            let _ = writeln!(text, "  {line}");
        }
        if let Some(more) = count.checked_sub(shown).filter(|more| *more > 0) {
            let _ = writeln!(
                text,
                "  … and {more} more; --all shows everybody, --json everything for machines"
            );
        }
    };
    kind(
        "New",
        &mut set.new.iter().map(|new| {
            let who = person(&new.given, &new.family, new.class.as_deref());
            format!("line {}: {who}", new.line)
        }),
    );
    kind(
        "Changed",
        &mut set.changed.iter().map(|changed| {
            let fields: Vec<String> = changed.fields.iter().map(field).collect();
            let who = person(&changed.given, &changed.family, None);
            format!("line {}: {who}: {}", changed.line, fields.join(", "))
        }),
    );
    kind(
        "Moved to another class",
        &mut set.moved.iter().map(|moved| {
            let from = moved.from.as_ref().map_or("no class", |from| &from.name);
            let who = person(&moved.given, &moved.family, None);
            format!("line {}: {who}: {from} → {}", moved.line, moved.to.name)
        }),
    );
    kind(
        "Renamed",
        &mut set.renamed.iter().map(|renamed| {
            let name = |(given, family): &(String, String)| format!("{given} {family}");
            let (from, to) = (name(&renamed.from), name(&renamed.to));
            format!("line {}: {from} → {to}", renamed.line)
        }),
    );
    kind("Leaving", &mut set.leaving.iter().map(leaving));
    kind(
        "Doubtful, not applied",
        &mut set.doubtful.iter().map(doubtful),
    );
    kind("Guardians", &mut set.guardians.iter().map(guardian));
    kind("Groups", &mut set.groups.iter().map(group));
    text
}

fn person(given: &str, family: &str, class: Option<&str>) -> String {
    let class = class.map(|class| format!(", {class}")).unwrap_or_default();
    format!("{given} {family}{class}")
}

fn field(change: &FieldChange) -> String {
    let name = match change.field {
        FieldName::SourceId => "number",
        FieldName::BirthDate => "birth date",
        FieldName::Abbreviation => "abbreviation",
        FieldName::Role => "role",
        FieldName::Left => "left on",
    };
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
    format!("{name} {} → {}", value(&change.from), value(&change.to))
}

fn leaving(leaving: &Leaving) -> String {
    let who = person(&leaving.given, &leaving.family, leaving.class.as_deref());
    match (leaving.line, leaving.reason) {
        (Some(line), LeavingReason::LeavingDate) => {
            format!("line {line}: {who}: has left on {}", leaving.on)
        }
        _ => format!("{who}: stands in no line any more"),
    }
}

fn doubtful(doubtful: &Doubtful) -> String {
    let reason = match doubtful.reason {
        Doubt::NumberReused => "the number belongs to somebody else",
        Doubt::OtherNumber => "somebody of this name and birth date has another number",
        Doubt::OnlyTheNameAgrees => "only the name agrees",
        Doubt::SeveralFit => "several people fit",
        Doubt::NamedAlready => "an earlier line names the same person",
        Doubt::LettersLost => "the name lost letters (?) in another program",
    };
    let who = person(&doubtful.given, &doubtful.family, doubtful.class.as_deref());
    let candidates: Vec<String> = doubtful
        .candidates
        .iter()
        .map(|candidate| {
            person(
                &candidate.given,
                &candidate.family,
                candidate.class.as_deref(),
            )
        })
        .collect();
    let may_be = if candidates.is_empty() {
        String::new()
    } else {
        format!("; perhaps {}", candidates.join(" or "))
    };
    format!("line {}: {who}: {reason}{may_be}", doubtful.line)
}

fn guardian(guardian: &GuardianChange) -> String {
    let children: Vec<String> = guardian
        .children
        .iter()
        .map(|child| {
            let change = match child.change {
                ChildRelation::Begins => "guardian",
                ChildRelation::Custody => "custody changes",
                ChildRelation::Ends => "guardian no longer",
            };
            format!("{change} of the child in line {}", child.line)
        })
        .collect();
    let who = person(&guardian.given, &guardian.family, None);
    format!("{who}: {}", children.join(", "))
}

fn group(group: &GroupChange) -> String {
    let year = format!("{}/{:02}", group.year, (group.year % 100 + 1) % 100);
    let change = match group.group {
        None => "begins",
        Some(_) => "nobody is left in it",
    };
    format!("{} ({year}): {change}", group.name)
}
