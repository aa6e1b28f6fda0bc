//! The launcher as a program of its own, for this crate's tests. The product re-executes itself instead.

fn main() {
    sandbox::launcher_main()
}
