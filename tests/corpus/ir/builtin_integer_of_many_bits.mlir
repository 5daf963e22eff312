// The range of the type took an eighth of its bits as bytes.
// PASSES: canonicalize
// MUST: integers have at most 4096 bits, got i1000000000000000000
func.func @net() attributes {a = 0 : i1000000000000000000} {
  func.return
}
