"""Reads every .eml in a folder as strictly as Python can, and tells in JSON
what is in it: a reader that is none of ours.

Headings and links are taken from the HTML part and from the text part by
themselves, so that the two can be held against each other.
"""

import email
import email.policy
import html.parser
import json
import pathlib
import re
import struct
import sys
import urllib.parse

POLICY = email.policy.SMTP.clone(raise_on_defect=True)
SILENT = {"script", "style", "head", "title"}
ADDRESS = re.compile(r"https?://[^\s<>]+|(?:mailto:)?[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?:\?[^\s<>]+)?")


def one_line(text):
    return " ".join(text.split())


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.headings, self.links, self.pictures = [], set(), []
        self.heading, self.silent = None, 0
        self.paragraphs, self.paragraph = [], None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag in SILENT:
            self.silent += 1
        if re.fullmatch("h[1-6]", tag):
            self.heading = ""
        if tag == "p" and not attributes.get("class"):
            self.paragraph = ""
        elif tag in {"br", "sup", "code", "em", "strong", "del", "a", "b"}:
            self.paragraph = None
        if tag == "a" and not attributes.get("href", "#").startswith("#"):
            self.links.add(attributes["href"])
        if tag == "img":
            self.pictures.append(attributes)

    def handle_endtag(self, tag):
        if tag in SILENT:
            self.silent -= 1
        if tag == "p" and self.paragraph:
            self.paragraphs.append(one_line(self.paragraph))
            self.paragraph = None
        if self.heading is not None and re.fullmatch("h[1-6]", tag):
            self.headings.append(one_line(self.heading))
            self.heading = None

    def handle_data(self, data):
        if self.paragraph is not None:
            self.paragraph += data
        if self.heading is not None and not self.silent:
            self.heading += data


def text_headings(text):
    """Lines over a rule as long as the longest of them; a title has a rule
    over it too. Blocks have a line down their side, links their number."""
    headings, block = [], []
    for line in text.splitlines():
        line = line.removeprefix(" ")  # RFC 3676 section 4.4
        line = re.sub(r"^(\| ?)+", "", line)
        rule = re.fullmatch(r"([=\-~^])\1*", line)
        if rule and block:
            over = block[1:] if block[0] == line else block
            if over and max(map(len, over)) == len(line):
                said = re.sub(r"\u00a0\[\d+\]", "", " ".join(over))
                headings.append(one_line(re.sub(r"\[\*(\d+)\]", r"[\1]", said)))
                block = []
                continue
        block = block + [line] if line.strip() else []
    return headings


def unflowed(text):
    """What a client that knows RFC 3676 makes of a text part: its paragraphs."""
    paragraphs, depth, open_ = [], 0, False
    for line in text.splitlines():
        rest = line.lstrip(">")
        level, rest = len(line) - len(rest), rest.removeprefix(" ")
        if open_ and level == depth:
            paragraphs[-1] += rest
        else:
            paragraphs.append(rest)
        depth, open_ = level, rest.endswith(" ") and rest != "-- "
    return paragraphs


def text_links(text):
    links = set()
    for found in ADDRESS.findall(text):
        link = found.rstrip(".,;:)")
        if not link.startswith(("http", "mailto:")):
            link = "mailto:" + link
        links.add(link)
    return links


def shape(part):
    """The tree of a message: types, and in multiparts what is inside."""
    if not part.is_multipart():
        return part.get_content_type()
    return {part.get_content_type(): [shape(inner) for inner in part.iter_parts()]}


def related(message):
    """The multipart/related of a message, and its parts behind the first."""
    for part in message.walk():
        if part.get_content_type() == "multipart/related":
            root, *others = part.iter_parts()
            assert part.get_param("type") == root.get_content_type() == "text/html"
            return [
                {
                    "id": str(other["Content-ID"]),
                    "type": other.get_content_type(),
                    "disposition": other.get_content_disposition(),
                    "name": other.get_filename(),
                    "encoding": str(other["Content-Transfer-Encoding"]),
                    "size": png_size(other.get_content()),
                }
                for other in others
            ]
    return []


def png_size(content):
    """Width and height in a PNG's first chunk (RFC 2083 section 4.1.1)."""
    assert content[:8] == b"\x89PNG\r\n\x1a\n", content[:8]
    return list(struct.unpack(">II", content[16:24]))


def read(path):
    raw = path.read_bytes()
    message = email.message_from_bytes(raw, policy=POLICY)
    (sender,), (reader,) = message["From"].addresses, message["To"].addresses
    parts = {"attachments": []}
    for part in message.walk():
        if part.is_multipart() or part.get_content_disposition() == "inline":
            continue
        content = part.get_content()
        if part.is_attachment():
            start = content[:5].decode("latin-1")
            parts["attachments"].append([part.get_content_type(), part.get_filename(), start])
        else:
            parts[part.get_content_type()] = content
    page = Page()
    page.feed(parts["text/html"])
    sources = [picture["src"] for picture in page.pictures]
    hosted = {source for source in sources if not source.startswith("cid:")}
    text = parts["text/plain"]
    return {
        "file": path.name,
        "from": [sender.display_name, sender.addr_spec],
        "to": [reader.display_name, reader.addr_spec],
        "subject": str(message["Subject"]),
        "date": message["Date"].datetime.isoformat(),
        "message_id": str(message["Message-ID"]),
        "list_id": str(message["List-Id"]),
        "list_unsubscribe": str(message["List-Unsubscribe"]),
        "headers": [name for name, _ in message.items()],
        "type": message.get_content_type(),
        "longest_line": max(len(line) for line in raw.split(b"\r\n")),
        "is_ascii": raw.isascii(),
        "loose_line_ends": len(re.findall(rb"(?<!\r)\n|\r(?!\n)", raw)),
        "text_type": [
            [part.get_param("format"), part.get_param("delsp")]
            for part in message.walk()
            if part.get_content_type() == "text/plain"
        ],
        "html_bytes": len(parts["text/html"].encode()),
        "html": {"headings": page.headings, "links": sorted(page.links | hosted)},
        "paragraphs": {"html": page.paragraphs, "text": unflowed(text)},
        "text": {"headings": text_headings(text), "links": sorted(text_links(text))},
        "attachments": parts["attachments"],
        "shape": shape(message),
        "related": related(message),
        # RFC 2392: what follows `cid:` is a Content-ID, percent-encoded.
        "pictures": [
            {
                "id": "<" + urllib.parse.unquote(picture["src"][4:]) + ">",
                "size": [int(picture["width"]), int(picture["height"])],
            }
            for picture in page.pictures
            if picture["src"].startswith("cid:")
        ],
    }


def main():
    defects, mails = {}, []
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.eml")):
        try:
            mails.append(read(path))
        except Exception as error:  # what it is, the caller shows
            defects[path.name] = repr(error)
    json.dump({"defects": defects, "mails": mails}, sys.stdout)


main()
