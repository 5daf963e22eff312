// What is computed at once was chosen for five inputs, of which one goes; the tool computes as many as there are.
// PASSES: pipeline-network,remove-channels,pipeline-network,lower-to-loops
// PASSES: pipeline-network,remove-channels,schedule-defaults,lower-to-loops{architecture=stream}
// PASSES: schedule{layer=c pe=1 simd=5},remove-channels,lower-to-loops
// MUST: accepted
!u4 = !qnn.fixed<4, 4, unsigned>
!s4 = !qnn.fixed<4, 4, signed>
!s2 = !qnn.fixed<2, 2, signed>
!s6 = !qnn.fixed<6, 6, signed>
!u2 = !qnn.fixed<2, 2, unsigned>
!u1 = !qnn.fixed<1, 1, unsigned>
func.func @reasons(%x: tensor<1x!u4>) -> tensor<1x!s4> {
  %first = qnn.constant dense<[[1, 1, 1, 1, -1]]> : tensor<1x5xi8> as tensor<1x5x!s2>
  %levels = qnn.constant dense<[[7], [7], [16], [-1], [-3]]> : tensor<5x1xi8> as tensor<5x1x!s6>
  %second = qnn.constant dense<[[1], [2], [1], [2], [0]]> : tensor<5x1xi8> as tensor<5x1x!u2>
  %a = qnn.dense %x, %first : tensor<1x!u4>, tensor<1x5x!s2> -> tensor<5x!s6>
  %b = qnn.threshold %a, %levels {first = 0 : i64, uncertified = array<i64: 0, 3>} : tensor<5x!s6>, tensor<5x1x!s6>
      -> tensor<5x!u1>
  %c = qnn.dense %b, %second : tensor<5x!u1>, tensor<5x1x!u2> -> tensor<1x!s4>
  func.return %c : tensor<1x!s4>
}
