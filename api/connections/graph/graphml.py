"""A graph as GraphML, piece by piece: what networkx, Gephi, yEd and Maltego open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from api.connections.graph.walk import Graph
from vision.addresses import defang

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
"""
KEYS = {
    "node": {
        "kind": "string", "value": "string", "defanged": "string", "status": "string", "sightings": "int",
        "depth": "int", "first_seen_at": "string", "last_seen_at": "string", "merged_into": "string",
    },
    "edge": {"by": "string", "weight": "double", "facts": "string"},
    "graph": {"truncated": "boolean"},
}  # fmt: skip
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def graphml(graph: Graph) -> Iterator[str]:
    """The document; several edges between two nodes are several edges (a multigraph), each with its id."""
    yield HEAD
    for owner, keys in KEYS.items():
        for name, kind in keys.items():
            yield f'<key id="{owner}_{name}" for="{owner}" attr.name="{name}" attr.type="{kind}"/>\n'
    yield '<graph id="wallwatch" edgedefault="undirected">\n'
    yield _data("graph", "truncated", "true" if graph.cuts else "false") + "\n"
    for address, depth in graph.nodes:
        told = {
            "kind": address.kind,
            "value": address.value,
            "defanged": defang(address.kind, address.value),
            "status": address.status,
            "sightings": address.sighting_count,
            "depth": depth,
            "first_seen_at": address.first_seen_at.isoformat(),
            "last_seen_at": address.last_seen_at.isoformat(),
        }
        if address.id in graph.merged:
            told["merged_into"] = graph.merged[address.id]
        data = "".join(_data("node", name, value) for name, value in told.items())
        yield f"<node id={quoteattr(address.id)}>{data}</node>\n"
    for edge in graph.edges:
        name = quoteattr(f"{edge.by}-{edge.one}-{edge.other}")
        facts = "; ".join(f"{key}: {value}" for key, value in edge.facts.items())
        data = _data("edge", "by", edge.by) + _data("edge", "weight", edge.weight) + _data("edge", "facts", facts)
        yield f"<edge id={name} source={quoteattr(edge.one)} target={quoteattr(edge.other)}>{data}</edge>\n"
    yield "</graph>\n</graphml>\n"


def _data(owner: str, name: str, value: object) -> str:
    return f'<data key="{owner}_{name}">{escape(NOT_XML.sub("�", str(value)))}</data>'
