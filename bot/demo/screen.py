"""The journey as people read it: bubbles left and right, bars for what takes time."""

from rich.align import Align
from rich.box import ROUNDED
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from bot.demo.customer_chat import Bubble
from handlers.chat import Tone
from handlers.texts import Texts

_WIDEST = 76
_STEP = 10  # per cent between two lines of a bar where there is no terminal
_COLOURS = {Tone.RECEIPT: "green", Tone.TROUBLE: "yellow"}


class Screen:
    """Prints to ``console``. Words of its own come from ``locales/*/demo.ftl``."""

    def __init__(self, console: Console, words: Texts) -> None:
        self.console = console
        self._words = words
        self._live = Progress(
            TextColumn("  {task.description}"),
            BarColumn(bar_width=26, complete_style="cyan", finished_style="green"),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._bars: dict[str, TaskID] = {}
        self._told: dict[str, int] = {}

    def __enter__(self) -> "Screen":
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._live.stop()

    def note(self, key: str, **blanks: str | int) -> None:
        """A line between the bubbles."""
        self.console.print(Text(f"  {self._words(key, **blanks)}", style="dim"), highlight=False)

    def plain(self, line: str) -> None:
        """A line as it is: no colour, no wrapping."""
        self.console.file.write(line + "\n")
        self.console.file.flush()

    def heading(self, key: str) -> None:
        """A line to begin with."""
        self.console.rule(f"[bold]{self._words(key)}[/bold]", style="cyan")

    def me(self, text: str) -> None:
        """What the customer says or does."""
        panel = Panel(Text(text), box=ROUNDED, border_style="cyan", expand=False, padding=(0, 1))
        self.console.print(Align.right(panel, width=min(_WIDEST, self.console.width)))

    def eider(self, bubble: Bubble) -> None:
        """A message of Eider's, with its keyboard."""
        body: list[RenderableType] = []
        if bubble.pictures:
            body.append(Text(f"▣ × {bubble.pictures}", style="bold"))
        if bubble.seconds:
            body.append(Text(f"▶ {bubble.seconds:.1f} s", style="bold"))
        if bubble.title:
            body.append(Text(bubble.title, style="bold"))
        if bubble.text:
            body.append(Text(bubble.text))
        body += [
            Text("  ".join(f"[ {label} ]" for label in row), style="cyan") for row in bubble.buttons
        ]
        panel = Panel(
            Group(*body), box=ROUNDED, border_style=_COLOURS.get(bubble.tone, "white"),
            expand=False, padding=(0, 1),
            width=min(_WIDEST - 8, self.console.width) if len(bubble.text) > 60 else None,
        )  # fmt: skip
        self.console.print(panel, highlight=False)

    def advance(self, id: str, what: str, share: float) -> None:
        """Move a bar to ``share`` (0..1); where nobody watches, a line for every tenth."""
        if self.console.is_terminal:
            if id not in self._bars:
                self._bars[id] = self._live.add_task(what, total=1.0)
            self._live.update(self._bars[id], description=what, completed=share)
            if share >= 1:
                self._live.remove_task(self._bars.pop(id))
            return
        percent = int(share * 100) // _STEP * _STEP
        if percent > self._told.get(id, -1):
            self._told[id] = percent
            self.console.print(f"  {percent:3d} %  {what}", style="dim", highlight=False)

    def finish(self, id: str) -> None:
        """Remove a bar that never reached its end."""
        if id in self._bars:
            self._live.remove_task(self._bars.pop(id))
