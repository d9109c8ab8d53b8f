"""What no source states, and what this emulator does there. Nothing in this table was verified against the service.

Rows with more than one choice can be switched (``Config.assume``, ``--assume ID=CHOICE``, ``POST /_emulator/reset``),
so that a client can be tested against either reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Assumption:
    """One open question.

    Attributes:
        id: name of the row, and of the setting.
        question: what isn't known.
        choices: what can be assumed, the default first.
        evidence: why the default is the likely one.
    """

    id: str
    question: str
    choices: tuple[str, ...]
    evidence: str


TABLE: tuple[Assumption, ...] = (
    Assumption(
        "empty-endpoints",
        "PUT with 'endpoints': [] while SSH is configured",
        ("removes", "ignored"),
        "sending endpoints replaces the list (Huawei's provider always sends the whole SSH entry, and never an empty list)",
    ),
    Assumption(
        "empty-hooks",
        "PUT with 'hooks': {} or an empty container_hooks while hooks are set",
        ("clears", "ignored"),
        "hooks is one object and taken to be replaced as a whole; the API never returns it, so nothing can be seen",
    ),
    Assumption(
        "update-answer",
        "the body that PUT answers",
        ("whole", "partial"),
        "the schema is the whole instance; the page's sample holds description, flavor, name and endpoints only",
    ),
    Assumption(
        "growth-shown",
        "the capacity that is shown while a disk grows",
        ("at-end", "at-once"),
        "the page names only the status RESIZING; Huawei's provider waits until it is over before it reads, and its "
        "acceptance test then sees the new size",
    ),
    Assumption(
        "managed-volume-id",
        "'volume.id' and 'volume.uri' of MANAGED storage",
        ("left out", "shown"),
        "Huawei's provider takes volume.id for configured, not computed, and refuses every plan that would change it; its "
        "acceptance test, run against the service with MANAGED EVS that has none, plans, updates and imports without a "
        "difference. Of DEDICATED EFS the test reads both back as they were sent. The SDK's model has both for any storage",
    ),
    Assumption(
        "efs-managed",
        "EFS that is MANAGED, without a capacity",
        ("accepted, 50 GB",),
        "the acceptance test of Huawei's provider for attached storage creates an instance so; the page names 50 as the "
        "default",
    ),
    Assumption(
        "update-running",
        "PUT with name, description and a larger disk at once, while RUNNING",
        ("observed rules accept, documented rules refuse all but a disk alone",),
        "Huawei's provider sends the three in one request, and its acceptance test reads them back from the service; the page "
        "asks for a stopped instance",
    ),
    Assumption(
        "update-stopped",
        "PUT with flavor, image and endpoints at once, while STOPPED",
        ("accepted",),
        "Huawei's provider sends them so, and its acceptance test reads them back after the start",
    ),
    Assumption(
        "empty-description",
        "PUT with 'description': \"\"",
        ("clears it",),
        "Huawei's provider sends it where the configuration has none, and its acceptance test reads an empty one back",
    ),
    Assumption(
        "delete-running",
        "DELETE of a RUNNING instance",
        ("allowed", "refused"),
        "Huawei's provider does it in its acceptance tests, which run against the service; the SDK's text and the old code "
        "6304 speak against it",
    ),
    Assumption(
        "sold-out-update",
        "PUT that switches a stopped instance to a sold-out flavor",
        ("accepted", "refused"),
        "capacity is needed when an instance starts; then 6360 is documented",
    ),
    Assumption(
        "idle-duration",
        "the duration that is shown for a lease of the type IDLE",
        ("as requested",),
        "the arithmetic from the creation makes sense for a fixed end only",
    ),
    Assumption(
        "idle-range",
        "the shortest IDLE duration",
        ("15 minutes",),
        "the pages give 1 to 72 hours for both types, a help page of 2026 speaks of 15 minutes when idle",
    ),
    Assumption(
        "idle-never",
        "when an IDLE instance is idle",
        ("when the control says so",),
        "nothing runs in an emulated instance: PATCH /_emulator/notebooks/{id} with idle decides",
    ),
    Assumption(
        "lease-off-duration",
        "the duration that is shown while auto stop is off",
        ("-1",),
        "Huawei's provider sends -1 and reads only 'enable'",
    ),
    Assumption(
        "https-entry",
        "whether 'endpoints' lists HTTPS access that nobody asked for",
        ("listed",),
        "every image with the NOTEBOOK service is reached by HTTPS; no sample shows the list of a fresh instance",
    ),
    Assumption(
        "ssh-entry",
        "whether 'endpoints' lists SSH that nobody asked for",
        ("not listed",),
        "the acceptance test of Huawei's provider reads neither a key pair nor addresses of an instance that was made without",
    ),
    Assumption(
        "ssh-address",
        "when 'endpoints[].uri' is there",
        ("while RUNNING",),
        "the page calls it the private IP of the instance, and a stopped one has none; the acceptance test of Huawei's "
        "provider sees one of a running instance with a key pair, after a restart as well",
    ),
    Assumption(
        "ssh-port",
        "the port of 'endpoints[].uri' under observed rules",
        ("another one after each start",),
        "a start makes a new container behind a shared address; no source says whether it keeps the port",
    ),
    Assumption(
        "service-missing",
        "an entry of 'endpoints' without a service",
        ("SSH",),
        "the page doesn't make it mandatory, and its sample has an entry with an IP list only, which is about SSH",
    ),
    Assumption(
        "ssh-without-key",
        "SSH without a key pair",
        ("accepted",),
        "no source makes key_pair_names mandatory",
    ),
    Assumption(
        "start-failed",
        "start of an instance in START_FAILED or ERROR",
        ("documented rules refuse, observed rules start",),
        "no source names another status than STOPPED",
    ),
    Assumption(
        "update-failed",
        "PUT in START_FAILED",
        ("documented rules refuse, observed rules accept",),
        "nothing runs then, and changing the flavor is how one would mend it",
    ),
    Assumption(
        "list-items",
        "what an item of a list lacks",
        ("documented rules leave out what the samples lack, observed rules only url, progress and the current time",),
        "the acceptance test of Huawei's list compares image, description, key pair and workspace of an item with the "
        "instance, and finds STORAGE among the billing items; it reads no url there",
    ),
    Assumption(
        "empty-list",
        "the list of a workspace without instances",
        ("an empty page",),
        "the acceptance test of Huawei's list makes a workspace and lists it",
    ),
    Assumption(
        "other-limits",
        "list with a limit other than 10, 20, 50",
        ("documented rules refuse with 0104, observed rules cap at 50",),
        "the SDK lists the three values and says nothing about others",
    ),
    Assumption(
        "unknown-fields",
        "fields that the API doesn't know, 'tags' in create among them",
        ("ignored",),
        "no model of any client has tags in create; usual for this kind of service",
    ),
    Assumption(
        "null-fields",
        "JSON null for a field",
        ("as if absent",),
        "clients leave out what isn't set",
    ),
    Assumption(
        "missing",
        "how a missing instance is refused",
        ("400 with 6404 (`--not-found 6309` or `404` for the others)",),
        "6404 was seen live on a sibling resource, 6309 is in the error table, the status tables list 404",
    ),
    Assumption(
        "quota-code",
        "the code when the quota of notebooks is used up",
        ("documented rules 0113, observed rules 0118",),
        "the error table has both; a public client met 0118",
    ),
    Assumption(
        "characters",
        "which characters a name and a description can have",
        ("documented rules as the page of 2025, observed rules as the newest SDK",),
        "the page forbids & < > \" ' / in a description; the SDK forbids < and > only, and allows Chinese characters in a name",
    ),
    Assumption(
        "non-public-addresses",
        "private, shared, loopback, link-local, multicast and reserved addresses in 'allowed_access_ips'",
        ("accepted", "refused"),
        "the page speaks of public addresses and has no code for others; the acceptance test of Huawei's provider uses 10.1.1.2",
    ),
    Assumption(
        "own-tags",
        "tags that the service sets by itself",
        ("none; those that are set are shown at once",),
        "the acceptance test of Huawei's provider counts the tags of an instance: none, then two, then another two",
    ),
    Assumption(
        "pool-flavors",
        "the flavors of a dedicated pool",
        ("those that the pool names, public ones among them",),
        "the acceptance test of Huawei's provider makes an instance in a pool with a flavor of the public list; which ones "
        "the pool's machines can carry no source states",
    ),
    Assumption(
        "saved-image",
        "the image of an instance that was saved as an image",
        ("the saved one",),
        "the acceptance test of Huawei's provider ignores the changed image_id after a save, and its page says why",
    ),
    Assumption(
        "attached-obs",
        "what attached storage of the category OBS is shown as",
        ("OBSFS, with the path as it was sent",),
        "the acceptance test of Huawei's provider reads so, MOUNTED at the folder that it asked for",
    ),
    Assumption(
        "image-arch",
        "the letter case of an image's architecture",
        ("lower case; a list that names no type holds BUILD_IN ones",),
        "the acceptance test of Huawei's list of images reads x86_64 and BUILD_IN; a page has upper case",
    ),
    Assumption(
        "permissions",
        "the action that each call needs, and how its lack is refused",
        ("as the page of fine-grained permissions has it (2025-11); 403 with 0112",),
        "the page names no action for tags and for the lists of flavors; of 403 the error table has 0108 and 0112, whose "
        "meaning is a policy that denies",
    ),
    Assumption(
        "odd-tags",
        "tags/delete for a tag of the instance that tags/create would refuse",
        ("deletes it",),
        "the console may know wider rules, and what it makes has to be removable; reserved ones (_sys_) are refused",
    ),
    Assumption(
        "growth-step",
        "by how much a disk can grow at once",
        ("documented rules by 100 GB, observed rules up to 4096 GB",),
        "the user guide says 100 GB and, on the same page, 200 GB while running; Huawei's provider knows no step",
    ),
    Assumption(
        "auto-stop-off",
        "a duration of -1 in create, start and renewal",
        ("switches auto stop off",),
        "no page has it; Huawei's provider always creates and starts so, and its acceptance test reads enable as false after "
        "either",
    ),
    Assumption(
        "renewed-duration",
        "the duration that a renewal answers",
        ("counted from the creation, as everywhere else",),
        "the samples of start and stop and a live note count so; the renewal's own sample repeats what was asked for",
    ),
    Assumption(
        "spellings",
        "key_pair_names or ssh_keys, service or dev_service, description or step_description",
        ("requests: either, the newer wins; answers: both",),
        "documents of different years and the newest SDK name them differently",
    ),
    Assumption(
        "letter-case",
        "the letter case of words such as EVS, MANAGED, TIMING in requests",
        ("any; answers are upper case",),
        "the pages' own samples post lower case; a live note saw upper case only for the architecture of a registered image",
    ),
    Assumption(
        "current-page",
        "what 'current' of a list counts from",
        ("0 for instances, images and pools, 1 for flavors and storages",),
        "the samples of the pages differ so",
    ),
    Assumption(
        "system-tags",
        "which of an instance's 20 tags those of the service take (_sys_enterprise_project_id)",
        ("none", "one of the 20 each"),
        "nobody can write them (the tag pages forbid the prefix), and other services' APIs hold them apart as sys_tags, beside the tags that they count",
    ),
    Assumption(
        "tags-while-moving",
        "tags/create and tags/delete while an instance starts, stops, is being made or is saved as an image",
        ("accepted", "refused"),
        "the pages name no state for them; a refusal would be 6357",
    ),
    Assumption(
        "stop-unmounts",
        "storage attached while running, after a stop",
        ("gone",),
        "storage attached to a running instance is called dynamic",
    ),
)
BY_ID: dict[str, Assumption] = {row.id: row for row in TABLE}


def problem(assume: Mapping[str, str]) -> str | None:
    """What is wrong with a choice of assumptions, in one sentence; None when nothing is."""
    for ident, choice in assume.items():
        row = BY_ID.get(ident)
        if row is None:
            switchable = [row.id for row in TABLE if len(row.choices) > 1]
            return f"there is no assumption {ident!r}; switchable are {', '.join(switchable)}"
        if choice not in row.choices:
            return f"the assumption {ident!r} can be {' or '.join(row.choices)}, not {choice!r}"
    return None


def markdown() -> str:
    """The table for the documents."""
    lines = ["| question | assumed | why |", "|---|---|---|"]
    for row in TABLE:
        others = f" (or: {', '.join(row.choices[1:])}; `--assume {row.id}=…`)" if len(row.choices) > 1 else ""
        lines.append(f"| {row.question} | {row.choices[0]}{others} | {row.evidence} |")
    return "\n".join(lines) + "\n"
