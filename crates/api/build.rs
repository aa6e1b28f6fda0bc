//! The page is embedded when this crate is compiled, and again when the page was built anew.

fn main() -> std::io::Result<()> {
    // Without a page the server still builds and its API is whole; it says how to build the page.
    std::fs::create_dir_all("../../web/dist")?;
    println!("cargo::rerun-if-changed=../../web/dist");
    Ok(())
}
