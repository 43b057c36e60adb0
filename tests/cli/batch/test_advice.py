"""What a command advises can be done: changed files, a pause with its reason, nobody to send to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from smtptui.batch import Attempted, BatchState, Journal, RecipientState
from smtptui.protocol import Stage
from tests.cli.batch.journals import make_journal, recipient
from tests.cli.running import Ended, flawless
from tests.servers.counting import counting, read_record

TEMPLATE = "To: {{email}}\nFrom: Me <me@sender.test>\nSubject: Hello\n\nHello.\n"
S = RecipientState


class Home:
    """A folder with a list, a template and a profile of a server that counts."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.list, self.template = folder / "members.csv", folder / "letter.txt"
        self.list.write_text("email\nann@good.test\nbob@good.test\n")
        self.template.write_text(TEMPLATE)
        self.profile()

    def profile(self, *fields: str, port: int | None = None) -> None:
        lines = ["profiles:", "  relay:", "    host: 127.0.0.1", f"    port: {port or self.port}", "    tls: none"]
        (self.folder / "profiles.yaml").write_text("\n".join([*lines, *(f"    {field}" for field in fields), ""]))

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def batch(self, *arguments: str) -> Ended:
        places = {"SMTPTUI_DATA_DIR": str(self.data), "SMTPTUI_PROFILES": str(self.folder / "profiles.yaml")}
        return flawless("batch", *arguments, env=places)

    def new(self) -> None:
        made = self.batch("new", str(self.list), "--template", str(self.template), "-p", "relay", "--name", "june")
        assert made.code == 0, made.err

    def received(self) -> int:
        return sum(read_record(self.folder / "record").accepted.values())


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with counting(tmp_path / "record") as port:
        yield Home(tmp_path, port)


def test_a_profile_that_was_mended_is_used_as_long_as_nothing_was_sent(home: Home) -> None:
    home.profile(port=1)
    home.new()
    assert home.batch("test", "june", "--to", "me@good.test").code != 0
    home.profile()
    tested = home.batch("test", "june", "--to", "me@good.test")
    assert (tested.code, home.received()) == (0, 1), tested.err
    assert "Profile relay was edited after batch june was made (port 1 → " in tested.err
    assert home.batch("run", "june").code == 0
    # From here on somebody has the old one's message: which is meant is for the user to say.
    home.profile("ehlo: other.test")
    with Journal.open(home.data / "batches" / "june.sqlite") as journal:
        journal.decide([1], [S.SENT], S.PENDING, now=9.0)
    refused = home.batch("run", "june")
    assert (refused.code, home.received()) == (65, 3)
    assert "--changes take for the new profile" in refused.err
    assert home.batch("run", "june", "--changes", "take").code == 0


@pytest.mark.parametrize("mode", [(), ("--changes", "take")])
def test_of_a_changed_list_only_what_works_is_offered(home: Home, mode: tuple[str, ...]) -> None:
    home.new()
    home.list.write_text("email\nann@good.test\nbob@good.test\ncleo@good.test\n")
    refused = home.batch("run", "june", "--untested", *mode)
    assert (refused.code, home.received()) == (65, 0)
    assert "--changes ignore" in refused.err
    assert "--changes take" not in refused.err
    assert "make a new batch of the new list" in refused.err
    assert home.batch("run", "june", "--untested", "--changes", "ignore").code == 0


def test_of_a_changed_list_and_template_the_template_can_be_taken(home: Home) -> None:
    home.new()
    home.list.write_text("email\nann@good.test\n")
    home.template.write_text(TEMPLATE + "PS\n")
    refused = home.batch("run", "june", "--untested")
    assert "--changes take for the new template, or --changes ignore" in refused.err
    assert home.batch("run", "june", "--untested", "--changes", "take").code == 0
    assert home.received() == 2


def test_a_test_of_a_changed_template_makes_a_tested_batch_tested_again(home: Home) -> None:
    home.new()
    assert home.batch("test", "june", "--to", "me@good.test").code == 0
    home.template.write_text(TEMPLATE + "PS\n")
    assert home.batch("test", "june", "--to", "me@good.test", "--changes", "take").code == 0
    assert home.batch("run", "june").code == 0
    assert home.received() == 4


