//! The certificate on paper: a page in German, the same in English, and how it is checked. It says nothing that the signed
//! text does not say, and carries that text inside.

use super::words::{ENGLISH, GERMAN, Words};
use super::{Certificate, SignedCertificate};
use crate::error::PrivacyError;
use edge_pdf::{About, Attachment, Block, Column, Document};
use events::Millis;
use events::privacy::{Approver, Span};
use events_proof::tree::to_hex;
use jiff::{Timestamp, tz::Offset};
use ring::digest::{SHA256, digest};

/// Digits of a hash that stand together.
const GROUP: usize = 8;
/// Groups on a line.
const GROUPS: usize = 4;

impl SignedCertificate {
    /// The certificate as a PDF/A-3 document: the same bytes for the same certificate.
    pub fn to_pdf(&self) -> Result<Vec<u8>, PrivacyError> {
        Ok(self.document().to_bytes()?)
    }

    fn document(&self) -> Document {
        let mut document = Document::new(About {
            title: format!("{} {}", GERMAN.title, self.certificate.batch),
            language: "de",
            written: self.certificate.executed,
            pages: "Seite {page} von {pages}",
        });
        self.write(&GERMAN, &mut document);
        document.add(Block::NewPage);
        self.write(&ENGLISH, &mut document);
        let json = serde_json::to_vec_pretty(self).unwrap_or_default();
        document.attach(Attachment {
            name: "bescheinigung.json".to_owned(),
            media_type: "application/json",
            description: "Die Bescheinigung für Programme".to_owned(),
            bytes: json,
        });
        document.attach(Attachment {
            name: "bescheinigung.note".to_owned(),
            media_type: "text/plain",
            description: "Die Bescheinigung mit der Unterschrift des Protokolls".to_owned(),
            bytes: self.note.clone().into_bytes(),
        });
        document
    }

    fn write(&self, words: &Words, document: &mut Document) {
        let certificate = &self.certificate;
        let blocks = [
            Block::Title(words.title.to_owned()),
            Block::Lead(words.lead.to_owned()),
            Block::Heading(words.what.to_owned()),
            Block::Facts(about(certificate, words)),
            Block::Heading(words.destroyed.to_owned()),
            destroyed(certificate, words),
            Block::Heading(words.approved.to_owned()),
            Block::Facts(approvals(certificate, words)),
            Block::Heading(words.backups.to_owned()),
            Block::Paragraph(words.backups(certificate.epoch)),
            Block::Heading(words.log.to_owned()),
            Block::Facts(log(certificate, words)),
            Block::Note(words.log_note.to_owned()),
            Block::Heading(words.check.to_owned()),
            Block::Facts(vec![
                (words.key.to_owned(), self.key.clone()),
                (words.fingerprint.to_owned(), fingerprint(&self.key)),
            ]),
            Block::Note(words.fingerprint_note.to_owned()),
            Block::Paragraph(words.check_server.to_owned()),
            Block::Typed(vec![
                format!(
                    "schulhof privacy certificate {} --data DATENVERZEICHNIS",
                    certificate.batch
                ),
                "schulhof audit verify --data DATENVERZEICHNIS".to_owned(),
            ]),
            Block::Paragraph(words.check_hand.to_owned()),
            Block::Typed(by_hand(&self.key)),
        ];
        blocks.into_iter().for_each(|block| document.add(block));
    }
}

fn about(certificate: &Certificate, words: &Words) -> Vec<(String, String)> {
    let (concerned, one, many) = words.concerned;
    let people = match certificate.people {
        _ if certificate.events.is_some() => only_events(certificate, words),
        1 => one.to_owned(),
        count => many.replace("{count}", &count.to_string()),
    };
    let depth = match certificate.events {
        Some(_) => words.event_depth,
        None => words.depth(certificate.depth),
    };
    let (occasion, request) = words.rule;
    let rule = match certificate.rule.as_str() {
        "request" => request.to_owned(),
        rule => rule.to_owned(),
    };
    let facts = [
        (words.executed, moment(certificate.executed)),
        (concerned, people),
        (words.depth, depth.to_owned()),
        (occasion, rule),
        (words.basis, certificate.basis.clone()),
    ];
    named(facts)
}

