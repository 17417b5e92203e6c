#include "protocol/codec.hpp"

#include <utility>

#include "protocol/classic/codec.hpp"
#include "protocol/vsr/codec.hpp"

namespace vibes::protocol {

std::unique_ptr<codec> make_codec(generation gen, std::shared_ptr<session> with) {
  if (is_vsr(gen)) return std::make_unique<vsr::vsr_codec>(gen, std::move(with));
  return std::make_unique<classic::classic_codec>(gen);
}

}  // namespace vibes::protocol
