// ap_int<W> and ap_uint<W> for C simulation: a stand-in for the vendor's header that compiles in milliseconds and covers
// what qdialect prints. Values and result widths are those of the vendor's header. What is not
// covered (division, concatenation, writing a range, wider results) does not compile, rather than mean something else.
// sum_int<W> and sum_uint<W> are those of variables that are only added to, for other headers aliases in the text.
//
// With -DAPX_CHECK each construction, assignment or left shift that would change the value prints one line and aborts.
// Code that drops bits on purpose says so with x.range(hi, lo), which means the same in the vendor's header.
#ifndef QDIALECT_AP_INT_H
#define QDIALECT_AP_INT_H

#include <cstdio>
#include <cstdlib>
#include <limits>
#include <type_traits>

#include "ap_wide.h"

#ifndef AP_INT_MAX_W
#define AP_INT_MAX_W 1024
#endif

namespace apx {

#ifdef APX_CHECK
const bool checked = true;
#else
const bool checked = false;
#endif

// The types that hold W bits, builtin ones up to 128. Arithmetic is done in `bits`, where overflow and left shifts are
// defined; shifts have amounts as wide as their words, as vectors of them need.
template <int W, class Narrow, class Builtin, class Middle, class Wide>
struct by_width {
  typedef typename std::conditional<W <= 32, Narrow, Builtin>::type up_to_64;
  typedef typename std::conditional<W <= 128, Middle, Wide>::type beyond;
  typedef typename std::conditional<W <= 64, up_to_64, beyond>::type type;
};
template <int W, bool S>
struct word {
  static const int count = (W + 63) / 64;
  typedef typename by_width<W, unsigned, unsigned long long, uint128, wide<count, false>>::type bits;
  typedef typename by_width<W, int, long long, int128, wide<count, true>>::type sign;
  typedef typename by_width<W, unsigned, unsigned long long, int, int>::type amount;
  typedef typename std::conditional<S, sign, bits>::type type;
};

template <int W, bool S> struct integer;
template <int W> struct slice;
template <class X> struct bit;

// Prints `ap_int<10> loses -5492` or `ap_int<10> loses 3 << 9` and aborts. Never inlined, to cost little uncalled.
template <int W, bool S>
[[noreturn]] __attribute__((noinline)) void fail(int width, bool is_signed, const char* verb, integer<W, S> x,
                                                 long long shift = 0) {
  const typename integer<W, S>::bits_t magnitude = x.negative() ? 0 - x.raw() : x.raw();
  const unsigned limbs = (W + 31) / 32, size = W / 3 + 3;
  unsigned long long limb[limbs], rest, quotient;
  for (unsigned i = 0; i < limbs; ++i) limb[i] = static_cast<unsigned>(magnitude >> 32 * i);
  char text[size];
  char* p = text + size - 1;
  *p = '\0';
  do {
    rest = quotient = 0;
    for (unsigned i = limbs; i-- > 0; quotient |= limb[i]) {
      rest = rest << 32 | limb[i];
      limb[i] = rest / 10;
      rest %= 10;
    }
    *--p = static_cast<char>('0' + static_cast<int>(rest));
  } while (quotient);
  if (x.negative()) *--p = '-';
  std::fprintf(stderr, "ap_%s<%d> %s %s", is_signed ? "int" : "uint", width, verb, p);
  if (shift) std::fprintf(stderr, " << %lld", shift);
  std::fputc('\n', stderr);
  std::abort();
}

// How anything but an ap type enters an expression: builtin integers with their own width, x[i] as one bit. Other types
// have no `type` here and so meet none of the operators below.
template <class N, bool = std::is_integral<N>::value>
struct operand {};
template <class N>
struct operand<N, true> {
  typedef integer<std::numeric_limits<N>::digits + std::is_signed<N>::value, std::is_signed<N>::value> type;
};
template <class X>
struct operand<bit<X>, false> {
  typedef integer<1, false> type;
};
template <class N>
inline typename operand<N>::type lift(N n) {
  return operand<N>::type::exact(n);
}

template <int W, bool S>
struct integer {
  static_assert(1 <= W && W <= AP_INT_MAX_W, "ap_int has 1 to AP_INT_MAX_W bits; define that before the include");
  typedef typename word<W, S>::type word_t;
  typedef typename word<W, S>::bits bits_t;
  typedef typename word<64, S>::type builtin_t;
  static const int width = W;
  static const int top = static_cast<int>(8 * sizeof(word_t)) - 1;  // the last bit of the word

  word_t v;  // the value itself: sign or zero extended to the whole word

  integer() : v(0) {}
  template <int W2, bool S2>
  integer(const integer<W2, S2>& x) : v(holds<W2, S2>() ? static_cast<word_t>(x.v) : modulo(x.v).v) {
    if (checked && !holds<W2, S2>() && !equal(*this, x)) fail(W, S, "loses", x);
  }
  template <int W2>
  integer(slice<W2> s) : v(modulo(s.v).v) {  // bits have no sign: giving them one loses nothing
    typedef integer<W2, false> given;
    if (checked && !equal(integer<W, false>::exact(below(W)), given::exact(s.v))) fail(W, S, "loses", given::exact(s.v));
  }
  template <class N, class = typename operand<N>::type>
  integer(N n) : integer(lift(n)) {}

