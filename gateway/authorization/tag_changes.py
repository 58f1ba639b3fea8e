"""What an import would change, before anybody decides to apply it.

The one rule: what is listed here is all that applying it does.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.authorization.decide import by_key
from gateway.site.depot import Tag


@dataclass(frozen=True, slots=True)
class Change:
    """A tag that is to become another."""

    before: Tag
    after: Tag


@dataclass(frozen=True, slots=True)
class Changes:
    """``unchanged`` counts the wanted tags that are there as they are wanted."""

    added: tuple[Tag, ...]
    changed: tuple[Change, ...]
    removed: tuple[Tag, ...]
    unchanged: int

    @property
    def put(self) -> tuple[Tag, ...]:
        """What is to be added or replaced."""
        return (*self.added, *(change.after for change in self.changed))

    @property
    def remove(self) -> tuple[str, ...]:
        """idTags that are to be forgotten."""
        return tuple(tag.id_tag for tag in self.removed)


def compare(current: Iterable[Tag], wanted: Iterable[Tag], *, replace: bool) -> Changes:
    """From ``current`` to ``wanted``. With ``replace``, what is not wanted is removed."""
    before, after = by_key(current), by_key(wanted)
    both = [Change(before[name], tag) for name, tag in after.items() if name in before]
    changed = tuple(change for change in both if change.before != change.after)
    gone = [tag for name, tag in before.items() if name not in after]
    return Changes(
        added=tuple(tag for name, tag in after.items() if name not in before),
        changed=changed,
        removed=tuple(gone) if replace else (),
        unchanged=len(both) - len(changed),
    )
