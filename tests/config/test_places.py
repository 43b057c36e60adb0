"""Where the user's files are: the environment decides, and nothing is made by asking."""

from pathlib import Path

from smtptui.config import Places


def test_the_environment_names_each_of_them(tmp_path: Path) -> None:
    places = Places.of(
        {
            "SMTPTUI_PROFILES": str(tmp_path / "p.yaml"),
            "SMTPTUI_SETTINGS": str(tmp_path / "s.yaml"),
            "SMTPTUI_DATA_DIR": str(tmp_path / "data"),
        }
    )
    assert places.profiles == tmp_path / "p.yaml"
    assert places.settings == tmp_path / "s.yaml"
    assert places.state == tmp_path / "data" / "state.json"
    assert places.reports.parent == tmp_path / "data"
    assert not list(tmp_path.iterdir()), "asking makes nothing"


def test_without_it_they_are_side_by_side_where_the_platform_keeps_such_files() -> None:
    places = Places.of({})
    assert places.profiles.parent == places.settings.parent
    assert places.profiles.name == "profiles.yaml"
    assert places.settings.name == "settings.yaml"
    assert "smtptui" in places.data.parts


def test_empty_variables_name_nothing_and_a_tilde_is_the_home(tmp_path: Path) -> None:
    assert Places.of({"SMTPTUI_SETTINGS": "", "SMTPTUI_DATA_DIR": ""}) == Places.of({})
    assert Places.of({"SMTPTUI_SETTINGS": "~/s.yaml"}).settings == Path.home() / "s.yaml"


def test_the_home_of_nobody_is_just_a_name() -> None:
    named = Places.of({"SMTPTUI_PROFILES": "~no-such-user/p.yaml", "SMTPTUI_DATA_DIR": "~no-such-user"})
    assert named.profiles == Path("~no-such-user/p.yaml")
    assert named.data == Path("~no-such-user")
