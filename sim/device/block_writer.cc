// SPDX-License-Identifier: MIT
#include "sim/device/block_writer.h"

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
  if (jobs_.size() >= kWaitingMax) {
    has_room_.wait(lock, [this] { return jobs_.size() <= kTogether; });
  }
  is_urgent_ |= job.is_flush;
  jobs_.push_back(std::move(job));
  if (is_due()) has_job_.notify_one();
}

std::vector<std::uint8_t> BlockWriter::take_spare(std::size_t size) {
  std::vector<std::uint8_t> block;
  {
    const std::lock_guard lock(mutex_);
    if (!spare_.empty()) {
      block = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  block.resize(size);
  return block;
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
      auto error = job.file->file_.write(Bytes{job.block}.first(job.used));
      if (!error && job.is_flush) error = job.file->file_.flush();
      lock.lock();
      job.file->error_ = std::move(error);
    }
    if (!job.block.empty()) spare_.push_back(std::move(job.block));
    jobs_.pop_front();
    if (jobs_.size() == kTogether || jobs_.empty()) has_room_.notify_all();
  }
}

std::optional<FileError> BackgroundFile::write(std::vector<std::uint8_t>& block, std::size_t used) {
  std::vector<std::uint8_t> next = writer_.take_spare(block.size());
  writer_.put({.file = this, .block = std::exchange(block, std::move(next)), .used = used});
  const std::lock_guard lock(writer_.mutex_);
  return error_;
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
