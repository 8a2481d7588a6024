//! Compiles the pages. With the `headless` feature the gallery is compiled as well.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Element ids for tests: debug builds and headless players only.
    let findable = std::env::var_os("CARGO_FEATURE_HEADLESS").is_some();
    let config = slint_build::CompilerConfiguration::new().with_debug_info(findable);
    let entry = if findable { "ui/gallery.slint" } else { "ui/app.slint" };
    println!("cargo:rerun-if-changed=../assets/icons");
    slint_build::compile_with_config(entry, config)?;
    Ok(())
}
