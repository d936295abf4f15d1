//! What people at a school write to one another. The lists are plain conversations: somebody begins, others answer.
//! `{fach}`, `{tag}`, `{seite}`, `{raum}` and `{nummer}` are filled in.

mod clubs;
mod colleagues;
mod courses;
mod direct;

pub(super) use clubs::CLUBS;
pub(super) use colleagues::COLLEAGUES;
pub(super) use courses::{CLASSES, COURSES};
pub(super) use direct::DIRECT;

use super::Chance;

/// One conversation: how it begins, and what may be answered, in order.
pub(super) type Conversation = (&'static str, &'static [&'static str]);

/// What the placeholders of a conversation stand for.
pub(super) struct Details {
    pub(super) subject: &'static str,
    pub(super) weekday: &'static str,
    page: usize,
    room: usize,
    number: usize,
}

impl Details {
    pub(super) fn new(chance: &mut Chance, subject: &'static str, weekday: &'static str) -> Self {
        let room = (chance.below(3) + 1) * 100 + chance.below(24) + 1;
        Self {
            subject,
            weekday,
            page: 12 + chance.below(160),
            room,
            number: 1 + chance.below(9),
        }
    }

    pub(super) fn fill_in(&self, text: &str) -> String {
        let text = text
            .replace("{fach}", self.subject)
            .replace("{tag}", self.weekday);
        text.replace("{seite}", &self.page.to_string())
            .replace("{raum}", &self.room.to_string())
            .replace("{nummer}", &self.number.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::{CLASSES, CLUBS, COLLEAGUES, COURSES, Chance, Conversation, DIRECT, Details};

    #[test]
    fn every_placeholder_is_known() {
        let details = Details::new(&mut Chance::new(1), "Deutsch", "Montag");
        let lists: [&[Conversation]; 5] = [CLASSES, COURSES, CLUBS, COLLEAGUES, DIRECT];
        for (beginning, answers) in lists.concat() {
            for text in std::iter::once(&beginning).chain(answers) {
                assert!(
                    !details.fill_in(text).contains(['{', '}']),
                    "unknown placeholder in: {text}"
                );
            }
        }
    }
}
