// Words of an AXI4-Stream port for C simulation, without user, id and destination, which our designs do not have.
#ifndef QDIALECT_AP_AXI_SDATA_H
#define QDIALECT_AP_AXI_SDATA_H

#include "ap_int.h"

template <int D, int U, int I, int T>
struct ap_axiu {
  static_assert(D % 8 == 0 && U == 0 && I == 0 && T == 0, "data in bytes, and no other channel than keep, strb and last");
  ap_uint<D> data;
  ap_uint<D / 8> keep, strb;
  ap_uint<1> last;
};

#endif
