// SPDX-License-Identifier: MIT
#include "sim/device/block_writer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace strata::device {

BlockWriter::~BlockWriter() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  has_job_.notify_one();
  thread_.join();
}

void BlockWriter::put(Job job) {
  std::unique_lock lock(mutex_);
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  if (jobs_.size() >= kWaitingMost) {
    has_room_.wait(lock, [this] { return jobs_.size() <= kTogether; });
  }
  is_urgent_ |= job.is_flush || job.is_large();
  jobs_.push_back(std::move(job));
  if (is_due()) has_job_.notify_one();
}

Block BlockWriter::take(bool is_long) {
  const auto last_of = [](std::vector<Block>& blocks) {
    Block block = std::move(blocks.back());
    blocks.pop_back();
    return block;
  };
  const std::lock_guard lock(mutex_);
  if (is_long && !spare_large_.empty()) return last_of(spare_large_);
  if (is_long && large_ < kLargeMost) {
    ++large_;
    return Block{kLargeBytes};
  }
  return spare_small_.empty() ? Block{kSmallBytes} : last_of(spare_small_);
}

void BlockWriter::drain() {
  std::unique_lock lock(mutex_);
  if (jobs_.empty()) return;
  is_urgent_ = true;
  has_job_.notify_one();
  has_room_.wait(lock, [this] { return jobs_.empty(); });
}

void BlockWriter::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (jobs_.empty()) {
      is_urgent_ = false;
      has_job_.wait(lock, [this] { return is_due() || is_stopping_; });
      if (jobs_.empty()) return;
    }
    Job& job = jobs_.front();  // stays valid: others only append
    if (!job.file->error_) {
      lock.unlock();
      const Bytes octets = job.block.first(job.used);
      OutputFile& file = job.file->file_;
      const bool in_pages = job.is_large() && job.used % kPageBytes == 0;
      auto error = in_pages ? file.write_pages(octets) : file.write(octets);
      if (!error && job.is_flush) error = job.file->file_.flush();
      lock.lock();
      job.file->error_ = std::move(error);
    }
    if (job.is_large()) {
      spare_large_.push_back(std::move(job.block));
    } else if (job.block.size() == kSmallBytes) {
      spare_small_.push_back(std::move(job.block));
    }
    jobs_.pop_front();
    if (jobs_.size() == kTogether || jobs_.empty()) has_room_.notify_all();
  }
}

tl::expected<std::size_t, FileError> BackgroundFile::write(Block& block, std::size_t used,
                                                           bool more) {
  const bool in_pages = more && file_.passes_cache();
  const std::size_t rest = in_pages ? std::min((taken_ + used) % kPageBytes, used) : 0;
  used -= rest;
  taken_ += used;
  Block next = writer_.take(in_pages && taken_ >= BlockWriter::kSmallMost);
  if (rest > 0) std::memcpy(next.data(), block.data() + used, rest);
  writer_.put({.file = this, .block = std::exchange(block, std::move(next)), .used = used});
  const std::lock_guard lock(writer_.mutex_);
  if (error_) return tl::unexpected(*error_);
  return rest;
}

std::optional<FileError> BackgroundFile::flush() {
  writer_.put({.file = this, .block = {}, .is_flush = true});
  const std::lock_guard lock(writer_.mutex_);
  return error_;
}

std::optional<FileError> BackgroundFile::commit() {
  writer_.drain();
  return error_ ? error_ : file_.commit();
}

}  // namespace strata::device
