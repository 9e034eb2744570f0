"""The tables of float64.py.

The roof of an operator is what the machine allows it at most: the peak, or the speed of a copy within as
much memory as it reads and writes, times its operations for each byte, whichever is lower.
"""

import math

from float64_shapes import NETWORKS, OPERATORS


def threads_of(count):
    return f"{count} thread{'s' if int(count) > 1 else ''}"


def copy_rate(peak, size):
    """GB/s of a copy within `size` bytes: between those measured, by the logarithm of the size."""
    known = sorted((math.log(int(kib) * 1024), rate) for kib, rate in peak["copies"].items())
    place = math.log(size)
    if place <= known[0][0]:
        return known[0][1]
    for (low, slow), (high, fast) in zip(known, known[1:]):
        if place <= high:
            return slow + (fast - slow) * (place - low) / (high - low)
    return known[-1][1]


def roof(peak, case):
    """GFLOP/s."""
    return min(peak["gflops"], copy_rate(peak, case["bytes"]) * case["flops"] / case["bytes"])


def allowed(peak, case):
    """The part of the peak that memory allows, marked where it is no third."""
    part = roof(peak, case) / peak["gflops"]
    return f"{part:.2f}, memory" if part < 1 / 3 else f"{part:.2f}"


def rates(results, count):
    """Of each operator: its GFLOP/s, the peak's part of it, and that of its roof."""
    peak = results["peaks"][count]
    for name, case in OPERATORS.items():
        row = results["operators"].get(name, {}).get(count)
        if row:
            rate = case["flops"] / row["ms"] / 1e6
            yield name, row, rate, rate / peak["gflops"], rate / roof(peak, case)


def against(row):
    return f"{row['peer'] / row['ms']:.2f}" if row["peer"] else ""


def operator_table(results, count):
    peak = results["peaks"][count]
    lines = [
        f"| operator, {threads_of(count)} | ms | GFLOP/s | of the peak | roof of the peak | of the roof "
        "| OpenBLAS / ours |",
        "|---|---:|---:|---:|---:|---:|---:|"]
    for name, row, rate, fraction, of_roof in rates(results, count):
        lines.append(
            f"| {name} | {row['ms']:.3f} | {rate:.1f} | **{fraction:.2f}** "
            f"| {allowed(peak, OPERATORS[name])} | {of_roof:.2f} | {against(row)} |")
    return lines


def network_table(results):
    counts = list(results["peaks"])
    names, rule = ["network, batch 1", "GFLOP"], "|---|---:|"
    for count in counts:
        names += [f"ms, {threads_of(count)}", "of the peak", "PyTorch / ours"]
        rule += "---:|" * 3
    lines = ["| " + " | ".join(names) + " |", rule]
    for name in NETWORKS:
        found = results["networks"].get(name)
        if not found:
            continue
        cells = [name, f"{found['flops'] / 1e9:.2f}"]
        for count in counts:
            row = found["runs"].get(count)
            if row:
                fraction = found["flops"] / row["ms"] / 1e6 / results["peaks"][count]["gflops"]
                cells += [f"{row['ms']:.1f}", f"**{fraction:.2f}**", against(row)]
            else:
                cells += ["", "", ""]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def summary(results, count):
    peak = results["peaks"][count]
    copies = peak["copies"]
    cycles = f", {peak['per_cycle']:.1f} operations in a cycle" if peak["per_cycle"] else ""
    speeds = ", ".join(
        f"{copies[kib]:.0f} GB/s within {text}"
        for kib, text in [("256", "256 KiB"), ("2048", "2 MiB"), ("16384", "16 MiB"),
                          ("65536", "64 MiB")])
    line = (f"- {threads_of(count)}: peak {peak['gflops']:.0f} GFLOP/s ({peak['set']}{cycles}); "
            f"copies move {speeds}")
    found = list(rates(results, count))
    if found:
        low = [name for name, _, _, fraction, _ in found if fraction < 1 / 3]
        bound = [name for name in low if roof(peak, OPERATORS[name]) < peak["gflops"] / 3]
        others = [name for name in low if name not in bound]
        _, _, _, _, worst = min(found, key=lambda each: each[4])
        line += f". {len(found) - len(low)} of {len(found)} operators reach a third of the peak"
        if bound:
            line += f"; memory does not allow it to {'; '.join(bound)}"
        if others:
            line += f"; under it for other reasons: {'; '.join(others)}"
        line += f". All reach {worst:.2f} of their roof or more"
    return line + "."


def report(results):
    lines = [f"Machine: {results['machine']}. {results['peers']}", ""]
    lines += [summary(results, count) for count in results["peaks"]] + [""]
    tables = [operator_table(results, count) for count in results["peaks"]]
    for table in [*tables, network_table(results)]:
        lines += table + [""] if len(table) > 2 else []
    return "\n".join(lines).rstrip()
