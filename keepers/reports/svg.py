"""Building SVG by hand: a few shapes, escaped."""

from html import escape


def element(name: str, *inner: str, **attributes: object) -> str:
    """An element; `text_anchor` is `text-anchor`, `class_` is `class`."""
    pairs = (
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
    )
    return f"<{name}{''.join(pairs)}>{''.join(inner)}</{name}>"


def words(content: str, x: float, y: float, class_: str, **attributes: object) -> str:
    """A line of text."""
    return element("text", escape(content), x=x, y=y, class_=class_, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> str:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def title(content: str) -> str:
    """What appears when the pointer rests on a shape."""
    return element("title", escape(content))
