"""What fields mean that go by one name wherever they are sent or answered."""

from typing import Any

MEANINGS = {
    "acting": "Whether the person stands in for somebody.",
    "added_at": "When it was hung on the thing.",
    "code": "Its name in addresses.",
    "confidential": "Whether it exists only for those named in it.",
    "currency": "Three letters, such as EUR.",
    "edited_at": "When its author last set it right.",
    "effective_on": "From which day on it counts; today unless said.",
    "ended_on": "Its last day; null while it goes on.",
    "external_id": "What other systems call it.",
    "from_on": "The first day.",
    "key": "Its name in addresses.",
    "kind": "The kind of thing.",
    "left_on": "The day from which it is gone; null while it is there.",
    "page": "The address of its page, for people.",
    "parent": "The unit above, by its ref; null for the whole organisation.",
    "part": "Which of the two.",
    "person": "The person; by uid where it is sent.",
    "place": "Where; by ref where it is sent.",
    "portfolio": "The portfolio, by its ref.",
    "programme": "The programme, by its ref; null for none.",
    "reason": "Why. It stands in the history.",
    "ref": "Its name in addresses.",
    "removed_at": "When it was taken off; null while it is there.",
    "role": "The role, by its code.",
    "sha256": "The fingerprint of the bytes, in hexadecimal.",
    "single": "Whether one person holds it at a place at a time.",
    "size": "How many bytes it has.",
    "tier": "How heavy it is, worked out: 1 the heaviest to 4 the lightest; null while too little is known.",
    "tier_provisional": "Whether the tier may change with what is still unknown.",
    "to_on": "The last day; null until further notice.",
    "uid": "Its name in addresses.",
    "unit": "The unit, by its ref; null for none.",
    "unknown": "Why something is unknown, by field.",
    "version": "Goes up with every change.",
    "withdrawn_at": "When it was taken back; null while it stands.",
}


def tell(schemas: dict[str, Any]) -> None:
    """Say of each field what it means, where its shape does not say it itself."""
    for schema in schemas.values():
        for name, field in schema.get("properties", {}).items():
            if name in MEANINGS:
                field.setdefault("description", MEANINGS[name])
