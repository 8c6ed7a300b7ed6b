"""Decide what may be put for what in right code: tables for all languages alike. No I/O.

Nearly every exchange goes both ways, so that a mutation leaves no marks: what is rare in right
code must not be common in its mutants.
"""

from __future__ import annotations

from collections.abc import Mapping

WEIGHTS: Mapping[str, float] = {
    "comparison": 3.0,
    "operator": 3.0,
    "boundary": 3.0,
    "constant": 3.0,
    "variable": 4.0,
    "arguments": 2.0,
    "condition": 3.0,
    "branch": 2.0,
    "statement": 1.5,
    "return": 1.0,
    "method": 4.0,
}
COMPARISONS: Mapping[str, tuple[str, ...]] = {
    "<": ("<=", ">", ">="),
    "<=": ("<", ">=", ">"),
    ">": (">=", "<", "<="),
    ">=": (">", "<=", "<"),
    "==": ("!=", ">=", "<="),
    "!=": ("==", "<", ">"),
    "===": ("!==", ">=", "<="),
    "!==": ("===", "<", ">"),
    "in": ("not in",),
    "not in": ("in",),
    "is": ("is not",),
    "is not": ("is",),
}
OPERATORS: Mapping[str, tuple[str, ...]] = {
    "+": ("-", "*"),
    "-": ("+",),
    "*": ("+", "-"),
    "/": ("*", "-"),
    "//": ("%", "/"),
    "%": ("//",),
    "**": ("*",),
    "&": ("|", "^"),
    "|": ("&", "^"),
    "^": ("|", "&"),
    "<<": (">>",),
    ">>": ("<<",),
    "+=": ("-=", "="),
    "-=": ("+=",),
    "*=": ("+=",),
    "/=": ("*=",),
    "//=": ("-=",),
    "|=": ("&=",),
    "&=": ("|=",),
    "++": ("--",),
    "--": ("++",),
    "and": ("or",),
    "or": ("and",),
    "&&": ("||",),
    "||": ("&&",),
}
NO_FLOOR: Mapping[str, tuple[str, ...]] = {"/": ("*", "%", "-"), "%": ("/",)}  # "//" is a comment
COMPARING = frozenset({"comparison_operator", "binary_expression"})
OPERATING = frozenset(
    [
        "binary_operator",
        "boolean_operator",
        "binary_expression",
        "augmented_assignment",
        "augmented_assignment_expression",
        "assignment_expression",
        "assignment_statement",
        "update_expression",
    ]
)
ALTERNATIVES = tuple(
    frozenset(family.split())
    for family in (
        "min max",
        "any all",
        "sum len",
        "list set",
        "lower upper casefold",
        "toLowerCase toUpperCase",
        "islower isupper",
        "isdigit isalpha isalnum isnumeric",
        "lstrip rstrip strip",
        "trim trimStart trimEnd",
        "startswith endswith",
        "startsWith endsWith",
        "HasPrefix HasSuffix",
        "TrimLeft TrimRight TrimSpace",
        "find rfind",
        "index rindex",
        "indexOf lastIndexOf",
        "Index LastIndex",
        "keys values items",
        "Keys Values",
        "keySet values",
        "some every",
        "anyMatch allMatch noneMatch",
        "any_of all_of none_of",
        "filter map",
        "push unshift",
        "pop shift",
        "pop popleft",
        "append appendleft",
        "push_back push_front",
        "pop_back pop_front",
        "front back",
        "addFirst addLast",
        "removeFirst removeLast",
        "getFirst getLast",
        "floor ceil round trunc",
        "Floor Ceil Round Trunc",
        "floorDiv floorMod",
        "lower_bound upper_bound",
        "bisect_left bisect_right bisect",
        "nlargest nsmallest",
        "union intersection difference symmetric_difference",
        "combinations permutations",
        "sin cos tan",
        "log log2 log10",
        "add remove",
        "append extend",
        "match search fullmatch",
        "split rsplit",
        "slice splice",
        "substring substr",
        "offer poll",
        "isEmpty isPresent",
        "begin rbegin",
        "height width",
        "first last",
        "left right",
        "row col",
        "start end",
        "next prev",
        "MAX_VALUE MIN_VALUE",
        "MAX_SAFE_INTEGER MIN_SAFE_INTEGER",
        "MaxInt64 MinInt64",
        "INT_MAX INT_MIN",
        "true false",
        "True False",
    )
)
ARGUMENTS = frozenset({"argument_list", "arguments"})
INTEGERS = frozenset(
    (
        "integer",
        "number",
        "decimal_integer_literal",
        "number_literal",
        "int_literal",
    )
)
NAMES = frozenset(["identifier", "property_identifier", "field_identifier"])
TRUTHS = frozenset({"true", "false"})
CONDITIONAL = frozenset({"if_statement", "elif_clause", "while_statement", "if_clause"})
LOOPS = frozenset({"while_statement", "do_statement", "for_statement"})
BLOCKS = frozenset({"block", "statement_block", "compound_statement", "statement_list"})
DROPPED = frozenset(
    [
        "expression_statement",
        "assignment_statement",
        "inc_statement",
        "dec_statement",
        "continue_statement",
        "break_statement",
    ]
)
PARAMETERS = frozenset(["parameters", "formal_parameters", "parameter_list", "lambda_parameters"])
ASSIGNING: Mapping[str, str] = {
    "assignment": "left",
    "assignment_expression": "left",
    "for_statement": "left",
    "for_in_statement": "left",
    "for_in_clause": "left",
    "range_clause": "left",
    "short_var_declaration": "left",
    "variable_declarator": "name",
    "var_spec": "name",
    "enhanced_for_statement": "name",
    "init_declarator": "declarator",
    "for_range_loop": "declarator",
    "declaration": "declarator",
}
NOT_A_USE: Mapping[str, tuple[str, ...]] = {
    "call": ("function",),
    "call_expression": ("function",),
    "method_invocation": ("name",),
    "attribute": ("attribute",),
    "field_access": ("field",),
    "keyword_argument": ("name",),
    "qualified_identifier": ("name", "scope"),
    "function_definition": ("name",),
    "function_declaration": ("name",),
}
