"""The order of states is a table: (state, move) to next state."""

from collections.abc import Mapping

Moves = Mapping[tuple[str, str], str]


def possible(moves: Moves, state: str) -> list[str]:
    """Moves that lead on from a state, in the order of the table."""
    return [move for (origin, move) in moves if origin == state]


def reachable(moves: Moves, start: str) -> set[str]:
    """States that can be reached from a start, itself included."""
    found, todo = {start}, [start]
    while todo:
        state = todo.pop()
        for (origin, _), target in moves.items():
            if origin == state and target not in found:
                found.add(target)
                todo.append(target)
    return found
