"""What no file of the tree may hold: paths of one machine, addresses of one network, credentials."""

import re

from tests.tidy.tree import texts

ANY = r"(?<![\w.<$}])"
WRONG = {
    "a path of one machine": re.compile(ANY + r"/(?:" + "work|root|home|Users" + r")/[\w.-]+"),
    "a temporary file of one machine": re.compile(ANY + r"/tm" + r"p/[\w.-]+"),
    "an address of one network": re.compile(
        r"\b(?!127\.0\.0\.1\b|0\.0\.0\.0\b)(?:10|127|169\.254|172\.(?:1[6-9]|2\d|3[01])|192\.168)(?:\.\d{1,3}){2,3}\b"),
    "a host of one network": re.compile(r"://[\w.-]*(?:\.internal|\.intranet|\.corp|\.lan|\.local|artifactory|nexus|proxy|mirror)\b[\w.-]*"),
    "a package index": re.compile(r"(?:--(?:extra-)?index-url|--trusted-host|--find-links)[ =]\S"),
    "credentials in an address": re.compile(r"://[^/\s:@{}\"']+:[^/\s:@{}\"']+@"),
    "a private key": re.compile("-----BEGIN [A-Z ]*PRIVATE" + " KEY-----"),
}


def test_no_file_names_a_machine_a_network_or_a_secret() -> None:
    found = [
        f"{path}:{number}: {what}: {match[0]}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        for what, pattern in WRONG.items()
        if (match := pattern.search(line))
    ]
    assert not found, "\n".join(found)


def test_no_conflict_markers_and_no_carriage_returns() -> None:
    marker = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)
    for path, text in texts():
        assert not marker.search(text), f"{path} holds a conflict marker"
        assert "\r" not in text, f"{path} holds carriage returns"
