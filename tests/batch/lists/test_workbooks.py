"""A workbook is read as its sheet shows it; what cannot be told so is an error that names the place."""

import datetime
import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pytest

from smtptui.batch import Hidden, ListError, ListKind, ListReader, Ragged, Row, Value, open_list

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ADDRESS = "a@b.org"


def opened(data: bytes, **options: Any) -> ListReader:
    return open_list(io.BytesIO(data), name="list", **options)


def rows(data: bytes, **options: Any) -> list[Row | Ragged]:
    with opened(data, **options) as reader:
        return list(reader)


def refused(data: bytes, **options: Any) -> str:
    with pytest.raises(ListError) as error:
        rows(data, **options)
    return str(error.value)


def saved(book: Any) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def one_cell(value: object, code: str) -> bytes:
    """A workbook with one recipient and one value of this format."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["email", "x"])
    sheet.append([ADDRESS, value])
    sheet.cell(2, 2).number_format = code
    return saved(book)


def shown(value: object, code: str) -> Value:
    (row,) = rows(one_cell(value, code))
    assert isinstance(row, Row)
    return row.values[1]


def by_hand(sheet: str, *, styles: str = "", strings: str = "", book: str = "", more: Sequence[str] = ()) -> bytes:
    """A workbook of this XML: what no library writes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        targets = [("worksheet", "rId1", "worksheets/sheet1.xml")]
        if styles:
            targets.append(("styles", "rId2", "styles.xml"))
            packed.writestr("xl/styles.xml", f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>')
        if strings:
            targets.append(("sharedStrings", "rId3", "sharedStrings.xml"))
            packed.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{strings}</sst>')
        links = "".join(f'<Relationship Type="{REL}/{k}" Id="{i}" Target="{t}"/>' for k, i, t in targets)
        packed.writestr("xl/_rels/workbook.xml.rels", f"<Relationships>{links}</Relationships>")
        packed.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{REL}">{book}<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets>'
            "</workbook>",
        )
        packed.writestr("xl/worksheets/sheet1.xml", sheet)
        for name in more:
            packed.writestr(name, "x")
    return file.getvalue()


def inline(*cells: str) -> str:
    return "".join(f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in cells)


def sheet_of(*body: str, before: str = "", after: str = "") -> str:
    header = f'<row r="1">{inline("email", "x")}</row>'
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{header}{"".join(body)}</sheetData>{after}</worksheet>'


