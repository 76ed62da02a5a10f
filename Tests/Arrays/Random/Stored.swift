/// What seed 1 gives. The uniform bits and the whole numbers are an independent program's, too; the normal bits are this
/// library's own, within 3e-14 of the quantiles in 40 digits.
enum Stored {
  static let uniform64: [UInt64] = [0x3FEC_A141_D79C_7D00, 0x3FE6_C2B5_44F2_BE44, 0x3FEB_F8B9_97D5_8102, 0x3FE4_FECC_126F_380F]
  static let uniform32: [UInt64] = [0x3FEC_A141_C000_0000, 0x3FE6_C2B5_4000_0000, 0x3FEB_F8B9_8000_0000, 0x3FE4_FECC_0000_0000]
  static let normal64: [UInt64] = [0x3FF9_E9F0_0F88_CCCD, 0x3FF0_F97A_2EA1_0F35, 0xBFF8_7D02_8C4B_FFCF, 0xBFEE_49AD_2A9B_C83A]
  static let truncated64: [UInt64] = [
    0x3FF7_4270_F2C4_F8CF, 0x3FEF_C030_6B45_2D8D, 0xBFF6_2E37_7C56_AC31, 0xBFEC_768D_11FD_4468,
  ]
  static let permutation = [2, 1, 5, 0, 7, 3, 4, 9, 6, 8]
  static let indices = [83, 29, 26, 12, 76, 46]

  /// What the normal numbers would be if the quantile were exact.
  static let exactNormal = [1.6196137053309876, 1.060907537598661, -1.5305200081201964, -0.9464937050054162]
  static let exactTruncated = [1.4537209971599707, 0.9922105879899046, -1.3862833840346658, -0.8894715644220756]

  /// A number lies within ±second with probability first.
  static let quantiles: [(Double, Double)] = [
    (1.1102230246251565e-16, 1.3914582123358836e-16),
    (1e-06, 1.2533141373158284e-06),
    (0.01, 0.012533469508069264),
    (0.3, 0.3853204664075676),
    (0.5, 0.6744897501960817),
    (0.8, 1.2815515655446006),
    (0.8749999, 1.5341201377955431),
    (0.875, 1.5341205443525463),
    (0.8750001, 1.534120950909803),
    (0.9, 1.6448536269514729),
    (0.95, 1.9599639845400538),
    (0.99, 2.5758293035489004),
    (0.9999, 3.890591886413121),
    (0.99999999, 5.730728867384048),
    (0.999999999999, 7.130509892879273),
    (0.9999999999999999, 8.292361075813595),
  ]
}
