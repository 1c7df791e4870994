"""The rules: what counts as breaking, in which direction, and what breaks for whom. README.md lists the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Direction(Enum):
    """Which way the data goes. What clients send must stay accepted; what they get must stay expected."""

    REQUEST = "request"
    RESPONSE = "response"
    BOTH = "both"


@dataclass(frozen=True)
class Rule:
    code: str
    direction: Direction
    breaks: str


_RULES = {
    Direction.BOTH: {
        "operation-removed": "A client that calls it gets 404 or 405; its method is gone from generated clients.",
        "operation-renamed": "The operation id is the method's name in generated clients: programs that call it no longer build.",
        "operation-moved": "Clients of the last release go on calling the old path or method, which no longer answers.",
        "operation-regrouped": "Generators name a module or class after the first tag: imports no longer find the method.",
        "base-path-changed": "Every client that took its base address from the document calls an address that no longer answers.",
        "sunset-advanced": "Whoever planned for the announced last day has less time than was promised.",
        "sunset-too-near": "Whoever calls it has less than 90 days to stop, and the next release may take it away unannounced.",
        "security-tightened": "A client that signs in, or doesn't, as the last release allowed is refused with 401 or 403.",
        "security-dropped": "Anybody gets what only signed-in people got, and clients no longer send who asks.",
        "security-scheme-changed": "Clients show their credential in a way that is no longer read.",
        "class-removed": "Programs that name the generated class or type no longer build.",
        "class-renamed": "The generated class has another name: programs that name it no longer build.",
        "class-changed": "The generated method or field has another class than before: typed programs no longer build.",
        "discriminator-changed": "Clients tell the variants apart by another field than the server: they build or read the wrong one.",
        "format-changed": "The generated type changes with the format (a date becomes a string): typed programs no longer build.",
        "constant-renamed": "The constant of a value has another name in generated clients: programs that name it no longer build.",
        "document-renamed": "openapi-python-client names its package after the title: programs that import it no longer build.",
        "not-understood": "The check can't judge this keyword, so it takes any change of it for a break.",
        "second-opinion": "specshift calls it breaking, and no rule here has looked at it.",
    },
    Direction.REQUEST: {
        "parameter-removed": "Unknown parameters are refused: a client that sends it gets 400, and its argument is gone.",
        "parameter-renamed": "The argument has another name in generated clients: programs that name it no longer build.",
        "parameter-moved": "Clients send it where it is no longer read.",
        "parameter-order-changed": "Generated methods take what is required by place: two ids that changed places still build.",
        "parameter-added-required": "A client of the last release doesn't send it, and is refused.",
        "parameter-required": "A client that left it out, as it might, is refused.",
        "parameter-written-otherwise": "Clients write the value (lists above all) in a way that is no longer read.",
        "parameter-default-added": "A request that leaves it out may mean something else, and generated clients may begin to send the default.",
        "default-changed": "A request that leaves the value out means something else than before.",
        "body-required": "A client that sends no body, as it might, is refused.",
        "body-removed": "Clients send a body that is no longer read, and the method's argument is gone.",
        "request-media-removed": "A client that sends this media type gets 415.",
        "request-type-narrowed": "Values of a type that was accepted are refused.",
        "request-null-refused": "A client that sends null, as it might, is refused.",
        "request-value-removed": "A client that sends the value is refused; its constant is gone from generated clients.",
        "request-limit-narrowed": "Values within the old limit are refused.",
        "request-pattern-changed": "Values that fitted the old pattern, or needed none, may be refused.",
        "request-property-removed": "Unknown fields are refused: a client that sends it gets 422, and the class has lost it.",
        "request-property-required": "A client of the last release doesn't send it, and is refused.",
        "request-fields-reordered": "Generated constructors take required fields by place, in this order: two texts that changed places still build.",
        "request-object-closed": "Fields that were accepted under any name are refused.",
        "request-variant-removed": "A client that sends this variant is refused.",
    },
    Direction.RESPONSE: {
        "response-status-removed": "Clients wait for a status that never comes and take the answer for a failure.",
        "response-status-added": "Clients of the last release don't know the status: generated ones answer nothing or fail.",
        "response-body-added": "Clients of the last release expect no body and have no type for one.",
        "response-media-removed": "A client that asks for this media type, or reads it, no longer gets it.",
        "response-header-removed": "Clients that read the header (to page, to write with If-Match) find none.",
        "response-link-removed": "Clients that go on by the link find none.",
        "response-link-changed": "Clients that go on by the link call something else, or with other values.",
        "response-type-widened": "Clients get a type that they can't read.",
        "response-null-added": "Clients get null where a value was promised.",
        "response-value-added": "Clients with a closed enumeration fail on a value that they don't know.",
        "response-values-opened": "Clients with a closed enumeration fail on the values that may come unannounced from now on.",
        "response-items-untold": "Clients that read line by line, or event by event, are no longer told what they read.",
        "response-limit-widened": "Clients that keep the limits (columns of a database, generated validation) get what doesn't fit.",
        "response-pattern-changed": "Clients that take the value apart by its pattern get another form.",
        "response-property-removed": "Clients that read the field find nothing.",
        "response-property-optional": "Clients that rely on the field being there fail where it isn't.",
        "response-object-opened": "Clients that were told that there are no other fields get some.",
        "response-variant-added": "Clients get a variant that they don't know and can't read.",
        "problem-code-removed": "Programs that branch on the problem's code never see it again and take another path.",
        "problem-code-moved": "Programs that look for the problem's code under its status find it under another.",
    },
}

RULES: dict[str, Rule] = {
    code: Rule(code, direction, breaks) for direction, rules in _RULES.items() for code, breaks in rules.items()
}
