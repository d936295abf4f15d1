//! A school moves to another machine: whole, under load, through kills at every step, cut lines and full disks; and whoever has
//! trusted the old machine's key is led to the new one's.

mod back;
mod drills;
mod line;
mod load;
mod scene;
mod trusted;
mod whole;
