// SPDX-License-Identifier: MIT
#include "sim/inference/capture_recording.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/device/pcapng_maker.h"
#include "tests/support/command.h"

namespace strata::inference {
namespace {

TEST(CaptureRecording, KeepsNoMoreOctetsThanThereIsRoomFor) {
  device::Pcapng made;
  made.interface(1);
  for (std::uint64_t i = 0; i < 10; ++i) made.packet(0, i, std::string(100, 'x'));
  const test::TemporaryFolder folder;
  const std::string path = folder.write("capture", made.text());
  const CaptureRecording most = record(**device::CaptureFile::open(path), 10, 250);
  EXPECT_EQ(most.packets, 3U);
  EXPECT_TRUE(most.has_more);
  const CaptureRecording all = record(**device::CaptureFile::open(path), 10, 1000);
  EXPECT_EQ(all.packets, 10U);
  EXPECT_FALSE(all.has_more);
}

}  // namespace
}  // namespace strata::inference
