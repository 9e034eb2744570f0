/// The page around the pictures and the data.
enum PageTemplate {
  static func html(
    title: String, verdict: String, summary: String, left: String, right: String, leftTitle: String,
    rightTitle: String, data: String
  ) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(escaped(title))</title>
    <link rel="icon" href="data:,">
    <style>\(PageStyle.css)</style>
    </head>
    <body>
    <header>
    <div><h1>\(escaped(title))</h1><p class="verdict">\(escaped(verdict))</p></div>
    <nav>
    <input id="search" type="search" placeholder="find a node" aria-label="find a node">
    <button id="previous">← previous change</button>
    <span id="place"></span>
    <button id="next">next change →</button>
    <button id="smaller" aria-label="smaller">−</button>
    <button id="larger" aria-label="larger">+</button>
    <button id="fit">fit</button>
    </nav>
    <ul class="legend">
    <li class="replaced">replaced</li><li class="changed">changed</li>
    <li class="added">added</li><li class="removed">removed</li><li class="renamed">renamed</li>
    </ul>
    </header>
    <main>
    <section class="pane" id="before"><h2>before: \(escaped(leftTitle))</h2>\(left)</section>
    <section class="pane" id="after"><h2>after: \(escaped(rightTitle))</h2>\(right)</section>
    <aside>
    <div id="drift"></div>
    <div id="details"><p>Click a node to see it.</p></div>
    <details><summary>Everything that differs</summary><pre>\(escaped(summary))</pre></details>
    </aside>
    </main>
    <script type="application/json" id="data">\(data)</script>
    <script>\(PageScript.javascript)</script>
    </body>
    </html>

    """
  }

  static func escaped(_ text: String) -> String {
    text.map { character in
      switch character {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      default: String(character)
      }
    }.joined()
  }
}
