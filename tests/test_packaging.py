"""A wheel holds all that the program needs beside its code."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("pipeline", "stages", "api", "sql", "legacy_scripts")
FILES = ("pyproject.toml", "README.md", "LICENSE")
BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"


def files_below(folder):
    return {
        str(path.relative_to(folder))
        for part in PARTS
        for path in (folder / part).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """What a wheel of this tree holds, unpacked."""
    source, made, unpacked = (tmp_path_factory.mktemp(n) for n in ("source", "made", "unpacked"))
    for name in PARTS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    for name in FILES:
        shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-c", BUILD, str(made)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)  # noqa: S603  # our own tree
    (wheel,) = made.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(unpacked)
    return unpacked


def test_a_wheel_holds_every_file_of_the_program(installed):
    assert files_below(installed) == files_below(ROOT)


def test_the_program_runs_from_a_wheel(installed, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    code = (
        "from api.app import create_app; from pipeline.queries import QUERIES; print(len(QUERIES))"
    )
    said = subprocess.run(  # noqa: S603  # our own tree
        [sys.executable, "-c", f"import pipeline; print(pipeline.__file__); {code}"],
        cwd=tmp_path, env=environment, check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip

    assert Path(said[0]).is_relative_to(installed)
    assert int(said[1]) > 100


def test_installing_translates_everything_once_wherever_python_may_not(tmp_path):
    """Without bytecode a worker takes twice as long to start, at every start."""
    for name in ("bootstrap.sh", "uv.lock", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "pipeline").mkdir()
    (tmp_path / "pipeline" / "any.py").write_text("")
    program = tmp_path / "programs" / "uv"
    program.parent.mkdir()
    program.write_text(
        '#!/bin/sh\necho "$@" > said\nmkdir -p .venv/bin\n'
        f"printf '#!/bin/sh\\nexec {sys.executable} \"$@\"\\n' > .venv/bin/python\n"
        "chmod +x .venv/bin/python\n"
    )
    program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}
    environment |= {"PYTHON": sys.executable, "PYTHONDONTWRITEBYTECODE": "1"}

    subprocess.run(
        ["/bin/sh", "bootstrap.sh"],
        cwd=tmp_path, env=environment, check=True, capture_output=True,
    )  # fmt: skip

    assert "--compile-bytecode" in (tmp_path / "said").read_text().split()
    assert list((tmp_path / "pipeline" / "__pycache__").glob("any.*.pyc"))
