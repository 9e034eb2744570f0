"""Sums the conformance results up: a table by operator for the terminal, and docs/operators.md.

    report.py CASES OURS OTHERS REGISTRY DOCUMENT

Fails where fewer than 99% of the node cases pass, or where a model case fails that is not named in
EXPECTED below.
"""

import collections
import sys

import onnx
import onnx.defs
import onnxruntime

# Cases that cannot pass, or that this package leaves out, with the reason.
EXPECTED = {
    "test_bernoulli": "random: the expected numbers are those of NumPy's generator",
    "test_training_dropout": "random: the expected mask is that of NumPy's generator",
    "test_image_decoder_decode_jpeg2k": "no decoder for JPEG 2000",
    "test_image_decoder_decode_webp": "no decoder for WebP",
    "test_dft_inverse": "an expected 1.9e-07 is the rounding of the suite's own Float32 transform "
    "of a true zero, above the tolerance of 1e-07",
    "test_attention_4d_causal_fp16_expanded": "the suite rounds every step of the sum to float16",
}

RUNTIMES = ["surgeon", "onnxruntime", "reference"]


def read(path):
    with open(path) as file:
        return [line.rstrip("\n").split("\t") for line in file]


def reason_for(name, reason):
    for prefix, text in EXPECTED.items():
        if name.startswith(prefix):
            return text
    return reason


def main():
    cases_path, ours_path, others_path, registry_path, document_path = sys.argv[1:]
    cases = {(kind, name): operator for kind, name, _, _, operator in read(cases_path)}
    results = {("surgeon", kind, name): (word, reason) for kind, name, word, reason in read(ours_path)}
    for runtime, kind, name, word, reason in read(others_path):
        results[runtime, kind, name] = (word, reason)
    versions = {
        (domain, name): numbers.replace(",", ", ") + (f" (gone in {end})" if end else "")
        for domain, name, numbers, end in read(registry_path)
    }

    table = collections.defaultdict(lambda: [0] * 4)
    totals = collections.defaultdict(lambda: [0] * 4)
    for (kind, name), operator in cases.items():
        for row in (table[kind, operator], totals[kind]):
            row[0] += 1
            for column, runtime in enumerate(RUNTIMES):
                row[column + 1] += results.get((runtime, kind, name), ("failed", ""))[0] == "passed"

    header = f"{'':34} {'cases':>6} {'surgeon':>8} {'ORT CPU':>8} {'onnx ref':>8}"
    print(header)
    for kind, operator in sorted(table, key=lambda key: (key[0] != "node", key[1].lower())):
        row = table[kind, operator]
        mark = "" if row[1] == row[0] else "  <" if row[1] else "  <<"
        print(f"{operator:34} {row[0]:6} {row[1]:8} {row[2]:8} {row[3]:8}{mark}")
    print(header)
    for kind, row in totals.items():
        print(f"{kind:34} {row[0]:6} {row[1]:8} {row[2]:8} {row[3]:8}")

    left = sorted(
        (kind, name, *results.get(("surgeon", kind, name), ("failed", "did not run")))
        for kind, name in cases
        if results.get(("surgeon", kind, name), ("failed", ""))[0] != "passed"
    )
    write_document(document_path, table, totals, versions, left)

    node = totals["node"]
    unexpected = [
        name for kind, name, *_ in left if not any(name.startswith(prefix) for prefix in EXPECTED)
    ]
    if unexpected:
        print("failed, and not known to: " + ", ".join(unexpected))
    if unexpected or node[1] < 0.99 * node[0]:
        sys.exit(1)


def write_document(path, table, totals, versions, left):
    lines = [
        "# Operators",
        "",
        "Written by `make conformance` from the kernel registry and from the results of the",
        f"standard's own test suite (onnx {onnx.__version__}), with the suite's tolerances, in the",
        "reference engine. A case counts for the operator that it is about. Beside ours stand the",
        f"results of ONNX Runtime {onnxruntime.__version__} (CPU provider, through NumPy arrays, so "
        "that types",
        "which NumPy lacks count against it) and of onnx's ReferenceEvaluator.",
        "",
        "| cases | | surgeon | ONNX Runtime | onnx reference |",
        "|---|--:|--:|--:|--:|",
    ]
    for kind, row in totals.items():
        lines.append(f"| {kind} | " + " | ".join(map(str, row)) + " |")
    lines += [
        "",
        "## Every operator with a kernel",
        "",
        "Versions are those of the operator set that define or change the operator.",
        "",
        "| operator | versions | cases | surgeon | ONNX Runtime | onnx reference |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for (domain, name), numbers in sorted(versions.items()):
        row = table.get(("node", name))
        counts = row if row else ["", "", "", ""]
        title = f"{domain}.{name}" if domain else name
        lines.append(f"| {title} | {numbers} | " + " | ".join(map(str, counts)) + " |")
    lines += ["", "## Cases that do not pass", "", "| case | reason |", "|---|---|"]
    for _, name, _, reason in left:
        lines.append(f"| {name} | {reason_for(name, reason).replace('|', '/')} |")
    missing = sorted(
        {
            (schema.domain, schema.name)
            for schema in onnx.defs.get_all_schemas()
            if (schema.domain, schema.name) not in versions
        }
    )
    lines += ["", "## Operators of the standard without a kernel", ""]
    lines.append(", ".join(f"{domain}.{name}" if domain else name for domain, name in missing) + ".")
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
