"""Planted bugs of what stands around checks: which files are found, what is let pass, what is shown."""

from mutant import Mutant

FOUND = "test_find_specs.py::test_"
SHOWN = "test_visible.py::test_"
WRITTEN = "test_formats_cli.py::test_"
PYTEST = "test_pytest_plugin.py::test_"

MUTANTS = [
    Mutant(
        "paths: links to folders are passed over",
        "run/find_specs.py",
        "            waiting += filter(os.path.islink, below)\n",
        "",
        (f"{FOUND}links_to_folders_are_followed",),
        slow=True,
    ),
    Mutant(
        "paths: a folder is visited as often as links lead to it",
        "run/find_specs.py",
        "            if real in visited:\n",
        "            if place in visited:\n",
        (f"{FOUND}other_files_are_found_the_same_way",),
        slow=True,
    ),
    Mutant(
        "paths: one that holds no spec is passed over",
        "run/check_run.py",
        "    if bare:\n",
        "    if not bare:\n",
        ("test_cases.py::test_a_path_without_a_spec_is_nothing_to_check",),
        slow=True,
    ),
    Mutant(
        "paths: nothing to check in one of them is a pass",
        "engine/outcome.py",
        "vacuous = bool(self.nothing) or any(",
        "vacuous = any(",
        ("test_cases.py::test_a_path_without_a_spec_is_nothing_to_check",),
        slow=True,
    ),
    Mutant(
        "selection: a folder is taken for an explanation",
        "run/selection.py",
        "_explanation(text) == explanation and",
        'f"::{explanation}::" in text and',
        (f"{FOUND}an_explanation_is_chosen_by_its_name_alone",),
        slow=True,
    ),
    Mutant(
        "settings: a pyproject.toml that is a link to nothing is passed over",
        "run/settings.py",
        "os.path.lexists(file)",
        "os.path.isfile(file)",
        ("test_settings.py::test_a_nearest_file_that_is_none_is_refused",),
        slow=True,
    ),
    Mutant(
        "pytest: a refutation that was not counted may be allowed",
        "pytest_plugin.py",
        "and not _refuted(report) and",
        "and",
        (f"{PYTEST}allowing_unknown_allows_no_refutation_that_was_not_counted",),
        slow=True,
    ),
    Mutant(
        "pytest: specs are found round and round",
        "pytest_plugin.py",
        "    if in_a_loop(file_path) and",
        "    if False and",
        (f"{PYTEST}links_to_folders_are_followed_once",),
        slow=True,
    ),
    Mutant(
        "reports: old ones stay where the command line is no good",
        "cli/__init__.py",
        "            forget_reports(argv)\n",
        "            pass\n",
        (f"{WRITTEN}a_command_line_that_cannot_be_understood_leaves_no_old_report",),
        slow=True,
    ),
    Mutant(
        "reports: old ones stay where another output is no good",
        "cli/handing_over.py",
        "    for place in found:\n",
        "    for place in () if problems else found:\n",
        (f"{WRITTEN}outputs_are_judged_before_any_work",),
        slow=True,
    ),
    Mutant(
        "reports: on GitHub the error stream may hold commands",
        "cli/handing_over.py",
        'if fmt != "github":',
        "if fmt:",
        (f"{SHOWN}neither_titles_nor_paths_nor_keys_forge_a_report",),
        slow=True,
    ),
    Mutant(
        "problems: control characters are shown as they are",
        "errors.py",
        '        return visible(f"{where}: {self.code} {self.message}" if',
        '        return str(f"{where}: {self.code} {self.message}" if',
        (f"{SHOWN}neither_titles_nor_paths_nor_keys_forge_a_report",),
        slow=True,
    ),
    Mutant(
        "text: control characters are shown as they are",
        "report/page.py",
        "*map(_visible, parts)",
        "*parts",
        (f"{SHOWN}columns_of_data_forge_none",),
        slow=True,
    ),
    Mutant(
        "Markdown: control characters are shown as they are",
        "report/markdown.py",
        'return visible(" ".join(text.split()))',
        'return " ".join(text.split())',
        (f"{SHOWN}neither_titles_nor_paths_nor_keys_forge_a_report",),
        slow=True,
    ),
    Mutant(
        "cases: control characters are shown as they are",
        "report/cases.py",
        'told = visible(f"{problem.message}{hint}")',
        'told = f"{problem.message}{hint}"',
        (f"{SHOWN}pytest_neither",),
        slow=True,
    ),
]
