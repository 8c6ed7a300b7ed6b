"""Decide what kinds of files are known by their names or first lines. Tables only, no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping

LOCK_FILES = frozenset(
    {
        "package-lock.json",
        "npm-shrinkwrap.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "bun.lockb",
        "poetry.lock",
        "pipfile.lock",
        "uv.lock",
        "pdm.lock",
        "cargo.lock",
        "gemfile.lock",
        "composer.lock",
        "go.sum",
        "go.work.sum",
        "packages.lock.json",
        "gradle.lockfile",
        "mix.lock",
        "pubspec.lock",
        "podfile.lock",
        "package.resolved",
        "flake.lock",
        ".terraform.lock.hcl",
        "requirements.lock",
    }
)

VENDORED_FOLDERS = frozenset(
    {
        "vendor",
        "vendored",
        "_vendor",
        "node_modules",
        "bower_components",
        "jspm_packages",
        "third_party",
        "third-party",
        "thirdparty",
        "3rdparty",
        "site-packages",
        "godeps",
    }
)

DATA_FOLDERS = frozenset(
    {
        "testdata",
        "test_data",
        "test-data",
        "fixtures",
        "__fixtures__",
        "__snapshots__",
        "cassettes",
    }
)

# Names are compared in lower case.
GENERATED_NAMES = re.compile(
    r"_pb2(?:_grpc)?\.pyi?$"  # protobuf, Python
    r"|\.pb(?:\.\w+)?\.(?:go|cc|h|swift|dart)$"  # protobuf, others
    r"|_pb\.(?:js|d\.ts|rb|ts)$|\.pb\.ts$"
    r"|\.(?:g|freezed|gr|mocks|config)\.dart$"
    r"|\.(?:g|generated|designer|g\.i)\.cs$|(?:^|\.)assemblyinfo\.cs$"
    r"|[._-]generated\.\w+$|\.gen\.\w+$|_gen\.go$|^zz_generated\."
    r"|^bindata\.go$"
    r"|^moc_.*\.cpp$|^ui_.*\.h$|^qrc_.*\.cpp$"
    r"|\.tab\.(?:c|h|cpp|hpp)$|^lex\.yy\.c$"
    r"|^r\.java$|^buildconfig\.java$"
)

MINIFIED_NAMES = re.compile(
    r"[.-]min\.(?:[mc]?js|css|html|json|svg)$|[.-](?:bundle|chunk)\.m?js$|\.map$"
)

# In the words that tools write: go.dev/s/generatedcode, protoc, thrift, OpenAPI, ANTLR, Bison.
GENERATED_MARKS = re.compile(
    r"@generated\b"
    r"|\bcode generated\b.*\bdo not edit\b"
    r"|\b(?:automatically|auto)[- ]?generated (?:by|from|file|code|using|with)\b"
    r"|^\W*generated (?:by|from|using) (?!.*\bcopilot\b)"
    r"|<auto-?generated"
    r"|\bthis (?:file|code|class) (?:was|is|has been) (?:automatically |auto-?)?generated\b"
    r"|\bgenerated (?:file|code)\W.*\bdo not (?:edit|modify)\b"
    r"|\bdo not (?:edit|modify)\b.*\bgenerated\b"
    r"|\ba bison parser, made by\b",
    re.IGNORECASE,
)

_DOCUMENTATION = (
    ".md .mdx .markdown .rst .txt .adoc .asciidoc .org .tex .bib .pod .rdoc .textile .1 .2 .3 .4 "
    ".5 .6 .7 .8 .man"
)
_DATA = (
    ".json .jsonc .json5 .jsonl .ndjson .geojson .yaml .yml .toml .ini .cfg .conf .config "
    ".properties .env .xml .xsd .xsl .plist .csv .tsv .parquet .avro .sum .mod .lock .po .pot .mo "
    ".strings .resx .snap .har .log .diff .patch .pem .crt .key .ipynb .svg .proto .graphql "
    ".thrift .avsc .editorconfig .gitignore .dockerignore .in .out .expected .golden .sample "
    ".example .tmpl .template .bnf .g4 .ebnf .csproj .vbproj .fsproj .sln .props .targets .gradle"
)
_MARKUP = (
    ".html .htm .xhtml .css .scss .sass .less .styl .erb .haml .slim .jinja .jinja2 .j2 .ejs .hbs "
    ".tpl .mustache .pug .jade .twig .liquid"
)
_MEDIA = (
    ".png .jpg .jpeg .gif .webp .ico .bmp .tiff .psd .ai .eps .pdf .ps .mp3 .mp4 .wav .ogg .webm "
    ".mov .ttf .otf .woff .woff2 .eot .zip .gz .tgz .bz2 .xz .7z .jar .war .whl .so .dll .dylib "
    ".exe .o .a .class .pyc .bin .dat .db .sqlite .gguf .safetensors .onnx .pt .npy .npz .pkl"
)
_REASONS = (
    ("documentation", _DOCUMENTATION),
    ("data or configuration", _DATA),
    ("markup or style sheet", _MARKUP),
    ("media or archive", _MEDIA),
)

# Reason by suffix. A suffix that is neither here nor a language's is judged by hunks.
NOT_CODE: Mapping[str, str] = {
    suffix: f"no code: {kind}" for kind, suffixes in _REASONS for suffix in suffixes.split()
}

# Files without a suffix, or whose suffix misleads, that hold no code. Lower case.
NOT_CODE_NAMES = frozenset(
    {
        "license",
        "licence",
        "copying",
        "notice",
        "authors",
        "contributors",
        "maintainers",
        "owners",
        "codeowners",
        "changelog",
        "changes",
        "history",
        "readme",
        "news",
        "todo",
        "version",
        "procfile",
        "manifest",
        "py.typed",
        "go.mod",
        "cmakelists.txt",
        "dockerfile",
        "containerfile",
        "makefile",
        "gnumakefile",
        "justfile",
        "brewfile",
        "vagrantfile",
        "jenkinsfile",
    }
)
