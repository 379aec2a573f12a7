"""How the product meets the world: the edge of requests, pages, answers."""
