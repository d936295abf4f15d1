//! What the school's log promises on a disk that fails and forgets. A binary of its own: the layer is the whole process's.

mod clock;
mod faults;
mod layer;
mod power;
mod script;
mod support;
