"""What is handed on: the wheel, the lock, and files that name no machine of their makers."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
ROOMS = ("index", "qa", "eval", "ui")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TEXT_SUFFIXES = {"", ".cfg", ".css", ".html", ".js", ".json", ".jsonl", ".md", ".py", ".svg", ".toml", ".txt", ".yaml"}
# In pieces, so that this file doesn't name them either.
REGISTRY_HOSTS = ("pypi" + ".org", "python" + "hosted", "npmjs" + ".", "download." + "pytorch", "deb." + "debian")
WHAT_IS_NOT_CODE = {
    "qa/choice_weights.json",
    "qa/reader.safetensors",
    "qa/MODEL_CARD.md",
    "qa/checker.safetensors",
    "qa/checker_rule.json",
    "qa/CHECKER_CARD.md",
    "eval/training/news_questions.jsonl",
    "eval/training/news_claims.jsonl",
    "eval/golden/open.jsonl",
    "eval/golden/frozen.jsonl",
    "eval/golden_gates.toml",
    "eval/adversarial/hand.jsonl",
    "eval/adversarial/paraphrases.jsonl",
    "eval/adversarial/phrases.jsonl",
    "eval/judged_hits.jsonl",
    "eval/near_copy_pairs.jsonl",
    "eval/assets/report.css",
    "eval/assets/report.js",
    "ui/assets/chat.css",
    "ui/assets/reading.css",
    "ui/assets/bridge.js",
    "ui/assets/preview.js",
    "ui/assets/actions.js",
}
MADE_UP_HOMES = ("me", "somebody")


@dataclass(frozen=True, slots=True)
class Installed:
    """The wheel in an environment of its own, and a folder to run it from."""

    site_packages: Path
    command: Path
    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        kept = (name for name in os.environ if not name.startswith(("COPYDESK_", "PYTHON")))
        environment = {name: os.environ[name] for name in kept}
        environment["COPYDESK_ARCHIVE"] = str(self.folder / "archive")
        environment["COPYDESK_CONVERSATIONS"] = str(self.folder / "conversations.sqlite3")
        return subprocess.run(
            [self.command, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    call(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT)
    (made,) = out.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The dependencies are those of the present environment; copydesk itself is the wheel's, not this folder's."""
    home = tmp_path_factory.mktemp("installed")
    call(sys.executable, "-m", "venv", "--without-pip", home / "venv")
    python = home / "venv" / "bin" / "python"
    call(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel)
    (site_packages,) = (home / "venv" / "lib").glob("python*/site-packages")
    # A .pth file puts a folder on the path without reading the .pth files in it, such as that of an editable install.
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    folder = home / "hostile"
    (folder / "eval").mkdir(parents=True)
    for name in ("index.py", "qa.py", "eval/__init__.py"):
        (folder / name).write_text('raise RuntimeError("not copydesk\'s")\n', encoding="utf-8")
    return Installed(site_packages, home / "venv" / "bin" / "copydesk", folder)


def call(*command: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files_of(room: str) -> set[str]:
    found = (path for path in (ROOT / room).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in found}


def repository_files() -> list[Path]:
    """The files that belong to the project, without what tools leave behind."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        names = call("git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
        return [ROOT / name for name in names if name and (ROOT / name).is_file()]
    parts = [path for name in (*ROOMS, "tests", "docs", ".ci") for path in (ROOT / name).rglob("*")]
    return [path for path in (*parts, *ROOT.iterdir()) if path.is_file() and "__pycache__" not in path.parts]


def test_the_wheel_holds_the_four_rooms_whole_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    information = f"copydesk-{PROJECT['version']}.dist-info"
    assert {name.split("/")[0] for name in names} == {*ROOMS, information}
    assert {name for name in names if not name.startswith(information)} == {
        name for room in ROOMS for name in files_of(room)
    }
    assert f"{information}/licenses/LICENSE" in names
    for kind in ("index/samples/", "eval/golden/"):
        assert any(name.startswith(kind) for name in names), kind
    assert names >= WHAT_IS_NOT_CODE
    assert not any("test" in name for name in names)


def test_the_wheel_works_from_a_folder_with_modules_of_the_same_names(installed: Installed) -> None:
    version = installed.run("--version")
    assert version.stdout.strip().endswith(PROJECT["version"]), version.stderr
    samples = installed.site_packages / "index" / "samples"
    page = installed.folder / "page.html"  # read in a child process, which has to find its modules too
    prose = "<p>The ferry to Skerra will sail twice a day from 1 June, the harbour office said on Monday.</p>" * 3
    page.write_text(f"<html><head><title>Ferry</title></head><body><article>{prose}</article></body></html>")
    added = installed.run("add", str(samples), str(page))
    assert added.stdout.startswith("56 added"), added.stderr
    asked = installed.run("ask", "--json", "Why will nobody ring the bell?")
    assert "the crack could spread" in json.loads(asked.stdout)["sentences"][0]["text"], asked.stderr
    checked = installed.run("check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    helped = installed.run("eval", "run", "--help")
    assert helped.returncode == 0, helped.stderr


def test_the_installed_modules_are_the_wheels(installed: Installed) -> None:
    program = f"import {', '.join(ROOMS)}; print(*(m.__file__ for m in ({', '.join(ROOMS)})), sep='\\n')"
    python = installed.command.with_name("python")
    found = call(python, "-P", "-c", program).splitlines()
    assert {Path(path).parent.parent for path in found} == {installed.site_packages}


def test_the_lock_pins_every_direct_dependency() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {}
    for line in lines:
        name, equals, version = line.partition("==")
        assert equals, line
        assert re.fullmatch(r"[0-9][0-9A-Za-z.]*", version), line  # no build of one kind of machine, as in "+cpu"
        pinned[canonicalize_name(name)] = version
    optional = [text for extra in PROJECT["optional-dependencies"].values() for text in extra]
    required = [Requirement(text) for text in (*PROJECT["dependencies"], *optional)]
    wanted = [requirement for requirement in required if requirement.name != PROJECT["name"]]  # an extra within another
    assert "torch" in pinned
    for requirement in wanted:
        version = pinned.get(canonicalize_name(requirement.name))
        assert version is not None, requirement
        assert requirement.specifier.contains(version), (requirement, version)


def test_no_file_names_a_registrys_host_or_a_makers_machine() -> None:
    homes = {str(ROOT), str(Path.home())} - {"/"}
    somebodys = re.compile(rf"/(?:home|Users)/(?!(?:{'|'.join(MADE_UP_HOMES)})/)\w")
    for path in repository_files():
        if path.suffix not in TEXT_SUFFIXES:
            continue
        text = path.read_text(encoding="utf-8")
        named = [word for word in (*REGISTRY_HOSTS, *(f"{home}/" for home in homes)) if word in text]
        assert named == [], path
        assert somebodys.search(text) is None, path
