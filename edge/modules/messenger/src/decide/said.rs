//! Who said which message, for a room with years of them. Copying it is cheap, because every command decides upon a copy:
//! full pages are shared.

use events::ids::{MessageId, PersonId};
use std::sync::Arc;

/// Messages on a page.
const PAGE: usize = 512;

/// What is remembered of a message: not its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) id: MessageId,
    pub(super) author: PersonId,
    pub(super) is_removed: bool,
}

/// The messages of a room in order; the first has number 1.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    pages: Vec<Arc<Vec<Message>>>,
}

impl Said {
    pub(super) fn last(&self) -> u64 {
        let full = self.pages.len().saturating_sub(1) * PAGE;
        (full + self.pages.last().map_or(0, |page| page.len())) as u64
    }

    pub(super) fn push(&mut self, message: Message) {
        match self.pages.last_mut().filter(|page| page.len() < PAGE) {
            Some(page) => Arc::make_mut(page).push(message),
            None => self.pages.push(Arc::new(vec![message])),
        }
    }

    pub(super) fn get(&self, number: u64) -> Option<&Message> {
        let (page, place) = place(number)?;
        self.pages.get(page)?.get(place)
    }

    pub(super) fn remove(&mut self, number: u64) {
        let Some((page, place)) = place(number) else {
            return;
        };
        let found = self
            .pages
            .get_mut(page)
            .and_then(|page| Arc::make_mut(page).get_mut(place));
        if let Some(message) = found {
            message.is_removed = true;
        }
    }

    /// The number of a message. Looked for from the newest on: what is sent twice is sent twice within minutes. A new
    /// message is compared with all of them, which takes some hundred microseconds at 100,000.
    pub(super) fn number_of(&self, id: MessageId) -> Option<u64> {
        for (index, page) in self.pages.iter().enumerate().rev() {
            if let Some(place) = page.iter().rposition(|message| message.id == id) {
                return Some((index * PAGE + place) as u64 + 1);
            }
        }
        None
    }
}

fn place(number: u64) -> Option<(usize, usize)> {
    let index = usize::try_from(number.checked_sub(1)?).ok()?;
    Some((index / PAGE, index % PAGE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn message(n: u128) -> Message {
        Message {
            id: MessageId(Uuid::from_u128(n)),
            author: PersonId(Uuid::from_u128(n % 3)),
            is_removed: false,
        }
    }

    #[test]
    fn numbers_and_ids_find_one_another_over_many_pages() {
        let mut said = Said::default();
        assert_eq!((said.last(), said.get(0), said.get(1)), (0, None, None));
        let most = 3 * PAGE as u128 + 5;
        for n in 1..=most {
            said.push(message(n));
            assert_eq!(u128::from(said.last()), n);
        }
        for n in [1, 2, PAGE as u128, PAGE as u128 + 1, most] {
            assert_eq!(said.get(n as u64), Some(&message(n)));
            assert_eq!(said.number_of(message(n).id), Some(n as u64));
        }
        assert_eq!(said.number_of(message(most + 1).id), None);
    }

    #[test]
    fn a_copy_keeps_what_the_original_loses() {
        let mut said = Said::default();
        (1..=PAGE as u128 + 1).for_each(|n| said.push(message(n)));
        let before = said.clone();
        said.remove(1);
        assert!(said.get(1).is_some_and(|message| message.is_removed));
        assert!(before.get(1).is_some_and(|message| !message.is_removed));
    }
}