/// Which single events, in words.
fn only_events(certificate: &Certificate, words: &Words) -> String {
    let Some(aged) = &certificate.events else {
        return String::new();
    };
    let known = words.kinds.iter().find(|(kind, _)| *kind == aged.kind);
    let kind = known.map_or(aged.kind.as_str(), |(_, text)| text);
    let day = |at: Millis| moment(at).chars().take(10).collect::<String>();
    words
        .only_events
        .replace("{kind}", kind)
        .replace("{from}", &day(aged.from))
        .replace("{to}", &day(aged.before.saturating_sub(1)))
}

fn destroyed(certificate: &Certificate, words: &Words) -> Block {
    let counts = certificate.destroyed;
    let headers = certificate.headers.iter().map(positions).sum();
    let kinds = [
        (words.keys, counts.keys),
        (words.events, counts.events),
        (words.headers, headers),
        (words.blobs, counts.blobs),
        (words.claims, counts.claims),
        (words.rows, counts.rows),
    ];
    let kinds = match certificate.events {
        Some(_) => vec![(words.cut, counts.events)],
        None => kinds.to_vec(),
    };
    let rows = kinds
        .into_iter()
        .map(|(kind, count)| vec![kind.to_owned(), grouped(count)]);
    let column = |title: &str, share, is_number| Column {
        title: title.to_owned(),
        share,
        is_number,
    };
    Block::Table {
        columns: vec![
            column(words.kind, 0.84, false),
            column(words.count, 0.16, true),
        ],
        rows: rows.collect(),
    }
}

fn positions(span: &Span) -> u64 {
    (span.1 + 1).saturating_sub(span.0)
}

fn approvals(certificate: &Certificate, words: &Words) -> Vec<(String, String)> {
    let last = certificate.approvals.len().saturating_sub(1);
    let said = certificate.approvals.iter().enumerate();
    let facts = said.map(|(index, approval)| {
        let name = match index == last && index > 0 {
            true => words.agreed,
            false => words.proposed,
        };
        let by = match approval.by {
            Approver::Operator => words.operator.to_owned(),
            Approver::Person { role, pseudonym } => {
                format!("{}, {} {pseudonym}", words.role(role), words.pseudonym)
            }
        };
        (name.to_owned(), format!("{}\n{by}", moment(approval.at)))
    });
    facts.collect()
}

fn log(certificate: &Certificate, words: &Words) -> Vec<(String, String)> {
    let root = |root: &str, size: u64| {
        words
            .entries
            .replace("{root}", &spaced(root))
            .replace("{count}", &grouped(size))
    };
    let before = &certificate.before;
    named([
        (words.position, grouped(certificate.position)),
        (words.root_before, root(&before.root, before.size)),
        (words.root_now, root(&certificate.root, certificate.size)),
        (words.hash, spaced(&certificate.hash)),
    ])
}

