// hls::stream for C simulation: an unbounded queue, for the processes of a dataflow region run here one after another.
//
// Reading an empty stream aborts, where the hardware would wait forever. Values left when a stream ends are reported,
// and abort under -DAPX_CHECK: in hardware they would meet the next call, or a full FIFO.
#ifndef QDIALECT_HLS_STREAM_H
#define QDIALECT_HLS_STREAM_H

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace hls {

template <class T, int DEPTH = 0>
class stream;

template <class T>
class stream<T, 0> {
  std::vector<T> values;
  std::size_t first = 0;  // of the values, those before have been read
  const char* const name;

 public:
  stream() : name("(unnamed)") {}
  explicit stream(const char* name_) : name(name_) {}
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  ~stream() {
    if (empty()) return;
    std::fprintf(stderr, "hls::stream %s ends with %zu unread values\n", name, size());
#ifdef APX_CHECK
    std::abort();
#endif
  }

  bool empty() const { return first == values.size(); }
  std::size_t size() const { return values.size() - first; }
  void write(const T& value) { values.push_back(value); }
  T read() {
    if (empty()) {
      std::fprintf(stderr, "hls::stream %s is read while empty\n", name);
      std::abort();
    }
    const T value = values[first++];
    if (empty()) {
      values.clear();
      first = 0;
    }
    return value;
  }
  void read(T& value) { value = read(); }
  void operator<<(const T& value) { write(value); }
  void operator>>(T& value) { read(value); }
};

// The depth is for hardware; a function that takes stream<T>& takes any.
template <class T, int DEPTH>
class stream : public stream<T, 0> {
 public:
  using stream<T, 0>::stream;
};

}  // namespace hls

#endif
