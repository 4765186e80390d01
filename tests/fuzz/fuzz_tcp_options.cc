// SPDX-License-Identifier: MIT
// TCP options: any forty bytes are survived, and what the writer writes from the values is read
// back as the same values.
#include <algorithm>

#include "stack/wire/options.h"
#include "stack/wire/tcp.h"
#include "tests/fuzz/fuzz.h"

namespace strata::fuzz {
namespace {

// The values written in the order of the RFCs; false when they do not fit in forty bytes.
bool rewrite(const wire::TcpOptionValues& values, wire::TcpOptionWriter& writer) {
  const std::size_t size = (values.mss ? 4U : 0U) + (values.window_scale ? 3U : 0U) +
                           (values.sack_permitted ? 2U : 0U) + (values.timestamps ? 10U : 0U) +
                           (values.sack_count > 0 ? 2U + 8U * values.sack_count : 0U);
  if (size > wire::OptionBytes::kBytesMax) return false;
  if (values.mss) writer.mss(*values.mss);
  if (values.window_scale) writer.window_scale(*values.window_scale);
  if (values.sack_permitted) writer.sack_permitted();
  if (values.timestamps) writer.timestamps(*values.timestamps);
  if (values.sack_count > 0) writer.sack(std::span{values.sack_blocks}.first(values.sack_count));
  return true;
}

}  // namespace

STRATA_FUZZ_TARGET(tcp_options) {
  const Bytes bytes = input.first(std::min(input.size(), wire::OptionBytes::kBytesMax));
  wire::OptionWalker walk(bytes);
  std::size_t walked = 0;
  while (const auto option = walk.next()) {
    STRATA_FUZZ_EXPECT(option->offset == walked && !option->bytes.empty());
    walked += option->bytes.size();
  }
  STRATA_FUZZ_EXPECT(walked == walk.offset() && walked <= bytes.size());

  const auto values = wire::TcpOptionValues::from(bytes);
  STRATA_FUZZ_EXPECT(values.sack_count <= values.sack_blocks.size());
  STRATA_FUZZ_EXPECT(values.malformed || !walk.is_malformed());
  wire::TcpOptionWriter writer;
  if (!rewrite(values, writer)) return;
  const wire::OptionBytes options = writer.finish();
  STRATA_FUZZ_EXPECT(options.size() % 4 == 0);
  const auto again = wire::TcpOptionValues::from(options.bytes());
  STRATA_FUZZ_EXPECT(
      !again.malformed && again.mss == values.mss && again.window_scale == values.window_scale &&
      again.sack_permitted == values.sack_permitted && again.timestamps == values.timestamps &&
      again.sack_count == values.sack_count &&
      std::equal(values.sack_blocks.begin(), values.sack_blocks.begin() + values.sack_count,
                 again.sack_blocks.begin()));
}

}  // namespace strata::fuzz