  template <int W2, bool S2>
  static constexpr bool holds() { return S == S2 ? W >= W2 : S && W > W2; }
  template <class N>
  static integer exact(N n) {  // for values that are known to fit
    integer r;
    r.v = static_cast<word_t>(n);
    return r;
  }
  template <class N>
  static integer modulo(N n) {
    const int spare = top + 1 - W;
    return exact(static_cast<word_t>(static_cast<bits_t>(n) << spare) >> spare);
  }

  bool negative() const { return S && static_cast<typename word<W, true>::type>(v) < 0; }
  bits_t raw() const { return static_cast<bits_t>(v); }
  bits_t below(int n) const { return raw() & (~bits_t(0) >> (top + 1 - n)); }
  operator builtin_t() const { return integer<64, S>(*this).v; }
  long long to_int64() const { return static_cast<long long>(builtin_t(*this)); }
  unsigned long long to_uint64() const { return static_cast<unsigned long long>(builtin_t(*this)); }

  const slice<W> range(int high, int low) const {
    require_bits(high, low);
    return slice<W>{below(high + 1) >> low};
  }
  bit<integer> operator[](int i) { return bit<integer>(*this, i); }
  bool operator[](int i) const {
    require_bits(i, i);
    typedef typename word<W, S>::amount amount;  // to the sign, which is compared in vectors where a bit is not
    return static_cast<typename word<W, true>::type>(raw() << static_cast<amount>(top - i)) < 0;
  }
  void set_bit(int i, bool b) {
    require_bits(i, i);
    const bits_t one = bits_t(1) << i;
    *this = modulo(b ? raw() | one : raw() & ~one);
  }
  static void require_bits(int high, int low) {
    if (0 <= low && low <= high && high < W) return;
    std::fprintf(stderr, "ap_%s<%d> has no range(%d, %d)\n", S ? "int" : "uint", W, high, low);
    std::abort();
  }

  bool operator!() const { return v == 0; }
  integer operator+() const { return *this; }
  integer operator~() const { return modulo(~raw()); }

#define APX_ASSIGN(OP) \
  template <class N>   \
  integer& operator OP##=(N n) { return *this = *this OP n; }
  APX_ASSIGN(+)
  APX_ASSIGN(-)
  APX_ASSIGN(*)
  APX_ASSIGN(&)
  APX_ASSIGN(|)
  APX_ASSIGN(^)
  APX_ASSIGN(<<)
  APX_ASSIGN(>>)
#undef APX_ASSIGN
  integer& operator++() { return *this += true; }
  integer& operator--() { return *this -= true; }
  integer operator++(int) { const integer old = *this; ++*this; return old; }
  integer operator--(int) { const integer old = *this; --*this; return old; }
};

// A variable that is only added to, and wraps around where it is read: until then adding up is one addition each, which
// g++ does for many at once.
template <int W, bool S>
struct sum {
  typedef typename integer<W, S>::bits_t bits_t;

  bits_t total;  // of which the lower W bits are the value

  template <class N>
  sum(const N& n) : total(integer<W, S>(n).raw()) {}
  integer<W, S> value() const { return integer<W, S>::modulo(total); }

#define APX_ADD(OP)                                          \
  template <class N>                                         \
  sum& operator OP##=(N n) {                                 \
    if (checked) return *this = value() OP n;                \
    const auto term = integer<1, false>() + n;               \
    total = total OP static_cast<bits_t>(term.v);            \
    return *this;                                            \
  }
  APX_ADD(+)
  APX_ADD(-)
#undef APX_ADD
};
template <int W, bool S>
struct operand<sum<W, S>, false> {
  typedef integer<W, S> type;
};
template <int W, bool S>
inline integer<W, S> lift(const sum<W, S>& x) {
  return x.value();
}

// What range() returns: const there, for writing to it would be lost; without operators, for those of the vendor's
// header give it the sign of x. ap_uint<n>(x.range(hi, lo)) and table[x.range(hi, lo)] mean the same in both.
template <int W>
struct slice {
  typename word<W, false>::bits v;
  operator unsigned long long() const { return integer<64, false>(*this).v; }
  unsigned long long to_uint64() const { return *this; }
  long long to_int64() const { return static_cast<long long>(to_uint64()); }
};

// What x[i] is while x can be written.
template <class X>
struct bit {
  X& x;
  const int i;
  bit(X& owner, int index) : x(owner), i(index) {}
  bit(const bit&) = default;
  operator bool() const { return static_cast<const X&>(x)[i]; }
  bit& operator=(bool b) { return x.set_bit(i, b), *this; }
  bit& operator=(const bit& b) { return *this = static_cast<bool>(b); }
};

}  // namespace apx

#include "ap_operators.h"

template <int W>
using ap_int = apx::integer<W, true>;
template <int W>
using ap_uint = apx::integer<W, false>;
template <int W>
using sum_int = apx::sum<W, true>;
template <int W>
using sum_uint = apx::sum<W, false>;

#endif
