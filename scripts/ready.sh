#!/bin/sh
# Brings a Debian machine to the point where cargo can build Nightdesk: system packages and Rust.
# Does nothing, and asks nobody, when all is there.
set -eu
here=$(dirname "$0")

rust_wanted=1.95

say() { printf '%s\n' "$*" >&2; }

wanted_packages() { sed 's/#.*//' "$here/packages.txt" | tr -s ' \t' '\n\n' | sed '/^$/d'; }

missing_packages() {
    for package in $(wanted_packages); do
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=absent
        [ "$state" = installed ] || printf '%s ' "$package"
    done
}

install_packages() {
    command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || {
        say "This is not a Debian machine, so packages are not installed for you." \
            "Nightdesk needs what scripts/packages.txt lists; continuing."
        return 0
    }
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            say "Missing Debian packages: $missing" \
                "They need root: run this as root, install sudo, or: apt-get install $missing"
            exit 1
        }
        as_root=sudo
    fi
    say "Installing missing Debian packages: $missing"
    # 400 s: another apt on the machine (unattended upgrades) may hold the lock for some minutes.
    # shellcheck disable=SC2086
    $as_root apt-get -o DPkg::Lock::Timeout=400 -q update </dev/null >&2 &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=400 -q -y \
            --no-install-recommends install $missing </dev/null >&2 || {
        say "apt-get could not install: $missing" \
            "Its own words stand above. Install them by hand and run the command again."
        exit 1
    }
}

check_rust() {
    command -v cargo >/dev/null || {
        say "Nightdesk needs Rust $rust_wanted or later, and no cargo is on the PATH." \
            "Install it from https://rustup.rs, then run the command again."
        exit 1
    }
    # In this folder rustup takes the toolchain that rust-toolchain.toml names, and installs it.
    words=$(cargo --version) || {
        say "cargo is there but does not start; its own words stand above." \
            "With rustup: rustup toolchain install $rust_wanted.0 --component rustfmt,clippy" \
            "With a later Rust in its place: RUSTUP_TOOLCHAIN=stable make ..."
        exit 1
    }
    version=${words#cargo }
    version=${version%%[ -]*}
    major=${version%%.*}
    minor=${version#*.}
    minor=${minor%%.*}
    if [ "$major" -lt "${rust_wanted%%.*}" ] ||
        { [ "$major" -eq "${rust_wanted%%.*}" ] && [ "$minor" -lt "${rust_wanted#*.}" ]; }; then
        say "Nightdesk needs Rust $rust_wanted or later; this is $version." \
            "With rustup: rustup toolchain install $rust_wanted.0 --component rustfmt,clippy"
        exit 1
    fi
}

install_packages
check_rust
