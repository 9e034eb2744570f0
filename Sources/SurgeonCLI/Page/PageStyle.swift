/// How the page looks.
enum PageStyle {
  static let css = """

    :root { --replaced: #ffd8a8; --changed: #ffec99; --added: #b2f2bb; --removed: #ffc9c9;
            --renamed: #d0ebff; --line: #d0d0d0; }
    * { box-sizing: border-box; }
    body { margin: 0; height: 100vh; display: flex; flex-direction: column;
           font: 14px/1.45 system-ui, sans-serif; color: #1a1a1a; }
    header { display: flex; gap: 24px; align-items: center; flex-wrap: wrap; padding: 8px 16px;
             border-bottom: 1px solid var(--line); }
    h1 { font-size: 16px; margin: 0; }
    h2 { position: sticky; left: 0; top: 0; font-size: 13px; margin: 0; padding: 6px 10px;
         background: #fafafaee; border-bottom: 1px solid var(--line); }
    h3 { font-size: 14px; margin: 12px 0 4px; overflow-wrap: anywhere; }
    nav { display: flex; gap: 6px; align-items: center; }
    button { font: inherit; padding: 2px 10px; border: 1px solid var(--line); border-radius: 5px;
             background: #fff; cursor: pointer; }
    button:hover { background: #f1f3f5; }
    .legend { display: flex; gap: 6px; list-style: none; margin: 0; padding: 0; }
    .legend li { padding: 0 8px; border-radius: 4px; border: 1px solid #0002; }
    .legend .replaced { background: var(--replaced); } .legend .changed { background: var(--changed); }
    .legend .added { background: var(--added); } .legend .removed { background: var(--removed); }
    .legend .renamed { background: var(--renamed); }
    main { flex: 1; display: flex; min-height: 0; }
    .graph { flex: 1; overflow: auto; border-right: 1px solid var(--line); background: #fafafa; }
    .graph svg { display: block; margin: 12px auto; }
    aside { width: 380px; overflow: auto; padding: 8px 16px; }
    .op { cursor: pointer; }
    .op.replaced path, .op.replaced polygon { fill: var(--replaced); }
    .op.changed path, .op.changed polygon { fill: var(--changed); }
    .op.added path, .op.added polygon { fill: var(--added); }
    .op.removed path, .op.removed polygon { fill: var(--removed); }
    .op.renamed path, .op.renamed polygon { fill: var(--renamed); }
    .op:hover path, .op:hover polygon { stroke-width: 2; }
    .op.partner path, .op.partner polygon { stroke: #4263eb; stroke-width: 2; }
    .op.selected path, .op.selected polygon { stroke: #4263eb; stroke-width: 3.5; }
    table { border-collapse: collapse; width: 100%; }
    td { vertical-align: top; padding: 1px 8px 1px 0; overflow-wrap: anywhere; }
    td:first-child { color: #666; white-space: nowrap; }
    .badge { padding: 0 8px; border-radius: 4px; border: 1px solid #0002; }
    pre { font-size: 11px; overflow: auto; }
    .hist { display: block; width: 100%; height: 70px; }
    .hist .first { fill: #4263eb; opacity: .55; } .hist .second { fill: #f76707; opacity: .55; }
    .axis { font-size: 10px; fill: #666; }
    .plot { width: 100%; height: 190px; }
    .plot circle { fill: #4263eb; cursor: pointer; } .plot circle.diverges { fill: #e03131; }
    """
}
