// Stand-in for <hls4ml/emulator.h> of CMS' hls4mlEmulatorExtras: the interface of a network that the framework loads.
#ifndef HLS4ML_EMULATOR_H_
#define HLS4ML_EMULATOR_H_

#include <any>

namespace hls4mlEmulator {

class Model {
public:
    virtual void prepare_input(std::any input) = 0;
    virtual void predict() = 0;
    virtual void read_result(std::any result) = 0;
    virtual ~Model() = default;
};

} // namespace hls4mlEmulator

#endif
