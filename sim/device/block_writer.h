// SPDX-License-Identifier: MIT
// BlockWriter: the one thread of Strata besides the simulation. It hands blocks of finished octets
// to the operating system, which takes longer to copy them than the simulation to make them.
//
//     simulation:  fill a block -> BackgroundFile::write() -> fill the next      commit(): wait
//                                        |   at most kWaitingMost wait
//     thread:                            +-> OutputFile::write() -> the block is free again
//
// A file gets exactly the octets it was given, in their order, whatever the thread's pace: only the
// instants at which the disk is touched are left to chance, and nothing in a simulation sees them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <tl/expected.hpp>
#include <vector>

#include "sim/device/block.h"
#include "sim/device/output_file.h"

namespace strata::device {

class BackgroundFile;

// Serves any number of files and must outlive them. The thread starts with the first block.
class BlockWriter {
 public:
  // What a file begins with, and what the system copies best.
  static constexpr std::size_t kSmallBytes = std::size_t{64} << 10;
  // Of a file that goes past the system's cache, once it is kSmallMost long.
  static constexpr std::size_t kLargeBytes = std::size_t{4} << 20;
  static constexpr std::size_t kSmallMost = std::size_t{1} << 20;
  // So many there are of the large ones. When the disk is too slow for them, there is none to fill,
  // and small ones go through the cache.
  static constexpr std::size_t kLargeMost = 8;
  // Whoever is this far ahead waits: memory stays bounded, and an error is known soon.
  static constexpr std::size_t kWaitingMost = 16;
  // The thread is woken for so many at once, and whoever had to wait goes on when no more are left:
  // to be woken costs as much as to hand over some small blocks.
  static constexpr std::size_t kTogether = kWaitingMost / 2;

  BlockWriter() = default;
  BlockWriter(const BlockWriter&) = delete;
  BlockWriter& operator=(const BlockWriter&) = delete;
  ~BlockWriter();

 private:
  friend class BackgroundFile;

  struct Job {
    BackgroundFile* file = nullptr;
    Block block;  // of size 0: nothing to write
    std::size_t used = 0;
    bool is_flush = false;  // afterwards whoever reads along has everything

    bool is_large() const { return block.size() >= kLargeBytes; }
  };

  void put(Job job);
  // A block to fill: a large one if `is_long` and there is one.
  Block take(bool is_long);
  // Until nothing waits or is being written.
  void drain();
  void run();
  // Whether the thread has to begin. Requires mutex_.
  bool is_due() const { return jobs_.size() >= kTogether || (is_urgent_ && !jobs_.empty()); }

  std::mutex mutex_;  // guards everything below, and the errors of the files
  std::condition_variable has_job_;
  std::condition_variable has_room_;
  std::deque<Job> jobs_;  // the first is being written
  std::vector<Block> spare_small_;
  std::vector<Block> spare_large_;
  std::size_t large_ = 0;   // how many there are
  bool is_urgent_ = false;  // somebody waits for all of them
  bool is_stopping_ = false;
  std::thread thread_;
};

// An OutputFile written by a BlockWriter.
class BackgroundFile {
 public:
  BackgroundFile(OutputFile file, BlockWriter& writer) : file_(std::move(file)), writer_(writer) {}
  BackgroundFile(const BackgroundFile&) = delete;
  BackgroundFile& operator=(const BackgroundFile&) = delete;
  ~BackgroundFile() { writer_.drain(); }

  // Takes the first `used` octets of `block` and leaves another block in its place. Where `more`
  // follow soon, some may stay for them: they are at the front of the new block, and how many is
  // returned. Reports the first error there has been so far; after it nothing more is written.
  tl::expected<std::size_t, FileError> write(Block& block, std::size_t used, bool more);
  // Whoever reads along gets everything written so far as soon as the thread comes to it. Reports
  // the first error there has been, as write() does.
  std::optional<FileError> flush();
  // Waits until everything is written and gives the file its name.
  std::optional<FileError> commit();

 private:
  friend class BlockWriter;

  OutputFile file_;
  BlockWriter& writer_;
  std::size_t taken_ = 0;  // octets
  std::optional<FileError> error_;
};

}  // namespace strata::device
