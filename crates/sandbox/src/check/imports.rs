//! Which import lines are allowed: the libraries that the guard hands out, under any name, and listed names of them.

use ruff_python_ast::Alias;
use ruff_text_size::{Ranged as _, TextRange};

use super::names;
use super::reader::Reader;

impl<'a> Reader<'a> {
    /// `import module` and `import module as name`.
    pub(super) fn import(&mut self, alias: &'a Alias) {
        let module = alias.name.as_str();
        match names::library(module) {
            None => self.refuse_import(alias.range(), module),
            Some(library) => {
                if let Some(name) = &alias.asname {
                    self.own_name(name.range(), name);
                    self.libraries.insert(name.as_str(), library);
                } else if let Some(library) = names::library(root(module)) {
                    // `import plotly.express` binds `plotly`.
                    self.libraries.insert(root(module), library);
                }
            }
        }
    }

    /// `from module import name`.
    pub(super) fn import_from(&mut self, module: &str, level: u32, alias: &'a Alias) {
        let name = alias.name.as_str();
        // Annotations are dropped, however they would be evaluated.
        if (level, module, name) == (0, "__future__", "annotations") {
            return;
        }
        let library = names::library(module).filter(|_| level == 0);
        // `go` has a name for every class of plotly and is not listed: the guard decides.
        let allowed = library.is_some_and(|library| {
            !name.starts_with('_') && name != "*" && names::listed(library, name) != Some(false)
        });
        if !allowed {
            let hint = names::instead(if library.is_some() {
                name
            } else {
                root(module)
            });
            self.refuse(
                alias.range(),
                format!("`from {module} import {name}` is not available in Code Mode. {hint}"),
            );
            return;
        }
        let known = alias.asname.as_ref().map_or(name, |asname| asname.as_str());
        self.own_name(alias.range(), known);
        if let Some(library) = names::library(&format!("{module}.{name}")) {
            self.libraries.insert(known, library);
        }
    }

    fn refuse_import(&mut self, range: TextRange, module: &str) {
        let hint = names::instead(root(module));
        // `import plotly.io as pio` is about showing and templates.
        let hint = match (hint, module.rsplit('.').next().unwrap_or(module)) {
            ("", "io") if root(module) == "plotly" => names::instead("pio"),
            ("", last) if last != module => names::instead(last),
            (hint, _) => hint,
        };
        let hint = if hint.is_empty() {
            "pd, np, px and go are already there."
        } else {
            hint
        };
        self.refuse(
            range,
            format!("`import {module}` is not available in Code Mode. {hint}"),
        );
    }
}

fn root(module: &str) -> &str {
    module.split('.').next().unwrap_or(module)
}
