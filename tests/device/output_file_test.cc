// SPDX-License-Identifier: MIT
#include "sim/device/output_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sim/device/descriptor.h"
#include "tests/support/command.h"

namespace strata::device {
namespace {

TEST(OutputFile, ADirectoryThatIsMissingIsAClearError) {
  const auto file = OutputFile::create("/nowhere/at/all.pcapng");

  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error(), "cannot write /nowhere/at/all.pcapng: No such file or directory");
}

TEST(OutputFile, ReplacesAnOldFileOnlyWhenItIsComplete) {
  const std::string path = testing::TempDir() + "strata-replace";
  const auto write = [&](std::string_view text, bool commit) {
    auto file = OutputFile::create(path);
    ASSERT_TRUE(file.has_value());
    EXPECT_EQ(file->write(as_bytes(text)), std::nullopt);
    if (!commit) return;
    EXPECT_EQ(file->commit(), std::nullopt);
  };
  write("old", true);
  write("new, longer", false);
  EXPECT_EQ(std::filesystem::file_size(path), 3U);
  write("new, longer", true);
  EXPECT_EQ(std::filesystem::file_size(path), 11U);
  std::filesystem::remove(path);
}

// What `path` holds after a complete OutputFile with these octets.
void write_whole(const std::string& path, std::string_view text) {
  auto file = OutputFile::create(path);
  ASSERT_TRUE(file.has_value()) << file.error();
  EXPECT_EQ(file->write(as_bytes(text)), std::nullopt);
  EXPECT_EQ(file->commit(), std::nullopt);
}

TEST(OutputFile, FollowsALinkAndLeavesIt) {
  const test::TemporaryFolder folder;
  const std::string target = folder.write("target", "old");
  std::filesystem::create_symlink("target", folder.file("link"));

  write_whole(folder.file("link"), "new");

  EXPECT_TRUE(std::filesystem::is_symlink(folder.file("link")));
  EXPECT_EQ(test::read_file(target), "new");
  EXPECT_FALSE(std::filesystem::exists(target + ".part"));
}

TEST(OutputFile, APipeStaysAPipe) {
  const test::TemporaryFolder folder;
  const std::string pipe = folder.file("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const Descriptor reader(::open(pipe.c_str(), O_RDONLY | O_NONBLOCK));

  write_whole(pipe, "through");

  std::array<char, 16> octets{};
  EXPECT_EQ(::read(reader.get(), octets.data(), octets.size()), 7);
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
  EXPECT_FALSE(std::filesystem::exists(pipe + ".part"));
}

TEST(OutputFile, TwoRunsDoNotWriteOneFile) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("out");
  {
    auto first = OutputFile::create(path);
    ASSERT_TRUE(first.has_value());
    const auto second = OutputFile::create(path);
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error(), "cannot write " + path + ": another run is writing it");
    EXPECT_EQ(first->write(as_bytes("first")), std::nullopt);
    EXPECT_EQ(first->commit(), std::nullopt);
  }
  EXPECT_EQ(test::read_file(path), "first");
}

TEST(OutputFile, WhatAKilledRunLeftIsWrittenAnew) {
  const test::TemporaryFolder folder;
  folder.write("out.part", "half of something longer");

  write_whole(folder.file("out"), "whole");

  EXPECT_EQ(test::read_file(folder.file("out")), "whole");
  EXPECT_EQ(folder.files(), std::vector<std::string>{"out"});
}

}  // namespace
}  // namespace strata::device
