//! The migrations are built into the program; cargo must know that a new one is a change.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
