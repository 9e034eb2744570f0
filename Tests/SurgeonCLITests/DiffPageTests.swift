internal import SurgeonCLI
internal import SurgeonFormat
internal import SurgeonIR
internal import Testing

struct DiffPageTests {
  private let folder = Folder()

  @Test func `a page holds both graphs, marks what changed and loads nothing`() throws {
    let before = try folder.write(
      """
      g (float[4] x) => (float[4] y) <float[4] w = {1, 2, 3, 4}>
      { h = Mul(x, w) y = LeakyRelu<alpha = 0.5>(h) }
      """, as: "a.onnx")
    let after = try folder.write(
      """
      g (float[4] x) => (float[4] y) <float[4] w = {1, 2, 3, 5}>
      { h = Mul(x, w) y = LeakyRelu<alpha = 0.5>(h) }
      """, as: "b.onnx")
    let page = "\(folder.path)/page.html"
    let run = CommandRun("diff", before, after, "--run", "--html", page)
    #expect(run.status == .differs)
    #expect(run.output.contains("first divergence: Mul 'h'"))
    #expect(run.output.hasSuffix("wrote \(page)\n"))
    let html = try #require(folder.text(of: "page.html"))
    #expect(html.contains(#"<g id="b0" class="node op changed">"#))
    #expect(html.contains(#"<g id="a0" class="node op changed">"#))
    #expect(html.contains(#"<g id="b1" class="node op same">"#))
    for way in ["src=", "href=\"http", "@import", "url("] { #expect(!html.contains(way)) }
  }

  @Test func `a name cannot break out of the page`() throws {
    let model = try folder.write(
      #"g (float[4] x) => (float[4] y) { ["</script><b>"] y = Relu(x) }"#, as: "a.onnx")
    let page = "\(folder.path)/page.html"
    #expect(CommandRun("diff", model, model, "--html", page).status == .success)
    let html = try #require(folder.text(of: "page.html"))
    #expect(!html.contains("</script><b>"))
  }
}
