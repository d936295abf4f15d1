//! The migrations are embedded at compile time; a new file among them must rebuild the kernel.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations/sqlite");
    println!("cargo:rerun-if-changed=../../migrations/postgres");
}