@pytest.mark.parametrize(("stage", "code", "said"), [(Stage.MAIL, 553, "not yours"), (Stage.DATA, 452, "disk full")])
def test_the_errors_show_what_paused_a_batch(tmp_path: Path, stage: Stage, code: int, said: str) -> None:
    path = make_journal(tmp_path / "data", "june")
    with Journal.open(path) as journal:
        journal.set_state(BatchState.RUNNING, now=1.0)
        journal.apply([Attempted(1, S.PENDING, 1.0, 2.0, stage, code, reply=said, counts=False)])
        journal.set_state(BatchState.PAUSED, f"the server refused us: {said}", now=3.0)
    shown = flawless("batch", "errors", "june", env={"SMTPTUI_DATA_DIR": str(tmp_path / "data")})
    assert f"Batch june is paused: the server refused us: {said}" in shown.out
    assert f"1 pending  {code} ({stage}) {said}" in shown.out
    document = flawless("batch", "errors", "june", "--json", env={"SMTPTUI_DATA_DIR": str(tmp_path / "data")}).document
    (group,) = document["groups"]
    assert (group["states"], group["code"]) == ({"pending": 1}, code)
    # Whoever is tried again is not among them: nothing paused the batch there.
    with Journal.open(path) as journal:
        journal.apply([Attempted(1, S.FAILED, 4.0, 5.0, Stage.RCPT, 550, reply="no such user")])
        journal.decide([1], [S.FAILED], S.PENDING, now=6.0)
    shown = flawless("batch", "errors", "june", env={"SMTPTUI_DATA_DIR": str(tmp_path / "data")})
    assert "No server refused or delayed a recipient of june." in shown.out


def test_a_batch_with_nobody_to_send_to_is_refused_as_often_as_it_is_run(home: Home) -> None:
    home.list.write_text("email\nbroken\nalso broken\n")
    home.new()
    for _ in range(2):
        run = home.batch("run", "june", "--untested")
        assert run.code == 65
        assert "has nobody to send to: of 2 recipients 2 skipped" in run.err
        assert "batch errors june" in run.err
    document = home.batch("run", "june", "--untested", "--json").document
    assert (document["ok"], document["exit"]) == (False, 65)


def test_a_batch_whose_people_are_all_suppressed_meanwhile_had_nobody(home: Home) -> None:
    home.new()
    assert home.batch("suppress", "@good.test").code == 0
    for _ in range(2):
        run = home.batch("run", "june", "--untested")
        assert (run.code, "2 suppressed" in run.err, home.received()) == (65, True, 0), run.err


def test_a_batch_that_is_done_is_run_again_by_cron_without_complaint(home: Home) -> None:
    home.new()
    for _ in range(2):
        assert home.batch("run", "june", "--untested").code == 0
    assert home.received() == 2


def test_a_copy_under_another_name_asks_to_be_recovered(home: Home) -> None:
    home.new()
    folder = home.data / "batches"
    (folder / "july.sqlite").write_bytes((folder / "june.sqlite").read_bytes())
    refused = home.batch("run", "july", "--untested")
    assert (refused.code, "july is a copy of batch june" in refused.err) == (74, True)
    assert home.batch("run", "june", "--untested").code == 0
    recovered = home.batch("recover", "july", "--json").document
    assert (recovered["done"], recovered["uncertain"], recovered["unsent"]) == ("recovered", 2, 0)
    assert home.batch("recover", "july").out == "Batch july is not damaged; nothing was changed.\n"
    # One that was renamed is the same batch.
    (folder / "june.sqlite").rename(folder / "may.sqlite")
    assert home.batch("run", "may").code == 0
    assert home.received() == 2


def test_a_batch_that_was_deleted_and_put_back_sends_nothing_twice(home: Home) -> None:
    home.new()
    journal = home.data / "batches" / "june.sqlite"
    before = journal.read_bytes()
    assert home.batch("run", "june", "--untested").code == 0
    assert home.batch("delete", "june").code == 0
    journal.write_bytes(before)
    refused = home.batch("run", "june", "--untested")
    assert (refused.code, "batch recover june" in refused.err, home.received()) == (74, True, 2)
    # A new one of the same name is another batch.
    assert home.batch("delete", "june").code == 0
    home.new()
    assert home.batch("status", "june", "--json").document["damaged"] is None


def test_what_is_suppressed_of_a_recovered_one_stays_so(tmp_path: Path) -> None:
    data = tmp_path / "data"
    path = make_journal(data, "june", recipient("a@good.test"), recipient("b@good.test", 2, state=S.SUPPRESSED))
    for each in data.glob("shared.sqlite*"):
        each.unlink()
    done = flawless("batch", "recover", "june", env={"SMTPTUI_DATA_DIR": str(data)})
    assert (done.code, "1 recipient may or may not have the message" in done.out) == (0, True), done.out
    with Journal.open(path, readonly=True) as journal:
        assert (journal.tally()[S.UNCERTAIN], journal.tally()[S.SUPPRESSED]) == (1, 1)
        assert journal.facts().state is BatchState.PAUSED