DAY = datetime.datetime(2026, 3, 4, 15, 6, 7)


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (1067, "00000", "01067"),
        (1067, "General", "1067"),
        (5.0, "General", "5"),
        (1.25, "General", "1.25"),
        (1 / 3, "General", "0.333333333"),
        (0.1 + 0.2, "General", "0.3"),
        (123456789012, "General", "123456789012"),
        (1e15, "General", "1E+15"),
        (0.00001234, "General", "1.234E-05"),
        (12.5, 'General" kg"', "12.5 kg"),
        (0.25, "0%", "25%"),
        (0.25, "0 %", "25 %"),
        (0.2567, "0.00%", "25.67%"),
        (2.5, "0", "3"),
        (2.675, "0.00", "2.68"),
        (-0.25, "0.0", "-0.3"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (12, "0,000", "0,012"),
        (1234567, '0.0,,"M"', "1.2M"),
        (1234567, "#,##0,", "1,235"),
        (0.5, "#.##", ".5"),
        (5, "0.##", "5."),
        (1234.5, "#,##0.00 [$€-407]", "1,234.50 €"),
        (1234.5, "[$€-2]\\ #,##0.00", "€ 1,234.50"),
        (1234.5, '#,##0.00\\ "€"', "1,234.50 €"),
        (-5.25, "[$$-409]#,##0.00;[Red]-[$$-409]#,##0.00", "-$5.25"),
        (-5.25, '"$"#,##0.00_);("$"#,##0.00)', "($5.25)"),
        (1234.5, '_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-;_-* "-"??\\ "€"_-;_-@_-', "1,234.50 €"),
        (0, '0;-0;"none"', "none"),
        (-7, "0;;", ""),
        (5, ";;;", ""),
        (7, '"No. "0', "No. 7"),
        (5551234567, "(###) ###-####", "(555) 123-4567"),
        (17, "@", "17"),
        (DAY, "yyyy-mm-dd", "2026-03-04"),
        (DAY, "dd.mm.yyyy", "04.03.2026"),
        (DAY, "mm-dd-yy", "3/4/2026"),
        (DAY, "m/d/yy h:mm", "3/4/2026 15:06"),
        (DAY, "[$-409]d\\-mmm\\-yyyy;@", "4-Mar-2026"),
        (DAY, "dddd, mmmm dd, yyyy", "Wednesday, March 04, 2026"),
        (DAY, "h:mm AM/PM", "3:06 PM"),
        (DAY, "yyyy\\-mm\\-dd\\Thh:mm:ss.000", "2026-03-04T15:06:07.000"),
        (DAY, "[$-407]dd/mm/yyyy", "04/03/2026"),
        (1.5, "[h]:mm", "36:00"),
        (0.0625, "mm:ss.0", "30:00.0"),
        (0.999999, "h:mm:ss", "0:00:00"),
        (True, "General", "TRUE"),
        ("00123", "General", "00123"),
        ("1/2", "0.00", "1/2"),
        ("x", '"No. "@', "No. x"),
    ],
)
def test_a_cell_is_as_the_sheet_shows_it(value: object, code: str, text: str) -> None:
    assert shown(value, code) == text


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (0.5, "# ?/?"),
        (0.5, "# ??/??"),
        (12345, "0.00E+00"),
        (5, "[<10]0;0.0"),
        (DAY, "[$-407]d. mmmm yyyy"),
        (DAY, "[$-F800]dddd, mmmm dd, yyyy"),
        (DAY, "[$-411]ge.m.d"),
        (DAY, "[DBNum1]yyyy"),
        (5, "0 kr"),
        (5, "*x0"),
        (5, "0;0;0;@;0"),
        (60, "yyyy-mm-dd"),
        (-1, "yyyy-mm-dd"),
        (3e6, "yyyy-mm-dd"),
    ],
)
def test_any_other_format_names_column_row_and_format(value: object, code: str) -> None:
    words = refused(one_cell(value, code))
    assert words.startswith("list line 2: the column 'x' (B) has ")
    assert "choose another format for the column, such as Text, Number or Date, or save the sheet as CSV." in words


def test_a_format_of_a_column_that_is_not_used_is_no_error_and_has_no_value() -> None:
    with opened(one_cell(0.5, "# ?/?")) as reader:
        assert reader.sample() == [Row(2, (ADDRESS, None))]
        reader.need(["email"])
        assert list(reader) == [Row(2, (ADDRESS, None))]
        reader.need(["email", "x"])
        with pytest.raises(ListError):
            list(reader)


def test_dates_of_a_workbook_that_counts_from_1904() -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(["email", "x"])
    book.active.append([ADDRESS, datetime.date(2026, 3, 4)])
    assert rows(saved(book)) == [Row(2, (ADDRESS, "2026-03-04"))]


@pytest.mark.parametrize("value", ["<v></v>", "<v/>", ""])
def test_a_formula_without_a_kept_value_is_an_error_of_its_row(value: str) -> None:
    data = by_hand(
        sheet_of(
            f'<row r="2">{inline(ADDRESS)}<c><f>1+1</f>{value}</c></row>',
            f'<row r="3">{inline("c@d.org")}<c><f>1+1</f><v>2</v></c></row>',
            f'<row r="4">{inline("e@f.org")}<c t="str"><f>""</f><v></v></c></row>',
        )
    )
    first, *rest = rows(data)
    assert isinstance(first, Ragged)
    assert first.sentence.startswith("the column 'x' (B) has a formula without a kept value")
    assert rest == [Row(3, ("c@d.org", "2")), Row(4, ("e@f.org", ""))]


