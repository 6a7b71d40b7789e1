"""Guards of the house: what an import may pull in, what may leave in a package, which names are public."""

import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
HEAVY = ("litellm", "dspy", "scipy", "pyarrow", "pandas", "openai", "numpy", "pydantic")


def python(*arguments, **options):
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, timeout=300, **options
    )


def test_help_imports_none_of_the_heavy_libraries():
    code = (
        "import sys; from judge.cli.main import cli\n"
        "cli.main(['--help'], standalone_mode=False)\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = python("-c", code)
    assert done.returncode == 0, done.stderr
    assert "HEAVY []" in done.stdout


def test_importing_judge_imports_nothing_heavy():
    done = python("-c", f"import sys, judge; print([name for name in {HEAVY!r} if name in sys.modules])")
    assert done.stdout.strip() == "[]"


def test_every_exported_name_exists_and_is_sorted():
    import judge

    assert list(judge.__all__) == sorted(judge.__all__)
    for name in judge.__all__:
        assert getattr(judge, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'grad'"):
        judge.grad  # noqa: B018


def test_every_command_has_help_with_an_example():
    from click.testing import CliRunner

    from judge.cli.main import cli

    runner = CliRunner()
    for name in cli.list_commands(None):
        shown = runner.invoke(cli, [name, "--help"])
        assert shown.exit_code == 0, name
        command = cli.get_command(None, name)
        helps = [shown.output]
        for sub in getattr(command, "commands", {}):
            helps.append(runner.invoke(cli, [name, sub, "--help"]).output)
        for text in helps[1:] or helps:
            assert re.search(rf"judge {name}", text), f"{name}: no example in\n{text}"


def test_every_command_is_in_the_readme():
    from judge.cli.main import cli

    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    missing = [name for name in cli.list_commands(None) if f"judge {name}" not in readme]
    assert missing == []


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """Build wheel and sdist with a physician's file lying about, as it would on a real machine."""
    import shutil

    copy = tmp_path_factory.mktemp("copy") / "project"
    ignored = shutil.ignore_patterns(".git", ".venv", "*_cache", "__pycache__", "outputs", ".hypothesis", "dist")
    shutil.copytree(PROJECT, copy, ignore=ignored)
    for place in ("calibration/ward", "outputs/run"):
        (copy / place).mkdir(parents=True)
        (copy / place / "grades-of-dr-x.csv").write_text("item,rater,role,dimension,level\n")
    (copy / "outputs" / "README.md").write_text((PROJECT / "outputs" / "README.md").read_text())
    (copy / "grades-of-dr-x.csv").write_text("item,rater,role,dimension,level\n")
    out = tmp_path_factory.mktemp("dist")
    code = (
        "import sys; from pathlib import Path\n"
        "from hatchling.builders.wheel import WheelBuilder; from hatchling.builders.sdist import SdistBuilder\n"
        "for kind in (WheelBuilder, SdistBuilder):\n"
        "    list(kind(sys.argv[1]).build(directory=sys.argv[2]))\n"
    )
    built = python("-c", code, str(copy), str(out))
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(next(out.glob("*.whl"))) as wheel:
        in_wheel = wheel.namelist()
    with tarfile.open(next(out.glob("*.tar.gz"))) as sdist:
        in_sdist = sdist.getnames()
    return in_wheel, in_sdist


def test_the_wheel_holds_rubrics_demonstration_and_tables_of_the_code(packages):
    in_wheel, _ = packages
    assert "judge/_rubrics/ecg-clinical-reasoning/v1.yaml" in in_wheel
    assert "judge/_rubrics/open-answer/v1.yaml" in in_wheel
    assert "judge/_demonstration/answers.jsonl" in in_wheel
    assert "judge/py.typed" in in_wheel
    data = {path.relative_to(PROJECT).as_posix() for path in (PROJECT / "judge").rglob("*.yaml")}
    assert data <= set(in_wheel)


def test_no_physicians_file_gets_into_wheel_or_sdist(packages):
    for names in packages:
        assert names
        assert not [name for name in names if "dr-x" in name]
    in_wheel, in_sdist = packages
    assert not [name for name in in_wheel if not name.startswith(("judge/", "clinical_judge-"))]
    assert any(name.endswith("rubrics/open-answer/v1.yaml") for name in in_sdist)


def test_the_layers_hold():
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        capture_output=True, text=True, check=False, cwd=PROJECT, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_pickle_and_no_diskcache_in_our_code():
    for path in (PROJECT / "judge").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(import|from) (pickle|cloudpickle|diskcache|shelve|joblib)\b", text, re.MULTILINE), (
            path
        )
