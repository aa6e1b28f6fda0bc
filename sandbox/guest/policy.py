"""What Python may be written: RestrictedPython's transformer, with the constructs of ordinary analysis added.

RestrictedPython rewrites `a.b`, `a[b]`, loops, unpacking and calls with stars into calls of the guard. It refuses
names with an underscore, `exec`, `eval`, async code and, by default, `d[k] += 1`, annotations and `nonlocal`:
those three are harmless once they go through the same guard, so they are rewritten here instead.
"""

from __future__ import annotations

import ast

from RestrictedPython import RestrictingNodeTransformer
from RestrictedPython.transformer import IOPERATOR_TO_STR, copy_locations

MESSAGES = {
    "AsyncFunctionDef": "async code is not available in Code Mode",
    "Match": "`match` is not available in Code Mode; use if and elif",
    "TryStar": "`except*` is not available in Code Mode; use except",
}


class Policy(RestrictingNodeTransformer):
    """The policy handed to `compile_restricted`; errors are kept with their column."""

    # `Line 3: text` is all the base class keeps; the editor wants the column too.
    def error(self, node: ast.AST, info: str) -> None:
        info = MESSAGES.get(type(node).__name__, info)
        self.errors.append((getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1, info))  # type: ignore[arg-type]

    def warn(self, node: ast.AST, info: str) -> None:
        """Warnings are about `printed`, which we do not have."""

    # `print` is one of our own built-ins, bounded and collected; the base class would make a collector per function.
    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id == "print" and isinstance(node.ctx, ast.Load):
            return node
        return super().visit_Name(node)  # type: ignore[return-value]

    # `x: int = 1` is `x = 1`: the annotation is dropped, so that it is never evaluated.
    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if node.value is None:
            # A bare `x: int` binds nothing. The target is still checked.
            self.visit(node.target)
            replacement: ast.stmt = ast.Pass()
            copy_locations(replacement, node)
            return replacement
        assign = ast.Assign(targets=[node.target], value=node.value)
        copy_locations(assign, node)
        return self.visit(assign)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return super().visit_arg(node)  # type: ignore[return-value]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return super().visit_FunctionDef(node)  # type: ignore[return-value]

    # `nonlocal` reaches the script's own variables only; names are checked like any others.
    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        for name in node.names:
            self.check_name(node, name)
        return node

    def visit_Global(self, node: ast.Global) -> ast.AST:
        for name in node.names:
            self.check_name(node, name)
        return node

    # `a.b += c` and `a[b] += c` become one call that reads, computes and writes through the guard, so that `a` and
    # `b` are evaluated once, as Python promises.
    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        target = node.target
        if isinstance(target, ast.Name):
            return super().visit_AugAssign(node)  # type: ignore[return-value]
        # Visited as a read first: it checks the names and leaves `guard(owner, key)`, whose parts are taken over.
        if isinstance(target, ast.Attribute):
            read = ast.Attribute(target.value, target.attr, ast.Load())
            helper = "_inplace_attr_"
        else:
            read = ast.Subscript(target.value, target.slice, ast.Load())
            helper = "_inplace_item_"
        owner, key = self.visit(ast.copy_location(read, target)).args
        operator = ast.Constant(IOPERATOR_TO_STR[type(node.op)])
        call = ast.Call(
            func=ast.Name(helper, ast.Load()), args=[operator, owner, key, self.visit(node.value)], keywords=[]
        )
        statement = ast.Expr(call)
        copy_locations(call, node)
        copy_locations(statement, node)
        return statement
