# `just` lists these. CI needs none of them: see .ci/run.

# The sample workspace: build, plan, deliver into var/outbox/
run *ARGS:
    cargo run -- run {{ARGS}}

# Formatting, lints and tests, as CI runs them
ci:
    bash .ci/run

test:
    cargo test

# Mails and pages of the samples in Chromium, as hostile clients show them
browser:
    bash tests/browser/run

# Every message of a signed run, read by other people's verifiers behind a Postfix
dkim:
    bash tests/dkim/run

# Licences and advisories of dependencies (needs cargo-deny)
deny:
    cargo deny check

# Accept changed snapshots after reading them (needs cargo-insta)
review:
    cargo insta review

# Kill a run of 5,000 messages again and again, on both ledgers, and workers amid
# their work; fill the disk under it; and count what the server got
kill-test:
    cargo test --test it -- --include-ignored --nocapture killed:: full_disk:: workers::

# Feed nonsense to the parsing of replies and the writing of headers, ten
# minutes each (needs cargo-fuzz; the variable lets a stable compiler do)
fuzz SECONDS="600":
    RUSTC_BOOTSTRAP=1 cargo fuzz run replies -- -max_total_time={{SECONDS}}
    RUSTC_BOOTSTRAP=1 cargo fuzz run headers -- -max_total_time={{SECONDS}}

# How long the work takes, in medians; a word chooses: `just bench edition`
bench *ARGS:
    cargo bench --bench speed --bench pdf -- {{ARGS}}

# Messages a second, ledger included, unsigned and signed, beside Postfix's
# smtp-source; `plan` plans a million, `million` sends them and looks at memory
bench-send *ARGS:
    cargo bench --bench send -- {{ARGS}}

# Start over with the sample workspace
clean-samples:
    rm -rf out var
