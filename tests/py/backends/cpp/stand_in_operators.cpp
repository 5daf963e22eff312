// Prints what the operators of ap_int.h compute: one line per operator and operand types, with the type of the result
// and a hash over all values. Compiled against the stand-in and against the vendor's header, it must print the same.
// Called with the words before an arrow, it prints the operands and results behind that hash. The test writes
// cases.inc.
#include <cstdint>
#include <cstdio>
#include <string>
#include <type_traits>
#include <vector>

#include "ap_int.h"

typedef unsigned __int128 Pattern;
typedef unsigned long long Half;

static std::string describe(bool is_ap, bool is_signed, int width) {
  return (is_ap ? "ap_" : "") + std::string(is_signed ? "int" : "uint") + std::to_string(width);
}

template <class T>
struct Type {  // of a builtin integer
  static constexpr bool is_ap = false, is_signed = std::is_signed<T>::value;
  static constexpr int width = std::is_same<T, bool>::value ? 1 : 8 * sizeof(T);
  static Pattern pattern(T x) { return static_cast<Pattern>(x); }
  static T value(Pattern p) { return static_cast<T>(p); }
  static bool negative(T x) { return pattern(x) >> 127; }
};
// Beyond 128 bits the words between the highest and the lowest repeat the lowest, or are all ones or zeros where it is
// at an edge; the pattern is then a hash of the value.
template <class T, int W, bool S>
struct ApType {
  static constexpr bool is_ap = true, is_signed = S;
  static constexpr int width = W, top = W > 128 ? W - 64 : 64;
  // Sign bits above the width are part of it, for they would show in conversions.
  static Pattern pattern(const T& x) {
    if constexpr (W > 128) {
      Pattern p = T(x >> top).to_uint64();
      for (int low = 0; low < W; low += 64)
        p = p * 1099511628211u + x.range(low + 63 < W ? low + 63 : W - 1, low).to_uint64();
      return p;
    }
    else if constexpr (W > 64) return Pattern(T(x >> 64).to_uint64()) << 64 | x.range(63, 0).to_uint64();
    else return x.to_uint64();
  }
  static bool negative(const T& x) { return S && x[W - 1]; }
  static T value(Pattern p) {
    const Half low = static_cast<Half>(p), high = static_cast<Half>(p >> 64);
    T x = low;
    const Half middle = low < 256 ? 0 : low + 256 < 256 ? ~Half(0) : low;
    for (int at = 64; at < top; at += 64) x |= T(T(middle) << at);
    if constexpr (W > 64) x |= T(T(high) << top);
    return x;
  }
};
template <int W>
struct Type<ap_int<W>> : ApType<ap_int<W>, W, true> {};
template <int W>
struct Type<ap_uint<W>> : ApType<ap_uint<W>, W, false> {};

template <class T>
std::string name() {
  return describe(Type<T>::is_ap, Type<T>::is_signed, Type<T>::width);
}

// Edges of the type, edges of its neighbours wrapped into it, and a few values that are the same in every run.
static std::vector<Pattern> patterns(int width) {
  const Pattern top = Pattern(1) << (width < 128 ? width - 1 : 127);
  std::vector<Pattern> result = {0, 1, 2, top, top - 1, top + 1, ~Pattern(0), ~Pattern(1), top | top >> 1, 0x5a};
  std::uint64_t state = 0x9e3779b97f4a7c15u * static_cast<unsigned>(width);
  for (int i = 0; i < 4; ++i) {
    Pattern p = 0;
    for (int j = 0; j < 4; ++j) p = p << 32 | (state = state * 6364136223846793005u + 1442695040888963407u) >> 32;
    result.push_back(p);
  }
  return result;
}

static std::string wanted;

// The lines for one choice of types. add() is called for the same operators in the same order after each start().
class Lines {
  struct Line {
    std::string head, type;
    std::uint64_t hash;
  };
  const std::string types;
  std::vector<Line> lines;
  std::size_t next = 0;
  Pattern left = 0, right = 0;

  static void show(Pattern p) { std::printf("%016llx%016llx ", static_cast<Half>(p >> 64), static_cast<Half>(p)); }

 public:
  explicit Lines(const std::string& types_) : types(types_) {}
  ~Lines() {
    for (const Line& line : lines)
      if (wanted.empty())
        std::printf("%s -> %s %016llx\n", line.head.c_str(), line.type.c_str(), static_cast<Half>(line.hash));
  }
  void start(Pattern a, Pattern b) { next = 0, left = a, right = b; }
  void add(const char* op, const std::string& type, Pattern p) {
    if (next == lines.size()) lines.push_back({op + (" " + types), type, 14695981039346656037u});
    Line& line = lines[next++];
    if (line.head == wanted) show(left), show(right), show(p), std::printf("%s\n", type.c_str());
    for (int i = 0; i < 16; ++i, p >>= 8) line.hash = (line.hash ^ static_cast<unsigned char>(p)) * 1099511628211u;
  }
  template <class T>
  void put(const char* op, const T& x) {
    add(op, name<T>(), Type<T>::pattern(x));
  }
};

