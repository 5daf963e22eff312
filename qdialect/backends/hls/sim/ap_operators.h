// Operators of ap_int.h, which includes this file: results have the widths that hold every value.
#ifndef QDIALECT_AP_OPERATORS_H
#define QDIALECT_AP_OPERATORS_H

#include <type_traits>

namespace apx {

// Result types that hold every result. `both` is the width that holds either operand.
template <int A, bool S, int B, bool T>
struct grow {
  static const int a = A + (T && !S), b = B + (S && !T), both = a > b ? a : b;
  typedef integer<both, S || T> logic;
  typedef integer<both + 1, S || T> plus;
  typedef integer<both + 1, true> minus;
  typedef integer<A + B, S || T> times;
};

// Signs decide first where they differ, for no builtin type holds both a negative value and the largest unsigned one.
template <int A, bool S, int B, bool T>
inline bool less(const integer<A, S>& a, const integer<B, T>& b) {
  typedef typename word<(A > B ? A : B), S && T>::type common;
  if (S != T && (a.negative() || b.negative())) return a.negative();
  return static_cast<common>(a.v) < static_cast<common>(b.v);
}
template <int A, bool S, int B, bool T>
inline bool equal(const integer<A, S>& a, const integer<B, T>& b) {
  typedef typename word<(A > B ? A : B), S && T>::type common;
  if (S != T && (a.negative() || b.negative())) return false;
  return static_cast<common>(a.v) == static_cast<common>(b.v);
}
// Beside an unsigned type of 32 bits or more that is not narrower, the vendor's header takes a negative value for a large
// one, like C, and its == and < do not agree for which. No answer is right there.
template <int A, bool S, int B, bool T>
inline void require_order(const integer<A, S>& a, const integer<B, T>& b) {
  const bool as_unsigned = S != T && (S ? B >= A && B >= 32 : A >= B && A >= 32);
  if (as_unsigned && a.negative()) fail(B, T, "cannot be compared with", a);
  if (as_unsigned && b.negative()) fail(A, S, "cannot be compared with", b);
}

template <class X> struct is_slice : std::false_type {};
template <int W> struct is_slice<slice<W>> : std::true_type {};
template <class X> struct is_ap : is_slice<X> {};
template <int W, bool S> struct is_ap<integer<W, S>> : std::true_type {};

#define APX_WITH_OPERAND(OP)                                                                             \
  template <int A, bool S, class N>                                                                      \
  inline auto operator OP(const integer<A, S>& a, N b)->decltype(a OP lift(b)) { return a OP lift(b); }  \
  template <class N, int B, bool T>                                                                      \
  inline auto operator OP(N a, const integer<B, T>& b)->decltype(lift(a) OP b) { return lift(a) OP b; }
#define APX_ARITHMETIC(OP, RESULT)                                                                       \
  template <int A, bool S, int B, bool T, class R = typename grow<A, S, B, T>::RESULT>                   \
  inline R operator OP(const integer<A, S>& a, const integer<B, T>& b) {                                 \
    typedef typename R::bits_t bits_t;                                                                   \
    return R::exact(static_cast<bits_t>(a.v) OP static_cast<bits_t>(b.v));                               \
  }                                                                                                      \
  APX_WITH_OPERAND(OP)                                                                                   \
  APX_DELETED(OP, is_slice)
#define APX_COMPARISON(OP, RESULT)                                                                       \
  template <int A, bool S, int B, bool T>                                                                \
  inline bool operator OP(const integer<A, S>& a, const integer<B, T>& b) {                              \
    require_order(a, b);                                                                                 \
    return RESULT;                                                                                       \
  }                                                                                                      \
  APX_WITH_OPERAND(OP)                                                                                   \
  APX_DELETED(OP, is_slice)
#define APX_DELETED(OP, IS)                                                                              \
  template <class X, class Y, class = typename std::enable_if<IS<X>::value || IS<Y>::value>::type>       \
  void operator OP(const X&, const Y&) = delete;

APX_ARITHMETIC(+, plus)
APX_ARITHMETIC(-, minus)
APX_ARITHMETIC(*, times)
APX_ARITHMETIC(&, logic)
APX_ARITHMETIC(|, logic)
APX_ARITHMETIC(^, logic)
APX_COMPARISON(<, less(a, b))
APX_COMPARISON(>, less(b, a))
APX_COMPARISON(<=, !less(b, a))
APX_COMPARISON(>=, !less(a, b))
APX_COMPARISON(==, equal(a, b))
APX_COMPARISON(!=, !equal(a, b))
APX_DELETED(/, is_ap)
APX_DELETED(%, is_ap)
#undef APX_WITH_OPERAND
#undef APX_ARITHMETIC
#undef APX_COMPARISON
#undef APX_DELETED

template <int W, class N>
void operator<<(const slice<W>&, const N&) = delete;
template <int W, class N>
void operator>>(const slice<W>&, const N&) = delete;
template <int A, bool S, int B, bool T>
void operator,(const integer<A, S>&, const integer<B, T>&) = delete;

template <int W, bool S>
inline typename grow<1, false, W, S>::minus operator-(const integer<W, S>& x) {
  return false - x;
}

// Shifts keep the width of the left operand; a negative amount shifts the other way.
template <int W, bool S>
inline integer<W, S> shift_right(const integer<W, S>& x, long long n) {
  return integer<W, S>::exact(n < W ? x.v >> n : x.v >> (W - 1) >> 1);
}
template <int W, bool S>
inline integer<W, S> shift_left(const integer<W, S>& x, long long n) {
  const integer<W, S> r = integer<W, S>::modulo(n < W ? x.raw() << n : 0);
  if (checked && shift_right(r, n).v != x.v) fail(W, S, "loses", x, n);
  return r;
}
template <int W, bool S, class N>
inline integer<W, S> operator<<(const integer<W, S>& x, N amount) {
  const long long n = static_cast<long long>(amount);
  return n < 0 ? shift_right(x, -n) : shift_left(x, n);
}
template <int W, bool S, class N>
inline integer<W, S> operator>>(const integer<W, S>& x, N amount) {
  const long long n = static_cast<long long>(amount);
  return n < 0 ? shift_left(x, -n) : shift_right(x, n);
}

}  // namespace apx

#endif
