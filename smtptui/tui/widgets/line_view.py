"""A view of a long list that only ever paints the lines on screen, from a store that somebody else owns."""

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from smtptui.tui.keys.registry import Where, bindings
from smtptui.tui.widgets.rows import FixedRows, Ink, Row, Rows

RATE = 12
"""How often a second the view looks for new lines."""
_CACHED = 512


class LineView(ScrollView, can_focus=True):
    """Lines with a cursor, following the end until the user looks elsewhere.

    Nothing is pushed: a timer compares the store's version, sets the virtual size and repaints. So the cost
    does not depend on how fast lines come, nor on how many there are. A store must only grow; hand over
    another one with :meth:`show`.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.LIST)
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"line--{ink}" for ink in Ink),
        "line--cursor",
        "line--mark",
    }

    cursor: var[int] = var(0)
    following: var[bool] = var(True)

    @dataclass
    class CursorMoved(Message):
        """The cursor stands on another line, or the store it stands in was replaced."""

        view: "LineView"
        index: int

        @property
        def control(self) -> "LineView":
            """The view it comes from."""
            return self.view

    @dataclass
    class FollowChanged(Message):
        """The view began or ceased to follow the end."""

        view: "LineView"
        following: bool

        @property
        def control(self) -> "LineView":
            """The view it comes from."""
            return self.view

    def __init__(
        self,
        *,
        empty: str = "",
        follow: bool = True,
        keep_cursor: bool = False,
        own_time: bool = True,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._rows: Rows = FixedRows([])
        self._empty = empty
        self._follow_new = follow
        self.keep_cursor = keep_cursor
        """Whether the cursor shows also while the keys go elsewhere."""
        self._own_time = own_time
        self._seen: tuple[int, int] = (-1, -1)
        self._dropped = 0
        self._styles: dict[tuple[Ink, bool], Style] = {}
        self._strips: LRUCache[tuple[int, int], Strip] = LRUCache(_CACHED)
        self.set_reactive(LineView.following, follow)

    @property
    def rows(self) -> Rows:
        """The store that is shown."""
        return self._rows

    def show(self, rows: Rows, *, keep_place: bool = False) -> None:
        """Show another store, from its end if the view follows, else from its beginning."""
        self._rows = rows
        self._dropped = rows.dropped
        self._strips.clear()
        self._seen = (-1, -1)
        if not keep_place:
            self.following = self._follow_new
            self.cursor = 0
            if self.following:
                # Scrolling to the beginning would let go of the end.
                self.anchor()
            else:
                self.scroll_to(0, 0, animate=False, force=True)
            self.post_message(self.CursorMoved(self, 0))
        self.sync()

    def on_mount(self) -> None:
        """Begin to watch the store, unless somebody else keeps time."""
        if self._own_time:
            self.set_interval(1 / RATE, self.sync)
        if self.following:
            self.anchor()

    def on_resize(self) -> None:
        """Another width cuts lines elsewhere."""
        self._seen = (-1, -1)
        self.sync()

    def notify_style_update(self) -> None:
        """Colours changed: paint anew."""
        super().notify_style_update()
        self._styles.clear()
        self._strips.clear()

    def selection_updated(self, selection: Selection | None) -> None:
        """The mouse selects: paint anew."""
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text selected by mouse, as it is shown; only the selected lines are read."""
        first = selection.start.y if selection.start is not None else 0
        last = selection.end.y if selection.end is not None else len(self._rows) - 1
        lines = []
        for y in range(max(first, 0), min(last, len(self._rows) - 1) + 1):
            span = selection.get_span(y)
            if span is not None:
                text = self._strip(y).text
                lines.append(text[span[0] : None if span[1] < 0 else span[1]].rstrip())
        return ("\n".join(lines), "\n") if lines else None

    def render_line(self, y: int) -> Strip:
        """Paint one line of the screen."""
        index = self.scroll_offset.y + y
        base = self.rich_style
        if index >= len(self._rows):
            if y == 0 and self._empty and not len(self._rows):
                return self._paint(Row(((self._empty, Ink.MUTED),))).apply_style(base)
            return Strip.blank(self._width, base)
        strip = self._strip(index)
        if index == self.cursor and (self.has_focus or self.keep_cursor):
            base += self.get_component_rich_style("line--cursor", partial=True)
        strip = strip.apply_style(base)
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(index)) is not None:
            strip = _selected(strip, span, self.screen.get_component_rich_style("screen--selection"))
        return strip.apply_offsets(0, index)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow again at the end, cease to follow when scrolled away from it."""
        super().watch_scroll_y(old_value, new_value)
        if new_value >= self.max_scroll_y:
            if self._follow_new and not self.following and new_value > old_value:
                self.follow()
        elif new_value < old_value and self.following and len(self._rows) == self._seen[1]:
            self.following = False

    def watch_following(self, following: bool) -> None:
        """Tell whoever shows it."""
        self.post_message(self.FollowChanged(self, following))
        self.refresh()

    def watch_cursor(self, old: int, new: int) -> None:
        """Tell whoever shows the line's details."""
        if old != new:
            self.post_message(self.CursorMoved(self, new))
            self.refresh()

    def on_focus(self) -> None:
        """The cursor shows only where keys go."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor hides."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the line that was clicked."""
        index = self.scroll_offset.y + event.y
        if 0 <= index < len(self._rows):
            self._go(index)

    def follow(self) -> None:
        """Go to the end and stay there as lines come."""
        self.following = True
        self.cursor = max(len(self._rows) - 1, 0)
        self.anchor()

    def go(self, index: int) -> None:
        """Put the cursor on a line and bring it into view; on the last one the view follows again."""
        self._go(index)

    def action_cursor(self, step: int) -> None:
        """Move the cursor; at the last line the view follows again."""
        self._go(self.cursor + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by pages."""
        self._go(self.cursor + step * max(self.scrollable_content_region.height - 1, 1))

    def action_top(self) -> None:
        """To the first line."""
        self._go(0)

    def action_end(self) -> None:
        """To the last line."""
        self._go(len(self._rows) - 1)

    def _go(self, index: int) -> None:
        last = len(self._rows) - 1
        index = max(0, min(index, last))
        if index >= last and self._follow_new:
            self.follow()
            return
        self.following = False
        self.release_anchor()
        self.cursor = index
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if index < top:
            self.scroll_to(y=index, animate=False)
        elif index >= top + height:
            self.scroll_to(y=index - height + 1, animate=False)

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    def sync(self) -> None:
        """Look for new lines, and show them if the screen is the one in front."""
        # A screen behind another one paints nothing; it catches up when it comes back.
        if not self.is_attached or not self.screen.is_active:
            return
        now = (self._rows.version, len(self._rows))
        if now == self._seen:
            return
        self._seen = now
        gone = self._rows.dropped - self._dropped
        if gone:
            self._dropped += gone
            self._strips.clear()
            self.cursor = max(self.cursor - gone, 0)
        if self.following:
            self.cursor = max(now[1] - 1, 0)
        self._resize(Size(self._width, now[1]))
        self.refresh()

    def _resize(self, size: Size) -> None:
        height = self.scrollable_content_region.height
        if not self.is_mounted or (self.virtual_size.height > height) != (size.height > height):
            self.virtual_size = size
            return
        # As long as the scroll bar neither comes nor goes, no other widget moves: a layout of the whole screen,
        # which setting the attribute asks for, would be the dearest part of a look at the store.
        self.set_reactive(ScrollView.virtual_size, size)
        self._scroll_update(size)
        if self.following:
            self.anchor()

    def _strip(self, index: int) -> Strip:
        key = (index, self._width)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._paint(self._rows.row(index))
            self._strips[key] = strip
        return strip

    def _paint(self, row: Row) -> Strip:
        width = self._width
        right = f"  {row.right}" if row.right else ""
        room = width - cell_len(right)
        segments: list[Segment] = []
        used = 0
        for text, ink, marked in row.pieces():
            size = cell_len(text)
            if used + size > room:
                text = set_cell_size(text, max(room - used - 1, 0)) + "…"
                size = max(room - used, 1)
            segments.append(Segment(text, self._style(ink, marked=marked)))
            used += size
            if used >= room:
                break
        if used < room:
            segments.append(Segment(" " * (room - used)))
        if right:
            segments.append(Segment(right, self._style(Ink.MUTED)))
        return Strip(segments).adjust_cell_length(width)

    def _style(self, ink: Ink, *, marked: bool = False) -> Style:
        style = self._styles.get((ink, marked))
        if style is None:
            style = self.get_component_rich_style(f"line--{ink}", partial=True)
            if marked:
                style += self.get_component_rich_style("line--mark", partial=True)
            self._styles[ink, marked] = style
        return style


def _selected(strip: Strip, span: tuple[int, int], style: Style) -> Strip:
    text = strip.text
    start = cell_len(text[: span[0]])
    end = strip.cell_length if span[1] < 0 else cell_len(text[: span[1]])
    middle = Strip([Segment(part.text, (part.style or Style()) + style) for part in strip.crop(start, end)])
    return Strip.join([strip.crop(0, start), middle, strip.crop(end)])
