"""Planted bugs of settings: what is changed where, and which tests must notice."""

from mutant import Mutant

SETTINGS = "test_settings.py::test_"
ORDER = f"{SETTINGS}command_line_environment_spec_and_project_in_this_order"

MUTANTS = [
    Mutant(
        "settings: the spec comes before the command line",
        "engine/options.py",
        "replace(self, otherwise=None).over(spec)",
        "spec.over(replace(self, otherwise=None))",
        (ORDER,),
        slow=True,
    ),
    Mutant(
        "settings: pyproject.toml comes before the spec",
        "engine/options.py",
        "return said.over(self.otherwise) if",
        "return self.otherwise.over(said) if",
        (ORDER,),
        slow=True,
    ),
    Mutant(
        "settings: the environment comes before the command line",
        "run/settings.py",
        "said.over(self.environment.options)",
        "self.environment.options.over(said)",
        (ORDER,),
        slow=True,
    ),
    Mutant(
        "settings: an empty variable is a value",
        "run/settings.py",
        "        if not text:\n            continue\n",
        "        if text is None:\n            continue\n",
        (f"{SETTINGS}variables_say_the_same_and_an_empty_one_says_nothing",),
        slow=True,
    ),
    Mutant(
        "settings: paths are relative to the working directory",
        "run/settings.py",
        "os.path.join(beside, path)",
        "os.path.join('.', path)",
        (f"{SETTINGS}the_nearest_file_with_the_table_counts",),
        slow=True,
    ),
    Mutant(
        "settings: a pyproject.toml without the table ends the search",
        "run/settings.py",
        "        if node is None:\n            continue\n",
        "        if node is None:\n            break\n",
        (f"{SETTINGS}the_nearest_file_with_the_table_counts",),
        slow=True,
    ),
    Mutant(
        "settings: what a spec says is not heard",
        "run/check_specs.py",
        "self.options = self.options.with_spec(self.spec.options)",
        "self.options = self.options.with_spec(type(self.options)())",
        (f"{SETTINGS}a_spec_says_how_it_is_checked",),
        slow=True,
    ),
    Mutant(
        "TOML: a line inside a text is a statement",
        "spec/toml_to_nodes.py",
        "Error:\n            continue\n",
        "Error:\n            run, first = '', number + 1\n            continue\n",
        (f"{SETTINGS}places_in_toml",),
        slow=True,
    ),
]
