// SPDX-License-Identifier: MIT
#include "sim/device/output_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace strata::device {

void OutputFile::Close::operator()(std::FILE* stream) const {
  if (stream != stdout) std::fclose(stream);
}

tl::expected<OutputFile, FileError> OutputFile::create(std::string path) {
  if (path == kStandardOutput) return OutputFile{"standard output", "", stdout};
  std::string temporary = path + ".part";
  std::FILE* stream = std::fopen(temporary.c_str(), "wb");
  if (stream == nullptr) {
    return tl::unexpected(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
  }
  return OutputFile{std::move(path), std::move(temporary), stream};
}

OutputFile::~OutputFile() {
  stream_.reset();
  if (!temporary_.empty()) std::remove(temporary_.c_str());
}

std::optional<FileError> OutputFile::write(Bytes octets) {
  if (stream_ == nullptr) return fmt::format("cannot write {}: it is closed", path_);
  if (std::fwrite(octets.data(), 1, octets.size(), stream_.get()) == octets.size()) {
    return std::nullopt;
  }
  return failure();
}

std::optional<FileError> OutputFile::flush() {
  if (stream_ == nullptr || std::fflush(stream_.get()) == 0) return std::nullopt;
  return failure();
}

std::optional<FileError> OutputFile::commit() {
  if (stream_ == nullptr) return fmt::format("cannot write {}: it is closed", path_);
  errno = 0;
  if (std::fflush(stream_.get()) != 0 || std::ferror(stream_.get()) != 0) return failure();
  stream_.reset();
  if (temporary_.empty()) return std::nullopt;
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return failure();
  temporary_.clear();
  return std::nullopt;
}

FileError OutputFile::failure() const {
  // The stream remembers that an earlier write failed, but not why.
  return fmt::format("cannot write {}: {}", path_,
                     errno != 0 ? std::strerror(errno) : "a write failed");
}

}  // namespace strata::device
