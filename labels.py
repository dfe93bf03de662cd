"""The machine-readable mark inside a picture file: an XMP packet with the IPTC and GB 45438 fields.

Knows no pictures and no stages: words in, XML out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from xml.sax.saxutils import escape

XMP_CHUNK = "XML:com.adobe.xmp"  # the PNG text chunk that holds the packet
PARTLY_MADE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 forbids
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="{tool}">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/">
   <xmp:CreatorTool>{tool}</xmp:CreatorTool>
   <Iptc4xmpExt:DigitalSourceType>{source_type}</Iptc4xmpExt:DigitalSourceType>
   <TC260:AIGC>{aigc}</TC260:AIGC>{texts}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""
_XMP_TEXT = '\n   <dc:{name}><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></dc:{name}>'


def xmp_packet(tool: str, source_type: str, aigc: Mapping[str, str], *, title: str = "", description: str = "") -> str:
    """The packet. `source_type` is an IPTC digital source type, `aigc` the seven fields of GB 45438."""
    texts = "".join(
        _XMP_TEXT.format(name=name, text=escape(one_line(text)))
        for name, text in (("title", title), ("description", description))
        if text.strip()
    )
    return _XMP.format(
        tool=escape(tool),
        source_type=escape(source_type),
        aigc=escape(one_line(json.dumps(aigc, ensure_ascii=False))),
        texts=texts,
    )


def one_line(text: str) -> str:
    """`text` without line breaks and without what XML cannot hold."""
    return " ".join(_UNWRITABLE.sub(" ", text).split())
