"""GeoReport v2 as JSON Schema and XSD, written from the tables and examples of the specification.

https://wiki.open311.org/GeoReport_v2/ (frozen; text of open311/open311.github.io, GeoReport_v2/index.md) with its pages
on service discovery and on JSON and XML; service request updates as FixMyStreet asks for them. Stricter than those:
nothing beside the fields that are named there may be in an answer.
"""

import io

from jsonschema import Draft202012Validator, FormatChecker
from lxml import etree

TEXT, MAYBE = {"type": "string"}, {"type": ["string", "null"]}
MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$"}
MAYBE_MOMENT = {"anyOf": [MOMENT, {"type": "null"}]}
DEGREES = {"type": ["number", "null"]}
TRUTH = {"type": "boolean"}


def _thing(required, /, **fields):
    return {"type": "object", "required": required, "properties": fields, "additionalProperties": False}


def _list(of):
    return {"type": "array", "items": of}


SERVICES = _list(
    _thing(
        ["service_code", "service_name", "metadata", "type"],
        service_code=TEXT, service_name=TEXT, description=MAYBE, metadata=TRUTH,
        type={"enum": ["realtime", "batch", "blackbox"]}, keywords=MAYBE, group=MAYBE,
    )
)  # fmt: skip
DEFINITION = _thing(
    ["service_code", "attributes"],
    service_code=TEXT,
    attributes=_list(
        _thing(
            ["variable", "code", "datatype", "required"],
            variable=TRUTH, code=TEXT, required=TRUTH, datatype_description=MAYBE, order={"type": "integer"},
            datatype={"enum": ["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]},
            description=MAYBE, values=_list(_thing(["key", "name"], key=TEXT, name=TEXT)),
        )
    ),
)  # fmt: skip
SENT = _list(
    {
        **_thing([], service_request_id=TEXT, token=TEXT, service_notice=MAYBE, account_id=MAYBE),
        "oneOf": [{"required": ["service_request_id"]}, {"required": ["token"]}],
        "minProperties": 1,
    }
)
TOKEN = _list(_thing(["service_request_id", "token"], service_request_id=MAYBE, token=TEXT))
REQUESTS = _list(
    _thing(
        ["service_request_id", "status", "service_code", "requested_datetime", "updated_datetime", "address", "lat"],
        service_request_id=TEXT, status={"enum": ["open", "closed"]}, status_notes=MAYBE, service_name=TEXT,
        service_code=TEXT, description={"type": ["string", "null"], "maxLength": 4000}, agency_responsible=MAYBE,
        service_notice=MAYBE, requested_datetime=MOMENT, updated_datetime=MOMENT, expected_datetime=MAYBE_MOMENT,
        address=MAYBE, address_id=MAYBE, zipcode=MAYBE, lat=DEGREES, long=DEGREES,
        media_url={"type": ["string", "null"], "format": "uri"},
    )
)  # fmt: skip
UPDATES = _list(
    _thing(
        ["update_id", "service_request_id", "status", "updated_datetime", "description"],
        update_id=TEXT, service_request_id=TEXT, status={"enum": ["open", "closed"]}, updated_datetime=MOMENT,
        description=TEXT, media_url=MAYBE,
    )
)  # fmt: skip
DISCOVERY = _thing(
    ["changeset", "contact", "key_service", "endpoints"],
    changeset=TEXT, contact=TEXT, key_service=TEXT,
    endpoints=_list(
        _thing(
            ["specification", "url", "changeset", "type", "formats"],
            specification={"const": "http://wiki.open311.org/GeoReport_v2"}, url={"type": "string", "format": "uri"},
            changeset=TEXT, type={"enum": ["production", "test"]},
            formats=_list({"enum": ["text/xml", "application/json"]}),
        )
    ),
)  # fmt: skip
ERRORS = _list(_thing(["code", "description"], code={"type": "integer"}, description=TEXT)) | {"minItems": 1}

SCHEMAS = {
    "services": SERVICES,
    "service_definition": DEFINITION,
    "sent": SENT,
    "token": TOKEN,
    "service_requests": REQUESTS,
    "service_request_updates": UPDATES,
    "discovery": DISCOVERY,
    "errors": ERRORS,
}
ROOTS = {"sent": "service_requests", "token": "service_requests"}
MEMBERS = {
    "services": "service", "attributes": "attribute", "values": "value", "service_requests": "request",
    "service_request_updates": "request_update", "endpoints": "endpoint", "formats": "format", "errors": "error",
}  # fmt: skip


def valid(answer, name):
    """Assert that an answer is what the specification says, in its format; as JSON, whichever it was."""
    if answer.headers["content-type"] == "application/json; charset=utf-8":
        found = answer.json()
    else:
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        assert answer.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<')
        etree.XMLSchema(etree.parse(io.BytesIO(xsd(name)))).assertValid(etree.fromstring(answer.content))
        found = _read(etree.fromstring(answer.content), SCHEMAS[name])
    Draft202012Validator(SCHEMAS[name], format_checker=FormatChecker()).validate(found)
    return found


def xsd(name):
    """The schema of a document in XML: no namespace, elements in any order, what is empty may be there empty."""
    root = ROOTS.get(name, name)
    body = _type(root, SCHEMAS[name])
    return (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="unqualified">'
        f'<xs:element name="{root}">{body}</xs:element></xs:schema>'
    ).encode()


def _type(name, schema):
    if schema.get("type") == "array":
        inner = f'<xs:element name="{MEMBERS[name]}" minOccurs="0" maxOccurs="unbounded">{_type(name, schema["items"])}'
        return f"<xs:complexType><xs:sequence>{inner}</xs:element></xs:sequence></xs:complexType>"
    if schema.get("type") == "object":
        parts = "".join(
            f'<xs:element name="{each}" minOccurs="{int(each in schema["required"])}">{_type(each, of)}</xs:element>'
            for each, of in schema["properties"].items()
        )
        return f"<xs:complexType><xs:all>{parts}</xs:all></xs:complexType>"
    if allowed := schema.get("enum"):
        values = "".join(f'<xs:enumeration value="{each}"/>' for each in allowed)
        return f'<xs:simpleType><xs:restriction base="xs:string">{values}</xs:restriction></xs:simpleType>'
    if schema == MOMENT:
        return '<xs:simpleType><xs:restriction base="xs:dateTime"/></xs:simpleType>'
    base = {"boolean": "xs:boolean", "integer": "xs:integer"}.get(str(schema.get("type")), "xs:string")
    return f'<xs:simpleType><xs:restriction base="{base}"/></xs:simpleType>'


def _read(element, schema):
    """What an element says, as JSON would have it."""
    if schema.get("type") == "array":
        return [_read(each, schema["items"]) for each in element]
    if schema.get("type") == "object":
        return {each.tag: _read(each, schema["properties"][each.tag]) for each in element}
    if not element.text:
        return "" if schema == TEXT else None
    kind = schema.get("type")
    if kind == "boolean":
        return {"true": True, "false": False}[element.text]
    if kind == "integer":
        return int(element.text)
    return float(element.text) if kind == ["number", "null"] else element.text