fn named<const N: usize>(facts: [(&str, String); N]) -> Vec<(String, String)> {
    let facts = facts.into_iter();
    facts
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// What is typed to check the signature with programs of others: the text of the note is what stands before its empty line;
/// the signature and the key are the last 64 and 32 bytes of what is written in Base64.
fn by_hand(key: &str) -> Vec<String> {
    // What is written in Base64 may hold a plus sign itself.
    let key = key.splitn(3, '+').last().unwrap_or(key);
    [
        "pdfdetach -saveall bescheinigung.pdf",
        "sed '/^$/,$d' bescheinigung.note > text",
        "tail -n 1 bescheinigung.note | cut -d ' ' -f 3 | base64 -d | tail -c 64 > signature",
        r"printf '\060\052\060\005\006\003\053\145\160\003\041\000' > key",
        &format!("printf %s '{key}' | base64 -d | tail -c 32 >> key"),
        "openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey key -in text -sigfile signature",
    ]
    .map(ToOwned::to_owned)
    .to_vec()
}

fn fingerprint(key: &str) -> String {
    spaced(&to_hex(digest(&SHA256, key.as_bytes()).as_ref()))
}

/// A hash in groups that an eye can compare, four to a line.
fn spaced(hash: &str) -> String {
    let digits: Vec<char> = hash.chars().collect();
    let groups = digits.chunks(GROUP).map(|group| group.iter().collect());
    let groups: Vec<String> = groups.collect();
    let lines = groups.chunks(GROUPS).map(|line| line.join(" "));
    lines.collect::<Vec<String>>().join("\n")
}

/// A number in groups of three, with a space that does not break.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

/// A moment as both languages read it: 2026-11-24 09:30 UTC.
fn moment(at: Millis) -> String {
    let moment = i64::try_from(at)
        .ok()
        .and_then(|at| Timestamp::from_millisecond(at).ok());
    moment.map_or_else(String::new, |moment| {
        let moment = Offset::UTC.to_datetime(moment);
        moment.strftime("%Y-%m-%d %H:%M UTC").to_string()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::accounts::Role;
    use events::ids::{BatchId, Pseudonym};
    use events::privacy::{Approval, Counts, Depth};
    use uuid::Uuid;

    fn signed() -> SignedCertificate {
        let root = |digit: &str| digit.repeat(64);
        let certificate = Certificate {
            format: Certificate::FORMAT,
            batch: BatchId(Uuid::from_u128(0x1234_5678_9abc_def0_1234_5678_9abc_def0)),
            rule: "de-ni/leavers".into(),
            basis: "DSGVO Art. 17 Abs. 1 Buchst. a; Löschkonzept der Schule".into(),
            depth: Depth::Ciphertext,
            people: 43,
            events: None,
            position: 1_204_377,
            executed: 1_792_831_000_000,
            approvals: vec![
                Approval {
                    by: Approver::Operator,
                    at: 1_792_744_600_000,
                },
                Approval {
                    by: Approver::Person {
                        role: Role::Head,
                        pseudonym: Pseudonym::MACHINE,
                    },
                    at: 1_792_831_000_000,
                },
            ],
            destroyed: Counts {
                keys: 517,
                events: 38_204,
                blobs: 1_208,
                claims: 61,
                rows: 402,
            },
            keys: vec!["ab".repeat(16); 517],
            ciphertexts: vec![Span(3, 9), Span(200, 4_000)],
            headers: Vec::new(),
            hash: root("c"),
            before: super::super::Head {
                size: 1_204_376,
                root: root("a"),
            },
            size: 1_204_402,
            root: root("b"),
            epoch: Some(3),
            backups: Certificate::backups(Some(3)),
        };
        SignedCertificate {
            note: certificate.text() + "\n— schule.example/log AAAA\n",
            certificate,
            key: "schule.example/log+1a2b3c4d+AXVY0nBcT9Zy3oQv6jHk2eLrPq8sWmNfGdUiXbYaTcVe".into(),
        }
    }

    #[test]
    fn the_paper_says_in_two_languages_what_the_signed_text_says_and_how_to_check_it() {
        let said = format!("{:?}", signed().document());
        for text in [
            "Löschbescheinigung",
            "Certificate of Erasure",
            "43 Personen",
            "43 people",
            "2026-10-24 08:36 UTC",
            "Schulleitung",
            "head of the school",
            r"1\u{a0}204\u{a0}377",
            "cccccccc cccccccc",
            "aaaaaaaa aaaaaaaa",
            "mit einer Epoche unter 3",
            "with an epoch below 3",
            "Hashwerte von Anmeldenamen, Passwörtern und Codes",
            "schulhof privacy certificate 12345678-9abc-def0-1234-56789abcdef0 --data DATENVERZEICHNIS",
            "schulhof audit verify --data DATENVERZEICHNIS",
            "openssl pkeyutl -verify",
            "schule.example/log+1a2b3c4d+",
        ] {
            assert!(said.contains(text), "{text} is missing");
        }
    }

    #[test]
    fn the_same_certificate_is_the_same_document_and_carries_the_note_inside() {
        let document = signed().to_pdf().expect("is written");
        assert_eq!(signed().to_pdf().expect("is written"), document);
        let holds = |text: &[u8]| document.windows(text.len()).any(|part| part == text);
        assert!(holds(b"bescheinigung.json") && holds(b"bescheinigung.note"));
        assert!(holds(b"<pdfaid:part>3</pdfaid:part>"));
        if let Some(pictures) = std::env::var_os("SCHULHOF_PICTURES") {
            let at = std::path::Path::new(&pictures).join("bescheinigung.pdf");
            std::fs::write(at, document).expect("the directory is there");
        }
    }
}
