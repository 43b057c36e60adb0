"""The skeleton and the builder give the same octets, whatever the template and whatever the values."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.message import Composer, Encoding, MessageError, Options
from tests.message.making import assert_wire
from tests.message.template.filling_in import composer, facts

PLAIN = """\
    TO: {{ name }} <{{ email }}>
    FROM: Ann Ö <ann@example.org>
    SUBJECT: For {{ name }}: {{ word }}
    X-Campaign: {{ word }}
    X-Fixed: höher
    References: <a@example.org> <{{ word }}@example.org>

    Dear {{ name }},

    {{ text }}
    .
    . dots {{ word }}
    Grüße {{ name }}   \n"""
RICH = "<html>\n<body><p>Hallo {{ name }}</p>\n<p>{{ text }}</p>\n.\n<p>Straße \n</body></html>"
SHOWN = '<p>{{ name }} <img src="logo.png"> <img src=\'{{ file }}\'> <img src="cid:b.png"> <img src="http://x/y"></p>'
COLUMNS = ("email", "name", "word", "text", "file")
FILES = ("logo.png", "b.png", "größe.txt", "mail.eml", "sub/logo.png")

KINDS: dict[str, dict[str, Any]] = {
    "text": {"template": PLAIN},
    "ascii": {"template": "    TO: {{email}}\n    FROM: a@example.org\n\n    Hi {{name}}, {{text}}\n"},
    "nothing": {"template": "    FROM: a@example.org\n\n"},
    "nobody named": {"template": "    FROM: a@example.org\n    SUBJECT: {{word}}\n\n    Hi {{text}}\n"},
    "a group": {"template": "    TO: undisclosed-recipients:;\n    FROM: a@example.org\n\n    Hi {{text}}\n"},
    "text and html": {"template": PLAIN, "html": RICH},
    "html in the template": {
        "template": "    TO: {{email}}\n    FROM: a@b.c\n    Content-Type: text/html\n\n    <p>ä{{text}}\n"
    },
    "ends in a value": {
        "template": "    FROM: a@b.c\n    TO: {{email}}\n\n    Hä?\n    {{text}}{{word}}",
        "html": "ü\n{{text}}",
    },
    "only html": {"template": "    TO: {{email}}\n    FROM: a@b.c\n\n", "html": RICH},
    "markdown": {"template": PLAIN.replace("X-Fixed: höher", "CONTENT-TYPE: text/markdown")},
    "attachments": {"template": PLAIN.replace("X-Fixed: höher", "ATTACHMENT: größe.txt\n    ATTACHMENT: mail.eml")},
    "its own": {"template": PLAIN.replace("X-Fixed: höher", "ATTACHMENT: {{ file }}"), "html": RICH},
    "inline": {
        "template": PLAIN.replace(
            "X-Fixed: höher", "ATTACHMENT: logo.png\n    ATTACHMENT: {{ file }}\n    ATTACHMENT: b.png"
        ),
        "html": SHOWN,
    },
    "multipart": {
        "template": """\
            TO: {{email}}
            FROM: a@example.org
            CONTENT-TYPE: multipart/alternative; boundary="bb"

            old reader
            --bb
            Content-Type: text/plain

            Hi {{name}} ä

            --bb
            Content-Type: text/html; charset=us-ascii

            <p>Hi {{name}} {{text}} ä
            --bb--
        """
    },
    "multipart with a file": {
        "template": """\
            TO: {{email}}
            FROM: a@example.org
            CONTENT-TYPE: multipart/mixed; boundary="bb"

            --bb

            Hi {{name}}
            --bb
            Content-Type: image/png; name="a.png"
            Content-Disposition: attachment
            Content-Transfer-Encoding: base64

            iVBORw0KGgo=
            --bb--
        """
    },
    "the header depends on the row": {
        "template": """\
            {% if word %}X-Word: {{ word }}
            {% endif %}TO: {{email}}
            FROM: a@example.org
            {% if file == "logo.png" %}ATTACHMENT: logo.png
            {% endif %}SUBJECT: {{name}}

            {{text}}
        """
    },
    "every address differs": {
        "template": """\
            TO: {{email}}
            FROM: {{name}} <{{email}}>
            REPLY-TO: {{email}}
            CC: {{ file }}@example.org
            Errors-To: {{email}}
            In-Reply-To: <{{word}}@example.org>
            LIST-ID: {{word}}

            {{text}}
        """
    },
    "sender": {"template": "    FROM: a@b.c, {{email}}\n    SENDER: b@b.c\n    TO: {{email}}\n\n    Hi\n"},
    "international": {"template": "    FROM: ä@b.c\n    TO: {{email}}\n    SUBJECT: ö {{name}}\n\n    Hi\n"},
    "a date of its own": {"template": "    FROM: a@b.c\n    DATE: Mon, 06 May 2024 07:08:09 +0000\n\n    Hi\n"},
    "bcc": {"template": "    FROM: a@b.c\n    BCC: {{name}} <c@b.c>\n    TO: {{email}}\n\n    Hi\n"},
}

ADDRESSES = st.sampled_from(
    [
        "bob@example.org",
        "o'neil+tag@sub.example.org",
        "böb@example.org",
        "bob@bücher.example",
        '"b o b"@example.org',
        "b=?q?@example.org",
        f"{'l' * 64}@{'d' * 60}.example.org",
        "postmaster",
        "bob",
        "",
        "a@b, c@d.example",
    ]
)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=12) | st.sampled_from(
    [
        "",
        "x" * 80,
        "x" * 1000,
        "=?utf-8?q?x?=",
        "two  blanks",
        " lead",
        "a\tb",
        "a\nBcc: x@y.z",
        "\x7f",
        "Ünïcode " * 12,
    ]
)
TEXTS = st.text(max_size=200) | st.sampled_from(
    [
        "",
        "a" * 1200,
        "ä" * 900,
        ".\n..\n.x\n",
        "a\r\nb\rc\n\n",
        "trailing \t\n blanks  ",
        "Ж" * 400,
        "nul\0",
        "\udc80",
        "<b>&amp;</b>",
        "=\n=20=\n",
        "From me\n",
        "tab\there\n" * 40,
    ]
)
ROWS = st.tuples(ADDRESSES, WORDS, WORDS, TEXTS, st.sampled_from(FILES))
OPTIONS = st.builds(
    Options,
    unsubscribe=st.sampled_from(
        [None, "https://example.org/u/{token}", "https://e.org/{token} mailto:u+{{token}}@e.org"]
    ),
    one_click=st.booleans(),
    encoding=st.sampled_from([Encoding.AUTO, Encoding.EIGHT_BIT]),
    smtputf8=st.booleans(),
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    (folder / "sub").mkdir()
    for name in FILES:
        (folder / name).write_bytes(f"{name} ä\n".encode())
    (folder / "logo.png").write_bytes(os.urandom(300))
    (folder / "mail.eml").write_bytes(b"Subject: x\n\nforwarded\n")
    return folder


def outcome(make: Any, values: Any, about: Any) -> Any:
    try:
        return make(values, about)
    except MessageError as error:
        return str(error)


@pytest.mark.parametrize("kind", KINDS)
@given(values=ROWS, options=OPTIONS)
def test_both_ways_give_the_same_octets_or_the_same_error(
    files: Path, kind: str, values: tuple[str, ...], options: Options
) -> None:
    maker = composer(**KINDS[kind], columns=COLUMNS, files=files, options=options)
    about = facts("bob@example.org")
    one, other = outcome(maker.compose, values, about), outcome(maker.build, values, about)
    assert one == other
    if not isinstance(one, str):
        assert one.recipients == ("bob@example.org",)
        assert_wire(one)
        assert outcome(maker.compose, values, about) == one, "sent again it is the same message"


@pytest.mark.parametrize(
    "kind", sorted(KINDS.keys() - {"the header depends on the row", "sender", "international", "a date of its own"})
)
def test_an_ordinary_row_needs_no_builder(files: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def built(*_: object) -> None:
        raise AssertionError("the builder was asked")

    maker = composer(**KINDS[kind], columns=COLUMNS, files=files)
    monkeypatch.setattr(Composer, "_built", built)
    message = maker.compose(("bob@example.org", "Bob", "word", "A text – läng\n" * 20, "b.png"), facts())
    assert_wire(message)


def test_recipients_have_boundaries_of_their_own() -> None:
    maker = composer(PLAIN, COLUMNS, html=RICH)
    row = ("bob@example.org", "Bob", "w", "t", "")
    one, other = (maker.compose(row, facts(number=number)).content for number in (1, 2))
    boundary = one.partition(b'boundary="')[2].partition(b'"')[0]
    assert boundary
    assert boundary not in other
