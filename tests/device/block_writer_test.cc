// SPDX-License-Identifier: MIT
#include "sim/device/block_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

namespace strata::device {
namespace {

using testing::HasSubstr;

constexpr std::size_t kBlock = 4096;

class BlockWriterTest : public testing::Test {
 protected:
  BlockWriterTest()
      : folder_(testing::TempDir() + "strata-" +
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~BlockWriterTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  OutputFile open(const std::string& name) const {
    auto file = OutputFile::create(path(name));
    EXPECT_TRUE(file.has_value());
    return std::move(*file);
  }
  std::vector<std::uint8_t> content(const std::string& name) const {
    std::ifstream stream(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  std::string folder_;
  BlockWriter writer_;
};

TEST_F(BlockWriterTest, EachFileGetsItsBlocksInOrderHoweverManyThereAre) {
  BackgroundFile even(open("even"), writer_);
  BackgroundFile odd(open("odd"), writer_);
  std::vector<std::uint8_t> block(kBlock);
  std::vector<std::uint8_t> expected[2];
  for (std::size_t i = 0; i < 40 * BlockWriter::kWaitingMax; ++i) {
    const std::size_t used = 1 + 97 * i % kBlock;
    std::fill_n(block.begin(), used, static_cast<std::uint8_t>(i));
    expected[i % 2].insert(expected[i % 2].end(), used, static_cast<std::uint8_t>(i));
    ASSERT_EQ((i % 2 == 0 ? even : odd).write(block, used), std::nullopt);
    ASSERT_EQ(block.size(), kBlock);
  }
  EXPECT_EQ(even.commit(), std::nullopt);
  EXPECT_EQ(odd.commit(), std::nullopt);
  EXPECT_EQ(content("even"), expected[0]);
  EXPECT_EQ(content("odd"), expected[1]);
}

TEST_F(BlockWriterTest, AFlushDoesNotWaitForMoreBlocks) {
  BackgroundFile file(open("followed"), writer_);
  std::vector<std::uint8_t> block(kBlock, 7);
  ASSERT_EQ(file.write(block, kBlock), std::nullopt);
  ASSERT_EQ(file.flush(), std::nullopt);
  // Nothing else tells the thread to begin; the time-out of the test says if it does not.
  while (std::filesystem::file_size(path("followed.part")) < kBlock) std::this_thread::yield();
  EXPECT_EQ(content("followed.part"), std::vector<std::uint8_t>(kBlock, 7));
}

TEST_F(BlockWriterTest, WithoutCommitThereIsNoFile) {
  {
    BackgroundFile file(open("gone"), writer_);
    std::vector<std::uint8_t> block(kBlock);
    EXPECT_EQ(file.write(block, kBlock), std::nullopt);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(BlockWriterTest, AFullDiskIsToldAfterAFewBlocksAndAtTheEnd) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full on this system";
  std::filesystem::create_symlink("/dev/full", path("full.part"));
  BackgroundFile file(open("full"), writer_);
  std::vector<std::uint8_t> block(16 * kBlock);  // more than stdio keeps to itself
  std::optional<FileError> error;
  for (std::size_t i = 0; i < BlockWriter::kWaitingMax + 1; ++i) {
    error = file.write(block, block.size());
  }
  ASSERT_TRUE(error.has_value());
  EXPECT_THAT(*error, HasSubstr("No space left"));
  EXPECT_EQ(file.commit(), error);
  EXPECT_FALSE(std::filesystem::exists(path("full")));
}

}  // namespace
}  // namespace strata::device
