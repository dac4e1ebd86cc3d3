"""The tree keeps its promises: tests mirror it, modules open with a sentence."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("pipeline", "stages", "api")
MODULES = sorted(
    path.relative_to(ROOT)
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if path.name != "__init__.py"
)
MIRRORS = sorted(
    path.relative_to(ROOT / "tests")
    for package in PACKAGES
    for path in (ROOT / "tests" / package).rglob("test_*.py")
)
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
# Tests of what all files of a folder have in common.
OF_THE_FOLDER = {Path("stages/test_headers.py")}
LONGEST_FILE, LONGEST_FUNCTION = 350, 35


def about(mirror: Path) -> list[Path]:
    """Return the modules of a test file: `runner.py` has `test_runner.py`, `test_runner_x.py`."""
    named = f"{mirror.stem.removeprefix('test_')}_"
    beside = [module for module in MODULES if module.parent == mirror.parent]
    return [module for module in beside if named.startswith(f"{module.stem}_")]


@pytest.mark.parametrize("mirror", [m for m in MIRRORS if m not in OF_THE_FOLDER], ids=str)
def test_a_test_file_stands_where_its_module_stands(mirror):
    """Or, below the top of a package, where the folder stands whose modules it tests together."""
    together = len(mirror.parts) > 2 and (ROOT / mirror.parent).is_dir()

    assert about(mirror) or together


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_opens_with_a_sentence(module):
    doc = ast.get_docstring(ast.parse((ROOT / module).read_text(encoding="utf-8")))

    assert doc
    assert doc.split("\n\n")[0].rstrip().endswith((".", ":"))


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_has_a_name_that_says_something(module):
    assert not SAYS_NOTHING & {word for part in module.parts for word in Path(part).stem.split("_")}


def test_tests_have_no_packages_that_would_hide_ours():
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_only_settings_read_the_environment():
    """`pipeline/embedded.py` hands on PATH to PostgreSQL's programs; nothing else asks."""
    readers = [
        str(module)
        for module in MODULES
        for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ]

    assert set(readers) <= {"pipeline/settings.py", "pipeline/embedded.py"}


def functions(module: Path) -> list[tuple[str, int]]:
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    found = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [(node.name, (node.end_lineno or node.lineno) - node.lineno + 1) for node in found]


def test_sizes_are_a_smell_to_think_about(figure):
    """Never fails: the list is printed at the end of the run, for people."""
    lengths = [length for module in MODULES for _, length in functions(module)]
    short = sum(length <= LONGEST_FUNCTION for length in lengths) / len(lengths)
    figure(f"{len(lengths)} functions, {short:.1%} of at most {LONGEST_FUNCTION} lines")
    for module in MODULES:
        lines = len((ROOT / module).read_text(encoding="utf-8").splitlines())
        if lines > LONGEST_FILE:
            figure(f"long file: {module}, {lines} lines")
        for name, length in functions(module):
            if length > LONGEST_FUNCTION:
                figure(f"long function: {module} {name}, {length} lines")


def test_modules_without_a_test_of_their_own_are_named(figure):
    """Never fails: some are tested through the module that they serve."""
    without = set(MODULES) - {module for mirror in MIRRORS for module in about(mirror)}

    figure(f"{len(MODULES) - len(without)} of {len(MODULES)} modules have a test file of their own")
    for folder in sorted({module.parent for module in without}):
        names = sorted(module.stem for module in without if module.parent == folder)
        figure(f"without, in {folder}: {', '.join(names)}")
