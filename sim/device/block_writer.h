// SPDX-License-Identifier: MIT
// BlockWriter: the one thread of Strata besides the simulation. It hands blocks of finished octets
// to the operating system, which takes longer to copy them than the simulation to make them.
//
//     simulation:  fill a block -> BackgroundFile::write() -> fill the next      commit(): wait
//                                        |   at most kWaitingMax wait
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
#include <vector>

#include "sim/device/output_file.h"

namespace strata::device {

class BackgroundFile;

// Serves any number of files and must outlive them. The thread starts with the first block.
class BlockWriter {
 public:
  // Whoever is this far ahead waits: memory stays bounded, and an error is known soon.
  static constexpr std::size_t kWaitingMax = 16;
  // The thread is woken for so many at once, and whoever had to wait goes on when no more are left:
  // to be woken costs as much as to hand over some blocks.
  static constexpr std::size_t kTogether = kWaitingMax / 2;

  BlockWriter() = default;
  BlockWriter(const BlockWriter&) = delete;
  BlockWriter& operator=(const BlockWriter&) = delete;
  ~BlockWriter();

 private:
  friend class BackgroundFile;

  struct Job {
    BackgroundFile* file = nullptr;
    std::vector<std::uint8_t> block;  // empty: nothing to write
    std::size_t used = 0;
    bool is_flush = false;  // afterwards whoever reads along has everything
  };

  void put(Job job);
  // A block to fill, of `size` octets.
  std::vector<std::uint8_t> take_spare(std::size_t size);
  // Until nothing waits or is being written.
  void drain();
  void run();
  // Whether the thread has to begin. Requires mutex_.
  bool is_due() const { return jobs_.size() >= kTogether || (is_urgent_ && !jobs_.empty()); }

  std::mutex mutex_;  // guards everything below, and the errors of the files
  std::condition_variable has_job_;
  std::condition_variable has_room_;
  std::deque<Job> jobs_;  // the first is being written
  std::vector<std::vector<std::uint8_t>> spare_;
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

  // Takes the first `used` octets of `block` and leaves another block of the same size in its
  // place, its content unspecified. Reports the first error there has been so far; after it nothing
  // more is written.
  std::optional<FileError> write(std::vector<std::uint8_t>& block, std::size_t used);
  // Whoever reads along gets everything written so far as soon as the thread comes to it. Reports
  // the first error there has been, as write() does.
  std::optional<FileError> flush();
  // Waits until everything is written and gives the file its name.
  std::optional<FileError> commit();

 private:
  friend class BlockWriter;

  OutputFile file_;
  BlockWriter& writer_;
  std::optional<FileError> error_;
};

}  // namespace strata::device