def test_an_error_in_a_cell_is_an_error_of_its_row() -> None:
    data = by_hand(sheet_of(f'<row r="2">{inline(ADDRESS)}<c t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'))
    assert rows(data) == [Ragged(2, "the column 'x' (B) has the error #DIV/0!.")]


def hiding(change: Callable[[Any], None]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for cells in (["email", "x"], [ADDRESS, 1], ["c@d.org", 2], ["e@f.org", 3]):
        sheet.append(cells)
    change(sheet)
    return saved(book)


def test_hidden_rows_are_left_out_by_name_unless_they_are_asked_for() -> None:
    def hide(sheet: Any) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[9].hidden = True

    data = hiding(hide)
    with opened(data) as reader:
        assert reader.notes == ("1 row is hidden in the sheet and left out; --hidden include takes it as well.",)
        assert list(reader) == [
            Row(2, (ADDRESS, "1")),
            Ragged(3, "the row is hidden in the sheet; show it there, or use --hidden include."),
            Row(4, ("e@f.org", "3")),
        ]
    with opened(data, hidden=Hidden.INCLUDE) as reader:
        assert reader.notes == ("1 row is hidden in the sheet and included (--hidden include).",)
        assert [row.line for row in reader if isinstance(row, Row)] == [2, 3, 4]


def test_rows_without_height_and_hidden_columns_are_seen() -> None:
    row = f'<row r="2" ht="0.0" customHeight="1">{inline(ADDRESS, "1")}</row>'
    unseen = '<cols><col min="2" max="2" hidden="1"/></cols>'
    with opened(by_hand(sheet_of(row, f'<row r="3">{inline("c@d.org")}</row>', before=unseen))) as reader:
        assert "1 row is hidden" in reader.notes[0]
        assert reader.notes[1] == "Hidden in the sheet, but read: column x."


def test_a_sheet_whose_rows_are_all_hidden_says_so() -> None:
    def hide(sheet: Any) -> None:
        for line in range(1, 5):
            sheet.row_dimensions[line].hidden = True

    assert refused(hiding(hide)) == "list: the sheet 'Sheet' has hidden rows only; --hidden include reads them."


def test_further_sheets_are_said_and_chosen_and_a_hidden_one_is_not_taken() -> None:
    book = openpyxl.Workbook()
    book.active.title, book.active.sheet_state = "Old", "hidden"
    book.active.append(["email"])
    book.active.append(["old@b.org"])
    for title, address in (("Members", ADDRESS), ("Board", "c@d.org")):
        sheet = book.create_sheet(title)
        sheet.append(["email"])
        sheet.append([address])
    data = saved(book)
    with opened(data) as reader:
        assert reader.notes == ("The sheet 'Members' is read; --sheet NAME reads another: 'Old' (hidden), 'Board'.",)
        assert list(reader) == [Row(2, (ADDRESS,))]
    assert rows(data, sheet="board ") == [Row(2, ("c@d.org",))]
    assert rows(data, sheet="Old") == [Row(2, ("old@b.org",))]
    assert refused(data, sheet="None") == "list: there is no sheet 'None'; it has 'Old', 'Members', 'Board'."


def test_the_rows_are_numbered_as_in_the_sheet() -> None:
    data = by_hand(sheet_of(f'<row r="7">{inline(ADDRESS, "x")}</row>', f'<row r="900000">{inline("c@d.org")}</row>'))
    assert rows(data) == [Row(7, (ADDRESS, "x")), Row(900000, ("c@d.org", ""))]


def test_a_row_that_is_merged_with_the_one_above_is_named() -> None:
    def merge(sheet: Any) -> None:
        sheet.merge_cells("B2:B3")

    assert rows(hiding(merge)) == [
        Row(2, (ADDRESS, "1")),
        Ragged(3, "the column 'x' (B) is merged with the row above; unmerge the cells."),
        Row(4, ("e@f.org", "3")),
    ]


def test_many_merged_cells_take_no_time() -> None:
    body = [f'<row r="{line}">{inline(ADDRESS, "x")}</row>' for line in range(2, 3001)]
    # One over each pair of rows, as many beside the list, and one over a row alone.
    merged = [f"B{line}:B{line + 1}" for line in range(2, 2000, 2)]
    merged += [f"D{line}:E3000" for line in range(2, 2000)] + ["A2500:B2500"]
    cells = "".join(f'<mergeCell ref="{each}"/>' for each in merged)
    found = rows(by_hand(sheet_of(*body, after=f"<mergeCells>{cells}</mergeCells>")))
    assert [row.line for row in found if isinstance(row, Ragged)] == list(range(3, 2001, 2))


def test_texts_in_pieces_and_with_their_pronunciation_are_one_text() -> None:
    strings = (
        "<si><r><t>a@b</t></r><r><rPr><b/></rPr><t>.org</t></r></si>"
        "<si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh><phoneticPr fontId='1'/></si>"
        "<si><t xml:space='preserve'> x_x000D_\ny_x0041_ </t></si>"
    )
    data = by_hand(
        sheet_of(
            '<row r="2"><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row><row r="3"><c r="A3" t="s"><v>0</v></c>'
            '<c r="B3" t="s"><v>2</v></c></row>'
        ),
        strings=strings,
    )
    assert rows(data) == [Row(2, (ADDRESS, "東京")), Row(3, (ADDRESS, " x\nyA "))]


def test_what_is_no_workbook_is_told_with_what_to_do(tmp_path: Path) -> None:
    odt = io.BytesIO()
    with zipfile.ZipFile(odt, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    for data, words in (
        (b"PK\x03\x04" + bytes(50), "cannot be read as a workbook"),
        (odt.getvalue(), "an OpenDocument file that is no spreadsheet"),
        (by_hand(sheet_of(), more=["xl/workbook.bin"]), "it is a binary workbook (XLSB)"),
        (b'<?xml version="1.0"?><office:document/>', "it is XML"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "with a password"),
    ):
        assert words in refused(data)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "sheet",
    [
        BOMB + sheet_of('<row r="2"><c t="inlineStr"><is><t>&b;</t></is></c></row>'),
        sheet_of("<row r='2'>" + "<c>" * 500),
        sheet_of("<row r='5'/><row r='4'/>"),
        sheet_of("<row r='99999999999'/>"),
        sheet_of("<row r='x'/>"),
        sheet_of("<row r='2'><c r='ZZZZ2'/></row>"),
        sheet_of("<row r='2'><c r='B2'/><c r='A2'/></row>"),
        sheet_of("<row r='2'><c t='s'><v>7</v></c></row>"),
        sheet_of("<row r='2'><c><v>one</v></c></row>"),
        sheet_of("<row r='2'><c t='s'><v>-1</v></c></row>"),
        sheet_of(after="<mergeCells>" + "<mergeCell ref='A1:B2'/>" * 10_001 + "</mergeCells>"),
        sheet_of()[:-20],
    ],
)
def test_a_damaged_or_hostile_sheet_is_a_sentence(sheet: str) -> None:
    assert "cannot be read to its end" in refused(by_hand(sheet))


def test_a_workbook_with_a_password_inside_its_zip_is_a_sentence() -> None:
    data = bytearray(by_hand(sheet_of()))
    # The bit that says that an entry is encrypted, in the directory and before each entry.
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            (flags,) = struct.unpack_from("<H", data, at + place)
            struct.pack_into("<H", data, at + place, flags | 1)
            at = data.find(mark, at + 4)
    assert "it is protected with a password" in refused(bytes(data))


OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"
SPACES = " ".join(f'xmlns:{name}="{OFFICE}{name}:1.0"' for name in ("office", "table", "text", "style"))


def ods(*tables: str, styles: str = "", manifest: str = "") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
        packed.writestr(
            "content.xml",
            f"<office:document-content {SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
            "</office:document-content>",
        )
    return file.getvalue()


def cell(text: str, attributes: str = "") -> str:
    paragraphs = "".join(f"<text:p>{each}</text:p>" for each in text.split("\n")) if text else ""
    return f"<table:table-cell {attributes}>{paragraphs}</table:table-cell>"


def line(*cells: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


def table(*lines: str, name: str = "S", attributes: str = "") -> str:
    head = line(cell("email"), cell("x"))
    return f'<table:table table:name="{name}" {attributes}>{head}{"".join(lines)}</table:table>'


def test_an_ods_is_read_as_shown() -> None:
    number = 'office:value-type="float" office:value="1067"'
    data = ods(
        table(
            line(cell(ADDRESS), cell(" 01067 ", number)),
            line(
                '<table:table-cell table:number-columns-repeated="16384"/>', attributes='table:number-rows-repeated="3"'
            ),
            line(cell("c@d.org"), cell("a<text:s text:c='2'/>b<text:tab/>c\n<text:span>d</text:span>")),
            line(
                cell("e@f.org", ""),
                "<table:table-cell><office:annotation><text:p>note</text:p></office:annotation>"
                "<text:p>x</text:p></table:table-cell>",
            ),
            line(cell("g@h.org"), cell("", 'table:formula="of:=1+1"')),
            line(cell("i@j.org"), cell("y"), attributes='table:visibility="filter"'),
            line(
                '<table:table-cell table:number-columns-repeated="16384"/>',
                attributes='table:number-rows-repeated="1048000"',
            ),
        )
    )
    with opened(data) as reader:
        assert reader.kind is ListKind.ODS
        assert reader.notes == ("1 row is hidden in the sheet and left out; --hidden include takes it as well.",)
        first, second, third, fourth, fifth = reader
    assert (first, second) == (Row(2, (ADDRESS, "01067")), Row(6, ("c@d.org", "a  b\tc\nd")))
    assert third == Row(7, ("e@f.org", "x"))
    assert isinstance(fourth, Ragged)
    assert "formula without a kept value" in fourth.sentence
    assert fifth == Ragged(9, "the row is hidden in the sheet; show it there, or use --hidden include.")


def test_sheets_of_an_ods_are_said_and_a_hidden_one_is_not_taken() -> None:
    styles = '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    data = ods(
        table(line(cell("old@b.org")), name="Old", attributes='table:style-name="ta2"'),
        table(line(cell(ADDRESS)), name="New"),
        styles=styles,
    )
    with opened(data) as reader:
        assert reader.notes == ("The sheet 'New' is read; --sheet NAME reads another: 'Old' (hidden).",)
        assert list(reader) == [Row(2, (ADDRESS, ""))]
    assert rows(data, sheet="Old") == [Row(2, ("old@b.org", ""))]


@pytest.mark.parametrize(
    "data",
    [
        ods(table(line(cell(ADDRESS), attributes='table:number-rows-repeated="1000000"'))),
        ods(table(line(cell(ADDRESS, 'table:number-columns-repeated="99999999"')))),
        ods(table(line(cell("<text:s text:c='999999999'/>")))),
        ods(table(line(cell(ADDRESS), attributes='table:number-rows-repeated="-1"'))),
        ods(table(line(attributes='table:number-rows-repeated="x"'))),
    ],
    ids=["rows", "columns", "blanks", "fewer than none", "no number"],
)
def test_a_hostile_ods_is_a_sentence(data: bytes) -> None:
    assert "cannot be read to its end" in refused(data)


def test_an_ods_with_a_password_is_a_sentence() -> None:
    assert "protected with a password" in refused(ods(manifest="<manifest:encryption-data/>"))


def test_many_rows_come_one_by_one() -> None:
    body = "".join(f'<row r="{number}">{inline(f"a{number}@b.org", "x")}</row>' for number in range(2, 20_000))
    with opened(by_hand(sheet_of(body))) as reader:
        assert sum(isinstance(row, Row) for row in reader) == 19_998
        assert len(reader.sample(5)) == 5
