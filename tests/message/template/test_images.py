"""Images with a path go inside the message, or are an error; others are left alone."""

import base64
import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtptui.message import MessageError
from smtptui.message.template.files import Folder
from smtptui.message.template.images import ImageError, linked
from tests.message.making import parsed, text_of
from tests.message.template.filling_in import ME, composed, composer, facts, faults, of

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files")
    (path / "img").mkdir()
    (path / "logo.png").write_bytes(PNG)
    (path / "img" / "a b.png").write_bytes(PNG + b"x")
    (path / "notes.txt").write_text("hi")
    (path.parent / "outside.png").write_bytes(PNG)
    (path / "way-out.png").symlink_to(path.parent / "outside.png")
    return path


def shown(folder: Path, html: str) -> tuple[str, list[str]]:
    files = Folder(folder, folder)
    text, used = linked(html, [], files.path_of, files.read)
    return text, [file.attachment.name for file in used]


@pytest.mark.parametrize(
    "html",
    [
        '<img src="logo.png">',
        "<IMG SRC='logo.png'>",
        "<img src=logo.png>",
        "<img alt=Bob's src=logo.png>",
        '<img alt="a > b" src="./logo.png"/>',
        '<img\n  src\n = "logo.png">',
        '<img src="img/../logo.png">',
        '<img src="%6Cogo.png">',
        '<img src="&#108;ogo.png">',
        '<img src="logo.png?v=2#top">',
        '<img srcset="logo.png 1x, logo.png 2x">',
        '<td background="logo.png">',
        '<td style="background:url(logo.png)">',
        "<p style='background: URL(&quot;logo.png&quot;)'>",
        "<style>p{background:url( 'logo.png' )}</style>",
        '<!--[if mso]><v:fill src="logo.png"/><![endif]-->',
        '<svg><image xlink:href="logo.png"/></svg>',
        '<video poster="logo.png"></video>',
    ],
)
def test_an_image_with_a_path_is_sent_inside(folder: Path, html: str) -> None:
    text, names = shown(folder, html)
    assert names == ["logo.png"]
    assert "cid:" in text
    assert "logo.png" not in text.replace("%6C", "")


@pytest.mark.parametrize("source", ["img/a b.png", "./img/a%20b.png", "img\\a b.png", "img/a&#32;b.png"])
def test_names_with_blanks_and_backslashes(folder: Path, source: str) -> None:
    assert shown(folder, f'<img src="{source}">')[1] == ["a b.png"]


def test_a_path_that_is_absolute_or_a_file_url_may_be_in_the_folder(folder: Path) -> None:
    for source in (f"{folder}/logo.png", f"file://{folder}/logo.png", f"FILE:{folder}/logo.png"):
        assert shown(folder, f'<img src="{source}">')[1] == ["logo.png"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("no.png", "there is no file"),
        ("Logo.png", "is “logo.png” meant?"),
        ("../outside.png", "outside of"),
        ("%2e%2e/outside.png", "no file"),
        ("/etc/hostname", "outside of"),
        ("file:///etc/hostname", "outside of"),
        ("way-out.png", "outside of"),
        ("C:\\Users\\me\\logo.png", "path on one computer"),
        ("notes.txt", "not an image"),
        ("img", "not a file"),
        ("blob:abc", "no mail program can show blob:"),
        ("cid:nobody", "no file of the message has that name"),
        ("{{ logo }}", "no file"),
    ],
)
def test_an_image_that_nobody_would_see_is_an_error(folder: Path, source: str, said: str) -> None:
    with pytest.raises(ImageError, match="(?s)" + said.replace("?", "\\?")):
        shown(folder, f'<p><img src="{source}"></p>')


@pytest.mark.parametrize(
    "html",
    [
        '<img src="https://example.org/x.png">',
        '<img src="HTTP://example.org/x.png">',
        '<img src="data:image/png;base64,AA==">',
        '<img srcset="https://example.org/x.png 1x, data:image/png;base64,AA== 2x">',
        "<!-- <img src=no.png> -->",
        "<script>x = '<img src=no.png>'</script>",
        '<p title="<img src=no.png>">',
        "<style>/* url(no.png) */ p{fill:url(#g)}</style>",
        '<img data-src="no.png" alt="src=no.png">',
        "&lt;img src=no.png>",
        '<a href="page.html">',
    ],
)
def test_other_html_is_left_octet_for_octet(folder: Path, html: str) -> None:
    assert shown(folder, html) == (html, [])


