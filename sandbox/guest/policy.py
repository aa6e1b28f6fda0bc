"""What Python may be written: RestrictedPython's transformer, with the constructs of ordinary analysis added.

RestrictedPython rewrites `a.b`, `a[b]`, loops, unpacking and calls with stars into calls of the guard. It refuses
names with an underscore, `exec`, `eval`, async code and, by default, `d[k] += 1`, annotations, `nonlocal`, `match`,
`super()` and most special methods: these are harmless once they go through the same guard, so they are rewritten
here instead.
"""

from __future__ import annotations

import ast

from typing import Any

from RestrictedPython.transformer import IOPERATOR_TO_STR, copy_locations

from matching import Matching
from names import LISTS

MESSAGES = {
    "AsyncFunctionDef": "async code is not available in Code Mode",
    "TryStar": "`except*` is not available in Code Mode; use except",
}
# What a class of the script may define. Left out is all that changes how others read an object (`__getattr__`,
# `__class__`, `__get__`, `__dict__`, `__slots__`, `__match_args__`), hands memory to NumPy (`__array_interface__`,
# `__buffer__`) or takes part in copying and loading (`__reduce__`, `__new__`).
SPECIAL = LISTS["special methods"]
# Read as text (see `constructs.describe`).
DESCRIPTIONS = frozenset({"__name__", "__version__"})


class Policy(Matching):
    """The policy handed to `compile_restricted`; errors are kept with their column."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The classes and functions around the node that is visited, innermost last.
        self.scopes: list[ast.ClassDef | ast.FunctionDef | ast.Lambda] = []

    # `Line 3: text` is all the base class keeps; the editor wants the column too.
    def error(self, node: ast.AST, info: str) -> None:
        info = MESSAGES.get(type(node).__name__, info)
        self.errors.append((getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1, info))  # type: ignore[arg-type]

    def warn(self, node: ast.AST, info: str) -> None:
        """Warnings are about `printed`, which we do not have."""

    # Special methods are names of a class body only, also in `__radd__ = __add__`. `printed` is nothing special here.
    def check_name(self, node: Any, name: str | None, allow_magic_methods: bool = False) -> None:
        in_class = bool(self.scopes) and isinstance(self.scopes[-1], ast.ClassDef)
        if name == "printed" or (in_class and name in SPECIAL):
            return
        super().check_name(node, name, allow_magic_methods)

    # `print` is one of our own built-ins, bounded and collected; the base class would make a collector per function.
    # `__name__` is the text "__main__", for `if __name__ == "__main__":`.
    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in ("print", "printed", "__name__") and isinstance(node.ctx, ast.Load):
            return node
        return super().visit_Name(node)  # type: ignore[return-value]

    # `x.__name__` and its like are text; `super().__init__` and `Base.__init__` are methods of own classes.
    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.ctx, ast.Load):
            owner = node.value
            if node.attr in DESCRIPTIONS:
                return self.call(node, "_describe_", self.visit(owner), ast.Constant(node.attr))
            if node.attr in SPECIAL and isinstance(owner, (ast.Name, ast.Call)):
                return self.call(node, "_special_", self.visit(owner), ast.Constant(node.attr))
        return super().visit_Attribute(node)  # type: ignore[return-value]

    # `super()` finds its class and object by looking into the frame that calls it; here they are written out.
    def visit_Call(self, node: ast.Call) -> ast.AST:
        bare = isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args and not node.keywords
        if not bare:
            return super().visit_Call(node)  # type: ignore[return-value]
        function = self.scopes[-1] if self.scopes else None
        in_class = any(isinstance(scope, ast.ClassDef) for scope in self.scopes)
        if not in_class or not isinstance(function, (ast.FunctionDef, ast.Lambda)):
            self.error(node, "super() is available in methods of a class only")
            return node
        arguments = [*function.args.posonlyargs, *function.args.args]
        if not arguments:
            self.error(node, "super() needs a method with an argument, such as self")
            return node
        cell = ast.Name("__class__", ast.Load())
        return self.call(node, "_super_", cell, ast.Name(arguments[0].arg, ast.Load()))

    def call(self, node: ast.expr, name: str, *arguments: ast.expr) -> ast.Call:
        """A call of one of the guard's functions in the place of `node`."""
        made = ast.Call(func=ast.Name(name, ast.Load()), args=list(arguments), keywords=[])
        copy_locations(made, node)
        return made

    # A bare `except:` would also take a refusal, which ends the run.
    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        bare = node.type is None
        node = super().visit_ExceptHandler(node)  # type: ignore[assignment]
        if bare:
            node.type = ast.copy_location(ast.Name("_exception_", ast.Load()), node)
        return node

    # Annotations are dropped, so that it makes no difference how they would be evaluated.
    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        if node.module == "__future__" and node.level == 0 and all(name.name == "annotations" for name in node.names):
            return ast.copy_location(ast.Pass(), node)
        return super().visit_ImportFrom(node)  # type: ignore[return-value]

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

    # A function's own name belongs to the scope around it, all else to its own.
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        # `def f[T](x)` binds names of its own kind, which nothing here would check.
        if getattr(node, "type_params", None):
            self.error(node, "type parameters are not available in Code Mode")
        self.check_name(node, node.name)
        self.check_function_argument_names(node)
        decorators = [self.visit(decorator) for decorator in node.decorator_list]
        node.decorator_list = []
        node.args = self.visit(node.args)
        self.scopes.append(node)
        node.body = self.visit_body(node.body)
        self.scopes.pop()
        node.decorator_list = decorators
        return node

    def visit_body(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Each statement, some of which become several."""
        visited: list[ast.stmt] = []
        for statement in body:
            result = self.visit(statement)
            visited.extend(result if isinstance(result, list) else [result])
        return visited

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self.scopes.append(node)
        node = super().visit_Lambda(node)  # type: ignore[assignment]
        self.scopes.pop()
        return node

    # Bases and decorators belong to the scope around the class as well.
    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.scopes.append(node)
        made = super().visit_ClassDef(node)
        self.scopes.pop()
        return made  # type: ignore[return-value]

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
