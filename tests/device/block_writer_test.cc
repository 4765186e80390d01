// SPDX-License-Identifier: MIT
#include "sim/device/block_writer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "sim/device/descriptor.h"

namespace strata::device {
namespace {

using testing::HasSubstr;

constexpr std::size_t kBlock = 4096;
constexpr bool kMore = true;

// A block of `size` octets, each `value`.
Block filled(std::size_t size, int value) {
  Block block{size};
  std::fill_n(block.data(), size, static_cast<std::uint8_t>(value));
  return block;
}

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
  Block block{kBlock};
  std::vector<std::uint8_t> expected[2];
  for (std::size_t i = 0; i < 40 * BlockWriter::kWaitingMost; ++i) {
    const std::size_t used = 1 + 97 * i % kBlock;
    std::fill_n(block.data(), used, static_cast<std::uint8_t>(i));
    expected[i % 2].insert(expected[i % 2].end(), used, static_cast<std::uint8_t>(i));
    ASSERT_EQ((i % 2 == 0 ? even : odd).write(block, used, !kMore), 0U);
    ASSERT_GE(block.size(), kBlock);
  }
  EXPECT_EQ(even.commit(), std::nullopt);
  EXPECT_EQ(odd.commit(), std::nullopt);
  EXPECT_EQ(content("even"), expected[0]);
  EXPECT_EQ(content("odd"), expected[1]);
}

// How many pages of a file the system's cache holds.
std::size_t cached_pages(const std::string& name) {
  const Descriptor file(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
  const std::size_t size = std::filesystem::file_size(name);
  void* const begin = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
  std::vector<unsigned char> is_cached((size + kPageBytes - 1) / kPageBytes);
  EXPECT_EQ(::mincore(begin, size, is_cached.data()), 0);
  ::munmap(begin, size);
  return static_cast<std::size_t>(
      std::ranges::count_if(is_cached, [](unsigned char page) { return (page & 1) != 0; }));
}

// Past the system's cache on a disk, through it on a file system of memory: the file is the same.
// A flush between leaves it at any length.
TEST_F(BlockWriterTest, ALongFileIsWrittenInLargeBlocksOfWholePages) {
  for (const std::string& folder : {folder_, std::string{"/dev/shm"}}) {
    const std::string name = folder + "/strata-long-file";
    auto opened = OutputFile::create(name);
    ASSERT_TRUE(opened.has_value());
    const bool passes_cache = opened->passes_cache();
    BackgroundFile file(std::move(*opened), writer_);
    std::vector<std::uint8_t> expected;
    Block block{BlockWriter::kSmallBytes};
    std::size_t used = 0;
    bool was_large = false;
    for (std::size_t i = 0; expected.size() < 11 * BlockWriter::kLargeBytes; ++i) {
      const bool more = i % 20 != 19;
      const std::size_t goal = block.size() - 97 * i % kPageBytes;
      was_large |= block.size() == BlockWriter::kLargeBytes;
      for (; used < goal; ++used) {
        block.data()[used] = static_cast<std::uint8_t>(expected.size() * 7 + expected.size() / 251);
        expected.push_back(block.data()[used]);
      }
      const auto rest = file.write(block, used, more);
      ASSERT_TRUE(rest.has_value()) << rest.error();
      ASSERT_EQ((expected.size() - *rest) % kPageBytes * (passes_cache && more ? 1 : 0), 0U);
      used = *rest;
      if (!more) {
        ASSERT_EQ(file.flush(), std::nullopt);
      }
    }
    ASSERT_EQ(file.write(block, used, !kMore), 0U);
    ASSERT_EQ(file.commit(), std::nullopt);
    EXPECT_EQ(was_large, passes_cache);
    if (passes_cache) {
      EXPECT_LT(cached_pages(name), expected.size() / kPageBytes / 2);
    }
    std::ifstream stream(name, std::ios::binary);
    const std::vector<std::uint8_t> content{std::istreambuf_iterator<char>(stream), {}};
    EXPECT_TRUE(content == expected) << name;
    std::filesystem::remove(name);
  }
}

TEST_F(BlockWriterTest, AFlushDoesNotWaitForMoreBlocks) {
  BackgroundFile file(open("followed"), writer_);
  Block block = filled(kBlock, 7);
  ASSERT_EQ(file.write(block, kBlock, !kMore), 0U);
  ASSERT_EQ(file.flush(), std::nullopt);
  // Nothing else tells the thread to begin; the time-out of the test says if it does not.
  while (std::filesystem::file_size(path("followed.part")) < kBlock) std::this_thread::yield();
  EXPECT_EQ(content("followed.part"), std::vector<std::uint8_t>(kBlock, 7));
}

TEST_F(BlockWriterTest, WithoutCommitThereIsNoFile) {
  {
    BackgroundFile file(open("gone"), writer_);
    Block block = filled(kBlock, 7);
    EXPECT_EQ(file.write(block, kBlock, !kMore), 0U);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(BlockWriterTest, AFullDiskIsToldAfterAFewBlocksAndAtTheEnd) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full on this system";
  std::filesystem::create_symlink("/dev/full", path("full.part"));
  BackgroundFile file(open("full"), writer_);
  Block block = filled(16 * kBlock, 7);  // more than stdio keeps to itself
  tl::expected<std::size_t, FileError> written = 0;
  for (std::size_t i = 0; i < BlockWriter::kWaitingMost + 1; ++i) {
    written = file.write(block, block.size(), !kMore);
  }
  ASSERT_FALSE(written.has_value());
  EXPECT_THAT(written.error(), HasSubstr("No space left"));
  EXPECT_EQ(file.commit(), written.error());
  EXPECT_FALSE(std::filesystem::exists(path("full")));
}

}  // namespace
}  // namespace strata::device
