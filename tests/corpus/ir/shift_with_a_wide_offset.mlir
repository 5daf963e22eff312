// The offset of the shift takes more than int64: it is -511 * 2**58 - 2**61.
// PASSES: choose-forms{form=shift}
// MUST: accepted
func.func @net(%x: tensor<2x!qnn.fixed<63, 63, signed>>) -> tensor<2x!qnn.fixed<10, 10, signed>> {
  %t = qnn.constant dense<[[2305843009213693952, 2594073385365405696, 2882303761517117440, 3170534137668829184, 3458764513820540928, 3746994889972252672, 4035225266123964416, 4323455642275676160]]> : tensor<1x8xi64> as tensor<1x8x!qnn.fixed<64, 64, signed>>
  %y = qnn.threshold %x, %t {first = 0 : i64} : tensor<2x!qnn.fixed<63, 63, signed>>, tensor<1x8x!qnn.fixed<64, 64, signed>> -> tensor<2x!qnn.fixed<10, 10, signed>>
  func.return %y : tensor<2x!qnn.fixed<10, 10, signed>>
}
