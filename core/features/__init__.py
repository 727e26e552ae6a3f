"""One file per thing people do: declarations, handlers and their views. Features never import each other."""
