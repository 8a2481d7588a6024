#!/bin/sh
# `make test`: every check in order, stopping at the first that fails, and the minutes of each.
set -eu
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT INT TERM
: >"$scratch/minutes"

# minutes NAME SECONDS
minutes() { printf '%-28s %4d.%d min\n' "$1" $(($2 / 60)) $(($2 % 60 / 6)); }

report() {
    printf '\nMinutes per phase\n'
    cat "$scratch/minutes"
    minutes total $(($(date +%s) - started))
}

# phase NAME COMMAND...
phase() {
    name=$1
    shift
    printf '\n== %s: %s\n' "$name" "$*"
    before=$(date +%s)
    status=0
    "$@" </dev/null || status=$?
    minutes "$name" $(($(date +%s) - before)) >>"$scratch/minutes"
    [ "$status" -eq 0 ] && return 0
    report
    printf '\nmake test: phase "%s" failed with exit code %d; its words stand above.\n' \
        "$name" "$status" >&2
    exit 1
}

# All tests, their output shown and kept so that the sums can be printed at the end.
tests() {
    { cargo test --workspace --locked 2>&1 && echo 0 >"$scratch/status" ||
        echo 1 >"$scratch/status"; } | tee "$scratch/tests.txt"
    return "$(cat "$scratch/status")"
}

started=$(date +%s)
phase packages scripts/ready.sh
phase fetch cargo fetch --locked
# From here on nothing is downloaded: a test that reaches for the network fails by itself.
CARGO_NET_OFFLINE=true
export CARGO_NET_OFFLINE
phase format cargo fmt --all --check
phase lint cargo clippy --workspace --all-targets --locked -- -D warnings
phase binaries cargo build --workspace --bins --locked
phase tests tests
# Mistakes made on purpose, each of which has to be found; built apart, so that they are in
# nothing else, and with all packages selected, so that no other crate is built again.
phase mistakes cargo test --workspace --locked --features simulation/planted,power-cuts/planted \
    --test planted
# The crates that others build on; the generated code of the screen would take minutes more.
phase documents env RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked \
    -p kiosk-words -p kiosk-matters -p kiosk-core -p device-api -p hall-api
report
awk '/^test result: /{ passed += $4; failed += $6 } END { printf "\n%d passed, %d failed\n", passed, failed }' \
    "$scratch/tests.txt"
