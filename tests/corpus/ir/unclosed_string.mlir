// The lexer tried every split of the rest of the text.
// PASSES: canonicalize
// MUST: refused: <text>:4:42: End of file reached before closing string literal
func.func @width(%x: tensor<1x!qnn.fixed<", 0, signed>>) -> () { func.return }
