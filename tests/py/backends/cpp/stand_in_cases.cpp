// One case per run, named by the argument: code that must abort, and (lossless, exact) code that must not.
#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "ap_int.h"
#include "hls_stream.h"

#define EXPECT(CONDITION)                                                      \
  do {                                                                         \
    if (CONDITION) break;                                                      \
    std::printf("line %d: expected %s\n", __LINE__, #CONDITION);               \
    std::exit(2);                                                              \
  } while (0)

// The kinds of code that qdialect prints, at the ends of their ranges: nothing here loses a value.
static void dense(const ap_int<4> x[3], ap_int<9> y[2]) {
  static const signed char kernel[2][3] = {{-8, 7, -8}, {7, 7, 7}};
  for (int o = 0; o < 2; ++o) {
    sum_int<9> accumulator = 0;
    for (int i = 0; i < 3; ++i) accumulator += x[i] * ap_int<4>(kernel[o][i]);
    y[o] = accumulator;
  }
}

static ap_uint<4> requantize(const ap_int<9>& x) {  // x / 8, half to even, saturated
  const ap_int<10> rounded = ap_int<10>(x) + 3 + x[3];
  const ap_int<7> q = ap_int<7>((rounded >> 3).range(6, 0));
  return q < 0 ? ap_uint<4>(0) : q > 15 ? ap_uint<4>(15) : ap_uint<4>(q.range(3, 0));
}

static ap_uint<7> popcount(const ap_uint<64>& word) {
  sum_uint<7> count = 0;
  for (int i = 0; i < 64; ++i) count += ap_uint<1>(word[i]);
  return count;
}

static void pass_through(hls::stream<ap_int<5>>& fifo) {
  ap_int<5> value;
  fifo << 3;
  fifo.write(ap_int<5>(-4));
  fifo >> value;
  EXPECT(value == 3);
  fifo.write(value);
  fifo.read(value);
}

static void lossless() {
  const ap_int<4> x[3] = {-8, 7, -8};
  ap_int<9> y[2];
  dense(x, y);
  EXPECT(y[0] == 177 && y[1] == -63);
  EXPECT(requantize(y[0]) == 15 && requantize(y[1]) == 0 && requantize(12) == 2 && requantize(20) == 2);

  const unsigned long long weights = 0xffff0000ffff0000u;
  EXPECT(popcount(ap_uint<64>(weights) ^ ap_uint<64>(~0ull)) == 32 && popcount(~ap_uint<64>()) == 64u);

  const int table[4] = {5, 6, 7, 8};
  const ap_int<2> index = -1;
  EXPECT(table[index.range(1, 0)] == 8 && table[ap_uint<2>(index.range(1, 0))] == 8);

  ap_uint<8> word = 0;
  for (int i = 0; i < 8; ++i) word[i] = i % 3 == 0;
  EXPECT(word == 0x49 && word.range(6, 3).to_uint64() == 9);

  const ap_uint<128> wide = ~ap_uint<128>();
  EXPECT(wide.range(127, 64).to_uint64() == ~0ull && wide != 0 && (wide >> 127) == 1u && -1 == ap_int<128>(-1));
  EXPECT(ap_int<128>(wide.range(127, 0)) == -1 && ap_int<8>(ap_uint<8>(255).range(7, 0)) == -1);
  const ap_int<200> words = -(ap_int<199>(3) << 150);
  EXPECT(words >> 150 == -3 && words * wide < words && ap_int<60>((words - 1).range(149, 90)) == -1);

  ap_int<5> x5 = -16;
  EXPECT(-x5 == 16 && x5++ == -16 && --x5 == -16 && (x5 << 0) == -16 && (ap_int<5>(-1) << 4) == -16 && (x5 >> 9) == -1);
  EXPECT(ap_uint<8>(200).to_int64() == 200 && ap_uint<3>(7) - ap_uint<8>(255) == -248);

  hls::stream<ap_int<5>, 2> fifo("fifo");
  pass_through(fifo);
  EXPECT(fifo.size() == 1 && fifo.read() == 3 && fifo.empty());
#ifdef QDIALECT_AP_INT_H
  EXPECT(ap_int<5>() == 0 && !ap_int<100>());
#endif
}

// What a check lets through is exactly what the target holds, for every value of small types.
static sigjmp_buf aborted;
static void on_abort(int) { siglongjmp(aborted, 1); }

#define ABORTS(STATEMENT) [&]() -> bool { if (sigsetjmp(aborted, 1)) return true; STATEMENT; return false; }()

template <class X>
struct Range {
  static const bool is_signed = std::is_same<X, ap_int<X::width>>::value;
  static const int low = is_signed ? -(1 << (X::width - 1)) : 0;
  static const int high = low + (1 << X::width) - 1;
  static bool holds(int value) { return low <= value && value <= high; }
};

template <class To, class From>
static void exact_pair() {
  for (int v = Range<From>::low; v <= Range<From>::high; ++v) {
    const From x = v;
    To y;
    EXPECT(ABORTS(y = x) == !Range<To>::holds(v) && (!Range<To>::holds(v) || y == v));
    EXPECT(ABORTS(y = v) == !Range<To>::holds(v));
    EXPECT(ABORTS(y = To(x)) == !Range<To>::holds(v));
    EXPECT(ABORTS(y = 0; y += x) == !Range<To>::holds(v));
    for (int n = 0; n < 9; ++n) EXPECT(ABORTS(x << n) == !Range<From>::holds(v * (1 << n)));
    for (int n = 0; n < From::width; ++n)
      EXPECT(ABORTS(y = x.range(n, 0)) == ((v & ((2 << n) - 1)) >> To::width != 0));
  }
}
template <class To>
static void exact_from_each() {
  exact_pair<To, ap_int<1>>();
  exact_pair<To, ap_uint<1>>();
  exact_pair<To, ap_int<4>>();
  exact_pair<To, ap_uint<4>>();
  exact_pair<To, ap_int<5>>();
  exact_pair<To, ap_uint<5>>();
  exact_pair<To, ap_int<7>>();
  exact_pair<To, ap_uint<7>>();
}
static void exact() {
  std::signal(SIGABRT, on_abort);
  if (!std::freopen("/dev/null", "w", stderr)) std::exit(3);
  exact_from_each<ap_int<1>>();
  exact_from_each<ap_uint<1>>();
  exact_from_each<ap_int<4>>();
  exact_from_each<ap_uint<4>>();
  exact_from_each<ap_int<5>>();
  exact_from_each<ap_uint<5>>();
}

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  const ap_int<14> x14 = -5492;
  const ap_uint<70> wide = ap_uint<70>(5) << 66;
  ap_int<6> x = 31;
  ap_uint<4> y = 9;
  long long z = 0;
  hls::stream<int> fifo("fifo");

  if (name == "lossless") lossless();
  else if (name == "exact") exact();
  else if (name == "construct") z = ap_int<10>(x14);
  else if (name == "initialize") { const ap_int<10> t = x14; z = t; }
  else if (name == "assign") y = 16;
  else if (name == "negative") y = -1;
  else if (name == "sign") x = ap_uint<6>(63);
  else if (name == "product") x = x * y;
  else if (name == "add") x += 1;
  else if (name == "sum") { sum_int<6> s = x; s += y; s += y; z = ap_int<6>(s); }
  else if (name == "sum-and-back") { sum_uint<4> s = y; s -= x; s += 2 * x; s -= ap_uint<70>(14); z = ap_uint<4>(s).to_int64(); }
  else if (name == "sum-words") { sum_uint<100> s = 0; s -= 1; z = ap_uint<100>(s) == ~ap_uint<100>(); }
  else if (name == "increment") x++;
  else if (name == "decrement") --(y = 0);
  else if (name == "wide") z = ap_int<67>(wide) == 0;
  else if (name == "wide-negative") z = ap_uint<128>(-ap_int<127>(wide)) == 0;
  else if (name == "words") z = ap_int<130>(ap_uint<200>(2250702) << 118) == 0;
  else if (name == "words-shift") z = (ap_uint<200>(5) << 199) == 0;
  else if (name == "to_int64") z = wide.to_int64();
  else if (name == "builtin") z = static_cast<long long>(wide);
  else if (name == "shift") z = x << 1;
  else if (name == "shift-out") y = y << 70;
  else if (name == "shift-assign") y <<= 1;
  else if (name == "shift-negative") y = y >> -1;
  else if (name == "range-too-wide") y = x14.range(9, 0);
  else if (name == "bit-high") z = x[6];
  else if (name == "bit-low") x[-1] = 1;
  else if (name == "range-high") z = x.range(6, 0).to_int64();
  else if (name == "range-reversed") z = x.range(1, 2).to_int64();
  else if (name == "compare") z = ap_uint<40>(y) < -1;
  else if (name == "compare-equal") z = x14 == 5u;
  else if (name == "compare-narrow") z = ap_uint<31>(y) < x14 || x14 < 0 ? 7 : 8;
  else if (name == "stream-empty") z = fifo.read();
  else if (name == "stream-unread") fifo << 1, fifo << 2;
  else return 4;

  std::printf("%lld %lld %lld\n", z, x.to_int64(), y.to_int64());
  return 0;
}
