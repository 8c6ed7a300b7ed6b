"""Decide what node types mean in the syntax trees of all languages alike. Tables only, no I/O."""

from __future__ import annotations

MAX_IDLE_CHARS = 1000  # a longer statement is never taken for an idle one
ALWAYS_ABOVE = frozenset({"decorator", "attribute_item"})  # siblings that belong to what follows
EMPTY_WORDS = frozenset(
    {"end", "else", "do", "then", "begin", "try", "finally", "export", "default"}
)
STATEMENTS = frozenset(
    {
        "expression_statement",
        "lexical_declaration",
        "variable_declaration",
        "declare_statement",
        "assignment",
        "call",
        "export_statement",
        "identifier",
        "if_statement",
        "pass_statement",
    }
)
# Statements that set a value, and what makes the value more than data.
SETTINGS = frozenset(
    {
        "expression_statement",
        "lexical_declaration",
        "variable_declaration",
        "public_field_definition",
        "field_definition",
        "const_declaration",
        "var_declaration",
        "const_item",
        "static_item",
        "field_declaration",
        "declaration",
        "assignment",
        "property_declaration",
    }
)
WORK = frozenset(
    {
        "call",
        "call_expression",
        "method_invocation",
        "invocation_expression",
        "object_creation_expression",
        "new_expression",
        "function_call_expression",
        "member_call_expression",
        "nullsafe_member_call_expression",
        "scoped_call_expression",
        "macro_invocation",
        "boolean_operator",
        "comparison_operator",
        "conditional",
        "conditional_expression",
        "ternary_expression",
        "list_comprehension",
        "dictionary_comprehension",
        "set_comprehension",
        "generator_expression",
        "lambda",
        "lambda_expression",
        "arrow_function",
        "function_expression",
        "generator_function",
        "method_definition",
        "anonymous_function",
        "anonymous_method_expression",
        "closure_expression",
        "func_literal",
        "block",
        "do_block",
        "argument_list",
        "interpolation",
        "template_substitution",
        "update_expression",
        "augmented_assignment",
        "augmented_assignment_expression",
        "await",
        "await_expression",
        "yield",
        "class",
        "jsx_element",
        "jsx_self_closing_element",
    }
)
STUBS = frozenset({"pass_statement", "ellipsis", "comment"})
INITIALIZERS = frozenset({"field_initializer_list", "constructor_initializer"})
