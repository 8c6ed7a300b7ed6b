"""Decide how each language that is understood is told apart and taken apart. No I/O.

One row per language: its file names, the wheel that parses it, and what its syntax tree calls the
things that matter here. Grammars come with the installed wheels and are loaded at first use;
nothing is ever downloaded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import PurePosixPath
from time import monotonic

import tree_sitter

PARSE_LIMIT_S = 10.0  # ordinary files take milliseconds; a text that stops the parser is no file
# In these grammars time grows with the square of open "<", in one step that no limit interrupts.
_GENERIC = frozenset({"java", "csharp"})
MAX_ANGLES = 5_000


@dataclass(frozen=True, slots=True)
class Language:
    """What is known of a language. Every set holds node types of its grammar.

    grammar       module of the wheel, and the function in it that gives the grammar
    functions     named functions and methods
    closures      functions without a name of their own: lambdas, callbacks, blocks
    containers    classes and namespaces: only their `body` can hold code
    comments      comments, doc comments included
    imports       lines that only name other files
    declarations  types, signatures and other lines that cannot go wrong by themselves
    fields        declarations too, unless they set a value (an "=" is in them)
    idle          whole statements, outside functions, that say nothing to judge
    has_docstrings  the first string of a body is its description
    """

    name: str
    extensions: tuple[str, ...]
    grammar: tuple[str, str]
    functions: frozenset[str]
    closures: frozenset[str] = frozenset()
    containers: frozenset[str] = frozenset()
    comments: frozenset[str] = frozenset({"comment"})
    imports: frozenset[str] = frozenset()
    declarations: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    idle: re.Pattern[str] | None = None
    has_docstrings: bool = False


def _types(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SCRIPT_IDLE = re.compile(
    r"""(?s)(?:(?:const|let|var)\s[\w$\s{},:]+=\s*require\([^()]*\)(?:\.[\w$]+)*\s*;?
    |["']use\ \w+["']\s*;?
    |export\s*(?:type\s*)?(?:\*(?:\s*as\s+\w+)?|\{[\w$\s,]*\})(?:\s*from\s*["'][^"']*["'])?\s*;?
    |(?:module\.)?exports(?:\.[\w$]+)?\s*=\s*(?:[\w$.]+|\{[\w$\s,]*\})\s*;?
    |(?:module\.)?exports(?:\.[\w$]+)?\s*=\s*require\([^()]*\)\s*;?
    |require\([^()]*\)\s*;?)""",
    re.VERBOSE,
)
_SCRIPT_FUNCTIONS = _types("function_declaration generator_function_declaration method_definition")
_SCRIPT_CLOSURES = _types("function_expression generator_function arrow_function")
_TYPESCRIPT_CONTAINERS = _types(
    "class_declaration abstract_class_declaration class internal_module module"
)
_TYPESCRIPT_DECLARATIONS = _types(
    "interface_declaration type_alias_declaration function_signature method_signature "
    "abstract_method_signature ambient_declaration enum_declaration export_clause"
)
_CPP_CONTAINERS = _types(
    "class_specifier struct_specifier union_specifier namespace_definition linkage_specification"
)
_CPP_DECLARATIONS = _types(
    "type_definition alias_declaration using_declaration enum_specifier preproc_def preproc_undef "
    "access_specifier friend_declaration namespace_alias_definition"
)


def _typescript(name: str, extensions: tuple[str, ...]) -> Language:
    return Language(
        name=name,
        extensions=extensions,
        grammar=("tree_sitter_typescript", f"language_{name}"),
        functions=_SCRIPT_FUNCTIONS,
        closures=_SCRIPT_CLOSURES,
        containers=_TYPESCRIPT_CONTAINERS,
        imports=_types("import_statement import_alias"),
        declarations=_TYPESCRIPT_DECLARATIONS,
        fields=_types("public_field_definition"),
        idle=_SCRIPT_IDLE,
    )


def _c_family(name: str, extensions: tuple[str, ...]) -> Language:
    return Language(
        name=name,
        extensions=extensions,
        grammar=("tree_sitter_cpp", "language"),
        functions=_types("function_definition"),
        closures=_types("lambda_expression"),
        containers=_CPP_CONTAINERS,
        imports=_types("preproc_include preproc_call"),
        declarations=_CPP_DECLARATIONS,
        fields=_types("field_declaration declaration"),
    )


LANGUAGES: tuple[Language, ...] = (
    Language(
        name="python",
        extensions=(".py", ".pyi", ".pyw"),
        grammar=("tree_sitter_python", "language"),
        functions=_types("function_definition"),
        containers=_types("class_definition"),
        imports=_types("import_statement import_from_statement future_import_statement"),
        declarations=_types("type_alias_statement"),
        fields=_types("assignment"),
        idle=re.compile(
            r"(?s)__\w+__\s*=.*|\w+\s*=\s*logging\.getLogger\([^()]*\)"
            r"|\w+\s*=\s*(?:\w+\.)?(?:TypeVar|ParamSpec|NewType)\([^()]*\)|pass|\.\.\."
            r"|if (?:typing\.)?TYPE_CHECKING:.*|if __name__ == .__main__.:\s*[^\n]*"
        ),
        has_docstrings=True,
    ),
    Language(
        name="java",
        extensions=(".java",),
        grammar=("tree_sitter_java", "language"),
        functions=_types(
            "method_declaration constructor_declaration compact_constructor_declaration "
            "static_initializer"
        ),
        closures=_types("lambda_expression"),
        containers=_types(
            "class_declaration interface_declaration enum_declaration record_declaration "
            "enum_constant"
        ),
        comments=_types("line_comment block_comment"),
        imports=_types("import_declaration package_declaration"),
        declarations=_types("annotation_type_declaration module_declaration"),
        fields=_types("field_declaration"),
    ),
    Language(
        name="javascript",
        extensions=(".js", ".jsx", ".mjs", ".cjs"),
        grammar=("tree_sitter_javascript", "language"),
        functions=_SCRIPT_FUNCTIONS,
        closures=_SCRIPT_CLOSURES,
        containers=_types("class_declaration class"),
        comments=_types("comment html_comment hash_bang_line"),
        imports=_types("import_statement"),
        declarations=_types("export_clause"),
        fields=_types("field_definition"),
        idle=_SCRIPT_IDLE,
    ),
    _typescript("typescript", (".ts", ".mts", ".cts")),
    _typescript("tsx", (".tsx",)),
    Language(
        name="go",
        extensions=(".go",),
        grammar=("tree_sitter_go", "language"),
        functions=_types("function_declaration method_declaration"),
        closures=_types("func_literal"),
        imports=_types("import_declaration package_clause"),
        declarations=_types("type_declaration"),
    ),
    _c_family(
        "cpp", (".cpp", ".cc", ".cxx", ".c++", ".hpp", ".hh", ".hxx", ".h", ".ipp", ".cu", ".cuh")
    ),
    _c_family("c", (".c",)),
    Language(
        name="rust",
        extensions=(".rs",),
        grammar=("tree_sitter_rust", "language"),
        functions=_types("function_item"),
        closures=_types("closure_expression"),
        containers=_types("impl_item trait_item mod_item foreign_mod_item"),
        comments=_types("line_comment block_comment"),
        imports=_types("use_declaration extern_crate_declaration"),
        declarations=_types(
            "struct_item enum_item union_item type_item function_signature_item associated_type "
            "inner_attribute_item"
        ),
    ),
    Language(
        name="csharp",
        extensions=(".cs", ".csx"),
        grammar=("tree_sitter_c_sharp", "language"),
        functions=_types(
            "method_declaration constructor_declaration destructor_declaration "
            "operator_declaration conversion_operator_declaration indexer_declaration "
            "property_declaration event_declaration local_function_statement"
        ),
        closures=_types("lambda_expression anonymous_method_expression"),
        containers=_types(
            "class_declaration struct_declaration record_declaration interface_declaration "
            "namespace_declaration"
        ),
        imports=_types(
            "using_directive extern_alias_directive file_scoped_namespace_declaration "
            "preproc_region preproc_endregion preproc_nullable preproc_pragma"
        ),
        declarations=_types(
            "enum_declaration delegate_declaration event_field_declaration global_attribute"
        ),
        fields=_types("field_declaration"),
    ),
    Language(
        name="ruby",
        extensions=(".rb", ".rake", ".gemspec", ".ru"),
        grammar=("tree_sitter_ruby", "language"),
        functions=_types("method singleton_method"),
        closures=_types("block do_block lambda"),
        containers=_types("class module singleton_class"),
        idle=re.compile(
            r"(?:require|require_relative|load|autoload|include|extend|prepend|attr_\w+"
            r"|private_constant|(?:private|protected|public|module_function)\b(?!\s+def))\b[^\n]*"
        ),
    ),
    Language(
        name="php",
        extensions=(".php", ".phtml"),
        grammar=("tree_sitter_php", "language_php"),
        functions=_types("function_definition method_declaration"),
        closures=_types("anonymous_function arrow_function"),
        containers=_types(
            "class_declaration interface_declaration trait_declaration enum_declaration "
            "namespace_definition"
        ),
        imports=_types("namespace_use_declaration use_declaration php_tag"),
        declarations=_types("php_end_tag enum_case text"),
        fields=_types("property_declaration"),
        idle=re.compile(r"(?:require|include)(?:_once)?\b[^\n]*|declare\([^()]*\);"),
    ),
)

BY_NAME: Mapping[str, Language] = {language.name: language for language in LANGUAGES}
_BY_EXTENSION: Mapping[str, str] = {
    extension: language.name for language in LANGUAGES for extension in language.extensions
}
_BY_FILE_NAME: Mapping[str, str] = {"rakefile": "ruby", "gemfile": "ruby", "jakefile": "javascript"}


def language_of(path: str) -> str:
    """Name of the language that `path` is written in, by its file name, or "" where unknown.

    >>> language_of("src/App.TSX"), language_of("notes.txt")
    ('tsx', '')
    """
    file = PurePosixPath(path.lower())
    return _BY_FILE_NAME.get(file.name) or _BY_EXTENSION.get(file.suffix, "")


@cache
def _grammar(name: str) -> tree_sitter.Language:
    module, function = BY_NAME[name].grammar
    return tree_sitter.Language(getattr(import_module(module), function)())


class TooHard(ValueError):
    """The text takes too long to parse; some grammars are exponential on text made for that."""


def tree_of(text: str, language: str) -> tree_sitter.Tree:
    """Syntax tree of `text`; its rows count from 0 and end at "\n" alone.

    Text that is wrong in places gives a tree with ERROR nodes there. Raises KeyError for a
    language that is not in the table, and TooHard after PARSE_LIMIT_S seconds
    or where it is known to take long.
    """
    if language in _GENERIC and text.count("<") > MAX_ANGLES:
        raise TooHard(f"more than {MAX_ANGLES:,} angle brackets in one file")
    data = text.encode("utf-8", "replace")
    end_s = monotonic() + PARSE_LIMIT_S

    def read(offset: int, _: object) -> bytes:
        return data[offset : offset + 65_536]

    def is_late(_: int, __: bool) -> bool:
        return monotonic() > end_s

    try:
        return tree_sitter.Parser(_grammar(language)).parse(read, progress_callback=is_late)
    except ValueError as error:
        raise TooHard(f"parsing takes longer than {PARSE_LIMIT_S:g} s") from error
