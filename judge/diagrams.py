"""Decide what the diagrams and pictures of a description say to a judge that reads text. No I/O.

Mermaid and PlantUML become lines of text, such as "Paid → Shipped: parcel handed over". Pictures
are listed: whoever has a model that sees can describe them (`judge.diagrams_look`), and who has
none says that it did not look.
"""

from __future__ import annotations

import re

MOST_LINES = 60  # of a diagram
MOST_CHARS = 300  # of a line
MOST_PICTURES = 4  # of a description that are looked at
PICTURE = re.compile(
    r"!\[[^\]\n]{0,300}\]\(\s{0,9}<?([^)\s>]{1,500})>?[^)\n]{0,300}\)"
    r"|<img\b[^>]{0,500}?\bsrc\s{0,9}=\s{0,9}[\"']?([^\"'\s>]{1,500})"
    r"|\]\(\s{0,9}<?([^)\s>]{1,500}\.(?:png|svg|jpe?g|gif|webp))>?\s{0,9}\)",
    re.IGNORECASE,
)
_FENCE = re.compile(
    r"^[ \t]*(`{3,}|~{3,})[ \t]*(mermaid|plantuml|puml|uml)\b[^\n]*\n"
    r"(.*?)(?:^[ \t]*\1[`~]*[ \t]*$|\Z)",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_BARE = re.compile(
    r"^[ \t]*@startuml\b[^\n]*\n(.*?)(?:^[ \t]*@enduml\b[^\n]*$|\Z)", re.DOTALL | re.MULTILINE
)
_SILENT = re.compile(
    r"^(?:%%|'|/'|```|@(?:start|end)uml|(?:graph|flowchart|sequenceDiagram|stateDiagram(?:-v2)?|"
    r"classDiagram|erDiagram|direction|style|classDef|class\s+\S+\s+\S+$|linkStyle|click|init|"
    r"skinparam|hide|show|scale|title\s*$|autonumber|activate|deactivate|accTitle|accDescr|!|---)\b|"
    r"^(?:---|[{}]\s*$))",
    re.IGNORECASE,
)
_NODE = re.compile(
    r"([A-Za-z_][\w.-]*)\s*(?:\[\[?|\(\(?|\{\{?|>)[\[(/\\]?\s*\"?([^\]\)\}\"]+?)\"?\s*[\])/\\]?(?:\]\]?|\)\)?|\}\}?)"
)
_ALIAS = re.compile(
    r"^(?:participant|actor|state|component|database|entity|class|node|rectangle|usecase|boundary)\s+"
    r"\"?(.+?)\"?(?:\s+as\s+\"?(.+?)\"?)?\s*$",
    re.IGNORECASE,
)
_ARROW = re.compile(
    r"\s*(?:\|\|--o\{|\}o--\|\||\|\|--\|\||<\|--|<\|\.\.|\*--|o--|--\|>|\.\.\|>|<?-{1,3}(?:\[[^\]]*\])?-*>{1,2}\+?|"
    r"<?={2,}>|-\.+->|\.{1,2}>|--x|-x|-\)|--\)|<-{1,2}|---|--)\s*"
)
_LABELLED = re.compile(r"\s*--\s+([^->|]+?)\s+-->\s*")


def pictures_in(text: str) -> list[str]:
    """The addresses of the pictures that a description shows or links, each once, in order."""
    found = (next(filter(None, match.groups())) for match in PICTURE.finditer(text))
    return list(dict.fromkeys(found))


def as_lines(diagram: str) -> list[str]:
    """What the source of a diagram says, a relation a line; names are replaced by their labels.

    >>> as_lines("graph TD\\n  A[Cart] -->|paid| B(Order)\\n")
    ['Cart → Order: paid']
    """
    lines = [line.strip()[:MOST_CHARS].rstrip(";") for line in diagram.splitlines()]
    kept = [line for line in lines if line and not _SILENT.match(line)][:MOST_LINES]
    names = _names(kept)
    told = (_told(line, names) for line in kept)
    return list(dict.fromkeys(line for line in told if line))


def with_diagrams(text: str) -> str:
    """`text` with each diagram told in lines, in its place; other text is as it was."""
    fenced = _FENCE.sub(lambda match: _block(match[3]), text)
    return _BARE.sub(lambda match: _block(match[1]), fenced)


def not_looked_at(count: int) -> str:
    """The sentence about pictures that nobody looked at, or "" where there are none."""
    if not count:
        return ""
    what = "a picture" if count == 1 else f"{count} pictures"
    return f"The description shows {what} that the judge did not look at."


def _block(diagram: str) -> str:
    lines = as_lines(diagram)
    return "\n".join(["Diagram:", *lines]) if lines else ""


def _names(lines: list[str]) -> dict[str, str]:
    """Short names -> what the diagram calls them."""
    names: dict[str, str] = {}
    for line in lines:
        alias = _ALIAS.match(line)
        if alias and alias[2]:
            one, other = alias[1], alias[2]
            short, long = (other, one) if " " in one or len(other) < len(one) else (one, other)
            names[short] = long
        for short, label in _NODE.findall(line):
            names[short] = label.strip()
    return names


def _told(line: str, names: dict[str, str]) -> str:
    if (alias := _ALIAS.match(line)) and not _ARROW.search(line):
        return "" if alias[2] else alias[1].strip(" {")
    text, said = _NODE.sub(r"\1", line), ""
    if labelled := _LABELLED.search(text):
        said = labelled[1].strip()
        text = f"{text[: labelled.start()]} --> {text[labelled.end() :]}"
    if "|" in text and (edge := re.search(r"\|\s*([^|]+?)\s*\|", text)):
        said = edge[1].strip(' "')
        text = text.replace(edge.group(), " ", 1)
    if not said and ":" in text and _ARROW.search(text.partition(":")[0]):
        text, _, said = (part.strip() for part in text.partition(":"))
    parts = [part.strip(' "') for part in _ARROW.split(text)]
    if len(parts) < 2:
        return (
            line if len(line.split()) > 1 or _NODE.search(line) is None else names.get(text, line)
        )
    named = [_named(part, names) for part in parts if part]
    return " → ".join(named) + (f": {said}" if said else "")


def _named(part: str, names: dict[str, str]) -> str:
    if part == "[*]":
        return "(start or end)"
    return " and ".join(names.get(one.strip(), one.strip()) for one in part.split("&"))
