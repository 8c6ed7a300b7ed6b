"""Decide what a change is for, from its title and description, in words for the judge. No I/O.

It stands in for functions without a description of their own. It is data: what is meant for
people who fill in a form, for other tools, or to talk the judge into an answer is left out. Mermaid
and PlantUML are told in lines.
"""

from __future__ import annotations

import re

from judge.diagrams import with_diagrams
from judge.hostile import IN_OTHER_LANGUAGES, unaddressed
from worker.escape import plain

MAX_CHARS = 1_200
MAX_TITLE = 200
MAX_BODY = 65_536
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1[`~]*[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
SCRIPT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")
# Bounded, and no bracket within a label: else many openings without an end take minutes.
IMAGE = re.compile(r"!\[[^\[\]\n]{0,1000}\]\([^)\n]{0,1000}\)")
LINK = re.compile(r"\[([^\[\]\n]{0,1000})\]\([^)\n]{0,1000}\)")
LEFT_OUT = re.compile(
    r"^\s*(?:"
    r"#{1,6}\s|[-*+]\s+\[[ xX]\]|>|\||-{3,}\s*$|"  # headings of forms, boxes, quotes, tables
    r"(?:co-authored-by|signed-off-by|reviewed-by|acked-by|tested-by|cc|generated\s+with)\b|"
    r"/\w+"  # commands to bots
    r")",
    re.IGNORECASE,
)
# Sentences that speak to whoever judges, not about the code.
ADDRESSED = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,80}"
    r"\b(?:instruction|prompt|rule|above|previous|prior|everything)|"
    r"\b(?:system|assistant|user)\s*(?:prompt|message|:)|"
    r"\byou\s+(?:are|must|should|will|have\s+to|need\s+to|can\s+only)\b|"
    r"\b(?:answer|reply|respond|output|say|return)\s+(?:only\s+|with\s+)*[\"'`]?(?:yes|no)\b|"
    r"\b(?:as\s+an?|dear)\s+(?:ai|llm|language\s+model|reviewer|judge|bot|assistant)\b|"
    r"\b(?:judge|rate|score|mark|approve|grade|verdict|p_?correct)\b[^.\n]{0,60}"
    r"\b(?:correct|pass(?:ed|es)?|perfect|100|1\.0|safe|approved?|high)\b|"
    r"(?<!\w)@(?:everyone|here|channel|all)\b|"
    r"<\||\|>|\[/?INST\]|" + "|".join(IN_OTHER_LANGUAGES),
    re.IGNORECASE,
)


SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")


def purpose(title: str, body: str) -> str:
    """What the change is for, at most MAX_CHARS characters, or "" where nothing says it."""
    said = unaddressed(plain(title, limit=MAX_TITLE))
    kept = [said] if said and not ADDRESSED.search(said) else []
    kept += [line for line in _lines(body) if line]
    return _bounded("\n".join(kept))


def _lines(body: str) -> list[str]:
    whole = COMMENT.sub("", body[:MAX_BODY].replace("\r\n", "\n"))
    text = FENCE.sub("", with_diagrams(whole))
    text = SCRIPT.sub("", text)
    text = TAG.sub("", LINK.sub(r"\1", IMAGE.sub("", text)))
    lines = (plain(line, limit=MAX_CHARS) for line in text.split("\n") if not LEFT_OUT.match(line))
    return unaddressed("\n".join(_unaddressed(line) for line in lines)).split("\n")


def _unaddressed(line: str) -> str:
    """`line` without the sentences that speak to the judge."""
    sentences = SENTENCE.split(line)
    return " ".join(one for one in sentences if one and not ADDRESSED.search(one))


def _bounded(text: str) -> str:
    if len(text) <= MAX_CHARS:
        return text
    kept = text[:MAX_CHARS]
    end = max(kept.rfind("\n"), kept.rfind(". "))
    return kept[: end + 1].rstrip() if end > MAX_CHARS // 2 else kept
