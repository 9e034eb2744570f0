"""Every target of `surgeon rewrite` by name, with its arguments."""

STATELESS = {
    "affine": ["--form", "affine"],
    "split": ["--form", "split"],
    "fold": ["--form", "fold"],
    "batchnorm": ["--to", "batchnorm"],
    **{
        f"{target}, {operators}": ["--to", target, "--ops", operators]
        for target in ("groupnorm", "layernorm", "instancenorm")
        for operators in ("native", "primitive")
    },
}
STATEFUL = {
    "welford": ["--to", "welford"],
    "welford, capped": ["--to", "welford", "--count", "capped", "--normalize-with", "previous"],
    "running": ["--to", "running", "--momentum", "0.99"],
}
TARGETS = STATELESS | STATEFUL