// Where C compares as unsigned the stand-in aborts (which has its own test): no answer of the vendor's is right.
template <class A, class B>
bool ordered(const A& a, const B& b) {
  constexpr int s = Type<A>::is_signed ? Type<A>::width : Type<B>::width;
  constexpr int u = Type<A>::is_signed ? Type<B>::width : Type<A>::width;
  if (Type<A>::is_signed == Type<B>::is_signed || u < s || u < 32) return true;
  return !Type<A>::negative(a) && !Type<B>::negative(b);
}

#define BINARY(OP) lines.put(#OP, a OP b);
#define COMPARISON(OP) lines.put(#OP, in_order ? a OP b : false);
#define COMPOUND(OP) x = a; x OP b; lines.put(#OP, x);

template <class A, class B>
void binary() {
  constexpr int wider = Type<A>::width > Type<B>::width ? Type<A>::width : Type<B>::width;
  constexpr int both = Type<A>::width + Type<B>::width;
  Lines lines(name<A>() + " " + name<B>());
  for (const Pattern p : patterns(Type<A>::width))
    for (const Pattern q : patterns(Type<B>::width)) {
      lines.start(p, q);
      const A a = Type<A>::value(p);
      const B b = Type<B>::value(q);
      const bool in_order = ordered(a, b);
      BINARY(&) BINARY(|) BINARY(^)
      COMPARISON(<) COMPARISON(<=) COMPARISON(>) COMPARISON(>=) COMPARISON(==) COMPARISON(!=)
      if constexpr (wider + 2 <= 1024) { BINARY(+) BINARY(-) }
      if constexpr (both <= 1024) { BINARY(*) }
      if constexpr (Type<A>::is_ap) {
        A x = a;
        lines.put("construct", A(b));
        COMPOUND(=) COMPOUND(&=) COMPOUND(|=) COMPOUND(^=)
        if constexpr (wider + 2 <= 1024) { COMPOUND(+=) COMPOUND(-=) }
        if constexpr (both <= 128) { COMPOUND(*=) }  // with more words the vendor's gives 0 * -2^299 other bits than zeros
      }
    }
}

// Each expression starts from x = a.
#define UNARY(OP, ...) x = a; lines.put(OP, __VA_ARGS__);

template <class A>
void unary() {
  constexpr int W = Type<A>::width;
  const std::vector<int> places = {0, 1, W / 2, W / 2 + 1, 63, 64, W - 1};
  const std::vector<int> amounts = {0, 1, W / 2, W - 1, W, W + 1, 200};
  A x, a;

  {
    Lines lines(name<A>());
    for (const Pattern p : patterns(W)) {
      lines.start(p, 0);
      a = Type<A>::value(p);
      UNARY("+x", +x)
      UNARY("-x", -x)
      UNARY("~x", ~x)
      UNARY("!x", !x)
      UNARY("++x", A(++x))
      UNARY("--x", A(--x))
      UNARY("x++", A(x++))
      UNARY("x--", A(x--))
      UNARY("x++,x", (void(x++), x))
      UNARY("x--,x", (void(x--), x))
      UNARY("bool(x)", x ? true : false)
      UNARY("uchar(x)", static_cast<unsigned char>(x))
      UNARY("int64(x)", static_cast<long long>(x))
      UNARY("to_int64", x.to_int64())
      UNARY("to_uint64", x.to_uint64())
  }
  }
  {
    Lines lines(name<A>());
    for (const Pattern p : patterns(W))
      for (const int i : places)
        for (const int j : places) {
          if (i < j || i >= W) continue;
          lines.start(p, static_cast<Pattern>(1000 * i + j));
          a = Type<A>::value(p);
          UNARY("range", A(x.range(i, j)))
          UNARY("range,7", ap_int<7>(x.range(i, j)))
          UNARY("range,=", x = x.range(i, j))
          UNARY("x<<range", x << x.range(i < 7 ? i : 7, 0))
          UNARY("range.to_uint64", x.range(i, j).to_uint64())
          UNARY("range.to_int64", x.range(i, j).to_int64())
          UNARY("x[i]", x[i] ? true : false)
          UNARY("const[i]", static_cast<const A&>(x)[i])
          UNARY("x[i]+x", x[i] + x)
          UNARY("x&x[i]", x & x[i])
          UNARY("x[i]+x[j]", x[i] + x[j])
          UNARY("x+=x[i]", A(x += x[i]))
          UNARY("x[i]=0", (void(x[i] = 0), x))
          UNARY("x[i]=true", (void(x[i] = true), x))
          UNARY("x[i]=x[j]", (void(x[i] = x[j]), x))
        }
  }
  {
    Lines lines(name<A>());
    for (const Pattern p : patterns(W))
      for (const int n : amounts) {
        lines.start(p, static_cast<Pattern>(n));
        a = Type<A>::value(p);
        UNARY("<<int", x << n)
        UNARY(">>int", x >> n)
        UNARY("<<=int", A(x <<= n))
        UNARY(">>=int", A(x >>= n))
        UNARY("<<uchar", x << static_cast<unsigned char>(n))
        UNARY(">>uint64", x >> static_cast<Half>(n))
        UNARY("<<ap_uint9", x << ap_uint<9>(n))
        UNARY(">>ap_int10", x >> ap_int<10>(n))
        UNARY("<<-int", x << -n)
        UNARY(">>-int", x >> -n)
      }
  }
}


int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) wanted += (i > 1 ? " " : "") + std::string(argv[i]);
#include "cases.inc"
  return 0;
}
