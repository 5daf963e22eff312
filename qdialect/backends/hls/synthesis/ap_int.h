// ap_int on clang's _BitInt, with the result widths of UG1399: every operation as wide as a synthesis tool makes it.
#pragma once
#define ALWAYS __attribute__((always_inline)) inline

constexpr int wider(int a, int b) { return a > b ? a : b; }
constexpr int common(int w, bool s, int v, bool t) { return wider(w + (t && !s), v + (s && !t)); }

template <int W, bool S> struct bits_of { typedef signed _BitInt(W < 2 ? 2 : W) type; };
template <int W> struct bits_of<W, false> { typedef unsigned _BitInt(W) type; };

template <int W, bool S> struct integer {
    typedef typename bits_of<W, S>::type raw;
    raw v;
    ALWAYS integer() : v(0) {}
    ALWAYS integer(const integer& x) : v(x.v) {}
    ALWAYS integer& operator=(const integer& x) { v = x.v; return *this; }
    template <typename N> ALWAYS integer(N n) : v((raw)n) {}
    template <int V, bool T> ALWAYS integer(const integer<V, T>& x) : v((raw)x.v) {}
    ALWAYS bool operator[](int i) const { return (bool)((v >> i) & (raw)1); }
    ALWAYS explicit operator bool() const { return v != 0; }
    ALWAYS operator int() const { return (int)v; }
    ALWAYS integer operator~() const { return integer((raw)~v); }
    ALWAYS integer<W + 1, true> operator-() const { return integer<1, false>(0) - *this; }
    ALWAYS integer operator<<(int n) const { return integer((raw)(v << n)); }
    ALWAYS integer operator>>(int n) const { return integer((raw)(v >> n)); }
    template <int V> ALWAYS integer operator<<(const integer<V, false>& n) const {
        return integer((raw)(v << (typename bits_of<wider(W, V), false>::type)n.v));
    }
    template <int V> ALWAYS integer operator>>(const integer<V, false>& n) const {
        return integer((raw)(v >> (typename bits_of<wider(W, V), false>::type)n.v));
    }
    template <typename N> ALWAYS integer& operator+=(const N& x) { return *this = integer(*this + x); }
    template <typename N> ALWAYS integer& operator-=(const N& x) { return *this = integer(*this - x); }
    template <typename N> ALWAYS integer& operator&=(const N& x) { return *this = integer(*this & x); }
    template <typename N> ALWAYS integer& operator|=(const N& x) { return *this = integer(*this | x); }
    template <typename N> ALWAYS integer& operator^=(const N& x) { return *this = integer(*this ^ x); }
};

template <int W, bool S> ALWAYS integer<W, S> copied(const integer<W, S>& x) { return integer<W, S>(x.v); }
template <typename N> ALWAYS N copied(N x) { return x; }

#define OPERATION(op, width, sign)                                                                      \
    template <int W, bool S, int V, bool T>                                                             \
    ALWAYS integer<width, sign> operator op(const integer<W, S>& a, const integer<V, T>& b) {           \
        typedef integer<width, sign> R;                                                                 \
        return R((typename R::raw)((typename R::raw)a.v op (typename R::raw)b.v));                      \
    }
OPERATION(+, common(W, S, V, T) + 1, S || T)
OPERATION(-, common(W, S, V, T) + 1, true)
OPERATION(*, W + V, S || T)
OPERATION(&, common(W, S, V, T), S || T)
OPERATION(|, common(W, S, V, T), S || T)
OPERATION(^, common(W, S, V, T), S || T)

#define WITH_INT(op)                                                                                    \
    template <int W, bool S> ALWAYS auto operator op(const integer<W, S>& a, int b) {                   \
        return a op integer<32, true>(b);                                                               \
    }                                                                                                   \
    template <int W, bool S> ALWAYS auto operator op(int a, const integer<W, S>& b) {                   \
        return integer<32, true>(a) op b;                                                               \
    }
WITH_INT(+) WITH_INT(-) WITH_INT(*) WITH_INT(&) WITH_INT(|) WITH_INT(^)

#define COMPARISON(op)                                                                                  \
    template <int W, bool S, int V, bool T>                                                             \
    ALWAYS bool operator op(const integer<W, S>& a, const integer<V, T>& b) {                           \
        typedef typename bits_of<common(W, S, V, T), (S || T)>::type R;                                 \
        return (R)a.v op (R)b.v;                                                                        \
    }                                                                                                   \
    template <int W, bool S> ALWAYS bool operator op(const integer<W, S>& a, int b) {                   \
        return a op integer<32, true>(b);                                                               \
    }
COMPARISON(<) COMPARISON(<=) COMPARISON(>) COMPARISON(>=) COMPARISON(==) COMPARISON(!=)

template <int W> using ap_int = integer<W, true>;
template <int W> using ap_uint = integer<W, false>;
