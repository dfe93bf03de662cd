"""The machine-readable mark inside a picture file: an XMP packet with the IPTC and GB 45438 fields, out and in again.

Knows no pictures and no stages: words in, XML out, and back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape, unescape

XMP_CHUNK = "XML:com.adobe.xmp"  # the PNG text chunk that holds the packet
PARTLY_MADE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
LONGEST_TITLE, LONGEST_DESCRIPTION = 200, 4000  # characters: a JPEG's packet has 65,000 bytes for everything

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 forbids
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="{tool}">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"
    xmlns:dramatis="urn:dramatis:picture:1/">
   <xmp:CreatorTool>{tool}</xmp:CreatorTool>
   <Iptc4xmpExt:DigitalSourceType>{source_type}</Iptc4xmpExt:DigitalSourceType>
   <TC260:AIGC>{aigc}</TC260:AIGC>{texts}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""
_XMP_TEXT = '\n   <dc:{name}><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></dc:{name}>'
_XMP_OWN = "\n   <dramatis:Picture>{own}</dramatis:Picture>"
_OWN = re.compile(r"<dramatis:Picture>([^<]*)</dramatis:Picture>")
_IPTC, _TC260, _TOOL = (
    "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType",
    "{http://www.tc260.org.cn/ns/AIGC/1.0/}AIGC",
    "{http://ns.adobe.com/xap/1.0/}CreatorTool",
)


@dataclass(frozen=True, slots=True)
class Marks:
    """What an XMP packet says about how a picture came to be; empty where it says nothing."""

    source_type: str = ""
    aigc: Mapping[str, Any] = field(default_factory=dict)
    tool: str = ""


def xmp_packet(
    tool: str,
    source_type: str,
    aigc: Mapping[str, str],
    *,
    title: str = "",
    description: str = "",
    own: Mapping[str, Any] | None = None,
) -> str:
    """The packet. `source_type` is an IPTC digital source type, `aigc` the seven fields of GB 45438, `own` what we
    note for ourselves."""
    words = {"title": one_line(title)[:LONGEST_TITLE], "description": one_line(description)[:LONGEST_DESCRIPTION]}
    texts = "".join(_XMP_TEXT.format(name=name, text=escape(text)) for name, text in words.items() if text)
    return _XMP.format(
        tool=escape(tool),
        source_type=escape(source_type),
        aigc=_json(aigc),
        texts=texts + (_XMP_OWN.format(own=_json(own)) if own else ""),
    )


def own_note(packet: str) -> dict[str, Any]:
    """What we noted for ourselves in a packet of ours; empty for any other."""
    found = _OWN.search(packet)
    return _object(unescape(found[1])) if found else {}


def read_xmp(packet: str) -> Marks:
    """The marks in a packet of anybody's making. One that cannot be read, or that defines entities, says nothing."""
    found = re.search(r"<(\w+:)?(xmpmeta|RDF)\b.*</(\w+:)?(xmpmeta|RDF)>", packet, re.DOTALL)
    if found is None or "<!" in found[0]:
        return Marks()
    try:
        root = ElementTree.fromstring(found[0])  # noqa: S314 - nothing in it can grow: it defines no entities
    except ElementTree.ParseError:
        return Marks()
    values: dict[str, str] = {}
    for element in root.iter():
        for name in (_IPTC, _TC260, _TOOL):
            if element.tag == name:
                values.setdefault(name, "".join(element.itertext()).strip() or _resource(element))
            elif name in element.attrib:
                values.setdefault(name, element.attrib[name])
    return Marks(values.get(_IPTC, ""), _object(values.get(_TC260, "")), values.get(_TOOL, ""))


def one_line(text: str) -> str:
    """`text` without line breaks and without what XML cannot hold."""
    return " ".join(_UNWRITABLE.sub(" ", text).split())


def _json(value: Mapping[str, Any]) -> str:
    return escape(one_line(json.dumps(value, ensure_ascii=False)))


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _resource(element: ElementTree.Element) -> str:
    return element.attrib.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource", "")
