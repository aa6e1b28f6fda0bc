"""The `match` statement under the policy. Patterns compare and take apart plain data; class patterns, which read
attributes by themselves, go through the guard (`constructs.class_pattern`)."""

from __future__ import annotations

import ast
from typing import Any

from RestrictedPython import RestrictingNodeTransformer
from RestrictedPython.transformer import INSPECT_ATTRIBUTES, copy_locations

# What a pattern may compare with; a dotted name would be read past the guard.
LITERALS = (ast.Constant, ast.UnaryOp, ast.USub, ast.BinOp, ast.Add, ast.Sub)


class Matching(RestrictingNodeTransformer):
    """The patterns; mixed into the policy."""

    # The classes that patterns name are looked up and judged before the statement, each under a name of ours.
    def visit_Match(self, node: ast.Match) -> Any:
        outer, self.looked_up = getattr(self, "looked_up", []), []
        node = self.node_contents_visit(node)
        statements: list[ast.stmt] = [*self.looked_up, node]
        self.looked_up = outer
        return statements

    def visit_match_case(self, node: ast.match_case) -> ast.AST:
        return self.node_contents_visit(node)

    def visit_MatchValue(self, node: ast.MatchValue) -> ast.AST:
        if not all(isinstance(part, LITERALS) for part in ast.walk(node.value)):
            self.error(node, "a pattern is a literal in Code Mode; compare other values with `if`")
        return node

    def visit_MatchSingleton(self, node: ast.MatchSingleton) -> ast.AST:
        return node

    def visit_MatchSequence(self, node: ast.MatchSequence) -> ast.AST:
        return self.node_contents_visit(node)

    def visit_MatchOr(self, node: ast.MatchOr) -> ast.AST:
        return self.node_contents_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> ast.AST:
        self.check_name(node, node.name)
        return node

    def visit_MatchAs(self, node: ast.MatchAs) -> ast.AST:
        self.check_name(node, node.name)
        return self.node_contents_visit(node)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> ast.AST:
        self.check_name(node, node.rest)
        for key in node.keys:
            if not all(isinstance(part, LITERALS) for part in ast.walk(key)):
                self.error(node, "a pattern's key is a literal in Code Mode")
        node.patterns = [self.visit(pattern) for pattern in node.patterns]
        return node

    def visit_MatchClass(self, node: ast.MatchClass) -> ast.AST:
        for name in node.kwd_attrs:
            if name.startswith("_") or name in INSPECT_ATTRIBUTES:
                self.error(node, f"`{name}` is not available in Code Mode")
        name = self.gen_tmp_name()
        shape = [ast.Constant(bool(node.patterns)), ast.Constant(bool(node.kwd_attrs))]
        found = ast.Call(func=ast.Name("_class_pattern_", ast.Load()), args=[self.visit(node.cls), *shape], keywords=[])
        assign = ast.Assign(targets=[ast.Name(name, ast.Store())], value=found)
        copy_locations(assign, node)
        self.looked_up.append(assign)
        node.cls = ast.copy_location(ast.Name(name, ast.Load()), node.cls)
        node.patterns = [self.visit(pattern) for pattern in node.patterns]
        node.kwd_patterns = [self.visit(pattern) for pattern in node.kwd_patterns]
        return node
