"""Paths to spec files: links to folders, loops of links, and folders that cannot be read."""

import os
from pathlib import Path

import pytest

from verifier.errors import InputError
from verifier.run.find_specs import files_below, find_specs, in_a_loop, specs_by_path
from verifier.run.selection import selection


def found(folder: Path) -> list[str]:
    return [str(Path(path).relative_to(folder)) for path in find_specs([str(folder)])]


def test_links_to_folders_are_followed(tmp_path: Path) -> None:
    specs, elsewhere = tmp_path / "specs", tmp_path / "elsewhere"
    specs.mkdir()
    elsewhere.mkdir()
    (elsewhere / "a.circuit.yaml").touch()
    (specs / "b.circuit.json").touch()
    (specs / "sub").symlink_to("../elsewhere")
    assert found(specs) == ["b.circuit.json", "sub/a.circuit.yaml"]


def test_a_folder_is_visited_once_and_without_a_detour(tmp_path: Path) -> None:
    folder = tmp_path / "m" / "n"
    folder.mkdir(parents=True)
    (folder / "a.circuit.yaml").touch()
    (tmp_path / "a").symlink_to("m")
    (folder / "up").symlink_to("../..")
    (folder / "self").symlink_to(".")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "gone").symlink_to("absent")
    assert found(tmp_path) == ["m/n/a.circuit.yaml"]
    assert found(folder) == ["a.circuit.yaml"]


def test_links_to_links_are_followed(tmp_path: Path) -> None:
    for name in ("one", "two", "top"):
        (tmp_path / name).mkdir()
    (tmp_path / "two" / "a.circuit.yml").touch()
    (tmp_path / "one" / "on").symlink_to("../two")
    (tmp_path / "top" / "on").symlink_to("../one")
    assert found(tmp_path / "top") == ["on/on/a.circuit.yml"]


def test_a_link_to_nothing_is_a_spec_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.circuit.yaml").symlink_to("absent")
    assert found(tmp_path) == ["a.circuit.yaml"]


def test_a_folder_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "below").mkdir(mode=0)
    monkeypatch.chdir(tmp_path)  # which is below folders that others may not enter
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(InputError, match="E108 cannot read the folder"):
            find_specs(["."])
    finally:
        os.seteuid(before)


def test_which_paths_hold_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").touch()
    assert specs_by_path([str(tmp_path), "b.yaml"]) == {str(tmp_path): [], "b.yaml": ["b.yaml"]}


def test_other_files_are_found_the_same_way(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "link").symlink_to("sub")
    (tmp_path / "sub" / "verifier.lock").touch()
    assert list(files_below(tmp_path, "verifier.lock")) == [tmp_path / "sub" / "verifier.lock"]


def test_which_paths_go_round_in_circles(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "a" / "up").symlink_to("..")
    assert not in_a_loop(tmp_path / "a" / "x.circuit.yaml")
    assert not in_a_loop(tmp_path / "b" / "x.circuit.yaml")
    assert in_a_loop(tmp_path / "a" / "up" / "x.circuit.yaml")


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("a.circuit.yaml::alice::behavior", True),
        ("e::alice::/a.circuit.yaml::carol::behavior", False),
        ("e::alice::/a.circuit.yaml::alice::readout", True),
        ("e::alice::enumerate", False),
        ("alice::enumerate", False),
        ("a.circuit.yaml::alice2::behavior", False),
    ],
)
def test_an_explanation_is_chosen_by_its_name_alone(text: str, chosen: bool) -> None:
    select = selection(None, "alice")
    assert select is not None
    assert select(text) is chosen