def test_markdown_has_its_image_in_the_message_once(folder: Path) -> None:
    template = ME + "CONTENT-TYPE: text/markdown\n\n![logo](logo.png) and ![again](./logo.png)\n"
    message = parsed(of(template, files=folder))
    pictures = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert len(pictures) == 1
    html = message.get_body(("html",))
    assert html is not None
    assert html.get_content().count(f"cid:{pictures[0]['Content-ID'].strip('<>')}") == 2
    assert pictures[0].get_content() == PNG
    assert text_of(of(template, files=folder)) == "logo and again\n"


def test_an_attachment_that_the_html_shows_is_not_attached_as_well(folder: Path) -> None:
    message = of(ME + "ATTACHMENT: logo.png\nCONTENT-TYPE: text/html\n\n<img src='cid:logo.png'>\n", files=folder)
    assert [part.get_content_disposition() for part in parsed(message).walk() if part.get_filename()] == ["inline"]


def test_the_folder_of_files_is_looked_into_as_well(folder: Path, tmp_path: Path) -> None:
    maker = composer(
        ME + "ATTACHMENT: notes.txt\nCONTENT-TYPE: text/html\n\n<img src=logo.png>\n", files=folder, folder=tmp_path
    )
    names = {part.get_filename() for part in parsed(composed(maker)).walk()} - {None}
    assert names == {"logo.png", "notes.txt"}


def test_the_fault_has_its_line_and_the_row_no_message(folder: Path) -> None:
    maker = composer(ME + "CONTENT-TYPE: text/html\n\n<p>\n<img src='{{ p }}'><img src=no.png>\n", ("p",), files=folder)
    by_row, by_template = maker.check(("x.png",))
    assert (by_row.warning, by_row.line, "x.png" in by_row.sentence) == (False, None, True)
    assert (by_template.warning, by_template.line) == (False, 5)
    with pytest.raises(MessageError):
        maker.compose(("x.png",), facts())


@pytest.mark.parametrize("mark", ["![logo](logo.png)", "<img src='logo.png'>", "![l](<a b.png>)"])
def test_plain_text_does_not_show_images(folder: Path, mark: str) -> None:
    with pytest.raises(MessageError, match=r"Line 4.*is shown as it is written"):
        composer(ME + f"SUBJECT: x\n\n{mark}\n", files=folder)
    [fault] = faults(ME + "{% if v %}\nX-A: b\n{% endif %}\n\n" + mark, {"v": "y"}, files=folder)
    assert "is shown as it is written" in fault.sentence


pieces = st.sampled_from(
    [
        *("<img", " src", "=", '"', "'", "logo.png", "no.png", ">", " ", "url(", ")", "<style>", "</style>", "<!--"),
        *(
            "-->",
            "cid:",
            "srcset",
            ",",
            " 2x",
            "background",
            "\\",
            "%",
            "&#",
            "<",
            "/",
            "style",
            "poster",
            "file:",
            "..",
        ),
    ]
)


@settings(deadline=None)
@given(st.lists(pieces, max_size=30))
def test_no_html_is_too_broken(parts: list[str]) -> None:
    folder = Folder(Path("/nowhere"), Path("/nowhere"))
    html = "".join(parts)
    # What is found is an error, for there is no file; all else stays.
    with contextlib.suppress(ImageError):
        assert linked(html, [], folder.path_of, folder.read) == (html, ())


@pytest.mark.parametrize(
    "unit", ["<img src=", "<style>", "<!--", "<td background='", "url(", "<img srcset=a,", "<a b="]
)
def test_long_broken_html_takes_no_longer_than_it_is_long(unit: str) -> None:
    folder = Folder(Path("/nowhere"), Path("/nowhere"))

    def seconds(count: int) -> float:
        begun = time.process_time()
        with contextlib.suppress(MessageError):
            linked(unit * count, [], folder.path_of, folder.read)
        return time.process_time() - begun

    # Eight times as long takes eight times as long, not sixty-four times; a busy machine may double that.
    assert seconds(8_000) < 24 * max(seconds(1_000), 0.005)
