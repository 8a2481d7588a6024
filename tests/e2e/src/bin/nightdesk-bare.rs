//! The bare window of `nightdesk_e2e::bare` as a process of its own.

fn main() -> anyhow::Result<()> {
    nightdesk_e2e::bare::run()
}
