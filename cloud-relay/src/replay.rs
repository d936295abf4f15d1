//! The anti-replay window of one link (the scheme of RFC 6479): work connections arrive out of order, but never twice.

/// How far behind the newest number a work connection may still arrive.
const WIDTH: u64 = 1024;

/// Numbers seen on one link.
#[derive(Debug)]
pub(crate) struct Window {
    /// One past the highest number seen.
    next: u64,
    seen: [u64; (WIDTH / 64) as usize],
}

impl Default for Window {
    fn default() -> Self {
        Self {
            next: 0,
            seen: [0; (WIDTH / 64) as usize],
        }
    }
}

impl Window {
    /// Notes a number; false when it was seen before or is too old to know. Call only once the number's proof is right.
    pub(crate) fn admit(&mut self, number: u64) -> bool {
        if number == u64::MAX || number.saturating_add(WIDTH) < self.next {
            return false;
        }
        if number >= self.next {
            self.clear(self.next, number);
            self.next = number + 1;
        }
        let bit = 1 << (number % 64);
        let Some(word) = self.seen.get_mut((number / 64 % (WIDTH / 64)) as usize) else {
            return false;
        };
        let fresh = *word & bit == 0;
        *word |= bit;
        fresh
    }

    /// Forgets the places that the numbers `from..=to` will use.
    fn clear(&mut self, from: u64, to: u64) {
        if to - from >= WIDTH {
            self.seen.fill(0);
            return;
        }
        for number in from..=to {
            if let Some(word) = self.seen.get_mut((number / 64 % (WIDTH / 64)) as usize) {
                *word &= !(1 << (number % 64));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{WIDTH, Window};

    #[test]
    fn each_number_passes_once_in_any_order() {
        let mut window = Window::default();
        for number in [0, 5, 3, 1, 4, 2, 900, 64, 65, 63] {
            assert!(window.admit(number), "{number} is new");
            assert!(!window.admit(number), "{number} was used");
        }
    }

    #[test]
    fn what_is_too_old_to_know_is_refused() {
        let mut window = Window::default();
        assert!(window.admit(10 * WIDTH));
        assert!(!window.admit(9 * WIDTH));
        assert!(window.admit(9 * WIDTH + 1));
        assert!(!window.admit(u64::MAX));
    }

    #[test]
    fn a_leap_forgets_no_number_that_is_still_in_the_window() {
        let mut window = Window::default();
        assert!(window.admit(100));
        assert!(window.admit(100 + WIDTH - 1));
        assert!(!window.admit(100));
        assert!(window.admit(101));
        assert!(window.admit(100_000));
        assert!(window.admit(99_999));
        assert!(!window.admit(99_999));
    }
}
