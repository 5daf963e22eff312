// Two's complement integers of N 64-bit words, for the ap_int.h beside this file: wide<N, S> behaves as a builtin
// integer of 64 N bits would, signed or not, whose arithmetic wraps around. Shift amounts are 0 to 64 N - 1.
#ifndef QDIALECT_AP_WIDE_H
#define QDIALECT_AP_WIDE_H

#include <type_traits>

namespace apx {

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

template <int N, bool S>
struct wide {
  typedef unsigned long long word_t;
  static const unsigned words = N;

  word_t w[words];  // the lowest first

  wide() = default;
  wide(int128 x) { fill(static_cast<uint128>(x), x < 0); }
  wide(uint128 x) { fill(x, false); }
  template <class B, class = typename std::enable_if<std::is_integral<B>::value>::type>
  wide(B x) : wide(static_cast<typename std::conditional<std::is_signed<B>::value, int128, uint128>::type>(x)) {}
  template <int M, bool T>
  explicit wide(const wide<M, T>& x) {
    for (int i = 0; i < N; ++i) w[i] = x.word(i);
  }
  template <class B>
  explicit operator B() const { return static_cast<B>(static_cast<uint128>(w[1]) << 64 | w[0]); }

  void fill(uint128 low, bool negative) {
    w[0] = static_cast<word_t>(low);
    w[1] = static_cast<word_t>(low >> 64);
    for (int i = 2; i < N; ++i) w[i] = negative ? ~word_t(0) : 0;
  }
  bool negative() const { return S && w[N - 1] >> 63; }
  word_t word(int i) const { return i < 0 ? 0 : i < N ? w[i] : negative() ? ~word_t(0) : 0; }  // of endless ones

  friend wide operator+(const wide& a, const wide& b) {
    wide r;
    uint128 sum = 0;
    for (int i = 0; i < N; ++i, sum >>= 64) {
      sum += static_cast<uint128>(a.w[i]) + b.w[i];
      r.w[i] = static_cast<word_t>(sum);
    }
    return r;
  }
  friend wide operator-(const wide& a, const wide& b) { return a + ~b + 1; }
  friend wide operator*(const wide& a, const wide& b) {
    wide r = 0;
    for (int i = 0; i < N; ++i) {
      uint128 sum = 0;
      for (int j = 0; i + j < N; ++j, sum >>= 64) {
        sum += static_cast<uint128>(a.w[i]) * b.w[j] + r.w[i + j];
        r.w[i + j] = static_cast<word_t>(sum);
      }
    }
    return r;
  }
#define APX_BITWISE(OP)                                              \
  friend wide operator OP(const wide& a, const wide& b) {            \
    wide r;                                                          \
    for (int i = 0; i < N; ++i) r.w[i] = a.w[i] OP b.w[i];           \
    return r;                                                        \
  }
  APX_BITWISE(&)
  APX_BITWISE(|)
  APX_BITWISE(^)
#undef APX_BITWISE
  wide operator~() const {
    wide r;
    for (int i = 0; i < N; ++i) r.w[i] = ~w[i];
    return r;
  }
  wide operator<<(long long n) const { return window(-n); }
  wide operator>>(long long n) const { return window(n); }
  wide window(long long n) const {  // the bits from n on
    const int first = static_cast<int>((n + 64LL * N) / 64) - N, bits = static_cast<int>(n & 63);
    wide r;
    for (int i = 0; i < N; ++i)
      r.w[i] = bits ? word(first + i) >> bits | word(first + i + 1) << (64 - bits) : word(first + i);
    return r;
  }
  friend bool operator==(const wide& a, const wide& b) {
    for (int i = 0; i < N; ++i)
      if (a.w[i] != b.w[i]) return false;
    return true;
  }
  friend bool operator!=(const wide& a, const wide& b) { return !(a == b); }
  friend bool operator<(const wide& a, const wide& b) {
    if (a.negative() != b.negative()) return a.negative();
    for (int i = N - 1; i > 0; --i)
      if (a.w[i] != b.w[i]) return a.w[i] < b.w[i];
    return a.w[0] < b.w[0];
  }
};

}  // namespace apx

#endif
