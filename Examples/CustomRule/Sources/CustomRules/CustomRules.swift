import Surgeon

/// The rules of this package, in the order in which they are tried.
public enum CustomRules {
  public static var all: [RewriteRule] { [.fuseHardSwish, .matMulToGemm] }
}
