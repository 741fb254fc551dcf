"""Every message in a folder against its signatures, by dkimpy."""

import json
import pathlib
import sys

import dkim

folder, keys, sent = sys.argv[1:]
records = {
    record["name"].encode(): record["value"].encode()
    for record in json.load(open(keys))["records"]
}
lookup = lambda name, timeout=5: records.get(name.rstrip(b"."))
messages = [path.read_bytes() for path in sorted(pathlib.Path(folder).iterdir())]
assert len(messages) == int(sent), f"{len(messages)} of {sent}"


def verdicts(message):
    """What each signature says, by algorithm."""
    found = {}
    count = sum(name.lower() == b"dkim-signature" for name, _ in dkim.DKIM(message).headers)
    for index in range(count):
        reader = dkim.DKIM(message)
        try:
            sound = reader.verify(idx=index, dnsfunc=lookup)
        except dkim.DKIMException as error:
            sound = str(error)
        found[reader.signature_fields[b"a"].decode()] = sound
    return found


both = {"rsa-sha256": True, "ed25519-sha256": True}
wrong = [message for message in messages if verdicts(message) != both]
for message in wrong[:3]:
    print(verdicts(message), message[:1500].decode(errors="replace"))
# A verifier that says yes to everything would prove nothing.
for old, new in [(b"Subject: ", b"Subject: Re: "), (b"From: ", b"From: x@example.net\nFrom: "), (b"</html>", b"</htm>")]:
    forged = verdicts(messages[0].replace(old, new, 1))
    assert True not in forged.values(), f"{new}: {forged}"
print(f"dkimpy: {len(messages) - len(wrong)} of {len(messages)} messages, RSA and Ed25519")
sys.exit(bool(wrong))
