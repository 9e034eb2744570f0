/// How the page looks.
enum PageStyle {
  static let css = """

    :root { --replaced: #ffd8a8; --changed: #ffec99; --added: #b2f2bb; --removed: #ffc9c9;
            --renamed: #d0ebff; --line: #dee2e6; --first: #4263eb; --second: #f76707;
            --ink: #212529; --quiet: #6c757d; }
    * { box-sizing: border-box; }
    body { margin: 0; height: 100vh; display: flex; flex-direction: column; color: var(--ink);
           font: 14px/1.45 system-ui, sans-serif; }
    header { display: flex; gap: 10px 28px; align-items: center; flex-wrap: wrap;
             padding: 8px 16px; border-bottom: 1px solid var(--line); }
    h1 { font-size: 15px; margin: 0; }
    .verdict { margin: 0; color: var(--quiet); }
    h2 { position: sticky; left: 0; top: 0; font-size: 13px; margin: 0; padding: 6px 12px;
         background: #fffffff0; border-bottom: 1px solid var(--line); }
    h3 { font-size: 14px; margin: 14px 0 4px; overflow-wrap: anywhere; }
    h3.weight { font-size: 12px; font-weight: 500; margin-bottom: 0; }
    nav { display: flex; gap: 6px; align-items: center; }
    button, input { font: inherit; padding: 2px 10px; border: 1px solid var(--line);
                    border-radius: 6px; background: #fff; }
    button { cursor: pointer; }
    button:hover { background: #f1f3f5; }
    #search { width: 150px; }
    #place { min-width: 5.5em; text-align: center; color: var(--quiet); }
    .legend { display: flex; gap: 6px; list-style: none; margin: 0; padding: 0; font-size: 12px; }
    .legend li, .badge { padding: 0 8px; border-radius: 4px; border: 1px solid #0002; }
    .side { margin-right: 6px; color: var(--quiet); }
    .legend li[hidden] { display: none; }
    .legend .replaced, .badge.replaced { background: var(--replaced); }
    .legend .changed, .badge.changed { background: var(--changed); }
    .legend .added, .badge.added { background: var(--added); }
    .legend .removed, .badge.removed { background: var(--removed); }
    .legend .renamed, .badge.renamed { background: var(--renamed); }
    main { flex: 1; display: flex; min-height: 0; }
    .pane { flex: 1; min-width: 0; overflow: auto; border-right: 1px solid var(--line);
            background: #f8f9fa; }
    .pane svg { display: block; margin: 12px auto; }
    aside { width: 380px; flex: none; overflow: auto; padding: 8px 16px 24px; }
    .op { cursor: pointer; }
    .op path, .op polygon, .port ellipse { stroke: #868e96; }
    .op.replaced path, .op.replaced polygon { fill: var(--replaced); }
    .op.changed path, .op.changed polygon { fill: var(--changed); }
    .op.added path, .op.added polygon { fill: var(--added); }
    .op.removed path, .op.removed polygon { fill: var(--removed); }
    .op.renamed path, .op.renamed polygon { fill: var(--renamed); }
    .op:hover path, .op:hover polygon { stroke-width: 2; }
    .op.partner path, .op.partner polygon { stroke: var(--first); stroke-width: 2; }
    .op.selected path, .op.selected polygon { stroke: var(--first); stroke-width: 3.5; }
    table { border-collapse: collapse; width: 100%; font-size: 13px; margin-top: 6px; }
    td { vertical-align: top; padding: 1px 10px 1px 0; overflow-wrap: anywhere; }
    td:first-child { color: var(--quiet); white-space: nowrap; width: 1%; }
    .type { color: var(--quiet); font-size: 12px; }
    .change { margin: 6px 0; padding: 2px 8px; border-left: 3px solid var(--changed); }
    .note { color: var(--quiet); margin: 4px 0; }
    details { margin-top: 18px; }
    pre { font-size: 11px; overflow: auto; }
    .hist { display: block; width: 100%; height: 56px; }
    .hist .before { fill: var(--first); opacity: .6; }
    .hist .after { fill: var(--second); opacity: .6; }
    .range { display: flex; justify-content: space-between; font-size: 11px; color: var(--quiet);
             border-top: 1px solid var(--line); }
    .key { font-size: 11px; } .key i { font-style: normal; }
    .key .before { color: var(--first); } .key .after { color: var(--second); }
    .axis { font-size: 10px; fill: var(--quiet); }
    .plot { width: 100%; height: 190px; display: block; }
    .plot circle { fill: var(--first); cursor: pointer; }
    .plot circle.diverges { fill: #e03131; }
    """
}
